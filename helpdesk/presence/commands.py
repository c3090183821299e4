"""A page says that somebody looks at a ticket or writes there, or has left; no fact of the ticket."""

import sqlalchemy as sa

from helpdesk.core.clock import now
from helpdesk.core.db import command, insert_ignore, session
from helpdesk.core.errors import NotFoundError
from helpdesk.people.rights import Viewer
from helpdesk.presence.model import Presence
from helpdesk.presence.queries import GONE_AFTER
from helpdesk.tickets.queries.scope import ticket_id_of


@command
def be_at(*, viewer: Viewer, number: int, writing: bool) -> None:
    """Note that the viewer is at the ticket `number` now.

    Raises:
        NotFoundError: the viewer does not see such a ticket.
    """
    ticket_id = _id(viewer, number)
    keys = {"ticket_id": ticket_id, "agent_id": viewer.id}
    values = {"at": now(), "writing": writing}
    mine = Presence.agent_id == viewer.id
    if not insert_ignore(Presence, keys | values):
        session().execute(sa.update(Presence).where(mine, Presence.ticket_id == ticket_id).values(**values))
    else:
        session().execute(sa.delete(Presence).where(mine, Presence.at < now() - GONE_AFTER))


@command
def leave(*, viewer: Viewer, number: int) -> None:
    """Note that the viewer left the ticket `number`.

    Raises:
        NotFoundError: the viewer does not see such a ticket.
    """
    ticket_id = _id(viewer, number)
    session().execute(
        sa.delete(Presence).where(Presence.ticket_id == ticket_id, Presence.agent_id == viewer.id)
    )


def _id(viewer: Viewer, number: int) -> int:
    ticket_id = ticket_id_of(viewer, number)
    if ticket_id is None:
        raise NotFoundError("There is no such ticket.")
    return ticket_id
