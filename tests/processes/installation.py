"""The help desk as an operator runs it: real processes, real ports, a data folder."""

from __future__ import annotations

import contextlib
import os
import smtplib
import subprocess
import sys
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import psutil
import sqlalchemy as sa

from helpdesk.settings import Settings
from tests.services import process
from tests.services.process import until

ROOT = Path(__file__).parents[2]


@dataclass
class Installation:
    """One desk: its settings, the processes we started for it, and a look into its database."""

    settings: Settings
    log: Path
    _engine: sa.Engine | None = None
    _running: list[subprocess.Popen[bytes]] = field(default_factory=list)

    def environment(self, **more: object) -> dict[str, str]:
        """The settings as environment variables."""
        values: dict[str, object] = {
            name: getattr(self.settings, name)
            for name in self.settings.model_fields_set
            if name != "smtp_password"
        }
        values |= more
        return os.environ | {f"HELPDESK_{name.upper()}": str(value) for name, value in values.items()}

    def start(self, *words: str, **more: object) -> subprocess.Popen[bytes]:
        """Start `helpdesk ...` with settings by keyword."""
        command = [sys.executable, "-m", "helpdesk", *words]
        running = process.start(command, log=self.log, environment=self.environment(**more), folder=ROOT)
        self._running.append(running)
        return running

    def worker(self, **more: object) -> subprocess.Popen[bytes]:
        """Start a worker and wait for its mail listener."""
        running = self.start("worker", **more)
        port = int(str(more.get("smtp_listen_port", self.settings.smtp_listen_port)))
        until(lambda: running.poll() is not None or answers(port), 20, what="the mail listener")
        return running

    def run(
        self, *words: str, stdin: bytes | None = None, **more: object
    ) -> subprocess.CompletedProcess[str]:
        """Run `helpdesk ...` to its end."""
        return subprocess.run(  # noqa: S603 - our own program
            [sys.executable, "-m", "helpdesk", *words],
            env=self.environment(**more),
            cwd=ROOT,
            capture_output=True,
            text=True,
            timeout=60,
            check=False,
        )

    def rows(self, statement: str, **values: Any) -> list[Any]:
        """Ask the database."""
        with self._open().connect() as connection:
            return list(connection.execute(sa.text(statement), values))

    def change(self, statement: str, **values: Any) -> None:
        """Change the database behind the desk's back: how tests travel in time."""
        engine = self._open().execution_options(writing=True)
        with engine.begin() as connection:
            connection.execute(sa.text(statement), values)

    def forget_leases(self) -> None:
        """Let the leases of dead workers be over, as they are after a while."""
        self.change("UPDATE outbox SET lease_until = '2020-01-01 00:00:00' WHERE state = 'running'")

    def settled(self, timeout: float = 30) -> None:
        """Wait until all mail is read and everything due is done; what waits for a later time may wait."""

        def idle() -> bool:
            found = self.rows(
                "SELECT (SELECT count(*) FROM outbox WHERE state = 'running'"
                " OR (state = 'waiting' AND not_before <= :moment)),"
                " (SELECT count(*) FROM inbound_mails WHERE outcome IS NULL)",
                moment=f"{datetime.now(UTC):%Y-%m-%d %H:%M:%S.%f}",
            )
            return tuple(found[0]) == (0, 0)

        until(idle, timeout, what=f"the outbox to empty\n{process.tail(self.log)}", step=0.1)

    def stop(self) -> None:
        """End what still runs."""
        for running in self._running:
            process.stop(running)
        if self._engine is not None:
            self._engine.dispose()

    def _open(self) -> sa.Engine:
        if self._engine is None:
            self._engine = sa.create_engine(self.settings.database_url)
        return self._engine


def answers(port: int) -> bool:
    """Whether an SMTP server greets on this port."""
    try:
        with smtplib.SMTP("127.0.0.1", port, local_hostname="mail.example", timeout=5):
            return True
    except OSError:
        return False


def hand_in(port: int, raw: bytes, to: Sequence[str], sender: str = "c@example.com") -> bool:
    """Hand in a mail as a customer's mail server does; whether it got 250."""
    try:
        with smtplib.SMTP("127.0.0.1", port, local_hostname="mail.example", timeout=10) as server:
            return server.sendmail(sender, list(to), raw) == {}
    except (OSError, smtplib.SMTPException):
        return False


def kill(running: subprocess.Popen[bytes]) -> None:
    """Kill -9, and see that the children it had end by themselves."""
    children = family(running.pid)
    running.kill()
    running.wait(10)
    _gone, alive = psutil.wait_procs(children, timeout=5)
    assert alive == [], f"left behind: {[p.cmdline() for p in alive]}"


def family(pid: int) -> list[psutil.Process]:
    """All children of a process, and theirs."""
    with contextlib.suppress(psutil.NoSuchProcess):
        return list(psutil.Process(pid).children(recursive=True))
    return []


@contextlib.contextmanager
def installation(settings: Settings, folder: Path) -> Iterator[Installation]:
    """An installation whose processes end with the `with`."""
    made = Installation(settings, folder / "helpdesk.log")
    try:
        yield made
    finally:
        made.stop()
