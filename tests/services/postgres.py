"""A PostgreSQL of the tests' own: the system's binaries, a fresh folder, a unix socket and no network."""

from __future__ import annotations

import shutil
import signal
import subprocess
from pathlib import Path
from types import TracebackType
from typing import Self

import psycopg
from psycopg import sql

from tests.services import process
from tests.services.process import ServiceError, until
from tests.services.programs import Program, find

_SETTINGS = {
    "listen_addresses": "",
    "fsync": "off",
    "synchronous_commit": "off",
    "full_page_writes": "off",
    "autovacuum": "off",
    "max_connections": "100",
    "shared_buffers": "32MB",
    "max_wal_senders": "0",
    "wal_level": "minimal",
    "timezone": "GMT",
    "log_timezone": "GMT",
    "log_min_messages": "warning",
}
_OWNER = "helpdesk"


class PostgresServer:
    """A private server. Nothing survives `stop`, and nothing is safe from a power cut."""

    def __init__(self) -> None:
        self.folder: Path | None = None
        self._process: subprocess.Popen[bytes] | None = None
        self._created = 0

    def start(self) -> Self:
        """Make the cluster the first time, start the server and wait until it answers.

        Raises:
            ServiceError: the binaries are missing or the server does not answer within 20 s.
        """
        binary = find("postgres")
        if self.folder is None:
            self.folder = process.new_folder("pg")
            self._make_cluster(binary)
        settings = [part for name, value in _SETTINGS.items() for part in ("-c", f"{name}={value}")]
        log = self.folder / "postgres.log"
        self._process = process.start(
            [_real(binary), "-D", self.folder / "data", "-k", self.folder / "socket", *settings],
            log=log,
            environment=binary.environment(),
            user=process.unprivileged_user(),
            death_signal=signal.SIGQUIT,
        )
        try:
            until(self._answers, 20, what="PostgreSQL")
        except TimeoutError as error:
            self.stop()
            msg = f"PostgreSQL did not start:\n{process.tail(log)}"
            raise ServiceError(msg) from error
        return self

    def stop(self) -> None:
        """End the server and remove its folder."""
        self.halt()
        if self.folder is not None:
            shutil.rmtree(self.folder, ignore_errors=True)
            self.folder = None

    def halt(self, by: signal.Signals = signal.SIGINT) -> None:
        """End the server and keep its data; `start` brings it back. SIGQUIT leaves it to crash recovery."""
        if self._process is not None:
            process.stop(self._process, by)
            self._process = None

    def create_database(self, template: str | None = None) -> str:
        """Create a database, empty or a copy of `template` (which nobody may be connected to).

        Returns:
            Its name; `url(name)` is where it is.
        """
        self._created += 1
        name = f"test_{self._created}"
        statement = sql.SQL("CREATE DATABASE {} TEMPLATE {} STRATEGY FILE_COPY").format(
            sql.Identifier(name), sql.Identifier(template or "template0")
        )
        with self.connect() as connection:
            connection.execute(statement)
        return name

    def drop_database(self, name: str) -> None:
        """Remove a database, whoever is still connected."""
        with self.connect() as connection:
            connection.execute(
                sql.SQL("DROP DATABASE IF EXISTS {} WITH (FORCE)").format(sql.Identifier(name))
            )

    def connect(self, database: str = "postgres") -> psycopg.Connection:
        """A connection of the superuser in autocommit mode."""
        return psycopg.connect(
            host=str(self._socket_folder), user=_OWNER, dbname=database, autocommit=True, connect_timeout=5
        )

    def url(self, database: str) -> str:
        """The address of a database as SQLAlchemy wants it."""
        return f"postgresql+psycopg://{_OWNER}@/{database}?host={self._socket_folder}"

    @property
    def _socket_folder(self) -> Path:
        if self.folder is None:
            msg = "PostgreSQL is not started"
            raise ServiceError(msg)
        return self.folder / "socket"

    def _make_cluster(self, binary: Program) -> None:
        folder, user = self._socket_folder.parent, process.unprivileged_user()
        (folder / "socket").mkdir()
        (folder / "data").mkdir(mode=0o700)
        if user is not None:
            for owned in (folder / "socket", folder / "data"):
                shutil.chown(owned, user.pw_uid, user.pw_gid)
        initdb = _real(binary).with_name("initdb")
        arguments = ["--auth=trust", "--encoding=UTF8", "--locale=C.UTF-8", "--no-sync", "--no-instructions"]
        done = subprocess.run(
            [initdb, "-D", folder / "data", "-U", _OWNER, *arguments],
            env=binary.environment(),
            cwd=folder,
            capture_output=True,
            text=True,
            check=False,
            user=user.pw_uid if user else None,
            group=user.pw_gid if user else None,
            extra_groups=[] if user else None,
        )
        if done.returncode != 0:
            self.stop()
            msg = f"initdb failed:\n{done.stdout}{done.stderr}"
            raise ServiceError(msg)

    def _answers(self) -> bool:
        if self._process is None or self._process.poll() is not None:
            msg = f"PostgreSQL ended at once:\n{process.tail(self._socket_folder.parent / 'postgres.log')}"
            raise ServiceError(msg)
        try:
            with self.connect() as connection:
                connection.execute("SELECT 1")
        except psycopg.OperationalError:
            return False
        return True

    def __enter__(self) -> Self:
        return self.start()

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.stop()


def _real(binary: Program) -> Path:
    """The file behind a link: PostgreSQL looks for its own files relative to it."""
    return binary.path.resolve()
