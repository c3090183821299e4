"""Replaying logs: what the event log says each ticket is, against what its row says (contracts 1)."""

from typing import Any, cast

import sqlalchemy as sa

from helpdesk.core.db import session
from helpdesk.tickets import fold
from helpdesk.tickets.model import Ticket, TicketEvent

BATCH = 500


class Replayed:
    """An empty ticket for the log to fill."""


def replay(ticket_id: int) -> fold.Fields:
    """Return the ticket its log describes."""
    made = cast("fold.Fields", Replayed())
    rows = session().execute(
        sa.select(TicketEvent.seq, TicketEvent.kind, TicketEvent.at, TicketEvent.data)
        .where(TicketEvent.ticket_id == ticket_id)
        .order_by(TicketEvent.seq)
    )
    for row in rows:
        fold.apply(made, seq=row.seq, kind=row.kind, at=row.at, data=row.data)
    return made


def differences() -> tuple[int, list[dict[str, Any]]]:
    """Return how many tickets were compared, and every field that differs."""
    wrong: list[dict[str, Any]] = []
    checked = last = 0
    while True:
        batch = (
            session()
            .scalars(
                sa.select(Ticket)
                .where(Ticket.id > last)
                .order_by(Ticket.id)
                .limit(BATCH)
                .execution_options(populate_existing=True)
            )
            .all()
        )
        if not batch:
            return checked, wrong
        for ticket in batch:
            made = replay(ticket.id)
            checked += 1
            for name in fold.COMPARED:
                row, log = getattr(ticket, name), getattr(made, name, None)
                if row != log:
                    wrong.append({"number": ticket.number, "field": name, "row": str(row), "log": str(log)})
        last = batch[-1].id
        session().expunge_all()
