"""Held messages are decided about here: let in, left as a note, or made a ticket (contracts 22)."""

from collections.abc import Sequence

import sqlalchemy as sa

from helpdesk.core.clock import now
from helpdesk.core.db import command, session
from helpdesk.core.errors import NotFoundError, RefusedError
from helpdesk.core.events import emit
from helpdesk.people.rights import Right, Viewer
from helpdesk.tickets.actor import Actor
from helpdesk.tickets.commands.changing import visible
from helpdesk.tickets.commands.opening import Opened, open_ticket
from helpdesk.tickets.commands.writing import accept_sender
from helpdesk.tickets.content import Content, FileIn, MailFacts
from helpdesk.tickets.events import FieldChanged
from helpdesk.tickets.history import record
from helpdesk.tickets.holding import due_of
from helpdesk.tickets.lifecycle import Channel, State
from helpdesk.tickets.model import Attachment, Message, Ticket
from helpdesk.tickets.queries.ticket import participants

REASON_CHARS = 200


@command
def accept_held(*, viewer: Viewer, number: int, message_id: int) -> int:
    """Let the sender of a held message take part; return the number of the ticket their words are in then.

    A closed ticket takes nothing more, so there the message begins a follow-up with them in it (L4).

    Raises:
        NotFoundError: there is no such held message in a ticket the viewer sees.
        RefusedError: an agent's address that nothing verified: nobody may speak for the team by mail.
    """
    ticket = visible(viewer, number, Right.CHANGE, closed_too=True)
    message = _held(ticket, message_id)
    if message.held_why == "agent":
        raise RefusedError(
            "This came from an address of your team that nothing verified. Leave it as a note."
        )
    if ticket.state != State.CLOSED:
        accept_sender(viewer=viewer, number=number, message_id=message_id)
        return number
    people = [p.contact_id for p in participants(ticket.id) if p.contact_id != ticket.requester_id]
    cc = [*people, message.author_id] if message.author_id is not None else people
    made = _ticket_of(ticket, message, requester_id=ticket.requester_id, cc=cc, follow_up_of=ticket.id)
    _settled(viewer, ticket, message, f"went into follow-up {made.number}")
    return made.number


@command
def dismiss_held(*, viewer: Viewer, number: int, message_id: int, reason: str = "") -> None:
    """Leave a held message as a note that only the team sees; it needs no decision any more.

    Raises:
        NotFoundError: there is no such held message in a ticket the viewer sees.
    """
    ticket = visible(viewer, number, Right.CHANGE, closed_too=True)
    _settled(viewer, ticket, _held(ticket, message_id), " ".join(reason.split())[:REASON_CHARS])


@command
def hold_again(*, viewer: Viewer, number: int, message_id: int) -> None:
    """Take a dismissal back: the message waits for a decision again, with a fresh clock."""
    ticket = visible(viewer, number, Right.CHANGE, closed_too=True)
    message = session().scalar(_of(ticket, message_id).where(Message.held_due_at.is_(None)))
    if message is None:
        raise NotFoundError("There is no such message.")
    message.held_due_at = due_of(now())
    _tell(ticket, "held_again", {"message_id": message.id}, viewer)


@command
def ticket_of_held(*, viewer: Viewer, number: int, message_id: int) -> int:
    """Make a new ticket of a held message, with its sender as the requester; return its number."""
    ticket = visible(viewer, number, Right.CHANGE, closed_too=True)
    message = _held(ticket, message_id)
    if message.author_kind != "contact" or message.author_id is None:
        raise RefusedError("This sender cannot have a ticket.")
    made = _ticket_of(ticket, message, requester_id=message.author_id, cc=())
    _settled(viewer, ticket, message, f"became ticket {made.number}")
    return made.number


@command
def mark_alarmed(*, message_ids: Sequence[int]) -> None:
    """Note that the leads were told about held messages, so that they are told once."""
    session().execute(
        sa.update(Message).where(Message.id.in_(list(message_ids))).values(held_alarmed_at=now())
    )


def _of(ticket: Ticket, message_id: int) -> sa.Select[Message]:
    return (
        sa.select(Message)
        .where(Message.ticket_id == ticket.id, Message.id == message_id, Message.kind == "held")
        .options(sa.orm.undefer(Message.html))
    )


def _held(ticket: Ticket, message_id: int) -> Message:
    message = session().scalar(_of(ticket, message_id).where(Message.held_due_at.is_not(None)))
    if message is None:
        raise NotFoundError("There is no such message, or somebody decided about it already.")
    return message


def _settled(viewer: Viewer, ticket: Ticket, message: Message, reason: str) -> None:
    message.held_due_at = None
    _tell(ticket, "dismissed", {"message_id": message.id, "reason": reason}, viewer)


def _tell(ticket: Ticket, kind: str, data: dict[str, object], viewer: Viewer) -> None:
    entry = record(ticket, kind, data, actor=Actor.agent(viewer.id))
    emit(FieldChanged(ticket_id=ticket.id, event_id=entry.id, field="held"))


def _ticket_of(
    ticket: Ticket, message: Message, *, requester_id: int, cc: Sequence[int], follow_up_of: int | None = None
) -> Opened:
    """Open a ticket with a held message's words; the new one holds its Message-ID from now on."""
    files = session().scalars(sa.select(Attachment).where(Attachment.message_id == message.id))
    kept = tuple(FileIn(f.name, f.content_type, f.digest, f.size, f.content_id, f.inline) for f in files)
    message_id, message.message_id = message.message_id, None
    return open_ticket(
        requester_id=requester_id,
        author_name=message.author_name,
        subject=ticket.subject,
        content=Content(message.text, message.new_text, message.html, kept),
        channel=Channel.EMAIL,
        actor=Actor.contact(message.author_id or requester_id, "mail"),
        mailbox_id=ticket.mailbox_id,
        team_id=ticket.team_id,
        cc=cc,
        mail=MailFacts(message_id, message.raw_digest, message.author_email, message.author_name),
        at=message.at,
        follow_up_of=follow_up_of,
        acknowledge=False,
    )
