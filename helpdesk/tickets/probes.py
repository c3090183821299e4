"""How the tickets fare, and their numbers for monitoring."""

from collections.abc import Iterator, Mapping

import sqlalchemy as sa

from helpdesk.core.clock import now
from helpdesk.core.db import session
from helpdesk.core.feature import Finding, Measure
from helpdesk.tickets.model import Message, Ticket


def by_state() -> Mapping[str, float]:
    """Return how many tickets there are, by state."""
    rows = session().execute(sa.select(Ticket.state, sa.func.count()).group_by(Ticket.state))
    return {str(row[0]): float(row[1]) for row in rows}


def held() -> Iterator[Finding]:
    """Look whether what people wrote waits for a decision for too long (contracts 22)."""
    waiting, late = held_counts().values()
    if late:
        words = f"{late:.0f} messages of people who take no part wait for over an hour"
        yield Finding(
            "held messages", "warn", words, "Open their tickets: let the sender take part, or answer."
        )
    else:
        yield Finding("held messages", "ok", f"{waiting:.0f} wait, none for over an hour")


def held_counts() -> Mapping[str, float]:
    """Return how many held messages wait, and how many of them are past their due time."""
    row = (
        session()
        .execute(
            sa.select(
                sa.func.count(),
                sa.func.coalesce(sa.func.sum(sa.case((Message.held_due_at < now(), 1), else_=0)), 0),
            ).where(Message.held_due_at.is_not(None))
        )
        .one()
    )
    return {"waiting": float(row[0]), "late": float(row[1])}


PROBES = (held,)
MEASURES = (
    Measure("helpdesk_tickets", "Tickets", by_state, "state"),
    Measure("helpdesk_held_messages", "Messages that wait for a decision", held_counts, "state"),
)
