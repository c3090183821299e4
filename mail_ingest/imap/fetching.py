"""One round at a folder: what is new since the cursor is stored, each with the cursor's step."""

from dataclasses import dataclass
from datetime import datetime, timedelta

import sqlalchemy as sa
import structlog

from helpdesk.core.clock import now
from helpdesk.core.crash import crash_point
from helpdesk.core.db import command, db, insert_ignore, session
from helpdesk.core.desk import desk
from helpdesk.core.files import store
from helpdesk.core.running import settings
from helpdesk.mailboxes.commands import hold_source
from helpdesk.mailboxes.fetching import SourceCard
from mail_ingest.imap.session import Folder, ImapError, Listed
from mail_ingest.intake import quarantine
from mail_ingest.model import ImapCursor, Inbound
from mail_ingest.store import Place, note

log = structlog.get_logger(__name__)

BATCH = 50
OLD = timedelta(hours=24)
BACKLOG = 200
"""Mail older than a day, or out of a backlog of over 200, is taken without acknowledging it."""


@dataclass(frozen=True, slots=True)
class Cursor:
    """Where to go on, and whether this is a second reading of mails we may have (a new UIDVALIDITY).

    Mail up to `quiet_uid` was there before the source: it is taken without telling anybody.
    """

    last_uid: int
    again: bool
    quiet_uid: int = 0


def fetch_new(folder: Folder, fence: int) -> int:
    """Store everything above the cursor; return how many mails.

    Raises:
        ImapError: the server broke off; what was stored until then stays, the next round goes on there.
        LeaseLostError: another worker took over.
    """
    source = folder.source
    cursor = begin(source=source, uidvalidity=folder.uidvalidity, uidnext=folder.uidnext, fence=fence)
    _tidy_what_stayed(folder, cursor.last_uid)
    uids = folder.newer_than(cursor.last_uid)
    many = len(uids) > BACKLOG
    stored = 0
    for start in range(0, len(uids), BATCH):
        batch = uids[start : start + BATCH]
        done = [
            mail.uid
            for mail in folder.listed(batch)
            if _take(folder, mail, fence, quiet=many or mail.uid <= cursor.quiet_uid, again=cursor.again)
        ]
        step(
            source_id=source.id,
            folder=source.folder,
            uidvalidity=folder.uidvalidity,
            uid=batch[-1],
            fence=fence,
        )
        stored += len(done)
        if desk().shadow:
            continue  # another desk works in this folder: nothing is flagged, nothing moved
        try:
            folder.tidy(done)
        except ImapError as error:
            log.warning("imap.tidy_failed", source=source.id, why=str(error))
    return stored


def _tidy_what_stayed(folder: Folder, last_uid: int) -> None:
    """Move what is ours and was not moved when it was fetched: we, or the server, broke off in between."""
    source = folder.source
    if source.afterwards != "move" or desk().shadow:
        return
    there = [uid for uid in folder.newer_than(0) if uid <= last_uid][:BATCH]
    if not there:
        return
    held = session().scalars(
        sa.select(Inbound.uid).where(
            Inbound.mailbox_id == source.mailbox_id,
            Inbound.imap_source_id == source.id,
            Inbound.folder == source.folder,
            Inbound.uidvalidity == folder.uidvalidity,
            Inbound.uid.in_(there),
        )
    )
    ours = sorted(uid for uid in held if uid is not None)
    forget_snapshot()
    try:
        folder.tidy(ours)
    except ImapError as error:
        log.warning("imap.tidy_failed", source=source.id, why=str(error))


def _take(folder: Folder, mail: Listed, fence: int, *, quiet: bool, again: bool) -> bool:
    """Fetch and store one mail; False when it was gone before we could."""
    crash_point("before_fetch")
    too_big = mail.size > settings().mail_max_bytes
    raw = folder.raw(mail.uid, head_only=too_big)
    if raw is None:
        return False
    crash_point("after_fetch")
    digest = store().put(raw)
    crash_point("after_store")
    at = min(mail.received_at or now(), now())
    keep(
        source=folder.source,
        place=Place(folder.source.id, folder.source.folder, folder.uidvalidity, mail.uid),
        digest=digest,
        size=mail.size or len(raw),
        received_at=at,
        quiet=quiet or at < now() - OLD,
        again=again,
        fence=fence,
        head_only=too_big,
    )
    crash_point("after_keep")
    return True


