"""One ticket with its conversation, through the viewer."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime

import sqlalchemy as sa

from helpdesk.core.db import session
from helpdesk.core.errors import NotFoundError
from helpdesk.core.tables import Json
from helpdesk.people.rights import Viewer
from helpdesk.tickets.model import (
    Attachment,
    Draft,
    Message,
    Participant,
    ScheduledReply,
    Ticket,
    TicketEvent,
    TicketRead,
)
from helpdesk.tickets.queries.scope import visible_tickets

LONG_THREAD = 60
NEWEST = 30
"""Threads of more than 60 messages show the first and the newest 30; the rest on demand."""


@dataclass(frozen=True, slots=True)
class MessageLine:
    """A message without its HTML."""

    id: int
    seq: int
    kind: str
    author_kind: str
    author_id: int | None
    author_name: str
    author_email: str
    via: str
    at: datetime
    new_text: str
    text: str
    has_html: bool
    raw_digest: str | None
    held_waits: bool
    held_why: str
    sender_check: str
    forwarded_by: int | None


@dataclass(frozen=True, slots=True)
class FileLine:
    """An attachment of a message."""

    id: int
    message_id: int
    name: str
    content_type: str
    size: int
    digest: str
    content_id: str | None
    inline: bool


@dataclass(frozen=True, slots=True)
class EventLine:
    """An event other than a message."""

    id: int
    seq: int
    at: datetime
    kind: str
    actor_kind: str
    actor_id: int | None
    via: str
    data: Json


@dataclass(frozen=True, slots=True)
class Conversation:
    """Messages and events of a ticket in order; `hidden` older messages left out after the first."""

    messages: tuple[MessageLine, ...]
    events: tuple[EventLine, ...]
    files: dict[int, list[FileLine]]
    hidden: int


def ticket_seen_by(viewer: Viewer, number: int) -> Ticket:
    """Return the ticket `number`.

    Raises:
        NotFoundError: the viewer does not see such a ticket.
    """
    ticket = session().scalar(visible_tickets(viewer).where(Ticket.number == number))
    if ticket is None:
        raise NotFoundError("There is no such ticket, or it is not yours to see.")
    return ticket


_MESSAGE = (
    Message.id,
    Message.seq,
    Message.kind,
    Message.author_kind,
    Message.author_id,
    Message.author_name,
    Message.author_email,
    Message.via,
    Message.at,
    Message.new_text,
    Message.text,
    Message.has_html,
    Message.raw_digest,
    Message.held_due_at.is_not(None),
    Message.held_why,
    Message.sender_check,
    Message.forwarded_by,
)


def conversation(ticket: Ticket, *, whole: bool = False) -> Conversation:
    """Return what was said and done; long ones shortened unless `whole`."""
    query = sa.select(*_MESSAGE).where(Message.ticket_id == ticket.id).order_by(Message.at, Message.seq)
    hidden = 0
    if ticket.message_count > LONG_THREAD and not whole:
        newest = (
            sa.select(Message.seq)
            .where(Message.ticket_id == ticket.id)
            .order_by(Message.at.desc(), Message.seq.desc())
            .limit(NEWEST)
            .subquery()
        )
        first = (
            sa.select(Message.seq)
            .where(Message.ticket_id == ticket.id)
            .order_by(Message.at, Message.seq)
            .limit(1)
            .scalar_subquery()
        )
        query = query.where(sa.or_(Message.seq.in_(sa.select(newest.c.seq)), Message.seq == first))
        hidden = ticket.message_count - NEWEST - 1
    messages = tuple(MessageLine(*tuple(row)) for row in session().execute(query))
    since = messages[1].at if hidden and len(messages) > 1 else ticket.opened_at
    events = session().execute(
        sa.select(
            TicketEvent.id,
            TicketEvent.seq,
            TicketEvent.at,
            TicketEvent.kind,
            TicketEvent.actor_kind,
            TicketEvent.actor_id,
            TicketEvent.via,
            TicketEvent.data,
        )
        .where(TicketEvent.ticket_id == ticket.id, TicketEvent.kind != "message", TicketEvent.at >= since)
        .order_by(TicketEvent.at, TicketEvent.seq)
    )
    return Conversation(
        messages, tuple(EventLine(*row) for row in events), files_of(m.id for m in messages), hidden
    )


def files_of(message_ids: Iterable[int]) -> dict[int, list[FileLine]]:
    """Return the attachments of messages, by message."""
    rows = session().execute(
        sa.select(
            Attachment.id,
            Attachment.message_id,
            Attachment.name,
            Attachment.content_type,
            Attachment.size,
            Attachment.digest,
            Attachment.content_id,
            Attachment.inline,
        )
        .where(Attachment.message_id.in_(list(message_ids)))
        .order_by(Attachment.id)
    )
    found: dict[int, list[FileLine]] = {}
    for row in rows:
        found.setdefault(row.message_id, []).append(FileLine(*row))
    return found


def message_of(ticket: Ticket, message_id: int) -> Message:
    """Return a message of this ticket, HTML and all.

    Raises:
        NotFoundError: the ticket has no such message.
    """
    message = session().scalar(
        sa.select(Message)
        .where(Message.ticket_id == ticket.id, Message.id == message_id)
        .options(sa.orm.undefer(Message.html))
    )
    if message is None:
        raise NotFoundError("There is no such message.")
    return message


def attachment_of(ticket: Ticket, attachment_id: int) -> Attachment:
    """Return an attachment of this ticket.

    Raises:
        NotFoundError: the ticket has no such attachment.
    """
    found = session().scalar(
        sa.select(Attachment).where(Attachment.ticket_id == ticket.id, Attachment.id == attachment_id)
    )
    if found is None:
        raise NotFoundError("There is no such file.")
    return found


@dataclass(frozen=True, slots=True)
class DraftLine:
    """What a viewer was writing, and the files that go with it."""

    body: str
    updated_at: datetime
    files: list[Json]
    acts: list[str]


def drafts_of(viewer: Viewer, ticket_id: int) -> dict[str, DraftLine]:
    """Return the viewer's drafts at a ticket by kind."""
    rows = session().execute(
        sa.select(Draft.kind, Draft.body, Draft.updated_at, Draft.files, Draft.acts).where(
            Draft.ticket_id == ticket_id, Draft.agent_id == viewer.id
        )
    )
    return {row.kind: DraftLine(row.body, row.updated_at, row.files, row.acts) for row in rows}


