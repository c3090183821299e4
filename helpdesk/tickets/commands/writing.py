"""Messages join tickets here."""

from collections.abc import Iterable
from datetime import datetime
from typing import Literal

import sqlalchemy as sa

from helpdesk.core.clock import now, whole
from helpdesk.core.db import command, session
from helpdesk.core.errors import InvalidError, NotFoundError, RefusedError
from helpdesk.core.events import emit
from helpdesk.core.once import remember, seen_before
from helpdesk.core.tables import Json
from helpdesk.people.queries import is_active
from helpdesk.people.rights import Right, Viewer
from helpdesk.tickets import macros
from helpdesk.tickets.actor import Actor
from helpdesk.tickets.commands.acts import do_macro
from helpdesk.tickets.commands.changing import change_field, change_state, visible
from helpdesk.tickets.commands.desk import answer_key
from helpdesk.tickets.commands.participants import GONE, add_participant
from helpdesk.tickets.content import Content, MailFacts
from helpdesk.tickets.events import CustomerWrote, NoteAdded, TeamReplied
from helpdesk.tickets.fold import snippet_of
from helpdesk.tickets.history import locked, record
from helpdesk.tickets.holding import due_of
from helpdesk.tickets.lifecycle import State, after_agent_touch, after_customer_message
from helpdesk.tickets.model import Attachment, Draft, Message, Participant, Ticket, TicketRead

MessageKind = Literal["customer", "team", "note", "held", "auto"]
PUBLIC = frozenset({"customer", "team"})


class NewerMessageError(RefusedError):
    """Something public arrived that the writer had not seen (L12)."""


def write(
    ticket: Ticket,
    kind: MessageKind,
    content: Content,
    *,
    actor: Actor,
    author_name: str,
    mail: MailFacts | None = None,
    at: datetime | None = None,
) -> Message:
    """Add a message row and its event to a locked ticket; the caller says what follows from it."""
    mail = mail or MailFacts()
    moment = whole(min(at or now(), now()))
    message = Message(
        ticket_id=ticket.id,
        seq=ticket.last_seq + 1,
        kind=kind,
        author_kind=actor.kind,
        author_id=actor.id,
        author_name=author_name[:200],
        author_email=mail.from_email[:254],
        via=actor.via,
        at=moment,
        recorded_at=now(),
        held_due_at=due_of(now()) if kind == "held" else None,
        held_why=(mail.held_why or "stranger") if kind == "held" else "",
        sender_check=mail.checked,
        forwarded_by=mail.forwarded_by,
        thanks=mail.thanks,
        message_id=mail.message_id[:998] if mail.message_id else None,
        raw_digest=mail.raw_digest,
        text=content.text,
        new_text=content.shown,
        has_html=content.html is not None,
        html=content.html,
    )
    session().add(message)
    session().flush()
    for file in content.files:
        session().add(
            Attachment(
                ticket_id=ticket.id,
                message_id=message.id,
                name=file.name[:255],
                content_type=file.content_type[:120],
                size=file.size,
                digest=file.digest,
                content_id=file.content_id,
                inline=file.inline,
            )
        )
    if kind in PUBLIC:
        ticket.snippet = snippet_of(content.shown or content.text)
    sender = {"contact": "customer", "agent": "agent", "system": "system"}[actor.kind]
    record(
        ticket,
        "message",
        {
            "message_id": message.id,
            "kind": kind,
            "from": sender,
            "public": kind in PUBLIC,
            "auto": kind == "auto" or mail.auto,
        },
        actor=actor,
        at=at,
    )
    return message


@command
def add_customer_message(
    *,
    ticket_id: int,
    contact_id: int,
    author_name: str,
    content: Content,
    actor: Actor,
    mail: MailFacts | None = None,
    at: datetime | None = None,
    quiet: bool = False,
    form_key: str | None = None,
) -> int:
    """Add a participant's public message; waiting and solved tickets open again (L2). Returns its id.

    An assignee who is no longer active is taken off; the team stays.

    Raises:
        NotFoundError: the contact takes no part in the ticket.
        RefusedError: the ticket is closed (the caller opens a follow-up, L4).
        InvalidError: there is neither text nor a file.
    """
    if form_key is not None and (earlier := seen_before(f"customer:{form_key}")) is not None:
        return earlier
    if not content.text.strip() and not content.files and not content.html:
        raise InvalidError("There is nothing to send yet.", body="Write a few words first.")
    ticket = locked(ticket_id)
    if (
        session().scalar(
            sa.select(Participant.id).where(
                Participant.ticket_id == ticket_id,
                Participant.contact_id == contact_id,
                Participant.role != GONE,
            )
        )
        is None
    ):
        raise NotFoundError("There is no such request.")
    message = write(ticket, "customer", content, actor=actor, author_name=author_name, mail=mail, at=at)
    by_us = Actor.system(actor.via)
    if ticket.assignee_id is not None and not is_active(ticket.assignee_id):
        change_field(ticket, "assignee_id", None, actor=by_us, at=at)
    change_state(ticket, after_customer_message(State(ticket.state)), actor=by_us, at=at)
    emit(CustomerWrote(ticket_id=ticket_id, message_id=message.id, quiet=quiet))
    if form_key is not None:
        remember(f"customer:{form_key}", message.id)
    return message.id


