"""What changes people: contacts as they write, agents and teams as they are set up, sign-in and out."""

import secrets
from datetime import timedelta
from hashlib import sha256
from typing import Any

import sqlalchemy as sa

from helpdesk.core.addresses import is_address, key_of
from helpdesk.core.clock import now
from helpdesk.core.db import command, insert_ignore, session
from helpdesk.core.errors import InvalidError, NotFoundError, RefusedError
from helpdesk.people.model import Agent, AgentSession, Contact, ContactAddress, Team, TeamMember
from helpdesk.people.passwords import hashed
from helpdesk.people.rights import Role, Scope


@command
def contact_for(*, email: str, name: str = "") -> int:
    """Return the contact who has this address, making one when nobody has it.

    Raises:
        InvalidError: not a mail address.
    """
    if not is_address(email):
        raise InvalidError("This is not a mail address.", email="This is not a mail address.")
    key = key_of(email)
    known = sa.select(ContactAddress.contact_id).where(ContactAddress.key == key)
    found = session().scalar(known)
    if found is not None:
        if name:
            _name_if_unnamed(found, name)
        return found
    contact = Contact(name=name.strip()[:200], created_at=now())
    session().add(contact)
    session().flush()
    row = {"contact_id": contact.id, "email": email.strip(), "key": key, "created_at": now()}
    if not insert_ignore(ContactAddress, row):  # another command was faster (PostgreSQL)
        session().delete(contact)
        return session().execute(known).scalar_one()
    return contact.id


@command
def give_address(*, contact_id: int, email: str) -> None:
    """Note that an address belongs to a contact, too.

    Raises:
        InvalidError: not a mail address.
        RefusedError: it belongs to somebody else.
    """
    if not is_address(email):
        raise InvalidError("This is not a mail address.", email="This is not a mail address.")
    key = key_of(email)
    row = {"contact_id": contact_id, "email": email.strip(), "key": key, "created_at": now()}
    if insert_ignore(ContactAddress, row):
        return
    owner = session().scalar(sa.select(ContactAddress.contact_id).where(ContactAddress.key == key))
    if owner != contact_id:
        raise RefusedError("This address belongs to another customer.")


@command
def mark_bounced(*, email: str, hard: bool, words: str) -> None:
    """Note that mail to an address came back; `hard`: trying again is of no use."""
    session().execute(
        sa.update(ContactAddress)
        .where(ContactAddress.key == key_of(email))
        .values(bounced_at=now(), bounce_kind="hard" if hard else "soft", bounce_words=words[:300])
    )


@command
def heard_from(*, email: str) -> None:
    """Somebody wrote from an address: whatever came back from it once, it works."""
    session().execute(
        sa.update(ContactAddress)
        .where(ContactAddress.key == key_of(email), ContactAddress.bounced_at.is_not(None))
        .values(bounced_at=None, bounce_kind="", bounce_words="")
    )


def _name_if_unnamed(contact_id: int, name: str) -> None:
    session().execute(
        sa.update(Contact).where(Contact.id == contact_id, Contact.name == "").values(name=name.strip()[:200])
    )


@command
def add_team(*, name: str, icon: str = "users") -> int:
    """Make a team.

    Raises:
        InvalidError: no name.
        RefusedError: there is one of that name.
    """
    name = name.strip()[:80]
    if not name:
        raise InvalidError("A team needs a name.", name="A team needs a name.")
    if session().scalar(sa.select(Team.id).where(Team.name == name)) is not None:
        raise RefusedError(f"There is a team {name} already.")
    team = Team(name=name, icon=icon, created_at=now())
    session().add(team)
    session().flush()
    return team.id


@command
def rename_team(*, team_id: int, name: str) -> None:
    """Give a team another name.

    Raises:
        InvalidError: no name.
        RefusedError: another team has it.
    """
    name = name.strip()[:80]
    if not name:
        raise InvalidError("A team needs a name.", name="A team needs a name.")
    if session().scalar(sa.select(Team.id).where(Team.name == name, Team.id != team_id)) is not None:
        raise RefusedError(f"There is a team {name} already.")
    session().get_one(Team, team_id).name = name


