"""Reads across mailboxes and what came through them."""

from dataclasses import dataclass
from datetime import datetime, timedelta

import sqlalchemy as sa
from flask import current_app

from helpdesk.core.clock import now
from helpdesk.core.db import session
from helpdesk.mailroom.records import Lookup, txt_records
from mail_ingest.model import Inbound

BARS = 24
MOST = 5000


@dataclass(frozen=True, slots=True)
class Day:
    """What came in within 24 hours: how many by outcome, and by hour, oldest first."""

    by_outcome: dict[str, int]
    by_hour: tuple[int, ...]
    last_at: datetime | None

    @property
    def total(self) -> int:
        """How many in all."""
        return sum(self.by_outcome.values())


def day_of(mailbox_id: int) -> Day:
    """Return what came in through a mailbox within the last 24 hours."""
    since = now() - timedelta(hours=BARS)
    mine = (Inbound.mailbox_id == mailbox_id, Inbound.recorded_at > since)
    counted = session().execute(
        sa.select(Inbound.outcome, sa.func.count()).where(*mine).group_by(Inbound.outcome)
    )
    hours = [0] * BARS
    newest = sa.select(Inbound.recorded_at).where(*mine).order_by(Inbound.id.desc()).limit(MOST)
    for at in session().scalars(newest):
        hours[min(BARS - 1, max(0, int((at - since).total_seconds() // 3600)))] += 1
    last = session().scalar(
        sa.select(sa.func.max(Inbound.recorded_at)).where(Inbound.mailbox_id == mailbox_id)
    )
    return Day({str(row[0] or "unread"): int(row[1]) for row in counted}, tuple(hours), last)


def lookup() -> Lookup:
    """Return what answers for the DNS in this app; tests put another in its place."""
    found: Lookup = current_app.extensions.get("txt_records", txt_records)
    return found
