"""A Redis of the tests' own on a unix socket, which can be emptied, stopped and started again in mid-test."""

from __future__ import annotations

import contextlib
import shutil
import signal
import subprocess
from collections.abc import Iterator
from types import TracebackType
from typing import Self

import redis
from redis.backoff import NoBackoff
from redis.retry import Retry

from tests.services import process
from tests.services.process import ServiceError, until
from tests.services.programs import find


class RedisServer:
    """A private server that keeps nothing on disk."""

    def __init__(self) -> None:
        self.folder = process.new_folder("redis")
        self.socket = self.folder / "redis.sock"
        self._process: subprocess.Popen[bytes] | None = None

    @property
    def url(self) -> str:
        """The address as the setting wants it."""
        return f"unix://{self.socket}"

    def start(self) -> Self:
        """Start it, again after `halt`, and wait until it answers.

        Raises:
            ServiceError: the binary is missing or does not answer within 10 s.
        """
        binary = find("redis-server")
        log = self.folder / "redis.log"
        options = {
            "--port": "0",
            "--unixsocket": str(self.socket),
            "--dir": str(self.folder),
            "--save": "",
            "--appendonly": "no",
            "--daemonize": "no",
        }
        self._process = process.start(
            [binary.path, *(word for option in options.items() for word in option)],
            log=log,
            environment=binary.environment(),
        )
        try:
            until(self.is_up, 10, what="Redis")
        except TimeoutError as error:
            msg = f"Redis did not start:\n{process.tail(log)}"
            raise ServiceError(msg) from error
        return self

    def is_up(self) -> bool:
        """Whether it answers."""
        try:
            with self.client() as client:
                return bool(client.ping())
        except (redis.ConnectionError, redis.TimeoutError):
            return False

    def client(self) -> redis.Redis:
        """A client of our own, to look inside."""
        return redis.Redis(unix_socket_path=str(self.socket), socket_timeout=5, retry=Retry(NoBackoff(), 0))

    def flush(self) -> None:
        """Forget everything, as an operator's FLUSHALL does."""
        with self.client() as client:
            client.flushall()

    def halt(self, by: signal.Signals = signal.SIGKILL) -> None:
        """Go away with all that was kept; `start` brings an empty one back."""
        if self._process is not None:
            process.stop(self._process, by)
            self._process = None
        self.socket.unlink(missing_ok=True)

    @contextlib.contextmanager
    def away(self) -> Iterator[None]:
        """Gone inside the `with`, back and empty after it."""
        self.halt()
        try:
            yield
        finally:
            self.start()

    def restart(self) -> None:
        """Crash and come back empty."""
        self.halt()
        self.start()

    def stop(self) -> None:
        """End it and remove its folder."""
        self.halt()
        shutil.rmtree(self.folder, ignore_errors=True)

    def __enter__(self) -> Self:
        return self.start()

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.stop()
