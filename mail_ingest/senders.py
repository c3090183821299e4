"""What the desk decided about senders, kept and read: lists to block and allow, relays, hosts that vouch."""

from dataclasses import dataclass
from datetime import datetime
from typing import Any

import sqlalchemy as sa

from helpdesk.core import audit
from helpdesk.core.addresses import is_address, key_of
from helpdesk.core.clock import now
from helpdesk.core.db import command, session
from helpdesk.core.errors import ForbiddenError, InvalidError, NotFoundError, RefusedError
from helpdesk.mailboxes import queries as mailboxes
from helpdesk.mailboxes.model import Mailbox
from helpdesk.people.model import Agent
from helpdesk.people.queries import agent_id_of_address
from helpdesk.people.rights import Right, Viewer
from mail_ingest.authentication import NAMELESS
from mail_ingest.judging import KINDS, Decided, Rules, keys_of
from mail_ingest.model import SenderRule

_PROVIDERS = """
gmail.com googlemail.com outlook.com hotmail.com live.com msn.com yahoo.com icloud.com me.com aol.com gmx.de
gmx.net web.de t-online.de freenet.de mail.ru yandex.ru qq.com 163.com 126.com proton.me protonmail.com
orange.fr free.fr laposte.net wanadoo.fr libero.it wp.pl o2.pl seznam.cz bluewin.ch
"""
EVERYBODYS = frozenset(_PROVIDERS.split())
"""Mail providers half of the customers may write from: never blocked or allowed as a whole."""

WORDS = {"block": "blocked", "allow": "allowed", "relay": "trusted as a relay", "host": "trusted to vouch"}


def rules_about(*emails: str, mailbox_id: int | None) -> Rules:
    """Return what is decided about these addresses for a mailbox, and the trusted hosts, in one statement."""
    keys = {key for email in emails for key in keys_of(email)}
    rows = session().execute(
        sa.select(
            SenderRule.id, SenderRule.kind, SenderRule.key, SenderRule.mailbox_id, SenderRule.reject
        ).where(
            sa.or_(SenderRule.kind == "host", SenderRule.key.in_(keys)),
            sa.or_(SenderRule.mailbox_id.is_(None), SenderRule.mailbox_id == mailbox_id),
        )
    )
    return Rules(tuple(Decided(*row) for row in rows))


@command
def decide(
    *,
    viewer: Viewer,
    kind: str,
    key: str,
    mailbox_id: int | None = None,
    reject: bool = False,
    note: str = "",
) -> int:
    """Decide about a sender or a host; deciding the opposite takes the earlier rule away. Returns the rule.

    Raises:
        ForbiddenError: not this viewer's to decide.
        InvalidError: not a kind, an address, a domain or a host's name; or one of everybody's domains.
        RefusedError: it would shut out one of our own.
    """
    _may(viewer, kind)
    key = _key(kind, key)
    if mailbox_id is not None and mailboxes.mailbox(mailbox_id) is None:
        raise InvalidError("There is no such mailbox.", mailbox="Choose one of the list.")
    same = (SenderRule.key == key, SenderRule.mailbox_id.is_not_distinct_from(mailbox_id))
    opposite = {"block": "allow", "allow": "block"}.get(kind)
    if opposite:
        for old in session().scalars(sa.select(SenderRule).where(SenderRule.kind == opposite, *same)):
            _take_away(viewer, old)
    found = session().scalar(sa.select(SenderRule).where(SenderRule.kind == kind, *same))
    if found is not None:
        found.reject, found.note = reject, note.strip()[:200] or found.note
        return found.id
    rule = SenderRule(
        kind=kind,
        key=key,
        mailbox_id=mailbox_id,
        reject=reject and kind == "block",
        note=note.strip()[:200],
        added_by=viewer.id,
        added_at=now(),
    )
    session().add(rule)
    session().flush()
    audit.record(
        audit.Who(viewer.id, viewer.name),
        WORDS[kind],
        about="sender",
        about_id=rule.id,
        name=key,
        after={"kind": kind, "mailbox": mailbox_id, "reject": rule.reject, "note": rule.note},
    )
    return rule.id


@command
def take_back(*, viewer: Viewer, rule_id: int) -> None:
    """Take a decision back.

    Raises:
        NotFoundError: there is no such rule.
        ForbiddenError: not this viewer's to decide.
    """
    rule = session().get(SenderRule, rule_id)
    if rule is None:
        raise NotFoundError("There is no such rule. Perhaps somebody removed it already.")
    _may(viewer, rule.kind)
    _take_away(viewer, rule)


def _take_away(viewer: Viewer, rule: SenderRule) -> None:
    audit.record(
        audit.Who(viewer.id, viewer.name),
        f"no longer {WORDS[rule.kind]}",
        about="sender",
        about_id=rule.id,
        name=rule.key,
        before={"kind": rule.kind, "mailbox": rule.mailbox_id, "reject": rule.reject, "note": rule.note},
    )
    session().delete(rule)
    session().flush()


def _may(viewer: Viewer, kind: str) -> None:
    if kind not in KINDS:
        raise InvalidError("There is no such list.", kind="Choose one of the lists.")
    if not (viewer.may(Right.MANAGE) if kind in {"relay", "host"} else viewer.sees_mail):
        raise ForbiddenError("Your role cannot decide this. An administrator can.")


def _key(kind: str, typed: str) -> str:
    """Return the key a rule is filed under: `@shop.example` and `shop.example` are the whole domain."""
    typed = typed.strip().strip("<>").lower()
    if kind == "host":
        if typed != NAMELESS and not is_address(f"x@{typed}"):
            raise InvalidError("This is not the name of a host.", key="A name such as mx.provider.example.")
        return typed
    domain = typed.removeprefix("@").removeprefix("*.")
    email = typed if "@" in typed.lstrip("@") else f"x@{domain}"
    if not is_address(email):
        words = "Give an address such as ann@example.com, or a domain such as example.com."
        raise InvalidError("This is neither an address nor a domain.", key=words)
    if "@" in typed.lstrip("@"):
        if kind == "block" and (mailboxes.is_ours(typed) or agent_id_of_address(typed) is not None):
            raise RefusedError("This is an address of this desk.")
        return key_of(typed)
    domain = key_of(f"x@{domain}").rpartition("@")[2]
    if domain in EVERYBODYS:
        words = f"Many people write from {domain}. Give single addresses instead."
        raise InvalidError(words, key=words)
    if kind == "block" and any(box.domain.lower() == domain for box in mailboxes.mailboxes()):
        raise RefusedError("One of our own mailboxes is in this domain.")
    return domain


@dataclass(frozen=True, slots=True)
class RuleLine:
    """A rule as its page shows it."""

    id: int
    kind: str
    key: str
    mailbox: str | None
    mailbox_id: int | None
    reject: bool
    note: str
    who: str | None
    at: datetime


def rules_kept(limit: int = 500) -> list[RuleLine]:
    """Return every rule, newest first."""
    rows = session().execute(
        sa.select(
            SenderRule.id,
            SenderRule.kind,
            SenderRule.key,
            Mailbox.address,
            SenderRule.mailbox_id,
            SenderRule.reject,
            SenderRule.note,
            Agent.name,
            SenderRule.added_at,
        )
        .outerjoin(Mailbox, Mailbox.id == SenderRule.mailbox_id)
        .outerjoin(Agent, Agent.id == SenderRule.added_by)
        .order_by(SenderRule.id.desc())
        .limit(limit)
    )
    found: list[Any] = [tuple(row) for row in rows]
    return [RuleLine(*row) for row in found]
