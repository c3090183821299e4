"""What changes mailboxes."""

from datetime import timedelta
from typing import Any

import sqlalchemy as sa

from helpdesk.core.addresses import is_address, key_of
from helpdesk.core.clock import now
from helpdesk.core.db import command, session
from helpdesk.core.errors import InvalidError, RefusedError
from helpdesk.core.keys import ring
from helpdesk.mailboxes.fetching import LEASE_S, wait_after
from helpdesk.mailboxes.model import ImapSource, Mailbox

LOCAL_CHARS = 28
"""How long a mailbox's local part may be: with our detail behind it it must stay within 64 (RFC 5321)."""


@command
def add_mailbox(
    *,
    address: str,
    sender_name: str,
    team_id: int | None = None,
    signature: str = "",
    acknowledge: bool = True,
) -> int:
    """Make a mailbox; the first active one also sends for web forms.

    Raises:
        InvalidError: not an address, or one with a `+` part, which our reply addresses need.
        RefusedError: there is one with this address.
    """
    if not is_address(address) or "+" in address:
        words = "A mailbox needs a plain mail address, without a + part."
        raise InvalidError(words, address=words)
    if len(address.strip().rpartition("@")[0]) > LOCAL_CHARS:
        words = f"The part before the @ may have {LOCAL_CHARS} characters: reply addresses need the rest."
        raise InvalidError(words, address=words)
    if session().scalar(sa.select(Mailbox.id).where(Mailbox.key == key_of(address))) is not None:
        raise RefusedError("There is a mailbox with this address already.")
    mailbox = Mailbox(
        address=address.strip(),
        key=key_of(address),
        sender_name=sender_name.strip()[:120],
        team_id=team_id,
        signature=signature,
        acknowledge=acknowledge,
        created_at=now(),
    )
    session().add(mailbox)
    session().flush()
    return mailbox.id


@command
def change_mailbox(*, mailbox_id: int, address: str, sender_name: str) -> None:
    """Give a mailbox another address or sender name.

    Raises:
        InvalidError: not a plain mail address.
        RefusedError: another mailbox has it.
    """
    if not is_address(address) or "+" in address:
        words = "A mailbox needs a plain mail address, without a + part."
        raise InvalidError(words, address=words)
    taken = sa.select(Mailbox.id).where(Mailbox.key == key_of(address), Mailbox.id != mailbox_id)
    if session().scalar(taken) is not None:
        raise RefusedError("There is a mailbox with this address already.")
    box = session().get_one(Mailbox, mailbox_id)
    box.address, box.key, box.sender_name = address.strip(), key_of(address), sender_name.strip()[:120]


@command
def give_mailbox(*, mailbox_id: int, team_id: int) -> None:
    """Let a team get the tickets of a mailbox from now on."""
    session().get_one(Mailbox, mailbox_id).team_id = team_id


@command
def remove_sources(*, mailbox_id: int) -> None:
    """Fetch a mailbox's mail from nowhere any more; what was fetched stays."""
    session().execute(sa.delete(ImapSource).where(ImapSource.mailbox_id == mailbox_id))


@command
def resume_sources(*, mailbox_id: int) -> int:
    """Fetch again from a mailbox's paused sources; return how many there were."""
    found: Any = session().execute(
        sa.update(ImapSource)
        .where(ImapSource.mailbox_id == mailbox_id, ImapSource.active.is_(False))
        .values(active=True, state="new", error="", fails=0, next_try_at=None)
    )
    return int(found.rowcount)


@command
def add_imap_source(
    *,
    mailbox_id: int,
    host: str,
    user: str,
    password: str,
    port: int = 993,
    security: str = "tls",
    folder: str = "INBOX",
    first_import: str = "now",
    afterwards: str = "leave",
    move_to: str = "",
    paused: str = "",
) -> int:
    """Let a mailbox's mail be fetched by IMAP.

    `security` is tls, starttls or none; `first_import` now or all; `afterwards` leave, seen or move.
    `paused` says why it is not fetched yet; `resume_sources` lets it begin.

    Raises:
        InvalidError: one of them is something else, or a name is missing.
    """
    allowed = {
        "security": (security, ("tls", "starttls", "none")),
        "first_import": (first_import, ("now", "all")),
        "afterwards": (afterwards, ("leave", "seen", "move")),
    }
    for name, (value, known) in allowed.items():
        if value not in known:
            raise InvalidError(f"{name} is one of {', '.join(known)}.", **{name: "Choose one of the list."})
    if not host.strip() or not user.strip() or (afterwards == "move" and not move_to.strip()):
        raise InvalidError("A host, a user and, to move mail, a folder are needed.", host="Fill this in.")
    source = ImapSource(
        mailbox_id=mailbox_id,
        host=host.strip(),
        port=port,
        security=security,
        user=user.strip(),
        password_sealed=ring().encrypt(password),
        folder=folder,
        first_import=first_import,
        afterwards=afterwards,
        move_to=move_to,
        active=not paused,
        error=paused[:1000],
        created_at=now(),
    )
    session().add(source)
    session().flush()
    return source.id


@command
def lease_source(*, source_id: int, owner: str) -> int | None:
    """Take or keep a source for `owner`; return the fence to show, or None while another holds it."""
    source = session().scalar(
        sa.select(ImapSource).where(ImapSource.id == source_id, ImapSource.active).with_for_update()
    )
    if source is None:
        return None
    if source.lease_owner != owner:
        if source.lease_until is not None and source.lease_until > now():
            return None
        source.lease_owner = owner
        source.fence += 1
    source.lease_until = now() + timedelta(seconds=LEASE_S)
    return source.fence


@command
def release_source(*, source_id: int, owner: str) -> None:
    """Give a source up, so that another worker need not wait for the lease to run out."""
    session().execute(
        sa.update(ImapSource)
        .where(ImapSource.id == source_id, ImapSource.lease_owner == owner)
        .values(lease_owner=None, lease_until=None)
    )


class LeaseLostError(RefusedError):
    """Another worker fetches from this source now; nothing of ours may count."""


def hold_source(*, source_id: int, fence: int) -> None:
    """Check the fence inside a command that stores what was fetched.

    Raises:
        LeaseLostError: another worker took the source over.
    """
    kept: Any = session().execute(
        sa.update(ImapSource)
        .where(ImapSource.id == source_id, ImapSource.fence == fence)
        .values(lease_until=now() + timedelta(seconds=LEASE_S))
    )
    if not kept.rowcount:
        raise LeaseLostError("Another worker fetches from this mailbox now.")


@command
def source_answered(*, source_id: int) -> None:
    """Note that fetching worked."""
    session().execute(
        sa.update(ImapSource)
        .where(ImapSource.id == source_id)
        .values(state="ok", last_ok_at=now(), error="", fails=0, next_try_at=None)
    )


@command
def source_failed(*, source_id: int, error: str) -> int:
    """Note a failure in plain words; return the wait before the next try, in seconds."""
    source = session().get_one(ImapSource, source_id, with_for_update=True)
    source.fails += 1
    source.state = "failing"
    source.error = error[:1000]
    wait = wait_after(source.fails)
    source.next_try_at = now() + timedelta(seconds=wait)
    return wait
