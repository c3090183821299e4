"""Bells: how whoever waits for work learns that there is some. Losing a ring costs time only.

In one process an event object rings; on SQLite other processes see `PRAGMA data_version` move; on PostgreSQL
`NOTIFY` rings; with Redis, RQ carries the ring across machines (`jobs.rq`). A sweep every ten seconds rings
for whatever was missed.
"""

import threading
from collections.abc import Callable
from typing import Any

import sqlalchemy as sa
from sqlalchemy.orm import Session

CHANNEL = "helpdesk"
POLL_S = 0.25
SWEEP_S = 10.0

_rung = threading.Event()
_far: list[Callable[[], None]] = []


def ring() -> None:
    """Wake the workers of this process, and those behind Redis when it is set up."""
    _rung.set()
    for bell in _far:
        bell()


def add_far_bell(bell: Callable[[], None]) -> None:
    """Ring `bell` too at each ring; it must never raise or block long."""
    if bell not in _far:
        _far.append(bell)


def remove_far_bells() -> None:
    """Forget every far bell (tests, shutdown)."""
    _far.clear()


def ring_within(s: Session) -> None:
    """Let the running transaction ring when it commits, where the engine can (PostgreSQL NOTIFY)."""
    if s.get_bind().dialect.name == "postgresql":
        s.execute(sa.text(f"NOTIFY {CHANNEL}"))


def wait(timeout_s: float) -> bool:
    """Wait for a ring in this process; return whether there was one."""
    rung = _rung.wait(timeout_s)
    _rung.clear()
    return rung


class Listener:
    """Watches the database from a thread and rings in this process when another process wrote."""

    def __init__(self, engine: sa.Engine) -> None:
        self._engine = engine
        self._stop = threading.Event()
        self._thread = threading.Thread(target=self._run, name="bell", daemon=True)

    def start(self) -> None:
        """Begin to listen."""
        self._thread.start()

    def stop(self) -> None:
        """Stop listening and wait for the thread."""
        self._stop.set()
        self._thread.join(5)

    def _run(self) -> None:
        watch = self._watch_sqlite if self._engine.dialect.name == "sqlite" else self._watch_postgresql
        while not self._stop.is_set():
            try:
                watch()
            except (sa.exc.DBAPIError, OSError):
                self._stop.wait(1)

    def _watch_sqlite(self) -> None:
        raw = self._engine.raw_connection()
        try:
            cursor: Any = raw.cursor()
            seen = None
            while not self._stop.wait(POLL_S):
                version = cursor.execute("PRAGMA data_version").fetchone()[0]
                if version != seen:
                    seen = version
                    _rung.set()
        finally:
            raw.invalidate()

    def _watch_postgresql(self) -> None:
        raw = self._engine.raw_connection()
        try:
            connection: Any = raw.driver_connection
            connection.autocommit = True
            connection.execute(f"LISTEN {CHANNEL}")
            _rung.set()
            while not self._stop.is_set():
                for _ in connection.notifies(timeout=1.0, stop_after=1):
                    _rung.set()
        finally:
            raw.invalidate()
