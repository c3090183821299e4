"""Two-factor sign-in: set up, asked for, given up. A secret is sealed, a recovery code kept as its digest."""

import sqlalchemy as sa

from helpdesk.core.audit import Who, record
from helpdesk.core.clock import now
from helpdesk.core.db import command, session
from helpdesk.core.errors import InvalidError, RefusedError
from helpdesk.core.keys import ring
from helpdesk.people.commands.agents import locked_agent
from helpdesk.people.model import Agent, RecoveryCode
from helpdesk.people.passcodes import new_recovery_codes, new_secret, recovery_digest, step_of

_WRONG = "This code is not right. Codes change every half minute, and each works once."


@command
def begin_two_factor(*, agent_id: int) -> None:
    """Make a secret to be scanned; nothing is asked for before a first code has shown that it was.

    Raises:
        RefusedError: it is on already.
    """
    agent = locked_agent(agent_id)
    if agent.totp_on_at is not None:
        raise RefusedError("Two-factor sign-in is on already.")
    agent.totp_secret, agent.totp_step = ring().encrypt(new_secret()), 0


@command
def finish_two_factor(*, agent_id: int, code: str) -> list[str]:
    """Switch two-factor sign-in on with a first code; return the recovery codes, which nobody sees again.

    Raises:
        InvalidError: the code is not right.
        RefusedError: it was not begun, or is on already.
    """
    agent = locked_agent(agent_id)
    if agent.totp_secret is None or agent.totp_on_at is not None:
        raise RefusedError("Begin to set it up first.")
    if not _took(agent, code):
        raise InvalidError(_WRONG, code=_WRONG)
    agent.totp_on_at = now()
    codes = _fresh_codes(agent_id)
    _noted(agent, "switched two-factor sign-in on", Who(agent.id, agent.name))
    return codes


@command
def renew_recovery_codes(*, agent_id: int) -> list[str]:
    """Make new recovery codes; the old ones open nothing any more.

    Raises:
        RefusedError: two-factor sign-in is off.
    """
    agent = locked_agent(agent_id)
    if agent.totp_on_at is None:
        raise RefusedError("Two-factor sign-in is off.")
    codes = _fresh_codes(agent_id)
    _noted(agent, "made new recovery codes", Who(agent.id, agent.name))
    return codes


@command
def stop_two_factor(*, agent_id: int, who: Who) -> None:
    """Ask an agent for no code any more: by themselves, or because they lost their authenticator."""
    agent = locked_agent(agent_id)
    was_on = agent.totp_on_at is not None
    agent.totp_secret, agent.totp_on_at, agent.totp_step = None, None, 0
    session().execute(sa.delete(RecoveryCode).where(RecoveryCode.agent_id == agent_id))
    if was_on:
        own = who.id == agent_id
        _noted(agent, "switched two-factor sign-in off" if own else "reset two-factor sign-in", who)


@command
def take_code(*, agent_id: int, code: str) -> bool:
    """Return whether `code` is right: of the authenticator, or one to recover with. Each is taken once."""
    agent = locked_agent(agent_id)
    if not agent.active or agent.totp_on_at is None:
        return False
    if _took(agent, code):
        return True
    used = session().execute(
        sa.update(RecoveryCode)
        .where(
            RecoveryCode.agent_id == agent_id,
            RecoveryCode.digest == recovery_digest(code),
            RecoveryCode.used_at.is_(None),
        )
        .values(used_at=now())
        .returning(RecoveryCode.id)
    )
    if used.first() is None:
        return False
    _noted(agent, "signed in with a recovery code", Who(agent.id, agent.name))
    return True


def _took(agent: Agent, code: str) -> bool:
    if agent.totp_secret is None:
        return False
    secret = ring().decrypt(agent.totp_secret)
    step = step_of(code, secret, moment_s=now().timestamp(), after_step=agent.totp_step)
    if step is None:
        return False
    agent.totp_step = step
    return True


def _fresh_codes(agent_id: int) -> list[str]:
    session().execute(sa.delete(RecoveryCode).where(RecoveryCode.agent_id == agent_id))
    codes = new_recovery_codes()
    for code in codes:
        session().add(RecoveryCode(agent_id=agent_id, digest=recovery_digest(code)))
    return codes


def _noted(agent: Agent, what: str, who: Who) -> None:
    record(who, what, about="agent", about_id=agent.id, name=agent.name)
