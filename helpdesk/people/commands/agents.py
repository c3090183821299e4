"""What administrators change about people and teams; each change is in the desk's audit."""

from dataclasses import dataclass

import sqlalchemy as sa

from helpdesk.core.audit import SECRET, Who, record
from helpdesk.core.db import command, session
from helpdesk.core.errors import InvalidError, NotFoundError, RefusedError
from helpdesk.people.commands.basics import (
    add_agent,
    add_team,
    change_agent,
    end_session,
    end_sessions,
    rename_team,
    set_password,
    set_teams,
)
from helpdesk.people.model import Agent, AgentSession, AgentToken, Team, TeamMember
from helpdesk.people.rights import Role, Scope

ICONS = (
    "users",
    "box",
    "truck",
    "retry",
    "tag",
    "globe",
    "message",
    "bolt",
    "shield",
    "book",
    "desk",
)
"""What may stand before a team's name."""


@dataclass(frozen=True, slots=True)
class Person:
    """An agent as an administrator describes them."""

    name: str
    email: str
    role: Role
    scope: Scope
    team_ids: tuple[int, ...]


def locked_agent(agent_id: int) -> Agent:
    """Return an agent that nobody else changes until the command ends.

    Raises:
        NotFoundError: there is none.
    """
    found = session().scalar(sa.select(Agent).where(Agent.id == agent_id).with_for_update())
    if found is None:
        raise NotFoundError("There is no such agent.")
    return found


@command
def take_in(*, person: Person, who: Who) -> int:
    """Make an agent who has no password yet; return the id.

    Raises:
        InvalidError: no name, not an address, or teams are needed and none is chosen.
        RefusedError: an agent has this address.
    """
    _checked(person)
    made = add_agent(
        name=person.name,
        email=person.email,
        role=person.role,
        scope=person.scope,
        team_ids=person.team_ids,
    )
    record(who, "invited", about="agent", about_id=made, name=person.name, after=_facts(made))
    return made


@command
def save_agent(*, agent_id: int, person: Person, who: Who) -> None:
    """Change who an agent is and what they may do. Another address makes mailed links void.

    Raises:
        InvalidError: no name, not an address, or teams are needed and none is chosen.
        RefusedError: an agent has this address, or the last administrator would be lost.
    """
    agent = locked_agent(agent_id)
    _checked(person)
    before, had = _facts(agent_id), agent.email_key
    if person.role is not Role.ADMIN:
        _keep_an_administrator(agent)
    change_agent(agent_id=agent_id, name=person.name, email=person.email)
    agent.role, agent.scope = person.role, person.scope
    set_teams(agent_id=agent_id, team_ids=person.team_ids)
    session().flush()
    if agent.email_key != had:
        _void(agent_id)
    record(
        who,
        "changed",
        about="agent",
        about_id=agent_id,
        name=agent.name,
        before=before,
        after=_facts(agent_id),
    )


@command
def switch_agent(*, agent_id: int, active: bool, who: Who) -> None:
    """Let an agent in again, or no more: then every session and every mailed link ends at once.

    Raises:
        RefusedError: the last administrator would be lost.
    """
    agent = locked_agent(agent_id)
    if agent.active == active:
        return
    if not active:
        _keep_an_administrator(agent)
        end_sessions(agent_id=agent_id)
        _void(agent_id)
    agent.active = active
    what = "let in again" if active else "deactivated"
    record(who, what, about="agent", about_id=agent_id, name=agent.name)


@command
def change_own_password(*, agent_id: int, password: str) -> None:
    """Give oneself a new password; ends every session, also this one, and every mailed link."""
    agent = locked_agent(agent_id)
    set_password(agent_id=agent_id, password=password)
    _void(agent_id)
    record(
        Who(agent_id, agent.name),
        "changed the password",
        about="agent",
        about_id=agent_id,
        name=agent.name,
        after={"password": SECRET},
    )


@command
def rename_self(*, agent_id: int, name: str) -> None:
    """Change the name customers and colleagues see.

    Raises:
        InvalidError: no name.
    """
    agent = locked_agent(agent_id)
    before = agent.name
    change_agent(agent_id=agent_id, name=name, email=agent.email)
    record(
        Who(agent_id, agent.name),
        "changed",
        about="agent",
        about_id=agent_id,
        name=agent.name,
        before={"name": before},
        after={"name": agent.name},
    )