@command
def add_internal_message(
    *,
    ticket_id: int,
    kind: Literal["held", "auto"],
    author_name: str,
    content: Content,
    actor: Actor,
    mail: MailFacts | None = None,
    at: datetime | None = None,
) -> int:
    """Keep a message only the team sees: from a sender who takes no part (held) or from a machine (auto).

    No state or clock changes (contracts 21).

    Raises:
        RefusedError: the ticket is closed; the caller finds the message a place of its own.
    """
    ticket = locked(ticket_id)
    message = write(ticket, kind, content, actor=actor, author_name=author_name, mail=mail, at=at)
    emit(NoteAdded(ticket_id=ticket_id, message_id=message.id))
    return message.id


@command
def answer(
    *,
    viewer: Viewer,
    number: int,
    kind: Literal["reply", "note"],
    content: Content,
    then: State | None = None,
    seen_seq: int | None = None,
    form_key: str | None = None,
    actor: Actor | None = None,
    quiet: bool = False,
    recipients: list[Json] | None = None,
    acts: Iterable[str] = (),
) -> int:
    """Send a public reply, or keep a note; then set the state the button named. Returns the message id.

    `seen_seq` is the last event the writer saw: a customer's message after it stops a reply once.
    `recipients`: who it goes to, frozen earlier; None: who takes part now. `acts` are those of a macro; a
    state among them takes the place of `then`.

    Raises:
        NotFoundError: the viewer does not see such a ticket.
        ForbiddenError: the viewer's role may not.
        InvalidError: nothing written.
        NewerMessageError: a customer wrote meanwhile.
        RefusedError: the ticket is closed, or a reply would answer spam.
    """
    if form_key is not None and (earlier := seen_before(answer_key(viewer.id, form_key))) is not None:
        return earlier
    ticket = visible(viewer, number, Right.REPLY if kind == "reply" else Right.NOTE)
    if not content.text.strip() and not content.files:
        raise InvalidError("There is nothing to send yet.", body="Write a few words first.")
    if kind == "reply" and ticket.spam_at is not None:
        raise RefusedError("This ticket is marked as spam. Say that it is not, then answer.")
    if kind == "reply" and seen_seq is not None:
        stop_if_newer(ticket.id, seen_seq)
    actor = actor or Actor.agent(viewer.id)
    unread_from = ticket.last_message_seq
    message = write(
        ticket, "team" if kind == "reply" else "note", content, actor=actor, author_name=viewer.name
    )
    _own_is_read(viewer.id, message, unread_from)
    if kind == "reply":
        change_state(ticket, after_agent_touch(State(ticket.state)), actor=Actor.system(actor.via))
        emit(TeamReplied(ticket_id=ticket.id, message_id=message.id, quiet=quiet, recipients=recipients))
    else:
        emit(NoteAdded(ticket_id=ticket.id, message_id=message.id))
    wanted = macros.tidy(acts)
    if then is not None and not any(macros.split(act)[0] == "state" for act in wanted):
        change_state(ticket, then, actor=actor, by_hand=True)
    do_macro(viewer, number, wanted)
    session().execute(
        sa.delete(Draft).where(Draft.ticket_id == ticket.id, Draft.agent_id == viewer.id, Draft.kind == kind)
    )
    if form_key is not None:
        remember(answer_key(viewer.id, form_key), message.id)
    return message.id


def _own_is_read(agent_id: int, message: Message, unread_from: int) -> None:
    """What somebody wrote is not new to them, if nothing before it was."""
    session().execute(
        sa.update(TicketRead)
        .where(
            TicketRead.ticket_id == message.ticket_id,
            TicketRead.agent_id == agent_id,
            TicketRead.last_seq >= unread_from,
        )
        .values(last_seq=message.seq)
    )


def stop_if_newer(ticket_id: int, seen_seq: int) -> None:
    """Raise NewerMessageError if something public came after the event `seen_seq`."""
    newer = session().scalar(
        sa.select(sa.func.count()).where(
            Message.ticket_id == ticket_id, Message.seq > seen_seq, Message.kind.in_(PUBLIC)
        )
    )
    if newer:
        words = "1 new message" if newer == 1 else f"{newer} new messages"
        raise NewerMessageError(f"{words} arrived while you wrote. Your text is kept. Read, then send again.")


@command
def accept_sender(*, viewer: Viewer, number: int, message_id: int) -> None:
    """Let the sender of a held message take part from now on; the message becomes public.

    Raises:
        NotFoundError: there is no such held message in a ticket the viewer sees.
        RefusedError: the ticket is closed, or the sender has no contact.
    """
    ticket = visible(viewer, number, Right.CHANGE)
    message = session().scalar(
        sa.select(Message).where(
            Message.ticket_id == ticket.id, Message.id == message_id, Message.kind == "held"
        )
    )
    if message is None:
        raise NotFoundError("There is no such message.")
    if message.author_kind != "contact" or message.author_id is None:
        raise RefusedError("This sender cannot take part.")
    actor = Actor.agent(viewer.id)
    add_participant(ticket_id=ticket.id, contact_id=message.author_id, role="cc")
    record(
        ticket,
        "accepted",
        {"message_id": message.id, "contact_id": message.author_id, "from": "customer"},
        actor=actor,
        at=None,
    )
    message.kind = "customer"
    message.held_due_at = None
    ticket.snippet = snippet_of(message.new_text)
    change_state(ticket, after_customer_message(State(ticket.state)), actor=actor)
    emit(CustomerWrote(ticket_id=ticket.id, message_id=message.id, quiet=False))
