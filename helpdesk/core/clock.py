"""The only place that asks what time it is. All times are aware and in UTC."""

from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from datetime import UTC, datetime

__all__ = ["at", "now", "whole"]

_set: ContextVar[datetime | None] = ContextVar("clock_set", default=None)


def now() -> datetime:
    """Return the current instant, aware, in UTC."""
    return _set.get() or datetime.now(UTC)


def whole(moment: datetime) -> datetime:
    """Return the instant cut to whole seconds, as the event log keeps it."""
    return moment.astimezone(UTC).replace(microsecond=0)


@contextmanager
def at(moment: datetime) -> Iterator[None]:
    """Let everything inside happen at `moment`: for histories that are written later (demo, import)."""
    token = _set.set(moment.astimezone(UTC))
    try:
        yield
    finally:
        _set.reset(token)
