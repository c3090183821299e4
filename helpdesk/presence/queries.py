"""Reads: who is at a ticket."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta

import sqlalchemy as sa

from helpdesk.core.clock import now
from helpdesk.core.db import session
from helpdesk.core.errors import NotFoundError
from helpdesk.people.model import Agent
from helpdesk.people.rights import Viewer
from helpdesk.presence.model import Presence
from helpdesk.tickets.model import Draft
from helpdesk.tickets.queries.ticket import ticket_seen_by

GONE_AFTER = timedelta(seconds=40)
"""Whose page said nothing for so long is no longer there; pages speak every 15 seconds."""


@dataclass(frozen=True, slots=True)
class Here:
    """Somebody at a ticket; `drafted`: they have a draft there."""

    ticket_id: int
    agent_id: int
    name: str
    writing: bool
    drafted: bool


def here(ticket_ids: Iterable[int]) -> list[Here]:
    """Return who is at tickets now, in the order of their names."""
    draft = sa.exists().where(
        Draft.ticket_id == Presence.ticket_id, Draft.agent_id == Presence.agent_id, Draft.body != ""
    )
    rows = session().execute(
        sa.select(Presence.ticket_id, Presence.agent_id, Agent.name, Presence.writing, draft)
        .join(Agent, Agent.id == Presence.agent_id)
        .where(Presence.ticket_id.in_(list(ticket_ids)), Presence.at > now() - GONE_AFTER, Agent.active)
        .order_by(Agent.name, Agent.id)
    )
    return [Here(*row) for row in rows]


@dataclass(frozen=True, slots=True)
class DraftText:
    """What somebody is writing; `kind` reply or note."""

    kind: str
    body: str
    updated_at: datetime


@dataclass(frozen=True, slots=True)
class DraftsThere:
    """The drafts of somebody who is at a ticket."""

    name: str
    subject: str
    drafts: tuple[DraftText, ...]


def drafts_there(viewer: Viewer, number: int, agent_id: int) -> DraftsThere:
    """Return what an agent who is at the ticket `number` right now has written there so far.

    Raises:
        NotFoundError: the viewer does not see the ticket, or the agent is not there.
    """
    ticket = ticket_seen_by(viewer, number)
    who = next((one for one in here([ticket.id]) if one.agent_id == agent_id), None)
    if who is None:
        raise NotFoundError("They are no longer at this ticket, and drafts are their own again.")
    rows = session().execute(
        sa.select(Draft.kind, Draft.body, Draft.updated_at)
        .where(Draft.ticket_id == ticket.id, Draft.agent_id == agent_id, Draft.body != "")
        .order_by(Draft.kind.desc())
    )
    return DraftsThere(who.name, ticket.subject, tuple(DraftText(*row) for row in rows))
