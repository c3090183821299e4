"""Held messages: what people wrote and nobody has decided about (contracts 22), through the viewer."""

from dataclasses import dataclass
from datetime import datetime
from typing import Any

import sqlalchemy as sa

from helpdesk.core.db import session
from helpdesk.people.rights import Viewer
from helpdesk.tickets.model import Message, Ticket
from helpdesk.tickets.queries.scope import visible_tickets

COUNT_CAP = 1000


@dataclass(frozen=True, slots=True)
class HeldLine:
    """A held message as lists show it; `why` is stranger or agent."""

    message_id: int
    number: int
    subject: str
    state: str
    author_name: str
    author_email: str
    at: datetime
    due_at: datetime
    why: str
    sender_check: str
    text: str


def held_messages(viewer: Viewer, *, limit: int = 100) -> list[HeldLine]:
    """Return the held messages of visible tickets, what is due first first."""
    rows = session().execute(
        _waiting(viewer)
        .with_only_columns(
            Message.id,
            Ticket.number,
            Ticket.subject,
            Ticket.state,
            Message.author_name,
            Message.author_email,
            Message.at,
            Message.held_due_at,
            Message.held_why,
            Message.sender_check,
            sa.func.substr(Message.new_text, 1, 600),
        )
        .order_by(Message.held_due_at, Message.id)
        .limit(limit)
    )
    found: list[Any] = [tuple(row) for row in rows]
    return [HeldLine(*row) for row in found]


def held_counts(viewer: Viewer, moment: datetime) -> tuple[sa.ScalarSelect[int], sa.ScalarSelect[int]]:
    """Return two subqueries: how many held messages wait in visible tickets, how many of them are late."""

    def capped(query: sa.Select[Any]) -> sa.ScalarSelect[int]:
        inner = query.with_only_columns(Message.id).limit(COUNT_CAP).subquery()
        return sa.select(sa.func.count()).select_from(inner).scalar_subquery()

    waiting = _waiting(viewer)
    return capped(waiting), capped(waiting.where(Message.held_due_at < moment))


def _waiting(viewer: Viewer) -> sa.Select[Any]:
    return visible_tickets(viewer).join(Message, Message.ticket_id == Ticket.id).where(_is_held())


def _is_held() -> sa.ColumnElement[bool]:
    return sa.and_(Message.held_due_at.is_not(None), Ticket.spam_at.is_(None), Ticket.trashed_at.is_(None))


def has_held_mail(ticket_id: int) -> bool:
    """Return whether something held waits in a ticket: nothing may be solved or closed by a timer then."""
    return bool(
        session().scalar(
            sa.select(sa.exists().where(Message.ticket_id == ticket_id, Message.held_due_at.is_not(None)))
        )
    )


@dataclass(frozen=True, slots=True)
class LateLine:
    """A held message past its due time that nobody was alarmed about yet."""

    message_id: int
    ticket_id: int
    number: int
    author: str
    subject: str


def late_and_quiet(moment: datetime, *, limit: int = 100) -> list[LateLine]:
    """Return held messages that are late and of which no alarm went out, oldest first."""
    rows = session().execute(
        sa.select(Message.id, Ticket.id, Ticket.number, Message.author_email, Ticket.subject)
        .join(Ticket, Ticket.id == Message.ticket_id)
        .where(Message.held_due_at < moment, Message.held_alarmed_at.is_(None), _is_held())
        .order_by(Message.held_due_at, Message.id)
        .limit(limit)
    )
    return [LateLine(*row) for row in rows]
