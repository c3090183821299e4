"""Doing a thing once although it is asked twice: keys of forms and requests."""

from datetime import datetime, timedelta

import sqlalchemy as sa
from sqlalchemy.orm import Mapped, mapped_column

from helpdesk.core.clock import now
from helpdesk.core.db import insert_ignore, session
from helpdesk.core.tables import Base


class OnceKey(Base):
    """A key that was used, and the id of what came of it."""

    __tablename__ = "once_keys"

    key: Mapped[str] = mapped_column(sa.String(120), primary_key=True)
    result: Mapped[int | None]
    at: Mapped[datetime] = mapped_column(index=True)


def seen_before(key: str, *, within: timedelta | None = None, result: int | None = None) -> int | None:
    """Return what came of `key` when it was used before, else None and remember it as used.

    With `within`, an older use counts as none and is replaced. `result`: what comes of it, where that is
    known beforehand; else `remember` says it later. Runs inside a command; two at once with the same key wait
    for each other.
    """
    if insert_ignore(OnceKey, {"key": key, "at": now(), "result": result}):
        return None
    row = session().get_one(OnceKey, key, with_for_update=True)
    if within is not None and row.at < now() - within:
        row.at, row.result = now(), result
        return None
    return row.result


def remember(key: str, result: int) -> None:
    """Note what came of `key`."""
    session().execute(sa.update(OnceKey).where(OnceKey.key == key).values(result=result))


class Counter(Base):
    """A number that only grows, given out inside the transaction that uses it."""

    __tablename__ = "counters"

    name: Mapped[str] = mapped_column(sa.String(40), primary_key=True)
    value: Mapped[int]


def next_number(name: str, start: int = 1001) -> int:
    """Return the next number of the counter `name`; the first is `start`."""
    count_on = (
        sa.update(Counter)
        .where(Counter.name == name)
        .values(value=Counter.value + 1)
        .returning(Counter.value)
        .execution_options(synchronize_session=False)
    )
    if (found := session().execute(count_on).scalar()) is not None:
        return found
    insert_ignore(Counter, {"name": name, "value": start - 1})
    return session().execute(count_on).scalar_one()


def was_used(key: str) -> bool:
    """Return whether `key` was used before, without using it."""
    return session().scalar(sa.select(OnceKey.key).where(OnceKey.key == key)) is not None
