"""The mailboxes themselves: made, paused, archived."""

import sqlalchemy as sa

from helpdesk.core.addresses import is_address, key_of
from helpdesk.core.audit import PROGRAM, Who, record
from helpdesk.core.clock import now
from helpdesk.core.db import command, session
from helpdesk.core.errors import InvalidError, NotFoundError, RefusedError
from helpdesk.core.events import emit
from helpdesk.mailboxes.events import MailboxReady
from helpdesk.mailboxes.model import ImapSource, Mailbox, SmtpServer

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
    who: Who = PROGRAM,
) -> int:
    """Make a mailbox; the first active one also sends for web forms.

    Raises:
        InvalidError: not an address, or one with a `+` part, which our reply addresses need.
        RefusedError: there is one with this address.
    """
    check_address(address, mailbox_id=None)
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
    record(
        who,
        "added",
        about="mailbox",
        about_id=mailbox.id,
        name=mailbox.address,
        after={"address": mailbox.address, "sender_name": mailbox.sender_name, "team_id": team_id},
    )
    return mailbox.id


def check_address(address: str, *, mailbox_id: int | None) -> None:
    """Check an address that mailbox `mailbox_id` (None: a new one) shall have.

    Raises:
        InvalidError: not a plain mail address, or too long for our reply addresses.
        RefusedError: another mailbox has it.
    """
    if not is_address(address) or "+" in address:
        words = "A mailbox needs a plain mail address, without a + part."
        raise InvalidError(words, address=words)
    if len(address.strip().rpartition("@")[0]) > LOCAL_CHARS:
        words = f"The part before the @ may have {LOCAL_CHARS} characters: reply addresses need the rest."
        raise InvalidError(words, address=words)
    taken = session().execute(
        sa.select(Mailbox.id, Mailbox.archived_at).where(Mailbox.key == key_of(address))
    )
    for found in taken:
        if found.id != mailbox_id:
            raise RefusedError(
                "An archived mailbox has this address. Restore it instead."
                if found.archived_at
                else "There is a mailbox with this address already."
            )


@command
def change_mailbox(*, mailbox_id: int, address: str, sender_name: str) -> None:
    """Give a mailbox another address or sender name.

    Raises:
        InvalidError: not a plain mail address.
        RefusedError: another mailbox has it.
    """
    check_address(address, mailbox_id=mailbox_id)
    box = session().get_one(Mailbox, mailbox_id)
    box.address, box.key, box.sender_name = address.strip(), key_of(address), sender_name.strip()[:120]


@command
def give_mailbox(*, mailbox_id: int, team_id: int) -> None:
    """Let a team get the tickets of a mailbox from now on."""
    session().get_one(Mailbox, mailbox_id).team_id = team_id


@command
def pause_mailbox(*, mailbox_id: int, who: Who) -> None:
    """Fetch and send nothing for a mailbox until it is resumed: mail waits on the server, answers here.

    Raises:
        RefusedError: it is archived.
    """
    box = box_to_change(mailbox_id)
    if box.paused_at is None:
        box.paused_at = now()
        record(who, "paused", about="mailbox", about_id=box.id, name=box.address)


@command
def resume_mailbox(*, mailbox_id: int, who: Who) -> None:
    """Fetch and send for a mailbox again, at once.

    Raises:
        RefusedError: it is archived.
    """
    box = box_to_change(mailbox_id)
    emit(MailboxReady(mailbox_id=box.id))
    if box.paused_at is not None:
        box.paused_at = None
        record(who, "resumed", about="mailbox", about_id=box.id, name=box.address)
    session().execute(
        sa.update(SmtpServer).where(SmtpServer.mailbox_id == box.id).values(fails=0, next_try_at=None)
    )
    session().execute(
        sa.update(ImapSource)
        .where(ImapSource.mailbox_id == box.id, ImapSource.ended_at.is_(None))
        .values(next_try_at=None)
    )


@command
def archive_mailbox(*, mailbox_id: int, who: Who) -> None:
    """Retire a mailbox: it takes and sends nothing more, its tickets stay and are answered from another.

    Raises:
        RefusedError: it is the last one.
    """
    box = box_to_change(mailbox_id)
    others = sa.select(Mailbox.id).where(Mailbox.active, Mailbox.id != box.id).limit(1)
    if session().scalar(others) is None:
        raise RefusedError("This is the only mailbox. Add another before this one is archived.")
    box.active, box.archived_at, box.paused_at = False, now(), None
    box.version += 1
    session().execute(
        sa.update(ImapSource)
        .where(ImapSource.mailbox_id == box.id, ImapSource.ended_at.is_(None))
        .values(stopped_at=None)
    )
    record(who, "archived", about="mailbox", about_id=box.id, name=box.address)


@command
def restore_mailbox(*, mailbox_id: int, who: Who) -> None:
    """Bring an archived mailbox back, paused: what comes next is decided on its page."""
    box = locked(mailbox_id)
    if box.archived_at is None:
        return
    box.active, box.archived_at, box.paused_at = True, None, now()
    box.version += 1
    record(who, "restored", about="mailbox", about_id=box.id, name=box.address)


def locked(mailbox_id: int) -> Mailbox:
    """Return a mailbox, locked for the running command.

    Raises:
        NotFoundError: there is none.
    """
    box = session().scalar(sa.select(Mailbox).where(Mailbox.id == mailbox_id).with_for_update())
    if box is None:
        raise NotFoundError("There is no such mailbox.")
    return box


def box_to_change(mailbox_id: int) -> Mailbox:
    """Return a mailbox that is not archived, locked.

    Raises:
        NotFoundError: there is none.
        RefusedError: it is archived.
    """
    box = locked(mailbox_id)
    if box.archived_at is not None:
        raise RefusedError("This mailbox is archived. Restore it first.")
    return box
