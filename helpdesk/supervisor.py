"""`helpdesk up`: web and worker as two processes; restarts what dies, ends both cleanly (contracts 12)."""

import contextlib
import ctypes
import os
import signal
import socket
import subprocess
import sys
import threading
import time
from collections.abc import Callable

import structlog

from helpdesk.settings import Settings

log = structlog.get_logger(__name__)

GRACE_S = 20.0
"""How long a process may finish what it is doing before it is killed."""

PR_SET_PDEATHSIG = 1
"""<linux/prctl.h>"""

QUICK_DEATHS = 5
"""A process that dies so often within its first seconds is not started again."""


def check_port(host: str, port: int) -> bool:
    """Return whether we could listen on this port."""
    with contextlib.closing(socket.socket(socket.AF_INET6 if ":" in host else socket.AF_INET)) as s:
        s.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            s.bind((host, port))
        except OSError:
            return False
    return True


def _end_with(parent: int) -> Callable[[], None] | None:
    """Return what makes a child get SIGTERM when we end, however we end: no process is left behind."""
    if sys.platform != "linux":
        return None
    library = ctypes.CDLL(None, use_errno=True)

    def ask_the_kernel() -> None:
        library.prctl(PR_SET_PDEATHSIG, int(signal.SIGTERM))
        if os.getppid() != parent:
            os._exit(1)

    return ask_the_kernel


class Supervisor:
    """Keeps the processes of one machine running."""

    def __init__(self, settings: Settings) -> None:
        self._verbs = ["web", "worker"] + (["rq-worker"] if settings.redis_url else [])
        self._running: dict[str, subprocess.Popen[bytes]] = {}
        self._started: dict[str, float] = {}
        self._quick: dict[str, int] = {}
        self._stop = threading.Event()

    def run(self) -> int:
        """Run until Ctrl-C or SIGTERM; return the exit code: 0 when everything ended as asked."""
        for name in (signal.SIGINT, signal.SIGTERM):
            signal.signal(name, lambda *_: self._stop.set())
        for verb in self._verbs:
            self._start(verb)
        failed = False
        while not self._stop.wait(0.5):
            failed = self._look() or failed
            if failed:
                break
        self._end()
        return 1 if failed else 0

    def _start(self, verb: str) -> None:
        self._started[verb] = time.monotonic()
        # A session of its own: Ctrl-C reaches us alone, and we decide the order of the end.
        self._running[verb] = subprocess.Popen(  # noqa: S603 - our own program
            [sys.executable, "-m", "helpdesk", verb],
            start_new_session=True,
            env=os.environ.copy(),
            preexec_fn=_end_with(os.getpid()),  # noqa: PLW1509 - one thread, and the kernel's own way
        )

    def _look(self) -> bool:
        """Start again what died; return True when something cannot stay up."""
        for verb, process in list(self._running.items()):
            code = process.poll()
            if code is None:
                continue
            quick = time.monotonic() - self._started[verb] < 10
            self._quick[verb] = self._quick.get(verb, 0) + 1 if quick else 0
            log.error("process.died", verb=verb, code=code)
            if self._quick[verb] >= QUICK_DEATHS:
                log.error("process.given_up", verb=verb)
                return True
            self._start(verb)
        return False

    def _end(self) -> None:
        for process in self._running.values():
            with contextlib.suppress(ProcessLookupError):
                process.send_signal(signal.SIGTERM)
        deadline = time.monotonic() + GRACE_S
        for process in self._running.values():
            try:
                process.wait(max(0.1, deadline - time.monotonic()))
            except subprocess.TimeoutExpired:
                process.kill()
                process.wait()