@command
def add_agent(
    *,
    name: str,
    email: str,
    password: str | None = None,
    role: Role = Role.AGENT,
    scope: Scope = Scope.ALL,
    team_ids: tuple[int, ...] = (),
) -> int:
    """Make a person of the desk; without a password they cannot sign in yet.

    Raises:
        InvalidError: no name, not an address, or the password is too short.
        RefusedError: an agent has this address.
    """
    if not name.strip():
        raise InvalidError("An agent needs a name.", name="An agent needs a name.")
    if not is_address(email):
        raise InvalidError("This is not a mail address.", email="This is not a mail address.")
    if session().scalar(sa.select(Agent.id).where(Agent.email_key == key_of(email))) is not None:
        raise RefusedError("An agent has this address already.")
    agent = Agent(
        name=name.strip()[:120],
        email=email.strip(),
        email_key=key_of(email),
        password_hash=hashed(password) if password is not None else None,
        role=role,
        scope=scope,
        created_at=now(),
    )
    session().add(agent)
    session().flush()
    for team_id in team_ids:
        session().add(TeamMember(agent_id=agent.id, team_id=team_id))
    return agent.id


@command
def change_agent(*, agent_id: int, name: str, email: str) -> None:
    """Give an agent another name or address.

    Raises:
        InvalidError: no name, or not an address.
        RefusedError: another agent has this address.
    """
    agent = _agent(agent_id)
    if not name.strip():
        raise InvalidError("An agent needs a name.", name="An agent needs a name.")
    if not is_address(email):
        raise InvalidError("This is not a mail address.", email="This is not a mail address.")
    taken = sa.select(Agent.id).where(Agent.email_key == key_of(email), Agent.id != agent_id)
    if session().scalar(taken) is not None:
        raise RefusedError("An agent has this address already.")
    agent.name, agent.email, agent.email_key = name.strip()[:120], email.strip(), key_of(email)


@command
def set_password(*, agent_id: int, password: str) -> None:
    """Give an agent a new password and end all their sessions."""
    agent = _agent(agent_id)
    agent.password_hash = hashed(password)
    end_sessions(agent_id=agent_id)


@command
def set_active(*, agent_id: int, active: bool) -> None:
    """Let an agent in, or out: out ends all their sessions at once."""
    _agent(agent_id).active = active
    if not active:
        end_sessions(agent_id=agent_id)


@command
def set_teams(*, agent_id: int, team_ids: tuple[int, ...]) -> None:
    """Set which teams an agent is in."""
    _agent(agent_id)
    session().execute(sa.delete(TeamMember).where(TeamMember.agent_id == agent_id))
    for team_id in team_ids:
        session().add(TeamMember(agent_id=agent_id, team_id=team_id))


@command
def remember_after_reply(*, agent_id: int, state: str) -> None:
    """Remember the state an agent's send button names by default (L1)."""
    _agent(agent_id).after_reply = state


@command
def start_session(*, agent_id: int, network: str, browser: str) -> str:
    """Sign an agent in; return the random id for the cookie. Only its digest is kept."""
    secret = secrets.token_urlsafe(32)
    session().add(
        AgentSession(
            digest=session_digest(secret),
            agent_id=agent_id,
            created_at=now(),
            seen_at=now(),
            network=network[:64],
            browser=browser[:200],
        )
    )
    return secret


@command
def touch_session(*, digest: str) -> None:
    """Note that a session was used; at most once in ten minutes."""
    session().execute(
        sa.update(AgentSession)
        .where(AgentSession.digest == digest, AgentSession.seen_at < now() - timedelta(minutes=10))
        .values(seen_at=now())
    )


@command
def end_session(*, digest: str) -> None:
    """Sign out this session."""
    session().execute(
        sa.update(AgentSession)
        .where(AgentSession.digest == digest, AgentSession.ended_at.is_(None))
        .values(ended_at=now())
    )


@command
def end_sessions(*, agent_id: int) -> int:
    """End every session of an agent; return how many there were."""
    result: Any = session().execute(
        sa.update(AgentSession)
        .where(AgentSession.agent_id == agent_id, AgentSession.ended_at.is_(None))
        .values(ended_at=now())
    )
    return int(result.rowcount)


def session_digest(secret: str) -> str:
    """Return what is kept of a session id."""
    return sha256(secret.encode()).hexdigest()


def _agent(agent_id: int) -> Agent:
    agent = session().get(Agent, agent_id)
    if agent is None:
        raise NotFoundError("There is no such agent.")
    return agent
