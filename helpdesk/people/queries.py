"""Reads about people."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

import sqlalchemy as sa

from helpdesk.core.addresses import key_of
from helpdesk.core.db import session
from helpdesk.core.errors import NotFoundError
from helpdesk.core.keys import ring
from helpdesk.core.tables import UtcDateTime
from helpdesk.people.model import (
    Agent,
    AgentSession,
    AgentToken,
    Contact,
    ContactAddress,
    RecoveryCode,
    Team,
    TeamMember,
)
from helpdesk.people.rights import Role, Scope, Viewer
from helpdesk.people.tokens import token_digest


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


@dataclass(frozen=True, slots=True)
class SignInFacts:
    """An active agent at the door: the hash of their password, and whether a code is asked for, too."""

    id: int
    password_hash: str | None
    two_factor: bool


@dataclass(frozen=True, slots=True)
class WayIn:
    """Whom a mailed link lets in: `kind` is invite or reset."""

    kind: str
    name: str
    email: str


@dataclass(frozen=True, slots=True)
class AgentRow:
    """An agent as administrators see them. `has_password` False: invited, not yet come."""

    id: int
    name: str
    email: str
    role: Role
    scope: Scope
    active: bool
    has_password: bool
    two_factor: bool
    seen_at: datetime | None
    teams: tuple[TeamLine, ...]


@dataclass(frozen=True, slots=True)
class SessionLine:
    """A session of one's own; `digest` tells which is this one and never leaves the server."""

    id: int
    digest: str
    browser: str
    network: str
    since: datetime
    seen_at: datetime


@dataclass(frozen=True, slots=True)
class TwoFactor:
    """How two-factor sign-in stands: on since when, or the secret being set up; recovery codes left."""

    on_at: datetime | None
    secret: str
    codes_left: int


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


def sign_in_facts(email: str) -> SignInFacts | None:
    """Return what signing in needs to know of the active agent with this address."""
    return _sign_in_facts(Agent.email_key == key_of(email))


def sign_in_facts_of(agent_id: int) -> SignInFacts | None:
    """Return what signing in needs to know of an active agent."""
    return _sign_in_facts(Agent.id == agent_id)


def _sign_in_facts(which: sa.ColumnElement[bool]) -> SignInFacts | None:
    row = (
        session()
        .execute(
            sa.select(Agent.id, Agent.password_hash, Agent.totp_on_at.is_not(None)).where(which, Agent.active)
        )
        .one_or_none()
    )
    return None if row is None else SignInFacts(row[0], row[1], bool(row[2]))


def way_in(secret: str, moment: datetime) -> WayIn | None:
    """Return whom a mailed link lets in, while it does."""
    row = (
        session()
        .execute(
            sa.select(AgentToken.kind, Agent.name, Agent.email)
            .join(Agent, Agent.id == AgentToken.agent_id)
            .where(
                AgentToken.digest == token_digest(secret),
                AgentToken.used_at.is_(None),
                AgentToken.expires_at > moment,
                Agent.active,
            )
        )
        .one_or_none()
    )
    return None if row is None else WayIn(*row)


def people_at_desk() -> list[AgentRow]:
    """Return everybody of the desk: active first, by name."""
    return _agent_rows(sa.true())


def person_at_desk(agent_id: int) -> AgentRow:
    """Return one agent as administrators see them.

    Raises:
        NotFoundError: there is none.
    """
    found = _agent_rows(Agent.id == agent_id)
    if not found:
        raise NotFoundError("There is no such agent.")
    return found[0]


def _agent_rows(which: sa.ColumnElement[bool]) -> list[AgentRow]:
    seen = (
        sa.select(sa.func.max(AgentSession.seen_at))
        .where(AgentSession.agent_id == Agent.id)
        .correlate(Agent)
        .scalar_subquery()
    )
    rows = session().execute(
        sa.select(
            Agent.id,
            Agent.name,
            Agent.email,
            Agent.role,
            Agent.scope,
            Agent.active,
            Agent.password_hash.is_not(None),
            Agent.totp_on_at.is_not(None),
            sa.type_coerce(seen, UtcDateTime()),
        )
        .where(which)
        .order_by(Agent.active.desc(), Agent.name, Agent.id)
    )
    of_teams: dict[int, list[TeamLine]] = {}
    for agent_id, team_id, name, icon in session().execute(
        sa.select(TeamMember.agent_id, Team.id, Team.name, Team.icon)
        .join(Team, Team.id == TeamMember.team_id)
        .join(Agent, Agent.id == TeamMember.agent_id)
        .where(which)
        .order_by(Team.name, Team.id)
    ):
        of_teams.setdefault(agent_id, []).append(TeamLine(team_id, name, icon))
    return [
        AgentRow(r[0], r[1], r[2], Role(r[3]), Scope(r[4]), *r[5:], tuple(of_teams.get(r[0], ())))
        for r in rows
    ]


def sessions_of(agent_id: int, moment: datetime, days: int) -> list[SessionLine]:
    """Return the sessions of an agent that still open the desk, the last used first."""
    rows = session().execute(
        sa.select(
            AgentSession.id,
            AgentSession.digest,
            AgentSession.browser,
            AgentSession.network,
            AgentSession.created_at,
            AgentSession.seen_at,
        )
        .where(
            AgentSession.agent_id == agent_id,
            AgentSession.ended_at.is_(None),
            AgentSession.seen_at > moment - timedelta(days=days),
        )
        .order_by(AgentSession.seen_at.desc(), AgentSession.id.desc())
    )
    return [SessionLine(*row) for row in rows]


def two_factor(agent_id: int) -> TwoFactor:
    """Return how two-factor sign-in stands for an agent; the secret only while it is being set up."""
    sealed, on_at = (
        session().execute(sa.select(Agent.totp_secret, Agent.totp_on_at).where(Agent.id == agent_id)).one()
    )
    left = session().scalar(
        sa.select(sa.func.count()).where(RecoveryCode.agent_id == agent_id, RecoveryCode.used_at.is_(None))
    )
    secret = ring().decrypt(sealed) if sealed and on_at is None else ""
    return TwoFactor(on_at, secret, left or 0)


def team(team_id: int) -> TeamLine:
    """Return a team.

    Raises:
        NotFoundError: there is none.
    """
    found = session().get(Team, team_id)
    if found is None:
        raise NotFoundError("There is no such team.")
    return TeamLine(found.id, found.name, found.icon)


def members() -> dict[int, list[AgentLine]]:
    """Return who is in which team, active or not, by name."""
    rows = session().execute(
        sa.select(TeamMember.team_id, Agent.id, Agent.name, Agent.active)
        .join(Agent, Agent.id == TeamMember.agent_id)
        .order_by(Agent.name, Agent.id)
    )
    found: dict[int, list[AgentLine]] = {}
    for team_id, agent_id, name, active in rows:
        found.setdefault(team_id, []).append(AgentLine(agent_id, name, active))
    return found


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
