"""The database door: sessions to read, and commands, the only way to write.

A command opens a session of its own, never the request's: on SQLite a session that has read and then
writes fails at once when another process committed in between. `BEGIN IMMEDIATE` takes the write lock
up front, so concurrent commands queue instead of failing.
"""

import re
from collections.abc import Callable
from contextvars import ContextVar
from functools import wraps
from typing import Any, ParamSpec, TypeVar

from flask_sqlalchemy import SQLAlchemy
from sqlalchemy import event
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.engine import Connection, Engine
from sqlalchemy.orm import Session

from helpdesk.core.tables import Base

__all__ = [
    "after_commit",
    "command",
    "command_state",
    "db",
    "in_command",
    "insert_ignore",
    "on_finish",
    "session",
]

P = ParamSpec("P")
R = TypeVar("R")

db = SQLAlchemy(metadata=Base.metadata)


class _Running:
    """The command under way: its session and what must follow."""

    def __init__(self, session: Session) -> None:
        self.session = session
        self.after: list[Callable[[], None]] = []
        self.kept: dict[str, Any] = {}


_running: ContextVar[_Running | None] = ContextVar("command", default=None)
_finishers: list[Callable[[], bool]] = []


@event.listens_for(Engine, "connect")
def _tune_sqlite(dbapi: Any, _record: object) -> None:
    if type(dbapi).__module__.startswith("sqlite3"):
        dbapi.isolation_level = None  # we say BEGIN ourselves, below
        dbapi.create_function("regexp", 2, lambda p, s: bool(s and re.search(p, s)), deterministic=True)
        for pragma in (
            "busy_timeout=15000",
            "journal_mode=WAL",
            "foreign_keys=ON",
            "synchronous=FULL",
            "secure_delete=ON",
            "temp_store=MEMORY",
            "mmap_size=268435456",
            "cache_size=-32000",
        ):
            dbapi.execute(f"PRAGMA {pragma}")


@event.listens_for(Engine, "begin")
def _begin(connection: Connection) -> None:
    if connection.dialect.name == "sqlite":
        writing = connection.get_execution_options().get("writing", False)
        connection.exec_driver_sql("BEGIN IMMEDIATE" if writing else "BEGIN")


def session() -> Session:
    """Return the session to use here: the running command's, else the request's for reading."""
    running = _running.get()
    return running.session if running else db.session()


def in_command() -> bool:
    """Return whether a command is running."""
    return _running.get() is not None


def command_state() -> dict[str, Any]:
    """Return a place for values that live as long as the running command.

    Raises:
        RuntimeError: no command is running.
    """
    running = _running.get()
    if running is None:
        raise RuntimeError("this happens inside a command only")
    return running.kept


def on_finish(step: Callable[[], bool]) -> None:
    """Register, once at start, what runs before every commit until it returns False (nothing left)."""
    if step not in _finishers:
        _finishers.append(step)


def after_commit(step: Callable[[], None]) -> None:
    """Call `step` once after the running command has committed; never if it fails. Doubles are dropped."""
    running = _running.get()
    if running is None:
        raise RuntimeError("after_commit() outside a command")
    if step not in running.after:
        running.after.append(step)


def command(fn: Callable[P, R]) -> Callable[P, R]:
    """Run `fn` as one transaction: commit if it returns, roll back if it raises.

    A command called by another command joins the outer one. Nothing else in the code base commits
    (tests/house_rules checks it). A command takes ids and values, never mapped objects.
    """

    @wraps(fn)
    def run(*args: P.args, **kwargs: P.kwargs) -> R:
        if _running.get() is not None:
            return fn(*args, **kwargs)
        db.session.rollback()  # end the caller's read snapshot: what it reads next is the new state
        engine = db.engine.execution_options(writing=True)
        with Session(engine, expire_on_commit=False) as own:
            running = _Running(own)
            token = _running.set(running)
            try:
                own.connection()
                result = fn(*args, **kwargs)
                while any(step() for step in _finishers):
                    pass
                own.commit()
            except BaseException:
                own.rollback()
                raise
            finally:
                _running.reset(token)
        for step in running.after:
            step()
        return result

    return run


def insert_ignore(table: type[Base], values: dict[str, Any]) -> bool:
    """Insert a row unless one with the same unique key exists; return whether it was inserted."""
    s = session()
    insert: Any = sqlite.insert if s.get_bind().dialect.name == "sqlite" else postgresql.insert
    columns: Any = table.__table__
    statement = insert(columns).values(**values).on_conflict_do_nothing()
    return s.execute(statement.returning(*columns.primary_key)).first() is not None
