"""Canned replies a viewer may use, and how they read for a ticket."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime

import sqlalchemy as sa

from helpdesk.core.db import session
from helpdesk.core.desk import desk
from helpdesk.core.errors import ForbiddenError, NotFoundError
from helpdesk.people.model import Contact
from helpdesk.people.rights import Right, Role, Scope, Viewer
from helpdesk.tickets import placeholders
from helpdesk.tickets.model import Canned, Ticket
from helpdesk.tickets.queries.scope import visible_tickets


@dataclass(frozen=True, slots=True)
class CannedLine:
    """A canned reply; `may_change` is whether this viewer may change or delete it."""

    id: int
    name: str
    shared: str
    team_id: int | None
    text: str
    acts: list[str]
    used: int
    last_used_at: datetime | None
    may_change: bool


def may_share(viewer: Viewer) -> bool:
    """Return whether the viewer keeps what everyone or a team uses: leads and administrators do."""
    return viewer.role in {Role.LEAD, Role.ADMIN}


def usable(viewer: Viewer) -> sa.ColumnElement[bool]:
    """Return the condition on `Canned` for those the viewer may use: everyone's, their teams', their own."""
    team = Canned.shared == "team"
    if viewer.scope is not Scope.ALL:
        team = sa.and_(team, Canned.team_id.in_(sorted(viewer.team_ids)))
    own = sa.and_(Canned.shared == "mine", Canned.owner_id == viewer.id)
    return sa.or_(Canned.shared == "everyone", team, own)


def canned_for(viewer: Viewer) -> list[CannedLine]:
    """Return what the viewer may insert, by position and name.

    Raises:
        ForbiddenError: their role does not answer customers.
    """
    if not viewer.may(Right.REPLY):
        raise ForbiddenError(f"Your role cannot {Right.REPLY.value}.")
    order = (Canned.position, sa.func.lower(Canned.name), Canned.id)
    return [_line(viewer, row) for row in session().scalars(_known(viewer).order_by(*order))]


def canned_one(viewer: Viewer, canned_id: int) -> CannedLine:
    """Return one of them.

    Raises:
        ForbiddenError: their role does not answer customers.
        NotFoundError: there is none the viewer may use.
    """
    if not viewer.may(Right.REPLY):
        raise ForbiddenError(f"Your role cannot {Right.REPLY.value}.")
    row = session().scalar(_known(viewer).where(Canned.id == canned_id))
    if row is None:
        raise NotFoundError("There is no such canned reply.")
    return _line(viewer, row)


def _known(viewer: Viewer) -> sa.Select[Canned]:
    return sa.select(Canned).where(usable(viewer))


def _line(viewer: Viewer, row: Canned) -> CannedLine:
    own = row.shared == "mine"
    return CannedLine(
        row.id,
        row.name,
        row.shared,
        row.team_id,
        row.text,
        row.acts,
        row.used,
        row.last_used_at,
        own or may_share(viewer),
    )


def values_for(viewer: Viewer, ticket: Ticket) -> Mapping[str, str]:
    """Return what each placeholder stands for in a ticket, when this viewer answers."""
    customer = session().scalar(sa.select(Contact.name).where(Contact.id == ticket.requester_id)) or ""
    return {
        "customer.name": customer,
        "customer.first_name": placeholders.first_name(customer),
        "ticket.number": str(ticket.number),
        "ticket.subject": ticket.subject,
        "agent.name": viewer.name,
        "agent.first_name": placeholders.first_name(viewer.name),
        "desk.name": desk().name,
    }


def example_ticket(viewer: Viewer, number: int | None) -> Ticket | None:
    """Return the ticket `number` if the viewer sees it, else the newest they see; None when there is none."""
    seen = visible_tickets(viewer)
    found: Ticket | None = None
    if number is not None:
        found = session().scalar(seen.where(Ticket.number == number))
    return found or session().scalar(seen.order_by(Ticket.id.desc()).limit(1))
