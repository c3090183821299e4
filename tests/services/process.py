"""Child processes that never outlive the tests, folders that do not pile up, and waiting without sleeping."""

from __future__ import annotations

import contextlib
import ctypes
import os
import pwd
import shutil
import signal
import socket
import subprocess
import tempfile
import time
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import TypeVar

T = TypeVar("T")

_PREFIX = "helpdesk-test-"
_PR_SET_PDEATHSIG = 1
_libc = ctypes.CDLL(None, use_errno=True)


class ServiceError(Exception):
    """A server of the tests is missing, does not start or does not stop. The words say what to do."""


def until(predicate: Callable[[], T], timeout: float = 10.0, *, what: str = "", step: float = 0.01) -> T:
    """Ask `predicate` until it answers something true, and return that answer.

    Args:
        predicate: asked at once, then in growing steps of at most 0.2 s.
        timeout: seconds until giving up.
        what: what is waited for, for the message.
        step: seconds before the second try.

    Raises:
        TimeoutError: the last answer was still false.
    """
    deadline = time.monotonic() + timeout
    while True:
        answer = predicate()
        if answer:
            return answer
        if time.monotonic() >= deadline:
            msg = f"waited {timeout:g} s in vain for {what or getattr(predicate, '__name__', 'a condition')}"
            raise TimeoutError(msg)
        time.sleep(step)
        step = min(step * 1.5, 0.2)


def start(
    command: Sequence[str | Path],
    *,
    log: Path,
    environment: Mapping[str, str] | None = None,
    folder: Path | None = None,
    user: pwd.struct_passwd | None = None,
    death_signal: signal.Signals = signal.SIGKILL,
) -> subprocess.Popen[bytes]:
    """Start a program that gets `death_signal` when the thread that called this ends, however it ends.

    Args:
        command: program and arguments.
        log: file that its output is added to.
        environment: the whole environment, ours without it.
        folder: where it starts.
        user: account to run as; needs root.
        death_signal: what the kernel sends when we die.
    """
    parent = os.getpid()

    def die_with_the_tests() -> None:
        _libc.prctl(_PR_SET_PDEATHSIG, int(death_signal))
        if os.getppid() != parent:
            os._exit(1)

    with log.open("ab") as output:
        return subprocess.Popen(
            [str(part) for part in command],
            stdin=subprocess.DEVNULL,
            stdout=output,
            stderr=subprocess.STDOUT,
            env=dict(environment) if environment is not None else None,
            cwd=folder,
            user=user.pw_uid if user else None,
            group=user.pw_gid if user else None,
            extra_groups=[] if user else None,
            start_new_session=True,
            preexec_fn=die_with_the_tests,  # noqa: PLW1509 - the kernel's own way to leave no orphans
        )


def stop(
    process: subprocess.Popen[bytes], by: signal.Signals = signal.SIGTERM, timeout: float = 10.0
) -> None:
    """End a program, by force when it takes longer than `timeout` seconds."""
    if process.poll() is None:
        process.send_signal(by)
        with contextlib.suppress(subprocess.TimeoutExpired):
            process.wait(timeout)
    if process.poll() is None:
        process.kill()
        process.wait(timeout)


def unprivileged_user() -> pwd.struct_passwd | None:
    """The account for servers that refuse to be root; None when we are not root ourselves."""
    if os.geteuid() != 0:
        return None
    for name in ("postgres", "nobody"):
        with contextlib.suppress(KeyError):
            return pwd.getpwnam(name)
    msg = "neither the user postgres nor nobody exists, and some servers refuse to run as root"
    raise ServiceError(msg)


def new_folder(name: str) -> Path:
    """A fresh folder with a short path (socket paths end at 107 bytes), readable by other accounts.

    Folders of runs that were killed are removed on the way.
    """
    base = Path(tempfile.gettempdir())
    for old in base.glob(f"{_PREFIX}*"):
        owner = old.name.removeprefix(_PREFIX).split("-")[0]
        if owner.isdigit() and not Path("/proc", owner).exists():
            shutil.rmtree(old, ignore_errors=True)
    folder = Path(tempfile.mkdtemp(prefix=f"{_PREFIX}{os.getpid()}-{name}-", dir=base))
    folder.chmod(0o755)
    return folder


def free_port() -> int:
    """A TCP port of 127.0.0.1 that nobody has at this moment."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port: int = probe.getsockname()[1]
        return port


def tail(log: Path, lines: int = 15) -> str:
    """The end of a log, for the message of a failure."""
    try:
        return "\n".join(log.read_text("utf-8", "replace").splitlines()[-lines:])
    except OSError:
        return "(no log)"
