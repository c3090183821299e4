"""Where mailboxes are fetched from: set up, leased by one worker at a time, and how fetching fares."""

from datetime import timedelta
from typing import Any

import sqlalchemy as sa

from helpdesk.core.audit import Who, record
from helpdesk.core.clock import now
from helpdesk.core.db import command, session
from helpdesk.core.errors import InvalidError, RefusedError
from helpdesk.core.events import emit
from helpdesk.core.keys import ring
from helpdesk.mailboxes.commands.boxes import box_to_change
from helpdesk.mailboxes.events import FetchingStopped, FetchingWorks
from helpdesk.mailboxes.fetching import ALARM_AFTER, LEASE_S, NOT_STARTED, STALE_S, wait_after
from helpdesk.mailboxes.incoming import Imap
from helpdesk.mailboxes.model import ImapSource, Mailbox


@command
def remove_sources(*, mailbox_id: int) -> None:
    """Fetch a mailbox's mail from nowhere any more; what was fetched stays."""
    session().execute(sa.delete(ImapSource).where(ImapSource.mailbox_id == mailbox_id))


@command
def resume_sources(*, mailbox_id: int) -> int:
    """Fetch again from a mailbox's paused sources; return how many there were."""
    found: Any = session().execute(
        sa.update(ImapSource)
        .where(
            ImapSource.mailbox_id == mailbox_id,
            ImapSource.active.is_(False),
            ImapSource.ended_at.is_(None),
        )
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
    auth: str = "password",
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
        auth=auth,
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
def set_incoming(*, mailbox_id: int, imap: Imap | None) -> bool:
    """Let a mailbox be fetched as `imap` says (None: not fetched); return whether that is a new source.

    Another server, user or folder is another source, not fetched from until `start_fetching`. An empty
    password keeps the one there is.
    """
    row = current_source(mailbox_id)
    if row is not None and (imap is None or (row.host.lower(), row.user, row.folder) != imap.place):
        sealed = row.password_sealed
        row.ended_at, row.active, row.stopped_at, row.lease_owner, row.lease_until = (
            now(),
            False,
            None,
            None,
            None,
        )
        row.fence += 1
        if imap is None:
            return False
        fresh = ImapSource(
            mailbox_id=mailbox_id, password_sealed=sealed, active=False, error=NOT_STARTED, created_at=now()
        )
    elif imap is None:
        return False
    else:
        fresh = row or ImapSource(
            mailbox_id=mailbox_id,
            password_sealed=ring().encrypt(""),
            active=False,
            error=NOT_STARTED,
            created_at=now(),
        )
    if imap.password:
        fresh.password_sealed = ring().encrypt(imap.password)
    fresh.host, fresh.port, fresh.security, fresh.user = imap.host, imap.port, imap.security, imap.user
    fresh.folder, fresh.auth = imap.folder, imap.auth
    fresh.afterwards, fresh.move_to = imap.afterwards, imap.move_to
    if fresh is row:  # whoever fetches begins anew, with what is set now, and at once
        row.lease_owner, row.lease_until, row.next_try_at = None, None, None
        row.fence += 1
        return False
    session().add(fresh)
    return True


@command
def start_fetching(*, mailbox_id: int, first_import: str, who: Who) -> None:
    """Begin to fetch a mailbox: with what comes from now on, or with everything there is (nobody is told).

    Raises:
        InvalidError: `first_import` is neither now nor all.
        RefusedError: it is archived, or there is nothing to fetch from.
    """
    box = box_to_change(mailbox_id)
    if first_import not in {"now", "all"}:
        raise InvalidError("Choose what to begin with.")
    row = current_source(mailbox_id)
    if row is None:
        raise RefusedError("This mailbox is not fetched by IMAP.")
    if row.active and box.paused_at is None:
        return
    if not row.active:
        row.first_import = first_import
        row.active, row.state, row.error, row.fails, row.next_try_at = True, "new", "", 0, None
    box.paused_at = None
    record(
        who,
        "fetching started",
        about="mailbox",
        about_id=box.id,
        name=box.address,
        after={"first_import": row.first_import},
    )


def current_source(mailbox_id: int) -> ImapSource | None:
    """Return the source a mailbox is fetched from, started or not, locked for the running command."""
    return session().scalar(
        sa.select(ImapSource)
        .where(ImapSource.mailbox_id == mailbox_id, ImapSource.ended_at.is_(None))
        .order_by(ImapSource.id.desc())
        .limit(1)
        .with_for_update()
    )


@command
def source_answered(*, source_id: int) -> None:
    """Note that fetching worked; the first time after a stop others hear of it."""
    row = session().get_one(ImapSource, source_id, with_for_update=True)
    row.state, row.last_ok_at, row.error, row.fails, row.next_try_at = "ok", now(), "", 0, None
    if row.stopped_at is not None:
        since, row.stopped_at = row.stopped_at, None
        emit(FetchingWorks(source_id=source_id, since=since))


@command
def source_failed(*, source_id: int, error: str) -> int:
    """Note a failure in plain words; return the wait before the next try, in seconds.

    After several in a row fetching counts as stopped, and others hear of it, once.
    """
    source = session().get_one(ImapSource, source_id, with_for_update=True)
    source.fails += 1
    source.state = "failing"
    source.error = error[:1000]
    wait = wait_after(source.fails)
    source.next_try_at = now() + timedelta(seconds=wait)
    if source.fails >= ALARM_AFTER:
        _stop(source, source.error)
    return wait


@command
def notice_silence() -> int:
    """Count sources that nobody fetched from for long as stopped; return how many are new."""
    late = now() - timedelta(seconds=STALE_S)
    rows = (
        session()
        .scalars(
            sa.select(ImapSource)
            .join(Mailbox, Mailbox.id == ImapSource.mailbox_id)
            .where(
                ImapSource.active,
                ImapSource.stopped_at.is_(None),
                Mailbox.active,
                Mailbox.paused_at.is_(None),
                sa.func.coalesce(ImapSource.last_ok_at, ImapSource.created_at) < late,
            )
            .with_for_update(of=ImapSource)
        )
        .all()
    )
    for row in rows:
        _stop(row, row.error or "Nobody has fetched from it for a while. Does the worker run?")
    return len(rows)


def _stop(source: ImapSource, why: str) -> None:
    if source.stopped_at is None:
        source.stopped_at = now()
        emit(FetchingStopped(source_id=source.id, at=source.stopped_at, why=why))
