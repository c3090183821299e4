"""Reads: what waits for somebody, and how they want to hear of things."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime

import sqlalchemy as sa

from helpdesk.core.db import session
from helpdesk.notifications.kinds import KINDS, WAYS, Choices, Kind, Way
from helpdesk.notifications.model import Notification, NotificationChoice
from helpdesk.people.rights import Viewer
from helpdesk.tickets.model import Follower, Message, Ticket
from helpdesk.tickets.queries.scope import visible_tickets

WHEN = "when"
"""The kind under which the choice between at once and daily is kept."""

SHOWN = 200
WORDS = 240


@dataclass(frozen=True, slots=True)
class Line:
    """A notification as the page shows it."""

    id: int
    kind: Kind
    who: str
    at: datetime
    unread: bool
    ticket_id: int
    number: int
    subject: str
    state: str
    words: str


def choices_of(agent_ids: Iterable[int]) -> dict[int, Choices]:
    """Return how agents want to hear; everybody asked for is in the answer."""
    wanted = sorted(set(agent_ids))
    rows = session().execute(
        sa.select(NotificationChoice.agent_id, NotificationChoice.kind, NotificationChoice.way).where(
            NotificationChoice.agent_id.in_(wanted)
        )
    )
    ways: dict[int, dict[Kind, Way]] = {agent: {} for agent in wanted}
    daily: set[int] = set()
    for agent_id, kind, way in rows:
        if kind == WHEN and way == "daily":
            daily.add(agent_id)
        elif kind in KINDS and way in WAYS:
            ways[agent_id][Kind(kind)] = Way(way)
    return {agent: Choices(ways[agent], agent in daily) for agent in wanted}


def who_cares(ticket: Ticket) -> set[int]:
    """Return the agents who hear of what is said in a ticket: its assignee and those who follow it."""
    found = set(session().scalars(sa.select(Follower.agent_id).where(Follower.ticket_id == ticket.id)))
    return found | ({ticket.assignee_id} if ticket.assignee_id is not None else set())


def unread_count(viewer: Viewer) -> int:
    """Return how many notifications of tickets the viewer may still see are unread."""
    query = (
        visible_tickets(viewer)
        .join(Notification, Notification.ticket_id == Ticket.id)
        .where(Notification.agent_id == viewer.id, Notification.read_at.is_(None))
    )
    return session().scalar(query.with_only_columns(sa.func.count(Notification.id))) or 0


def lines(viewer: Viewer) -> list[Line]:
    """Return the viewer's newest notifications of tickets they may still see, the unread ones first."""
    rows = session().execute(
        visible_tickets(viewer)
        .join(Notification, Notification.ticket_id == Ticket.id)
        .outerjoin(Message, Message.id == Notification.message_id)
        .where(Notification.agent_id == viewer.id)
        .order_by(Notification.read_at.is_not(None), Notification.id.desc())
        .limit(SHOWN)
        .with_only_columns(
            Notification.id,
            Notification.kind,
            Notification.who,
            Notification.at,
            Notification.read_at.is_(None),
            Ticket.id,
            Ticket.number,
            Ticket.subject,
            Ticket.state,
            sa.func.substr(sa.func.coalesce(Message.new_text, ""), 1, WORDS),
        )
    )
    return [Line(row[0], Kind(row[1]), *tuple(row)[2:]) for row in rows]
