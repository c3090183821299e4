"""The outbox: one row per piece of work, written in the transaction that causes it.

A row is claimed with a lease and a fence that grows at each claim; who finishes must still hold the fence,
so a worker that was thought dead cannot mark anything done. `key` makes a piece of work unique for ever.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

import sqlalchemy as sa
from sqlalchemy.orm import Mapped, mapped_column

from helpdesk.core.clock import now
from helpdesk.core.db import after_commit, command, db, insert_ignore, session
from helpdesk.core.jobs import bells
from helpdesk.core.tables import Base, Json

LEASE_S = 45
"""How long a claim holds: what a killed worker leaves is taken over within a minute.

Work that takes longer may be run beside itself; the fence decides whose end counts.
"""

BACKOFF_S = (5, 30, 60, 300, 900, 3600, 3600, 7200, 21600)
"""Waits between tries of work that failed unexpectedly, in seconds; afterwards the row is dead."""


class OutboxRow(Base):
    """One piece of work: waiting, running (leased), done, or dead (a person decides)."""

    __tablename__ = "outbox"
    __table_args__ = (
        sa.Index("ix_outbox_due", "state", "not_before", "id"),
        sa.Index("uq_outbox_key", "key", unique=True),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    kind: Mapped[str] = mapped_column(sa.String(80))
    version: Mapped[int] = mapped_column(default=1)
    key: Mapped[str | None] = mapped_column(sa.String(200))
    payload: Mapped[Json]
    state: Mapped[str] = mapped_column(sa.String(10), default="waiting")
    not_before: Mapped[datetime]
    tries: Mapped[int] = mapped_column(default=0)
    owner: Mapped[str | None] = mapped_column(sa.String(80))
    lease_until: Mapped[datetime | None]
    fence: Mapped[int] = mapped_column(default=0)
    error: Mapped[str | None] = mapped_column(sa.Text)
    recorded_at: Mapped[datetime]
    done_at: Mapped[datetime | None]


@dataclass(frozen=True)
class Claim:
    """A leased row: what to do, and the fence to show when finishing."""

    id: int
    kind: str
    version: int
    payload: Json
    fence: int
    tries: int


def enqueue(
    kind: str,
    payload: Mapping[str, Any],
    *,
    key: str | None = None,
    not_before: datetime | None = None,
    version: int = 1,
) -> bool:
    """Add work inside the running command; return False if `key` was enqueued before.

    The bell rings after the commit; nothing runs if the command fails.
    """
    moment = now()
    fresh = insert_ignore(
        OutboxRow,
        {
            "kind": kind,
            "version": version,
            "key": key,
            "payload": dict(payload),
            "state": "waiting",
            "not_before": not_before or moment,
            "tries": 0,
            "fence": 0,
            "recorded_at": moment,
        },
    )
    if fresh:
        bells.ring_within(session())
        after_commit(bells.ring)
    return fresh


def _due(moment: datetime) -> sa.ColumnElement[bool]:
    return sa.or_(
        sa.and_(OutboxRow.state == "waiting", OutboxRow.not_before <= moment),
        sa.and_(OutboxRow.state == "running", OutboxRow.lease_until < moment),
    )


def anything_due() -> bool:
    """Return whether some row could be claimed now (a read; takes no lock)."""
    db.session.rollback()  # end the caller's read snapshot, as a command does
    try:
        return bool(db.session().scalar(sa.select(sa.exists().where(_due(now())))))
    finally:
        db.session.rollback()


@command
def claim(owner: str, *, limit: int = 10, only: int | None = None) -> list[Claim]:
    """Lease up to `limit` due rows (or the row `only`, if due) for `owner`, oldest first."""
    moment = now()
    wanted = sa.select(OutboxRow.id).where(_due(moment)).order_by(OutboxRow.not_before, OutboxRow.id)
    if only is not None:
        wanted = wanted.where(OutboxRow.id == only)
    wanted = wanted.limit(limit).with_for_update(skip_locked=True)
    ids = session().scalars(wanted).all()
    if not ids:
        return []
    rows = session().execute(
        sa.update(OutboxRow)
        .where(OutboxRow.id.in_(ids))
        .values(
            state="running",
            owner=owner,
            lease_until=moment + timedelta(seconds=LEASE_S),
            fence=OutboxRow.fence + 1,
            tries=OutboxRow.tries + 1,
        )
        .returning(
            OutboxRow.id,
            OutboxRow.kind,
            OutboxRow.version,
            OutboxRow.payload,
            OutboxRow.fence,
            OutboxRow.tries,
        )
    )
    return sorted((Claim(*row) for row in rows), key=lambda c: c.id)


class FencedOutError(RuntimeError):
    """Another worker took the row over; whatever we did in this transaction must not count."""


def _finish(mine: Claim, **values: Any) -> bool:
    result: Any = session().execute(
        sa.update(OutboxRow)
        .where(OutboxRow.id == mine.id, OutboxRow.fence == mine.fence, OutboxRow.state == "running")
        .values(owner=None, lease_until=None, **values)
    )
    return bool(result.rowcount)


def done_within(mine: Claim) -> None:
    """Mark the row done in the running command, together with the work's own effects.

    Raises:
        FencedOutError: the lease was lost; the command rolls back.
    """
    if not _finish(mine, state="done", done_at=now(), error=None):
        raise FencedOutError(f"outbox row {mine.id} was taken over")


@command
def done(mine: Claim) -> bool:
    """Mark the row done; return False if another worker took it over."""
    return _finish(mine, state="done", done_at=now(), error=None)


@command
def retry_later(mine: Claim, error: str, wait_s: int | None = None) -> bool:
    """Give the row back with a wait; without `wait_s` the back-off decides, and after it the row is dead."""
    if wait_s is None:
        if mine.tries > len(BACKOFF_S):
            return _finish(mine, state="dead", error=error)
        wait_s = BACKOFF_S[mine.tries - 1]
    bells.ring_within(session())
    return _finish(mine, state="waiting", not_before=now() + timedelta(seconds=wait_s), error=error)


@command
def bury(mine: Claim, error: str) -> bool:
    """Stop trying: the row stays, visible, until a person decides."""
    return _finish(mine, state="dead", error=error)


@command
def revive(row_id: int) -> bool:
    """Let a dead row run again, now; return whether there was one."""
    result: Any = session().execute(
        sa.update(OutboxRow)
        .where(OutboxRow.id == row_id, OutboxRow.state == "dead")
        .values(state="waiting", not_before=now(), tries=0)
    )
    bells.ring_within(session())
    after_commit(bells.ring)
    return bool(result.rowcount)


@command
def sweep_done(older_than_days: int = 30) -> int:
    """Forget work that was done long ago and has no key to keep; return how many rows."""
    result: Any = session().execute(
        sa.delete(OutboxRow).where(
            OutboxRow.state == "done",
            OutboxRow.key.is_(None),
            OutboxRow.done_at < now() - timedelta(days=older_than_days),
        )
    )
    return int(result.rowcount)


def next_due() -> datetime | None:
    """Return when the earliest waiting row becomes due, or None if nothing waits."""
    try:
        return db.session().scalar(
            sa.select(sa.func.min(OutboxRow.not_before)).where(OutboxRow.state == "waiting")
        )
    finally:
        db.session.rollback()
