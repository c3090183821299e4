"""Customers as agents look them up: by name or address, with what is open of theirs."""

from dataclasses import dataclass
from datetime import datetime

import sqlalchemy as sa

from helpdesk.core.addresses import key_of
from helpdesk.core.db import session
from helpdesk.people.model import Contact, ContactAddress
from helpdesk.people.rights import Scope, Viewer
from helpdesk.tickets.model import Ticket
from helpdesk.tickets.queries.scope import visible_tickets


@dataclass(frozen=True, slots=True)
class CustomerLine:
    """A customer found, with the number of their open tickets that the viewer sees."""

    id: int
    name: str
    email: str
    open_count: int


def find_customers(viewer: Viewer, words: str, limit: int = 10) -> list[CustomerLine]:
    """Return customers whose name holds the words or one of whose addresses begins with or holds them.

    Who sees only some tickets finds only the people of those.
    """
    words = " ".join(words.split())
    if len(words) < 2:
        return []
    seen = visible_tickets(viewer).subquery()
    open_ones = (
        sa.select(sa.func.count())
        .select_from(seen)
        .where(seen.c.requester_id == Contact.id, seen.c.open)
        .scalar_subquery()
    )
    address = (
        sa.select(sa.func.min(ContactAddress.email))
        .where(ContactAddress.contact_id == Contact.id)
        .scalar_subquery()
    )
    by_address = sa.exists().where(
        ContactAddress.contact_id == Contact.id,
        ContactAddress.key.contains(key_of(words) if "@" in words else words.lower(), autoescape=True),
    )
    query = (
        sa.select(Contact.id, Contact.name, address, open_ones)
        .where(sa.or_(sa.func.lower(Contact.name).contains(words.lower(), autoescape=True), by_address))
        .order_by(Contact.id.desc())
        .limit(limit)
    )
    if viewer.scope is not Scope.ALL:
        query = query.where(sa.exists().where(seen.c.requester_id == Contact.id))
    return [CustomerLine(row[0], row[1], row[2] or "", row[3]) for row in session().execute(query)]


@dataclass(frozen=True, slots=True)
class OpenLine:
    """An unresolved ticket of a customer."""

    number: int
    subject: str
    state: str
    updated_at: datetime


def open_of(viewer: Viewer, contact_id: int, limit: int = 8) -> list[OpenLine]:
    """Return a customer's unresolved tickets that the viewer sees, newest first."""
    rows = session().execute(
        visible_tickets(viewer)
        .where(Ticket.requester_id == contact_id, Ticket.open)
        .order_by(Ticket.id.desc())
        .limit(limit)
        .with_only_columns(Ticket.number, Ticket.subject, Ticket.state, Ticket.updated_at)
    )
    return [OpenLine(*row) for row in rows]
