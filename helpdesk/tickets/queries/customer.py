"""What a customer's link opens: one ticket, for one participant; and where answers by mail belong."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

import sqlalchemy as sa

from helpdesk.core.clock import now
from helpdesk.core.db import session
from helpdesk.core.keys import KeyRing
from helpdesk.mailboxes.addressing import read_link_token
from helpdesk.people.model import Contact, ContactAddress
from helpdesk.tickets.model import Attachment, Message, Participant, Ticket
from helpdesk.tickets.queries.ticket import FileLine, files_of

MERGES_IN_A_ROW = 20
"""A ticket can go into one that goes into one: followed this far."""

LINK_LIFE = timedelta(days=90)
"""A link opens its request until this long after the ticket closed."""


@dataclass(frozen=True, slots=True)
class Opened:
    """What a valid link opens."""

    ticket: Ticket
    contact_id: int


def opened_by_link(ring: KeyRing, token: str) -> Opened | None:
    """Return the ticket and contact of a customer's link; None for unknown, expired, revoked and foreign."""
    read = read_link_token(ring, token)
    if read is None:
        return None
    number, participant_id, version = read
    row = (
        session()
        .execute(
            sa.select(Ticket, Participant.contact_id)
            .join(Participant, Participant.ticket_id == Ticket.id)
            .where(
                Ticket.number == number,
                Participant.id == participant_id,
                Participant.link_version == version,
                Participant.link_revoked_at.is_(None),
                sa.or_(Ticket.closed_at.is_(None), Ticket.closed_at > now() - LINK_LIFE),
            )
        )
        .one_or_none()
    )
    return None if row is None else Opened(_where_it_went(row[0], row[1]), row[1])


def _where_it_went(ticket: Ticket, contact_id: int) -> Ticket:
    """Return the ticket a merged one went into, as far as the contact takes part there (contracts 25)."""
    for _step in range(MERGES_IN_A_ROW):
        if ticket.merged_into_id is None or not takes_part(ticket.merged_into_id, contact_id):
            break
        ticket = session().get_one(Ticket, ticket.merged_into_id)
    return ticket


@dataclass(frozen=True, slots=True)
class PublicMessage:
    """A message customers may see: an allow-list of columns."""

    id: int
    seq: int
    from_us: bool
    author_id: int | None
    author_name: str
    at: datetime
    new_text: str
    text: str


def public_messages(ticket_id: int) -> Sequence[PublicMessage]:
    """Return the public messages of a ticket in order."""
    rows = session().execute(
        sa.select(
            Message.id,
            Message.seq,
            Message.kind == "team",
            Message.author_id,
            Message.author_name,
            Message.at,
            Message.new_text,
            Message.text,
        )
        .where(Message.ticket_id == ticket_id, Message.kind.in_(("customer", "team")))
        .order_by(Message.at, Message.seq)
    )
    return [PublicMessage(*row) for row in rows]


def public_files(messages: Sequence[PublicMessage]) -> dict[int, list[FileLine]]:
    """Return the attachments of public messages."""
    return files_of(m.id for m in messages)


@dataclass(frozen=True, slots=True)
class ThreadEnd:
    """Where an answer would go: the ticket, whether it takes messages, and where it came from."""

    id: int
    number: int
    closed: bool
    mailbox_id: int | None
    requester_id: int
    team_id: int | None
    subject: str


def thread_end(*, number: int | None = None, ticket_id: int | None = None) -> ThreadEnd | None:
    """Return the ticket an answer belongs to, by number or id; of a merged one, where it went (L8).

    What is in the trash takes no message, so an answer to it follows it up like one to a closed ticket.
    """
    query = sa.select(
        Ticket.id,
        Ticket.number,
        sa.or_(Ticket.state == "closed", Ticket.trashed_at.is_not(None)),
        Ticket.mailbox_id,
        Ticket.requester_id,
        Ticket.team_id,
        Ticket.subject,
        Ticket.merged_into_id,
    )
    row = session().execute(
        query.where(Ticket.number == number if ticket_id is None else Ticket.id == ticket_id)
    )
    found = row.one_or_none()
    for _step in range(MERGES_IN_A_ROW):
        if found is None or found.merged_into_id is None:
            break
        found = session().execute(query.where(Ticket.id == found.merged_into_id)).one_or_none()
    return None if found is None else ThreadEnd(*found[:7])


def ticket_of_message_id(message_id: str, mailbox_id: int) -> int | None:
    """Return the ticket that holds a mail with this Message-ID that came to the same mailbox."""
    return session().scalar(
        sa.select(Message.ticket_id)
        .join(Ticket, Ticket.id == Message.ticket_id)
        .where(Message.message_id == message_id, Ticket.mailbox_id == mailbox_id)
        .order_by(Message.id)
        .limit(1)
    )


def takes_part(ticket_id: int, contact_id: int) -> bool:
    """Return whether the contact is the requester or a Cc of the ticket."""
    return (
        session().scalar(
            sa.select(Participant.id).where(
                Participant.ticket_id == ticket_id,
                Participant.contact_id == contact_id,
                Participant.role != "gone",
            )
        )
        is not None
    )


def newcomer_tickets(address_key: str, *, since: datetime, known: datetime) -> int:
    """Return how many tickets an address opened since a moment; 0 for whom we know from before `known`."""
    return (
        session().scalar(
            sa.select(sa.func.count())
            .select_from(Ticket)
            .join(Contact, Contact.id == Ticket.requester_id)
            .join(ContactAddress, ContactAddress.contact_id == Contact.id)
            .where(ContactAddress.key == address_key, Ticket.opened_at > since, Contact.created_at > known)
        )
        or 0
    )


def number_of(ticket_id: int) -> int:
    """Return the number of a ticket."""
    return session().execute(sa.select(Ticket.number).where(Ticket.id == ticket_id)).scalar_one()


def file_of_public_message(ticket_id: int, attachment_id: int) -> Attachment | None:
    """Return an attachment of a public message of this ticket."""
    return session().scalar(
        sa.select(Attachment)
        .join(Message, Message.id == Attachment.message_id)
        .where(
            Attachment.ticket_id == ticket_id,
            Attachment.id == attachment_id,
            Message.kind.in_(("customer", "team")),
        )
    )