@dataclass(frozen=True, slots=True)
class PendingReply:
    """A reply that has not gone yet, or could not go."""

    id: int
    agent_id: int
    body: str
    files: list[Json]
    send_at: datetime
    later: bool
    state: str
    why: str


def pending_replies(viewer: Viewer, ticket_id: int) -> list[PendingReply]:
    """Return what waits to be sent in a ticket, and what of the viewer's own could not go."""
    mine = sa.and_(ScheduledReply.state == "stopped", ScheduledReply.agent_id == viewer.id)
    rows = session().execute(
        sa.select(
            ScheduledReply.id,
            ScheduledReply.agent_id,
            ScheduledReply.body,
            ScheduledReply.files,
            ScheduledReply.send_at,
            ScheduledReply.later,
            ScheduledReply.state,
            ScheduledReply.why,
        )
        .where(ScheduledReply.ticket_id == ticket_id, sa.or_(ScheduledReply.state == "waiting", mine))
        .order_by(ScheduledReply.id)
    )
    return [PendingReply(*row) for row in rows]


@dataclass(frozen=True, slots=True)
class Part:
    """A participant: the contact and what their mails and links name."""

    id: int
    contact_id: int
    role: str
    link_version: int
    revoked: bool


def participants(ticket_id: int) -> list[Part]:
    """Return who takes part, the requester first."""
    rows = session().execute(
        sa.select(
            Participant.id,
            Participant.contact_id,
            Participant.role,
            Participant.link_version,
            Participant.link_revoked_at.is_not(None),
        )
        .where(Participant.ticket_id == ticket_id, Participant.role != "gone")
        .order_by(sa.case((Participant.role == "requester", 0), else_=1), Participant.id)
    )
    return [Part(*row) for row in rows]


def first_subject(ticket_id: int) -> str:
    """Return the subject a ticket began with: its mails keep it, so that mail programs keep the thread."""
    data = session().scalar(
        sa.select(TicketEvent.data).where(TicketEvent.ticket_id == ticket_id, TicketEvent.seq == 1)
    )
    return str(data["subject"]) if data else ""


@dataclass(frozen=True, slots=True)
class EarlierLine:
    """Another ticket of the same customer."""

    number: int
    subject: str
    state: str
    opened_at: datetime


def earlier_of(viewer: Viewer, ticket: Ticket, limit: int = 6) -> tuple[list[EarlierLine], int]:
    """Return the customer's newest other tickets that the viewer may see, and how many there are."""
    rows = (
        session()
        .execute(
            visible_tickets(viewer)
            .where(Ticket.requester_id == ticket.requester_id, Ticket.id != ticket.id)
            .order_by(Ticket.id.desc())
            .limit(limit)
            .with_only_columns(
                Ticket.number, Ticket.subject, Ticket.state, Ticket.opened_at, sa.func.count().over()
            )
        )
        .all()
    )
    return [EarlierLine(row[0], row[1], row[2], row[3]) for row in rows], rows[0][4] if rows else 0


def read_up_to(viewer: Viewer, ticket: Ticket) -> int:
    """Return the event up to which the viewer has read; 0 if they never opened it."""
    return (
        session().scalar(
            sa.select(TicketRead.last_seq).where(
                TicketRead.ticket_id == ticket.id, TicketRead.agent_id == viewer.id
            )
        )
        or 0
    )


def opened_by_thanks(ticket: Ticket) -> bool:
    """Return whether a solved ticket is open again, and its newest message is thanks and nothing else."""
    if ticket.state != "open" or not ticket.resolution_no:
        return False
    newest = (
        session()
        .execute(
            sa.select(Message.kind, Message.thanks)
            .where(Message.ticket_id == ticket.id, Message.kind.in_(("customer", "team")))
            .order_by(Message.seq.desc())
            .limit(1)
        )
        .one_or_none()
    )
    return newest is not None and newest.kind == "customer" and newest.thanks