@command
def begin(*, source: SourceCard, uidvalidity: int, uidnext: int, fence: int) -> Cursor:
    """Return where to go on in this life of the folder.

    The first life begins at the newest mail or at the first, as the source says; any later life (the server
    gave a new UIDVALIDITY) begins at the first: what we have is told apart by its content.
    """
    hold_source(source_id=source.id, fence=fence)
    lives = {
        row.uidvalidity: row
        for row in session().execute(
            sa.select(ImapCursor.uidvalidity, ImapCursor.last_uid, ImapCursor.quiet_uid).where(
                ImapCursor.source_id == source.id, ImapCursor.folder == source.folder
            )
        )
    }
    again = bool(set(lives) - {uidvalidity}) or _fetched_elsewhere(source)
    if uidvalidity in lives:
        here = lives[uidvalidity]
        return Cursor(here.last_uid, again, here.quiet_uid)
    there = max(uidnext - 1, 0)
    start = there if source.first_import == "now" and not lives else 0
    importing = not lives or any(row.last_uid < row.quiet_uid for row in lives.values())
    quiet_uid = there if source.first_import == "all" and importing else 0
    insert_ignore(
        ImapCursor,
        {
            "source_id": source.id,
            "folder": source.folder,
            "uidvalidity": uidvalidity,
            "first_uid": start + 1,
            "last_uid": start,
            "quiet_uid": quiet_uid,
            "seen_at": now(),
        },
    )
    return Cursor(start, again, quiet_uid)


def _fetched_elsewhere(source: SourceCard) -> bool:
    """Whether this mailbox was fetched from elsewhere before: what is here may be held already."""
    other = sa.exists().where(
        Inbound.mailbox_id == source.mailbox_id,
        Inbound.uid.is_not(None),
        Inbound.imap_source_id != source.id,
    )
    return bool(session().scalar(sa.select(other)))


@command
def keep(
    *,
    source: SourceCard,
    place: Place,
    digest: str,
    size: int,
    received_at: datetime,
    quiet: bool,
    again: bool,
    fence: int,
    head_only: bool = False,
) -> int:
    """Note a stored mail and move the cursor past it, in one transaction; return its id.

    `head_only`: the mail is too big to fetch, so only its headers are here; it is set aside at once.
    """
    hold_source(source_id=source.id, fence=fence)
    inbound_id = note(
        source="imap",
        mailbox_id=source.mailbox_id,
        digest=digest,
        size=size,
        envelope_from=None,
        envelope_to=(),
        received_at=received_at,
        quiet=quiet,
        place=place,
        again=again,
    )
    if head_only:
        most = settings().mail_max_bytes // 1_000_000
        words = f"This mail is larger than {most} MB. Its headers are kept here, the mail on the server."
        quarantine(inbound_id=inbound_id, reason=words, cause="too_big_to_fetch")
    _advance(source.id, place.folder, place.uidvalidity, place.uid)
    return inbound_id


@command
def step(*, source_id: int, folder: str, uidvalidity: int, uid: int, fence: int) -> None:
    """Move the cursor past mails that were gone before we could fetch them."""
    hold_source(source_id=source_id, fence=fence)
    _advance(source_id, folder, uidvalidity, uid)


def _advance(source_id: int, folder: str, uidvalidity: int, uid: int) -> None:
    """Move the cursor forward, never back."""
    session().execute(
        sa.update(ImapCursor)
        .where(
            ImapCursor.source_id == source_id,
            ImapCursor.folder == folder,
            ImapCursor.uidvalidity == uidvalidity,
            ImapCursor.last_uid < uid,
        )
        .values(last_uid=uid, seen_at=now())
    )


def forget_snapshot() -> None:
    """End the reading session, so that nothing is held while the network is slow."""
    db.session.rollback()
