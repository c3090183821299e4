"""Reads about people."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

import sqlalchemy as sa

from helpdesk.core.addresses import key_of
from helpdesk.core.db import session
from helpdesk.people.model import Agent, AgentSession, Contact, ContactAddress, Team, TeamMember
from helpdesk.people.rights import Role, Scope, Viewer


@dataclass(frozen=True, slots=True)
class TeamLine:
    """A team as lists show it."""

    id: int
    name: str
    icon: str


@dataclass(frozen=True, slots=True)
class AgentLine:
    """An agent as lists show it."""

    id: int
    name: str
    active: bool = True


@dataclass(frozen=True, slots=True)
class ContactCard:
    """A contact with the address we write to; `bounced` says why mail to it came back, if it did."""

    id: int
    name: str
    email: str
    since: datetime
    bounced: str = ""

    @property
    def shown(self) -> str:
        """The name, or the address where there is no name."""
        return self.name or self.email


def viewer_of_session(digest: str, moment: datetime, days: int) -> Viewer | None:
    """Return who is signed in by this session: active, not ended, used within `days`."""
    return _viewer(
        _seen_as()
        .join(AgentSession, AgentSession.agent_id == Agent.id)
        .where(
            AgentSession.digest == digest,
            AgentSession.ended_at.is_(None),
            AgentSession.seen_at > moment - timedelta(days=days),
        )
    )


def viewer_of_agent(agent_id: int) -> Viewer | None:
    """Return an active agent as a viewer."""
    return _viewer(_seen_as().where(Agent.id == agent_id))


def _seen_as() -> sa.Select[*tuple[Any, ...]]:
    """Return the select of active agents, a row for each of their teams."""
    return (
        sa.select(
            Agent.id, Agent.name, Agent.email, Agent.role, Agent.scope, Agent.after_reply, TeamMember.team_id
        )
        .outerjoin(TeamMember, TeamMember.agent_id == Agent.id)
        .where(Agent.active)
    )


def _viewer(query: sa.Select[*tuple[Any, ...]]) -> Viewer | None:
    rows = session().execute(query).all()
    if not rows:
        return None
    agent_id, name, email, role, scope, after_reply, _team = rows[0]
    teams = frozenset(row[6] for row in rows if row[6] is not None)
    return Viewer(agent_id, name, email, Role(role), Scope(scope), teams, after_reply)


def sign_in_facts(email: str) -> tuple[int, str | None] | None:
    """Return id and password hash of the active agent with this address."""
    row = (
        session()
        .execute(
            sa.select(Agent.id, Agent.password_hash).where(Agent.email_key == key_of(email), Agent.active)
        )
        .one_or_none()
    )
    return None if row is None else (row.id, row.password_hash)


def anybody() -> bool:
    """Return whether the desk has an agent, active or not; before the first one it is being set up."""
    return session().scalar(sa.select(Agent.id).limit(1)) is not None


def agent_id_of_address(email: str) -> int | None:
    """Return the agent (active or not) who has this address."""
    return session().scalar(sa.select(Agent.id).where(Agent.email_key == key_of(email)))


def is_active(agent_id: int) -> bool:
    """Return whether an agent is there and active."""
    return bool(session().scalar(sa.select(Agent.active).where(Agent.id == agent_id)))


def teams() -> list[TeamLine]:
    """Return all teams by name."""
    rows = session().execute(sa.select(Team.id, Team.name, Team.icon).order_by(Team.name, Team.id))
    return [TeamLine(*row) for row in rows]


def agents(*, only_active: bool = True) -> list[AgentLine]:
    """Return the agents by name."""
    query = sa.select(Agent.id, Agent.name, Agent.active).order_by(Agent.name, Agent.id)
    if only_active:
        query = query.where(Agent.active)
    return [AgentLine(*row) for row in session().execute(query)]


def agent_names(ids: Iterable[int]) -> dict[int, str]:
    """Return the names of agents, active or not."""
    wanted = set(ids)
    if not wanted:
        return {}
    return {
        row.id: row.name
        for row in session().execute(sa.select(Agent.id, Agent.name).where(Agent.id.in_(wanted)))
    }


def contacts(ids: Iterable[int]) -> dict[int, ContactCard]:
    """Return contacts with their first address that works, else their first."""
    wanted = set(ids)
    if not wanted:
        return {}
    rows = session().execute(
        sa.select(
            Contact.id,
            Contact.name,
            ContactAddress.email,
            Contact.created_at,
            sa.case((ContactAddress.bounced_at.is_not(None), ContactAddress.bounce_words), else_=""),
        )
        .join(ContactAddress, ContactAddress.contact_id == Contact.id, isouter=True)
        .where(Contact.id.in_(wanted))
        .order_by(ContactAddress.bounced_at.is_(None), ContactAddress.id.desc())
    )
    return {row[0]: ContactCard(row[0], row[1], row[2] or "", row[3], row[4] or "") for row in rows}


def contact_id_of_address(email: str) -> int | None:
    """Return the contact who has this address."""
    return session().scalar(sa.select(ContactAddress.contact_id).where(ContactAddress.key == key_of(email)))


def lead_ids() -> list[int]:
    """Return the active agents who lead: administrators and leads."""
    leads = (Role.ADMIN, Role.LEAD)
    return list(
        session().scalars(sa.select(Agent.id).where(Agent.active, Agent.role.in_(leads)).order_by(Agent.id))
    )


def administrators() -> list[str]:
    """Return the mail addresses of those who run the desk and are active."""
    return list(
        session().scalars(
            sa.select(Agent.email).where(Agent.active, Agent.role == Role.ADMIN).order_by(Agent.id)
        )
    )
