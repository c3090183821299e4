"""Tickets begin here."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime

from helpdesk.core.db import command
from helpdesk.core.errors import InvalidError
from helpdesk.core.events import emit
from helpdesk.core.once import next_number
from helpdesk.tickets.actor import Actor
from helpdesk.tickets.commands.participants import add_participant
from helpdesk.tickets.commands.writing import write
from helpdesk.tickets.content import Content, MailFacts
from helpdesk.tickets.events import CustomerWrote, TicketOpened
from helpdesk.tickets.history import record
from helpdesk.tickets.lifecycle import Channel, Priority
from helpdesk.tickets.model import Ticket

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
