"""A desk can be copied while it works, and the copy is whole, quiet, and proved by counts and digests."""

import json
import shutil
import threading
from collections.abc import Callable, Iterator
from contextvars import Context
from datetime import timedelta
from pathlib import Path

import pytest
import sqlalchemy as sa
from flask import Flask

from helpdesk.app import create_app
from helpdesk.backup import back_up, restore, try_restore
from helpdesk.core import clock
from helpdesk.core.census import census
from helpdesk.core.clock import now
from helpdesk.core.db import db
from helpdesk.core.desk import set_desk
from helpdesk.core.errors import NotFoundError, RefusedError
from helpdesk.core.jobs.runner import HELD_S, run_all
from helpdesk.fsck import all_checks
from helpdesk.moving import move
from helpdesk.settings import Settings
from helpdesk.tickets.commands.writing import answer
from helpdesk.tickets.content import Content
from helpdesk.tickets.model import Ticket
from tests.making import Desk, a_mail
from tests.services.postgres import PostgresServer
from tests.services.smtp_sink import SmtpSink


def quiet(_words: str) -> None:
    """Say nothing."""


def breaches() -> list[str]:
    """Return what fsck finds, reading every file."""
    return [words for check in all_checks() for words in check.run(True)]


@pytest.fixture
def elsewhere(desk: Desk, tmp_path: Path, request: pytest.FixtureRequest) -> Iterator[Callable[..., Flask]]:
    """Makes an empty desk of the same engine elsewhere, with the same keys."""
    made: list[Flask] = []

    def make(**more: object) -> Flask:
        here: Settings = desk.app.extensions["settings"]
        data = tmp_path / "elsewhere"
        data.mkdir()
        shutil.copy(here.data / "secret.keys", data / "secret.keys")
        values: dict[str, object] = {"data": data, "log_level": "error", "smtp_listen_port": 0}
        if not here.sqlite:
            server: PostgresServer = request.getfixturevalue("postgres_server")
            values["database_url"] = server.url(server.create_database())
        made.append(create_app(Settings(**(values | more))))  # type: ignore[arg-type] # settings by keyword
        return made[-1]

    yield make
    for app in made:
        with app.app_context():
            db.session.remove()
            db.engine.dispose()


def test_a_backup_under_load_restores_whole_and_sends_nothing_until_released(
    desk: Desk, tmp_path: Path, elsewhere: Callable[..., Flask], smtp_sink: SmtpSink
) -> None:
    for n in range(5):
        desk.ticket(subject=f"Before {n}", files=[("a.txt", "text/plain", b"file %d" % n)])
    answer(viewer=desk.admin, number=1001, kind="reply", content=Content(text="An answer on its way"))
    stop = threading.Event()
    written = []

    def write_on() -> None:
        with desk.app.app_context():
            while not stop.is_set():
                written.append(desk.receive(a_mail(subject="Meanwhile")).id)

    writer = threading.Thread(target=Context().run, args=(write_on,))
    db.session.rollback()
    writer.start()
    try:
        folder = back_up(tmp_path / "backups", with_keys=False, say=quiet)
    finally:
        stop.set()
        writer.join()
    assert written, "the desk worked on while it was copied"
    manifest = json.loads((folder / "manifest.json").read_text())
    assert not (folder / "secret.keys").exists()

    other = elsewhere(smtp_host="127.0.0.1", smtp_port=smtp_sink.port, smtp_security="none")
    with other.app_context():
        restore(folder, say=quiet)
        assert db.session.query(Ticket).count() == manifest["tables"]["tickets"]["rows"] >= 5
        db.session.rollback()
        run_all()
        assert breaches() == []
        assert smtp_sink.mails == []
        with pytest.raises(RefusedError):
            restore(folder, say=quiet)
        set_desk(held=False)
        with clock.at(now() + timedelta(seconds=HELD_S + 1)):
            run_all()
        assert len(smtp_sink.mails) >= 1


def test_a_backup_is_tried_in_a_place_that_is_gone_afterwards(desk: Desk, tmp_path: Path) -> None:
    desk.ticket(files=[("a.txt", "text/plain", b"a file")])
    folder = back_up(tmp_path / "backups", with_keys=False, say=quiet)
    before = _databases()
    rows, wrong = try_restore(folder, desk.app.extensions["settings"], say=quiet)
    manifest = json.loads((folder / "manifest.json").read_text())
    assert rows == sum(t["rows"] for t in manifest["tables"].values()) > 10
    assert wrong == []
    assert _databases() == before
    digest = next(p for p in (tmp_path / "backups" / "files").rglob("*.gz"))
    digest.write_bytes(b"not what was put")
    with pytest.raises(NotFoundError, match=r"damaged|missing"):
        try_restore(folder, desk.app.extensions["settings"], say=quiet)
    assert _databases() == before


def _databases() -> list[str]:
    """Return the databases of the server, on PostgreSQL."""
    db.session.rollback()
    with db.engine.connect() as connection:
        if connection.dialect.name == "sqlite":
            return []
        return sorted(connection.execute(sa.text("SELECT datname FROM pg_database")).scalars())


def test_a_backup_that_was_touched_is_refused(
    desk: Desk, tmp_path: Path, elsewhere: Callable[..., Flask]
) -> None:
    desk.ticket()
    folder = back_up(tmp_path / "backups", with_keys=True, say=quiet)
    name = json.loads((folder / "manifest.json").read_text())["database"]
    content = bytearray((folder / name).read_bytes())
    content[len(content) // 2] ^= 1
    (folder / name).write_bytes(content)
    other = elsewhere()
    with other.app_context(), pytest.raises(RefusedError, match="not what was written"):
        restore(folder, say=quiet)


def test_without_its_keys_a_desk_is_not_restored(
    desk: Desk, tmp_path: Path, elsewhere: Callable[..., Flask]
) -> None:
    folder = back_up(tmp_path / "backups", with_keys=False, say=quiet)
    other = elsewhere()
    keys = other.extensions["settings"].data / "secret.keys"
    keys.write_text('{"b": "' + "A" * 43 + '="}')
    with other.app_context(), pytest.raises(RefusedError, match="The key a is not in"):
        restore(folder, say=quiet)


@pytest.mark.parametrize("engine", ["sqlite"], indirect=True)
def test_a_sqlite_desk_moves_to_postgresql_row_by_row_and_goes_on_there(
    desk: Desk, tmp_path: Path, postgres_server: PostgresServer
) -> None:
    ticket = desk.ticket(files=[("a.txt", "text/plain", b"a file")])
    answer(viewer=desk.admin, number=ticket.number, kind="reply", content=Content(text="Hello"))
    run_all()
    db.session.rollback()
    url = postgres_server.url(postgres_server.create_database())
    data = desk.app.extensions["settings"].data
    total = move(db.engine, url, data=data, say=quiet)
    assert total > 20
    with pytest.raises(RefusedError, match="not empty"):
        move(db.engine, url, data=data, say=quiet)
    with db.engine.connect() as connection:
        before = census(connection)
        connection.rollback()

    moved = create_app(Settings(data=data, database_url=url, log_level="error", smtp_listen_port=0))
    with moved.app_context():
        with db.engine.connect() as connection:
            assert census(connection) == before
            connection.rollback()
        there = Desk(moved, desk.mailbox_id, desk.orders, desk.returns, desk.admin)
        assert there.ticket(subject="On PostgreSQL").number == 1002
        assert breaches() == []
        db.session.remove()
        db.engine.dispose()
