"""Ways in: invitations and new passwords by mail, and how often something may be tried (T21, T22, T26)."""

import secrets
from datetime import timedelta
from hashlib import sha256

import sqlalchemy as sa

from helpdesk.core.addresses import key_of
from helpdesk.core.audit import Who, record
from helpdesk.core.clock import now
from helpdesk.core.db import command, insert_ignore, session
from helpdesk.core.errors import NotFoundError, RefusedError
from helpdesk.core.events import emit
from helpdesk.core.jobs.outbox import enqueue
from helpdesk.core.running import settings
from helpdesk.people.commands.agents import locked_agent
from helpdesk.people.commands.basics import end_sessions
from helpdesk.people.events import WayInGiven
from helpdesk.people.model import Agent, AgentToken, SignInTry
from helpdesk.people.passwords import hashed
from helpdesk.people.tokens import LIVES, token_digest

KEPT_TRIES = timedelta(days=1)
KEPT_TOKENS = timedelta(days=30)
_SPENT = "This link has been used or is too old. Ask for a new one."


@command
def give_way_in(*, agent_id: int, kind: str, by: str = "") -> str:
    """Let an agent in by a link once; return the link. Earlier links of its kind open nothing any more.

    Raises:
        RefusedError: the agent is not active.
    """
    agent = locked_agent(agent_id)
    if not agent.active:
        raise RefusedError("This person is not active. Let them in again first.")
    void_tokens(agent_id=agent_id)
    secret = secrets.token_urlsafe(32)
    token = AgentToken(
        agent_id=agent_id,
        kind=kind,
        digest=token_digest(secret),
        created_at=now(),
        expires_at=now() + LIVES[kind],
    )
    session().add(token)
    session().flush()
    link = f"{settings().public_url}/welcome/{secret}"
    emit(
        WayInGiven(
            token_id=token.id,
            agent_id=agent_id,
            kind=kind,
            name=agent.name,
            email=agent.email,
            link=link,
            hours=int(LIVES[kind].total_seconds() // 3600),
            by=by,
        )
    )
    return link


@command
def void_tokens(*, agent_id: int) -> None:
    """Let no link of an agent open anything any more."""
    session().execute(
        sa.update(AgentToken)
        .where(AgentToken.agent_id == agent_id, AgentToken.used_at.is_(None))
        .values(used_at=now())
    )


@command
def ask_for_new_password(*, email: str) -> None:
    """Note that somebody wants a new password; a job looks up who, so the answer takes as long for nobody."""
    enqueue("people.reset", {"email": email[:254]})


@command
def send_new_password(*, email: str) -> None:
    """Give the active agent with this address, if there is one, a way to a new password."""
    agent_id = session().scalar(sa.select(Agent.id).where(Agent.email_key == key_of(email), Agent.active))
    if agent_id is not None:
        give_way_in(agent_id=agent_id, kind="reset")


@command
def use_way_in(*, secret: str, password: str) -> int:
    """Set a password by a mailed link; it ends every session and the link. Return the agent.

    Raises:
        NotFoundError: the link is not ours, used, too old, or its person has left.
        InvalidError: the password is too short; the link still opens.
    """
    token = session().scalar(
        sa.select(AgentToken).where(AgentToken.digest == token_digest(secret)).with_for_update()
    )
    if token is None or token.used_at is not None or token.expires_at <= now():
        raise NotFoundError(_SPENT)
    agent = locked_agent(token.agent_id)
    if not agent.active:
        raise NotFoundError(_SPENT)
    agent.password_hash = hashed(password)
    void_tokens(agent_id=agent.id)
    end_sessions(agent_id=agent.id)
    clear_tries(key=account_key(agent.email))
    what = "accepted the invitation" if token.kind == "invite" else "set a new password by mail"
    record(Who(agent.id, agent.name), what, about="agent", about_id=agent.id, name=agent.name)
    return agent.id


@command
def try_once(*, keys: dict[str, int], seconds: int) -> bool:
    """Count one try for each of `keys` (key -> most in `seconds`); return False when one is used up.

    A try that is refused does not count, so waiting helps.
    """
    rows: dict[str, SignInTry] = {}
    for key in sorted(keys):
        insert_ignore(SignInTry, {"key": key, "tries": 0, "since": now()})
        row = session().get_one(SignInTry, key, with_for_update=True)
        if row.since <= now() - timedelta(seconds=seconds):
            row.tries, row.since = 0, now()
        rows[key] = row
    if any(rows[key].tries >= most for key, most in keys.items()):
        return False
    for row in rows.values():
        row.tries += 1
        if row.tries == keys[row.key]:
            row.since = now()  # the wait begins with the last try that counted
    return True


@command
def clear_tries(*, key: str) -> None:
    """Forget what was counted for a key."""
    session().execute(sa.delete(SignInTry).where(SignInTry.key == key))


@command
def take_back_try(*, key: str) -> None:
    """Do not count the last try of a key: it was right."""
    session().execute(
        sa.update(SignInTry)
        .where(SignInTry.key == key, SignInTry.tries > 0)
        .values(tries=SignInTry.tries - 1)
    )


@command
def tidy_ways_in() -> int:
    """Drop counts of yesterday and links that open nothing; return how many rows went."""
    old = session().execute(sa.delete(SignInTry).where(SignInTry.since < now() - KEPT_TRIES))
    spent = session().execute(sa.delete(AgentToken).where(AgentToken.expires_at < now() - KEPT_TOKENS))
    return int(old.rowcount) + int(spent.rowcount)  # type: ignore[attr-defined] # a cursor of a DELETE


def account_key(email: str) -> str:
    """Return under which key tries for an address are counted, whoever types it however long."""
    return "as:" + sha256(key_of(email[:254]).encode()).hexdigest()
