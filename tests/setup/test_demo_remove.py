"""From the demonstration to a desk of one's own: nothing is deleted, and there is a way back."""

import shutil
import sqlite3
from collections.abc import Callable, Iterator
from contextlib import closing
from pathlib import Path

import pytest
from flask import Flask

from helpdesk.app import create_app
from helpdesk.core.db import db
from helpdesk.core.desk import desk, set_desk
from helpdesk.demo.remove import demo
from helpdesk.people.queries import anybody
from helpdesk.settings import Settings
from tests.making import Browser, Desk
from tests.services.process import free_port


@pytest.fixture
def shown(make_app: Callable[..., Flask]) -> Iterator[Flask]:
    """A desk marked as a demonstration, with people, a mail and its file."""
    app = make_app(port=free_port())
    with app.app_context():
        made = Desk.set_up(app)
        set_desk(name="Tidemark Outfitters", demo=True)
        made.ticket(files=[("a.txt", "text/plain", b"a file")])
        (_data(app) / "demo-password.txt").write_text("secret\n")
        db.session.remove()
        yield app


def _data(app: Flask) -> Path:
    settings: Settings = app.extensions["settings"]
    return settings.data


def _remove(app: Flask, *words: str, typed: str = "") -> tuple[int, str]:
    db.session.remove()
    answer = app.test_cli_runner().invoke(demo, ["remove", *words], input=typed)
    return answer.exit_code, answer.output + str(answer.exception or "")


def _everything(folder: Path) -> dict[str, bytes]:
    return {
        str(p.relative_to(folder)): p.read_bytes()
        for p in folder.rglob("*")
        if p.is_file() and not p.name.startswith("helpdesk.db")
    }


@pytest.mark.parametrize("engine", ["sqlite"], indirect=True)
def test_an_empty_desk_takes_the_place_of_the_demonstration(shown: Flask) -> None:
    data = _data(shown)
    keys, files = (data / "secret.keys").read_bytes(), _everything(data / "files")
    assert files
    code, said = _remove(shown, typed="Tidemark Outfitters\n")
    assert code == 0, said
    (aside,) = data.glob("removed-demo-*")
    assert str(aside) in said
    assert (data / "secret.keys").read_bytes() == keys
    assert not (data / "demo-password.txt").exists()
    assert _everything(data / "files") == {}
    assert _everything(aside / "files") == files
    with closing(sqlite3.connect(aside / "helpdesk.db")) as old:
        assert old.execute("SELECT count(*) FROM tickets").fetchone() == (1,)
    assert not desk().demo
    assert not anybody()
    db.session.remove()
    browser = Browser(shown.test_client())
    assert browser.get("/").headers["Location"] == "/setup"
    assert browser.get("/setup").status_code == 200
    assert shown.test_client().get("/readyz").status_code == 200


@pytest.mark.parametrize("engine", ["sqlite"], indirect=True)
def test_the_way_back_that_is_written_there_works(shown: Flask) -> None:
    data = _data(shown)
    assert _remove(shown, "--yes")[0] == 0
    db.session.remove()
    db.engine.dispose()
    (aside,) = data.glob("removed-demo-*")
    told = (aside / "README.txt").read_text()
    for path in (data / "files", data / "helpdesk.db", data / "demo-password.txt"):
        assert str(path) in told
        for present in data.glob(f"{path.name}*"):
            shutil.rmtree(present) if present.is_dir() else present.unlink()
        shutil.move(aside / path.name, path)
    again = create_app(shown.extensions["settings"])
    with again.app_context():
        assert desk().demo
        assert anybody()
        db.session.remove()
        db.engine.dispose()


@pytest.mark.parametrize("engine", ["sqlite"], indirect=True)
def test_another_name_or_a_real_desk_touches_nothing(shown: Flask) -> None:
    data = _data(shown)
    before = _everything(data)
    for typed in ("tidemark\n", "\n", "yes\n"):
        assert _remove(shown, typed=typed)[0] != 0
    set_desk(demo=False)
    code, said = _remove(shown, "--yes")
    assert code != 0
    assert "no demonstration" in said
    assert _everything(data) == before
    assert anybody()


@pytest.mark.parametrize("engine", ["sqlite"], indirect=True)
def test_a_running_desk_is_left_alone(shown: Flask) -> None:
    data = _data(shown)
    with closing(sqlite3.connect(data / "helpdesk.db")) as worker:
        worker.execute("SELECT count(*) FROM tickets").fetchone()
        code, said = _remove(shown, "--yes")
    assert code != 0
    assert "Stop it first" in said
    assert list(data.glob("removed-demo-*")) == []
    assert anybody()
    db.session.remove()
    assert _remove(shown, "--yes")[0] == 0


@pytest.mark.parametrize("engine", ["postgresql"], indirect=True)
@pytest.mark.services
def test_on_postgresql_it_says_what_to_do_instead(shown: Flask) -> None:
    code, said = _remove(shown, "--yes")
    assert code != 0
    assert "new, empty database" in said
    assert anybody()
