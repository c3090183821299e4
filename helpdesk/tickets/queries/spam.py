"""What was taken for spam, and why, through the viewer."""

from dataclasses import dataclass
from datetime import datetime
from typing import Any

import sqlalchemy as sa

from helpdesk.core.db import session
from helpdesk.people.model import Contact, ContactAddress
from helpdesk.people.rights import Viewer
from helpdesk.tickets.model import Ticket, TicketEvent
from helpdesk.tickets.queries.scope import visible_tickets

PAGE = 50


@dataclass(frozen=True, slots=True)
class SpamLine:
    """A ticket marked as spam: by whom (None: by a rule or the provider) and why."""

    number: int
    subject: str
    snippet: str
    name: str
    email: str
    at: datetime
    agent_id: int | None
    why: str


def spam_tickets(viewer: Viewer, *, before: datetime | None = None) -> list[SpamLine]:
    """Return visible tickets marked as spam, newest first, one more than a page."""
    latest = (
        sa.select(sa.func.max(TicketEvent.seq))
        .where(TicketEvent.ticket_id == Ticket.id, TicketEvent.kind == "spam")
        .correlate(Ticket)
        .scalar_subquery()
    )
    address = (
        sa.select(sa.func.min(ContactAddress.email))
        .where(ContactAddress.contact_id == Ticket.requester_id)
        .correlate(Ticket)
        .scalar_subquery()
    )
    query = (
        visible_tickets(viewer)
        .join(Contact, Contact.id == Ticket.requester_id)
        .join(TicketEvent, sa.and_(TicketEvent.ticket_id == Ticket.id, TicketEvent.seq == latest))
        .where(Ticket.spam_at.is_not(None), Ticket.trashed_at.is_(None))
    )
    if before is not None:
        query = query.where(Ticket.spam_at < before)
    rows: Any = session().execute(
        query.with_only_columns(
            Ticket.number,
            Ticket.subject,
            Ticket.snippet,
            Contact.name,
            address,
            Ticket.spam_at,
            TicketEvent.actor_kind,
            TicketEvent.actor_id,
            TicketEvent.data,
        )
        .order_by(Ticket.spam_at.desc(), Ticket.id.desc())
        .limit(PAGE + 1)
    )
    return [_line(tuple(row)) for row in rows]


def _line(row: tuple[Any, ...]) -> SpamLine:
    number, subject, snippet, name, email, at, actor_kind, actor_id, data = row
    agent_id = actor_id if actor_kind == "agent" else None
    return SpamLine(number, subject, snippet, name, email or "", at, agent_id, str(data.get("why", "")))


def spam_why(ticket_id: int) -> str:
    """Return why a ticket was last marked as spam; empty when nobody said."""
    data = session().scalar(
        sa.select(TicketEvent.data)
        .where(TicketEvent.ticket_id == ticket_id, TicketEvent.kind == "spam")
        .order_by(TicketEvent.seq.desc())
        .limit(1)
    )
    return str((data or {}).get("why", ""))
