"""Fetching without end: one thread a source, so that one that fails never blocks another."""

import threading
import time
import uuid

import structlog
from flask import Flask

from helpdesk.core.clock import now
from helpdesk.core.desk import desk
from helpdesk.core.errors import HelpdeskError
from helpdesk.mailboxes.commands import (
    LeaseLostError,
    lease_source,
    release_source,
    source_answered,
    source_failed,
)
from helpdesk.mailboxes.queries import active_sources, source
from mail_ingest.imap.fetching import fetch_new, forget_snapshot
from mail_ingest.imap.session import Folder

log = structlog.get_logger(__name__)

POLL_S = 60.0
IDLE_SLICE_S = 15.0
"""IDLE is left so often to renew the lease and to look whether we should stop."""

RECONNECT_S = 9 * 60.0
LOOK_S = 10.0
"""How often new and removed sources are noticed."""


class Fetcher:
    """Fetches from one source in a thread."""

    def __init__(self, app: Flask, source_id: int) -> None:
        self._app = app
        self._id = source_id
        self._owner = uuid.uuid4().hex
        self._stop = threading.Event()
        self._thread = threading.Thread(target=self._run, name=f"imap-{source_id}", daemon=True)

    def start(self) -> None:
        """Begin."""
        self._thread.start()

    def stop(self) -> None:
        """Ask the thread to end after what it is doing."""
        self._stop.set()

    def join(self, timeout_s: float) -> None:
        """Wait for the thread."""
        self._thread.join(timeout_s)

    def _run(self) -> None:
        while not self._stop.is_set():
            with self._app.app_context():
                try:
                    wait = self._hold()
                except Exception:
                    log.exception("imap.thread_failed", source=self._id)
                    wait = LOOK_S
            self._stop.wait(wait)
        with self._app.app_context():
            try:
                release_source(source_id=self._id, owner=self._owner)
            except Exception:
                log.exception("imap.release_failed", source=self._id)

    def _hold(self) -> float:
        """Fetch and wait for news as long as the connection stands; return the pause before the next one."""
        fence = lease_source(source_id=self._id, owner=self._owner)
        card = source(self._id)
        forget_snapshot()
        if fence is None or card is None:
            return LOOK_S
        if card.next_try_at is not None and card.next_try_at > now():
            return LOOK_S
        try:
            with Folder(card) as folder:
                self._serve(folder, fence)
        except LeaseLostError:
            log.info("imap.lease_lost", source=self._id)
            return LOOK_S
        except HelpdeskError as error:
            wait = source_failed(source_id=self._id, error=str(error))
            log.warning("imap.failed", source=self._id, why=str(error), wait_s=wait)
            return min(float(wait), LOOK_S)  # looked at again soon: its settings may be put right meanwhile
        return 0.0

    def _serve(self, folder: Folder, fence: int) -> None:
        began = time.monotonic()
        while not self._stop.is_set() and time.monotonic() - began < RECONNECT_S:
            stored = fetch_new(folder, fence)
            source_answered(source_id=self._id)
            forget_snapshot()
            if stored:
                log.info("imap.fetched", source=self._id, mails=stored)
                continue  # the server told of what came meanwhile while we fetched, not while we listen
            if not self._wait(folder):
                return

    def _wait(self, folder: Folder) -> bool:
        """Wait for news, a minute at most; False when the lease is gone or we should stop."""
        until = time.monotonic() + POLL_S
        while time.monotonic() < until and not self._stop.is_set():
            if lease_source(source_id=self._id, owner=self._owner) is None:
                return False
            if not folder.wait(IDLE_SLICE_S, self._stop.is_set):
                self._stop.wait(IDLE_SLICE_S)
                folder.noop()
            elif folder.news:
                return True
        return not self._stop.is_set()


class Fetchers:
    """The fetchers of one worker: follows sources as they are added and removed."""

    def __init__(self, app: Flask) -> None:
        self._app = app
        self._running: dict[int, Fetcher] = {}
        self._looked = 0.0

    def look(self) -> None:
        """Start and stop fetchers as the sources say; cheap to call often."""
        if time.monotonic() - self._looked < LOOK_S:
            return
        self._looked = time.monotonic()
        wanted = set() if desk().held else set(active_sources())
        for gone in set(self._running) - wanted:
            self._running.pop(gone).stop()
        for fresh in wanted - set(self._running):
            self._running[fresh] = Fetcher(self._app, fresh)
            self._running[fresh].start()

    def stop(self) -> None:
        """End all fetchers."""
        for fetcher in self._running.values():
            fetcher.stop()
        for fetcher in self._running.values():
            fetcher.join(IDLE_SLICE_S + 5)
