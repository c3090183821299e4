"""The one query behind every list, count, page, export and poll: what a viewer may see."""

import sqlalchemy as sa

from helpdesk.core.db import session
from helpdesk.people.rights import Right, Scope, Viewer
from helpdesk.tickets.model import Ticket


def visible_tickets(viewer: Viewer) -> sa.Select[Ticket]:
    """Return the select of all tickets `viewer` may see; narrow it, never widen it."""
    query = sa.select(Ticket)
    if not viewer.may(Right.READ):
        return query.where(sa.false())
    if viewer.scope is Scope.ALL:
        return query
    if viewer.scope is Scope.TEAMS:
        mine = Ticket.assignee_id == viewer.id
        return query.where(sa.or_(Ticket.team_id.in_(sorted(viewer.team_ids)), mine))
    return query.where(Ticket.assignee_id == viewer.id)


def ticket_id_of(viewer: Viewer, number: int) -> int | None:
    """Return the id of the ticket `number` if the viewer sees it."""
    found: int | None = session().scalar(
        visible_tickets(viewer).where(Ticket.number == number).with_only_columns(Ticket.id)
    )
    return found
