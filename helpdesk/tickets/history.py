"""Writing the log: the one way a ticket changes."""

from datetime import datetime
from typing import Any

import sqlalchemy as sa

from helpdesk.core.clock import now, whole
from helpdesk.core.db import session
from helpdesk.core.errors import NotFoundError, RefusedError
from helpdesk.tickets import fold
from helpdesk.tickets.actor import Actor
from helpdesk.tickets.lifecycle import State
from helpdesk.tickets.model import Ticket, TicketEvent


def locked(ticket_id: int, *, closed_too: bool = False) -> Ticket:
    """Return the ticket for changing, locked until the command ends.

    Raises:
        NotFoundError: there is none.
        RefusedError: it is closed or in the trash: such take no message, state or field change.
    """
    ticket = session().scalar(
        sa.select(Ticket)
        .where(Ticket.id == ticket_id)
        .with_for_update()
        .execution_options(populate_existing=True)
    )
    if ticket is None:
        raise NotFoundError("There is no such ticket.")
    if ticket.trashed_at is not None and not closed_too:
        raise RefusedError("This ticket is in the trash. Take it out first.")
    if ticket.state == State.CLOSED and not closed_too:
        raise RefusedError("This ticket is closed. Closed tickets do not change.")
    return ticket


def record(
    ticket: Ticket,
    kind: str,
    data: dict[str, Any],
    *,
    actor: Actor,
    at: datetime | None = None,
    cause_id: int | None = None,
) -> TicketEvent:
    """Append an event to the ticket's log and change the ticket as it says.

    `at` is the true instant (of a mail: when the server took it), never in the future; None: now.
    """
    moment = whole(min(at or now(), now()))
    seq = (ticket.last_seq or 0) + 1
    fold.apply(ticket, seq=seq, kind=kind, at=moment, data=data)
    if ticket.id is None:
        session().add(ticket)
        session().flush()
    entry = TicketEvent(
        ticket_id=ticket.id,
        seq=seq,
        at=moment,
        recorded_at=now(),
        kind=kind,
        actor_kind=actor.kind,
        actor_id=actor.id,
        via=actor.via,
        cause_id=cause_id,
        data={"v": 1, **data},
    )
    session().add(entry)
    session().flush()
    return entry
