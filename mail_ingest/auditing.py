"""Proof: what a server's folder holds against what we hold, mail by mail; and fetching what is missing."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

import sqlalchemy as sa
import structlog

from helpdesk.core.clock import now
from helpdesk.core.db import command, db, session
from helpdesk.core.desk import desk
from helpdesk.core.errors import HelpdeskError
from helpdesk.core.files import store
from helpdesk.core.jobs.outbox import enqueue
from helpdesk.core.running import settings
from helpdesk.mailboxes.fetching import SourceCard
from helpdesk.mailboxes.queries import active_sources
from helpdesk.mailboxes.queries import source as source_card
from mail_ingest.imap.session import Folder
from mail_ingest.model import ImapCursor, Inbound, MailAudit
from mail_ingest.store import Place, note

log = structlog.get_logger(__name__)

NIGHT = 3
"""The hour, in the desk's zone, after which a folder is due to be compared again."""
KEPT = 30
LISTED = 1_000
"""So many missing mails are listed by name; more than that is another kind of trouble."""


@dataclass(frozen=True, slots=True)
class Audit:
    """The comparison of one folder. `missing` are UIDs the server has and we do not, above where we began."""

    address: str
    folder: str
    on_server: int
    before_us: int
    held: int
    missing: tuple[int, ...]
    waiting: int
    uidvalidity: int = 0

    @property
    def equal(self) -> bool:
        """Whether we hold every mail that came since we began."""
        return not self.missing


def audit(source: SourceCard, address: str) -> Audit:
    """Compare a folder with what we hold of it. Mail above the cursor is on its way, not missing.

    Raises:
        ImapError: the server does not answer.
    """
    with Folder(source) as folder:
        uids = folder.newer_than(0)
        uidvalidity = folder.uidvalidity
    held, first, last = _ours(source, uidvalidity)
    since = [u for u in uids if u >= first] if first is not None else []
    return Audit(
        address=address,
        folder=source.folder,
        on_server=len(uids),
        before_us=len(uids) - len(since),
        held=sum(1 for u in since if u in held),
        missing=tuple(u for u in since if u <= last and u not in held),
        waiting=sum(1 for u in since if u > last),
        uidvalidity=uidvalidity,
    )


def audit_source(payload: Mapping[str, Any]) -> None:
    """Compare one source's folder with what we hold and note the result (work of kind `mail.audit`).

    A server that does not answer is a result too.
    """
    source_id = int(payload["source"])
    card = source_card(source_id)
    db.session.rollback()
    if card is None:
        return
    try:
        found = audit(card, "")
    except HelpdeskError as error:
        note_audit(source_id=source_id, found=None, error=str(error))
        return
    note_audit(source_id=source_id, found=found)
    if not found.equal:
        log.error("mail.audit_differs", source=source_id, missing=len(found.missing))


def fetch_missing(payload: Mapping[str, Any]) -> None:
    """Fetch what the last comparison found missing, then compare again (work of kind `mail.fetch_missing`).

    Each mail is accepted once per place on the server, so this is safe to run twice and beside a fetcher.
    """
    source_id = int(payload["source"])
    card = source_card(source_id)
    last = session().scalar(
        sa.select(MailAudit).where(MailAudit.source_id == source_id).order_by(MailAudit.id.desc()).limit(1)
    )
    uids, uidvalidity = (last.missing, last.uidvalidity) if last is not None else ([], None)
    db.session.rollback()
    if card is None:
        return
    if uids:
        with Folder(card) as folder:
            if folder.uidvalidity == uidvalidity:
                _fetch(folder, uids)
    audit_source(payload)


def _fetch(folder: Folder, uids: Sequence[int]) -> None:
    for mail in folder.listed(uids):
        if mail.size > settings().mail_max_bytes or (raw := folder.raw(mail.uid)) is None:
            continue
        note(
            source="imap",
            mailbox_id=folder.source.mailbox_id,
            digest=store().put(raw),
            size=len(raw),
            envelope_from=None,
            envelope_to=(),
            received_at=min(mail.received_at or now(), now()),
            quiet=True,
            place=Place(folder.source.id, folder.source.folder, folder.uidvalidity, mail.uid),
            again=True,
        )


@command
def note_audit(*, source_id: int, found: Audit | None, error: str = "") -> None:
    """Keep the result of a comparison; the last thirty of each source stay."""
    row = MailAudit(source_id=source_id, at=now(), missing=[], error=error[:1000])
    if found is not None:
        row.uidvalidity, row.on_server, row.before_us = found.uidvalidity, found.on_server, found.before_us
        row.held, row.waiting, row.missing = found.held, found.waiting, list(found.missing[:LISTED])
    session().add(row)
    session().flush()
    old = (
        sa.select(MailAudit.id)
        .where(MailAudit.source_id == source_id)
        .order_by(MailAudit.id.desc())
        .offset(KEPT)
    )
    for one in list(session().scalars(old)):
        session().execute(sa.delete(MailAudit).where(MailAudit.id == one))


@command
def ask_for_audit(*, source_id: int, fetch: bool = False) -> None:
    """Queue a comparison of a source now; with `fetch`, fetch first what the last one found missing."""
    enqueue("mail.fetch_missing" if fetch else "mail.audit", {"source": source_id})


def audit_nightly() -> int:
    """Queue the comparison of every source that had none since three in the night; return how many."""
    if desk().held:
        return 0
    newest = sa.select(MailAudit.source_id, sa.func.max(MailAudit.at)).group_by(MailAudit.source_id)
    known = {row[0]: row[1] for row in session().execute(newest)}
    night = _last_night(now(), desk().zone)
    due = [s for s in active_sources() if s not in known or known[s] < night]
    db.session.rollback()
    return sum(_ask_tonight(source_id=s, night=f"{night:%Y-%m-%d}") for s in due)


def _last_night(moment: datetime, zone: str) -> datetime:
    """Return when it was last three in the night."""
    try:
        here = moment.astimezone(ZoneInfo(zone))
    except (KeyError, ValueError, OSError):
        here = moment
    night = here.replace(hour=NIGHT, minute=0, second=0, microsecond=0)
    return night if night <= here else night - timedelta(days=1)


@command
def _ask_tonight(*, source_id: int, night: str) -> bool:
    return enqueue("mail.audit", {"source": source_id}, key=f"mail.audit:{source_id}:{night}")


def _ours(source: SourceCard, uidvalidity: int) -> tuple[set[int], int | None, int]:
    """Return the UIDs we hold of this life of the folder, the first we were to take, and the cursor."""
    cursor = session().scalar(
        sa.select(ImapCursor).where(
            ImapCursor.source_id == source.id,
            ImapCursor.folder == source.folder,
            ImapCursor.uidvalidity == uidvalidity,
        )
    )
    held = set(
        session().scalars(
            sa.select(Inbound.uid).where(
                Inbound.mailbox_id == source.mailbox_id,
                Inbound.imap_source_id == source.id,
                Inbound.folder == source.folder,
                Inbound.uidvalidity == uidvalidity,
            )
        )
    )
    last = cursor.last_uid if cursor is not None else 0
    first = cursor.first_uid if cursor is not None else None
    db.session.rollback()
    return {u for u in held if u is not None}, first, last
