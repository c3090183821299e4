"""What a ticket is tied to: links, followers, tags in use, and what it could be merged with."""

from dataclasses import dataclass
from datetime import datetime

import sqlalchemy as sa

from helpdesk.core.db import session
from helpdesk.people.model import Contact
from helpdesk.people.rights import Viewer
from helpdesk.tickets.model import Follower, Tag, Ticket, TicketLink
from helpdesk.tickets.queries.scope import visible_tickets

SUGGESTED_TAGS = 200


@dataclass(frozen=True, slots=True)
class LinkLine:
    """Another ticket tied to this one; `outward`: this one is the first of the pair."""

    id: int
    kind: str
    outward: bool
    number: int
    subject: str
    state: str


def links_of(viewer: Viewer, ticket_id: int) -> list[LinkLine]:
    """Return the tickets tied to a ticket that the viewer may see."""
    mine = visible_tickets(viewer).subquery()
    other = sa.case((TicketLink.ticket_id == ticket_id, TicketLink.other_id), else_=TicketLink.ticket_id)
    rows = session().execute(
        sa.select(
            TicketLink.id,
            TicketLink.kind,
            TicketLink.ticket_id == ticket_id,
            mine.c.number,
            mine.c.subject,
            mine.c.state,
        )
        .join(mine, mine.c.id == other)
        .where(sa.or_(TicketLink.ticket_id == ticket_id, TicketLink.other_id == ticket_id))
        .order_by(TicketLink.id)
    )
    return [LinkLine(*row) for row in rows]


def followers_and_tags(ticket_id: int) -> tuple[list[int], list[str]]:
    """Return the agents who follow a ticket, and the desk's tags by name, in one statement."""
    names = sa.select(Tag.name).order_by(Tag.name).limit(SUGGESTED_TAGS).subquery()
    agent = sa.cast(Follower.agent_id, sa.String)
    rows = session().execute(
        sa.union_all(
            sa.select(sa.literal("agent"), agent).where(Follower.ticket_id == ticket_id),
            sa.select(sa.literal("tag"), names.c.name),
        )
    )
    found: dict[str, list[str]] = {"agent": [], "tag": []}
    for kind, value in rows:
        found[kind].append(value)
    return sorted(int(i) for i in found["agent"]), sorted(found["tag"])


@dataclass(frozen=True, slots=True)
class MergeCandidate:
    """A ticket another could go into."""

    id: int
    number: int
    subject: str
    state: str
    customer: str
    requester_id: int
    opened_at: datetime
    message_count: int


_CANDIDATE = (
    Ticket.id,
    Ticket.number,
    Ticket.subject,
    Ticket.state,
    Contact.name,
    Ticket.requester_id,
    Ticket.opened_at,
    Ticket.message_count,
)


def merge_candidates(viewer: Viewer, ticket: Ticket, limit: int = 8) -> list[MergeCandidate]:
    """Return the customer's other unclosed tickets that the viewer sees, newest first."""
    rows = session().execute(
        visible_tickets(viewer)
        .join(Contact, Contact.id == Ticket.requester_id)
        .where(
            Ticket.requester_id == ticket.requester_id,
            Ticket.id != ticket.id,
            Ticket.state != "closed",
            Ticket.spam_at.is_(None),
            Ticket.trashed_at.is_(None),
        )
        .order_by(Ticket.id.desc())
        .limit(limit)
        .with_only_columns(*_CANDIDATE)
    )
    return [MergeCandidate(*tuple(row)) for row in rows]


def merge_candidate(viewer: Viewer, number: int) -> MergeCandidate | None:
    """Return the ticket `number` if the viewer sees it."""
    row = (
        session()
        .execute(
            visible_tickets(viewer)
            .join(Contact, Contact.id == Ticket.requester_id)
            .where(Ticket.number == number)
            .with_only_columns(*_CANDIDATE)
        )
        .one_or_none()
    )
    return None if row is None else MergeCandidate(*tuple(row))
