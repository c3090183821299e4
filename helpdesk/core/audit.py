"""What was changed about the desk itself: who, what, before, after, when. Tickets have their own log.

Secrets never get here: a changed password is recorded as changed, not as what it was or is.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

import sqlalchemy as sa
from sqlalchemy.orm import Mapped, mapped_column

from helpdesk.core.clock import now
from helpdesk.core.db import session
from helpdesk.core.tables import Base, Json

SECRET = "(secret)"  # noqa: S105 - the word that stands for one
"""Stands for a secret that was set or changed."""


class AuditRow(Base):
    """One change. `about` and `about_id` say what it was made to, `name` what that was called then."""

    __tablename__ = "audit"
    __table_args__ = (sa.Index("ix_audit_about", "about", "about_id", "id"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    at: Mapped[datetime]
    agent_id: Mapped[int | None]
    who: Mapped[str] = mapped_column(sa.String(120))
    what: Mapped[str] = mapped_column(sa.String(60))
    about: Mapped[str] = mapped_column(sa.String(40))
    about_id: Mapped[int | None]
    name: Mapped[str] = mapped_column(sa.String(254))
    before: Mapped[Json]
    after: Mapped[Json]


@dataclass(frozen=True, slots=True)
class Who:
    """Who makes a change: a person by id and name, or None and what stands for them."""

    id: int | None
    name: str


PROGRAM = Who(None, "command line")
"""Whoever may run `helpdesk` on the machine."""


def record(
    who: Who,
    what: str,
    *,
    about: str,
    about_id: int | None,
    name: str,
    before: Mapping[str, Any] | None = None,
    after: Mapping[str, Any] | None = None,
) -> None:
    """Note a change inside the running command; of `before` and `after` only what differs is kept.

    When both are given and nothing differs, nothing is noted.
    """
    old, new = dict(before or {}), dict(after or {})
    if before is not None and after is not None:
        same = {key for key in old if key in new and old[key] == new[key]}
        old = {key: value for key, value in old.items() if key not in same}
        new = {key: value for key, value in new.items() if key not in same}
        if not old and not new:
            return
    session().add(
        AuditRow(
            at=now(),
            agent_id=who.id,
            who=who.name[:120],
            what=what,
            about=about,
            about_id=about_id,
            name=name[:254],
            before=old,
            after=new,
        )
    )


@dataclass(frozen=True, slots=True)
class Change:
    """A recorded change."""

    at: datetime
    who: str
    what: str
    before: Json
    after: Json


@dataclass(frozen=True, slots=True)
class AuditLine:
    """A recorded change with what it was made to; `id` grows with time."""

    id: int
    at: datetime
    who: str
    what: str
    about: str
    name: str
    before: Json
    after: Json


def recent(*, limit: int, before: int | None = None, who: str = "", about: str = "") -> list[AuditLine]:
    """Return the newest changes before the one with id `before`; by one person, to one kind of thing."""
    query = sa.select(
        AuditRow.id,
        AuditRow.at,
        AuditRow.who,
        AuditRow.what,
        AuditRow.about,
        AuditRow.name,
        AuditRow.before,
        AuditRow.after,
    )
    if before is not None:
        query = query.where(AuditRow.id < before)
    if who:
        query = query.where(AuditRow.who == who)
    if about:
        query = query.where(AuditRow.about == about)
    rows: Any = session().execute(query.order_by(AuditRow.id.desc()).limit(limit))
    return [AuditLine(*tuple(row)) for row in rows]


def known_whos() -> list[str]:
    """Return who has changed something, by name."""
    return list(session().scalars(sa.select(AuditRow.who).distinct().order_by(AuditRow.who)))


def known_kinds() -> list[str]:
    """Return the kinds of things that were changed."""
    return list(session().scalars(sa.select(AuditRow.about).distinct().order_by(AuditRow.about)))


def changes(about: str, about_id: int, *, limit: int = 20) -> list[Change]:
    """Return the newest changes made to one thing."""
    rows: Any = session().execute(
        sa.select(AuditRow.at, AuditRow.who, AuditRow.what, AuditRow.before, AuditRow.after)
        .where(AuditRow.about == about, AuditRow.about_id == about_id)
        .order_by(AuditRow.id.desc())
        .limit(limit)
    )
    return [Change(*tuple(row)) for row in rows]
