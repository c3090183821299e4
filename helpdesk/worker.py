"""The worker: runs the outbox, the timers and the mail listeners until it is told to stop."""

import signal
import threading
import time

import structlog
from flask import Flask

from helpdesk.app import FEATURES, create_app
from helpdesk.core.clock import now
from helpdesk.core.db import db
from helpdesk.core.feature import Timer
from helpdesk.core.jobs import bells, outbox, redis_bell
from helpdesk.core.jobs.runner import run_due
from helpdesk.settings import Settings
from mail_ingest.imap.loop import Fetchers
from mail_ingest.listener import Listener, listeners

log = structlog.get_logger(__name__)


class Worker:
    """One process's share of the work; any number may run beside each other."""

    def __init__(self, app: Flask, settings: Settings, *, mail: bool = True) -> None:
        self.app = app
        self.settings = settings
        self._stop = threading.Event()
        self._mail: list[Listener] = listeners(app, settings) if mail else []
        self._fetchers = Fetchers(app) if mail else None
        self._timers: dict[str, float] = {}

    def run(self) -> None:
        """Work until `stop`; what is under way when it comes is finished first."""
        with self.app.app_context():
            listener = bells.Listener(db.engine)
        listener.start()
        for door in self._mail:
            door.start()
            log.info("listener.open", host=door.hostname, port=door.port)
        try:
            while not self._stop.is_set():
                if not self.turn():
                    bells.wait(self._until_next())
        finally:
            if self._fetchers is not None:
                self._fetchers.stop()
            for door in self._mail:
                door.stop()
            listener.stop()

    def stop(self) -> None:
        """Ask `run` to end after what it is doing."""
        self._stop.set()
        bells.ring()

    def turn(self) -> int:
        """Run what is due once; return how much was done."""
        with self.app.app_context():
            try:
                if self._fetchers is not None:
                    self._fetchers.look()
                return run_due(limit=10) + self._run_timers()
            except Exception:
                log.exception("worker.turn_failed")
                self._stop.wait(1)
                return 0

    def _until_next(self) -> float:
        """Return how long nothing is due: to the next waiting row, a second at least, a sweep at most."""
        with self.app.app_context():
            try:
                moment = outbox.next_due()
            except Exception:
                log.exception("worker.database_away")
                return 1.0
        if moment is None:
            return bells.SWEEP_S
        return min(bells.SWEEP_S, max(0.2, (moment - now()).total_seconds()))

    def _run_timers(self) -> int:
        done = 0
        for timer in all_timers():
            last = self._timers.get(timer.name, 0.0)
            if time.monotonic() - last >= timer.every_s:
                self._timers[timer.name] = time.monotonic()
                done += timer.run()
        return done


def all_timers() -> list[Timer]:
    """Return the timers of every feature, and the house's own."""
    house = Timer("forget done work", 3600, outbox.sweep_done)
    return [house, *(t for f in FEATURES for t in f.timers)]


_app: Flask | None = None


def run_rung() -> int:
    """Run what is due: what an RQ job calls. The job itself carries nothing."""
    global _app  # noqa: PLW0603 - one app a process, made when the first ring comes
    _app = _app or create_app()
    with _app.app_context():
        return run_due(limit=50)


def rq_worker(settings: Settings) -> None:
    """Serve rings from Redis in this process until a signal ends it."""
    redis_bell.serve(settings.redis_url)


def until_signal(worker: Worker) -> None:
    """Run a worker in this process until Ctrl-C or SIGTERM."""
    for name in (signal.SIGINT, signal.SIGTERM):
        signal.signal(name, lambda *_: worker.stop())
    worker.run()
