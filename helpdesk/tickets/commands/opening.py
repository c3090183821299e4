"""Tickets begin here."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime

from helpdesk.core.addresses import is_address
from helpdesk.core.db import command, session
from helpdesk.core.errors import ForbiddenError, InvalidError
from helpdesk.core.events import emit
from helpdesk.core.once import next_number, remember, seen_before
from helpdesk.people.commands import contact_for
from helpdesk.people.model import Team
from helpdesk.people.rights import Right, Viewer
from helpdesk.tickets.actor import Actor
from helpdesk.tickets.commands.changing import change_field, change_state
from helpdesk.tickets.commands.participants import add_participant
from helpdesk.tickets.commands.writing import MessageKind, write
from helpdesk.tickets.content import Content, MailFacts
from helpdesk.tickets.events import CustomerWrote, NoteAdded, TeamReplied, TicketOpened
from helpdesk.tickets.history import record
from helpdesk.tickets.lifecycle import Channel, Priority, State
from helpdesk.tickets.model import Message, Ticket

CC_CAP = 10
"""How many people a customer's mail may bring along (mail rule 11)."""

NO_SUBJECT = "(no subject)"


@dataclass(frozen=True, slots=True)
class Opened:
    """The ids of a new ticket and its first message."""

    ticket_id: int
    number: int
    message_id: int


@command
def open_ticket(
    *,
    requester_id: int,
    author_name: str,
    subject: str,
    content: Content,
    channel: Channel,
    actor: Actor,
    mailbox_id: int | None = None,
    team_id: int | None = None,
    priority: int = Priority.NORMAL,
    cc: Iterable[int] = (),
    mail: MailFacts | None = None,
    at: datetime | None = None,
    follow_up_of: int | None = None,
    acknowledge: bool = True,
    quiet: bool = False,
) -> Opened:
    """Make a ticket of a customer's first message, written by `actor` under `author_name`.

    Raises:
        InvalidError: there is neither text nor a file.
    """
    if not content.text.strip() and not content.files and not content.html and not subject.strip():
        raise InvalidError("There is nothing to send yet.", body="Tell us what happened.")
    ticket = Ticket(number=next_number("ticket"))
    record(
        ticket,
        "created",
        {
            "subject": (" ".join(subject.split()) or NO_SUBJECT)[:300],
            "priority": priority,
            "channel": channel,
            "mailbox_id": mailbox_id,
            "team_id": team_id,
            "assignee_id": None,
            "requester_id": requester_id,
            "follow_up_of": follow_up_of,
            "by": "customer",
        },
        actor=actor,
        at=at,
    )
    add_participant(ticket_id=ticket.id, contact_id=requester_id, role="requester")
    for contact_id in list(dict.fromkeys(cc))[:CC_CAP]:
        add_participant(ticket_id=ticket.id, contact_id=contact_id, role="cc")
    message = write(
        ticket,
        "customer",
        content,
        actor=actor,
        author_name=author_name,
        mail=mail,
        at=at,
    )
    emit(
        TicketOpened(
            ticket_id=ticket.id,
            message_id=message.id,
            channel=channel,
            acknowledge=acknowledge,
            quiet=quiet,
        )
    )
    emit(CustomerWrote(ticket_id=ticket.id, message_id=message.id, quiet=quiet))
    return Opened(ticket.id, ticket.number, message.id)


@command
def open_by_agent(
    *,
    viewer: Viewer,
    email: str,
    name: str,
    subject: str,
    content: Content,
    channel: Channel,
    as_mail: bool,
    team_id: int | None = None,
    priority: int = Priority.NORMAL,
    mine: bool = False,
    form_key: str | None = None,
) -> Opened:
    """Make a ticket for a customer by an agent; the first message goes out as a mail, or is a note.

    Raises:
        ForbiddenError: the viewer's role may not.
        InvalidError: no address, no subject, nothing written, no such team.
    """
    if not viewer.may(Right.REPLY):
        raise ForbiddenError(f"Your role cannot {Right.REPLY.value}.")
    key = f"new:{viewer.id}:{form_key}" if form_key else None
    if key is not None and (earlier := seen_before(key)) is not None:
        message = session().get_one(Message, earlier)
        ticket = session().get_one(Ticket, message.ticket_id)
        return Opened(ticket.id, ticket.number, message.id)
    _check(email, subject, content, priority, team_id)
    requester_id = contact_for(email=email, name=name)
    actor = Actor.agent(viewer.id)
    ticket = Ticket(number=next_number("ticket"))
    record(
        ticket,
        "created",
        {
            "subject": " ".join(subject.split())[:300],
            "priority": priority,
            "channel": channel,
            "mailbox_id": None,
            "team_id": team_id,
            "assignee_id": None,
            "requester_id": requester_id,
            "follow_up_of": None,
            "by": "agent",
        },
        actor=actor,
    )
    add_participant(ticket_id=ticket.id, contact_id=requester_id, role="requester")
    kind: MessageKind = "team" if as_mail else "note"
    message = write(ticket, kind, content, actor=actor, author_name=viewer.name)
    if mine:
        change_field(ticket, "assignee_id", viewer.id, actor=actor)
    after = State.PENDING if as_mail else State.OPEN
    change_state(ticket, after, actor=Actor.system(actor.via))
    emit(
        TicketOpened(
            ticket_id=ticket.id, message_id=message.id, channel=channel, acknowledge=False, quiet=False
        )
    )
    if as_mail:
        emit(TeamReplied(ticket_id=ticket.id, message_id=message.id, quiet=False))
    else:
        emit(NoteAdded(ticket_id=ticket.id, message_id=message.id))
    if key is not None:
        remember(key, message.id)
    return Opened(ticket.id, ticket.number, message.id)


def _check(email: str, subject: str, content: Content, priority: int, team_id: int | None) -> None:
    fields = {}
    if not is_address(email):
        fields["email"] = "Write the customer's mail address."
    if not subject.strip():
        fields["subject"] = "Write a few words."
    if not content.text.strip() and not content.files:
        fields["body"] = "Write what it is about."
    if priority not in Priority.ALL:
        fields["priority"] = "Choose one of the four."
    if team_id is not None and session().get(Team, team_id) is None:
        fields["team"] = "Choose another team."
    if fields:
        raise InvalidError("Not opened yet. Everything you wrote is still here.", **fields)
