"""Proof: what a server's folder holds against what we hold, mail by mail."""

from dataclasses import dataclass

import sqlalchemy as sa

from helpdesk.core.db import db, session
from helpdesk.mailboxes.fetching import SourceCard
from mail_ingest.imap.session import Folder
from mail_ingest.model import ImapCursor, Inbound


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
    )


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
                Inbound.folder == source.folder,
                Inbound.uidvalidity == uidvalidity,
            )
        )
    )
    last = cursor.last_uid if cursor is not None else 0
    first = cursor.first_uid if cursor is not None else None
    db.session.rollback()
    return {u for u in held if u is not None}, first, last