@command
def end_one_session(*, agent_id: int, session_id: int) -> None:
    """End one of an agent's own sessions.

    Raises:
        NotFoundError: they have no such session.
    """
    digest = session().scalar(
        sa.select(AgentSession.digest).where(
            AgentSession.id == session_id, AgentSession.agent_id == agent_id, AgentSession.ended_at.is_(None)
        )
    )
    if digest is None:
        raise NotFoundError("This session has ended already.")
    end_session(digest=digest)


@command
def save_team(*, team_id: int | None, name: str, icon: str, member_ids: tuple[int, ...], who: Who) -> int:
    """Make or change a team and who is in it; return its id.

    Raises:
        InvalidError: no name, or no such icon.
        NotFoundError: there is no such team.
        RefusedError: another team has the name.
    """
    if icon not in ICONS:
        raise InvalidError("There is no such picture.", icon="There is no such picture.")
    before = None if team_id is None else _team_facts(team_id)
    if team_id is None:
        team_id = add_team(name=name, icon=icon)
    else:
        rename_team(team_id=team_id, name=name)
        session().get_one(Team, team_id).icon = icon
    there = set(session().scalars(sa.select(Agent.id).where(Agent.id.in_(member_ids))))
    session().execute(sa.delete(TeamMember).where(TeamMember.team_id == team_id))
    for member in sorted(there):
        session().add(TeamMember(agent_id=member, team_id=team_id))
    session().flush()
    after = _team_facts(team_id)
    what = "added" if before is None else "changed"
    record(who, what, about="team", about_id=team_id, name=str(after["name"]), before=before, after=after)
    return team_id


@command
def drop_team(*, team_id: int, who: Who) -> None:
    """Remove a team; whoever calls knows that nothing belongs to it.

    Raises:
        NotFoundError: there is no such team.
    """
    before = _team_facts(team_id)
    session().execute(sa.delete(TeamMember).where(TeamMember.team_id == team_id))
    session().execute(sa.delete(Team).where(Team.id == team_id))
    record(who, "removed", about="team", about_id=team_id, name=str(before["name"]), before=before)


def _checked(person: Person) -> None:
    known = set(session().scalars(sa.select(Team.id).where(Team.id.in_(person.team_ids))))
    words = ""
    if set(person.team_ids) - known:
        words = "One of these teams is gone."
    elif person.scope is Scope.TEAMS and not person.team_ids:
        words = "Choose a team: this person sees tickets of their teams only."
    if words:
        raise InvalidError(words, teams=words)


def _keep_an_administrator(agent: Agent) -> None:
    if agent.role != Role.ADMIN or not agent.active:
        return
    admins = session().scalars(
        sa.select(Agent.id).where(Agent.active, Agent.role == Role.ADMIN).order_by(Agent.id).with_for_update()
    )
    if set(admins) <= {agent.id}:
        raise RefusedError("This is the last administrator. Make somebody else one first.")


def _void(agent_id: int) -> None:
    session().execute(
        sa.delete(AgentToken).where(AgentToken.agent_id == agent_id, AgentToken.used_at.is_(None))
    )


def _facts(agent_id: int) -> dict[str, object]:
    agent = session().get_one(Agent, agent_id)
    names = session().scalars(
        sa.select(Team.name)
        .join(TeamMember, TeamMember.team_id == Team.id)
        .where(TeamMember.agent_id == agent_id)
        .order_by(Team.name)
    )
    return {
        "name": agent.name,
        "email": agent.email,
        "role": str(agent.role),
        "scope": str(agent.scope),
        "teams": ", ".join(names),
    }


def _team_facts(team_id: int) -> dict[str, object]:
    team = session().get(Team, team_id)
    if team is None:
        raise NotFoundError("There is no such team.")
    names = session().scalars(
        sa.select(Agent.name)
        .join(TeamMember, TeamMember.agent_id == Agent.id)
        .where(TeamMember.team_id == team_id)
        .order_by(Agent.name, Agent.id)
    )
    return {"name": team.name, "icon": team.icon, "members": ", ".join(names)}
