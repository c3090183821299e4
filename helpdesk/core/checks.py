"""What must always hold on the ground floor: nothing waits in the outbox without end (I5)."""

from collections.abc import Iterator
from datetime import timedelta

import sqlalchemy as sa

from helpdesk.core.clock import now
from helpdesk.core.db import session
from helpdesk.core.feature import Check
from helpdesk.core.jobs.outbox import LEASE_S, OutboxRow

PATIENCE = timedelta(minutes=5)
"""How long work may be due before somebody should look."""


def _stuck(_deep: bool) -> Iterator[str]:
    moment = now()
    late = session().execute(
        sa.select(OutboxRow.id, OutboxRow.kind, OutboxRow.not_before)
        .where(OutboxRow.state == "waiting", OutboxRow.not_before < moment - PATIENCE)
        .order_by(OutboxRow.id)
    )
    for row in late:
        since = f"{row.not_before:%Y-%m-%d %H:%M} UTC"
        yield f"work {row.id} ({row.kind}) is due since {since}; is a worker running?"
    leased = session().execute(
        sa.select(OutboxRow.id, OutboxRow.kind, OutboxRow.owner)
        .where(
            OutboxRow.state == "running",
            OutboxRow.lease_until < moment - PATIENCE - timedelta(seconds=LEASE_S),
        )
        .order_by(OutboxRow.id)
    )
    for left in leased:
        yield f"work {left.id} ({left.kind}) was left by {left.owner} and nobody took it over"


def _dead(_deep: bool) -> Iterator[str]:
    rows = session().execute(
        sa.select(OutboxRow.id, OutboxRow.kind, OutboxRow.error)
        .where(OutboxRow.state == "dead")
        .order_by(OutboxRow.id)
    )
    for row in rows:
        yield f"work {row.id} ({row.kind}) was given up: {row.error}"


CHECKS = (
    Check("I5", "nothing waits in the outbox without end", _stuck),
    Check("I5", "no work was given up", _dead),
)
