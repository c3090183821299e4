"""Every migration on a filled database: no row lost, none changed, all the way down and up (contracts 7)."""

import json
from collections.abc import Iterator
from typing import Any

import flask_migrate
import pytest
import sqlalchemy as sa
from alembic.script import ScriptDirectory
from flask import Flask

from helpdesk.app import migrations_folder
from helpdesk.core.db import db
from helpdesk.tickets.commands.changing import assign, set_state
from helpdesk.tickets.commands.desk import mark_read, save_draft
from helpdesk.tickets.commands.writing import answer
from helpdesk.tickets.content import Content
from helpdesk.tickets.lifecycle import State
from helpdesk.tickets.queries.replaying import differences
from tests.making import Desk, a_mail

FOLDER = str(migrations_folder())


def _revisions() -> list[str]:
    """Return the history, first to last."""
    return [r.revision for r in ScriptDirectory(FOLDER).walk_revisions()][::-1]


@pytest.fixture
def filled(app: Flask) -> Iterator[Desk]:
    """A desk with something in most tables."""
    with app.app_context():
        desk = Desk.set_up(app)
        picture = ("pixel.png", "image/png", b"\x89PNG\r\n\x1a\n1")
        for n in range(3):
            desk.receive(a_mail(f"c{n}@example.de", text=f"Words {n}", html="<p>x</p>", files=[picture]))
        desk.receive(a_mail(Auto_Submitted="auto-generated"))
        answer(viewer=desk.admin, number=1001, kind="reply", content=Content("Hello."), form_key="k")
        answer(viewer=desk.admin, number=1002, kind="note", content=Content("A note."))
        assign(viewer=desk.admin, number=1002, agent_id=desk.admin.id)
        save_draft(viewer=desk.admin, number=1002, kind="reply", body="Half")
        mark_read(viewer=desk.admin, number=1001, seq=2)
        for state in (State.SOLVED, State.CLOSED):
            set_state(viewer=desk.admin, number=1003, state=state)
        desk.browser(desk.admin)
        yield desk
        db.session.remove()


def _tables() -> dict[str, list[str]]:
    """Return every row of every table as the database holds it, columns by name."""
    db.session.remove()
    metadata = sa.MetaData()
    with db.engine.connect() as connection:
        metadata.reflect(connection)
        found = {}
        for table in metadata.sorted_tables:
            if table.name != "alembic_version" and not table.name.startswith(
                "ticket_index"
            ):  # FTS keeps its own
                rows = connection.execute(sa.select(table))
                found[table.name] = sorted(
                    json.dumps(dict(row._mapping), default=str, sort_keys=True) for row in rows
                )
        connection.rollback()
    return found


def _counts(tables: dict[str, list[str]]) -> dict[str, int]:
    return {name: len(rows) for name, rows in tables.items()}


def _kept(before: dict[str, list[str]], after: dict[str, list[str]]) -> list[str]:
    """Return the tables of which a row, or a value in a column of both, is not what it was."""
    wrong = []
    for name in before.keys() & after.keys():
        old = [json.loads(row) for row in before[name]]
        new = [json.loads(row) for row in after[name]]
        shared = set(old[0] if old else ()) & set(new[0] if new else ())
        if _on(old, shared) != _on(new, shared):
            wrong.append(name)
    return wrong


def _on(rows: list[dict[str, Any]], columns: set[str]) -> list[str]:
    return sorted(json.dumps({c: row[c] for c in columns}, sort_keys=True) for row in rows)


def test_every_step_down_and_up_keeps_every_row(filled: Desk) -> None:
    before = _tables()
    filled_tables = [name for name, rows in before.items() if rows]
    assert len(filled_tables) >= 15, "the test is about a filled database"
    history = _revisions()
    for target in history[-2::-1]:
        flask_migrate.downgrade(directory=FOLDER, revision=target)
        there = _tables()
        assert _kept(before, there) == [], target
        assert {n: c for n, c in _counts(before).items() if n in there} == _counts(there), target
    for target in history[1:]:
        there = _tables()
        flask_migrate.upgrade(directory=FOLDER, revision=target)
        after = _tables()
        assert _kept(there, after) == [], target
        assert {n: c for n, c in _counts(after).items() if n in there} == _counts(there), target
    after = _tables()
    assert set(after) == set(before)
    assert differences()[1] == []
    assert filled.browser(filled.admin).get("/a/tickets/1001").status_code == 200


def test_upgrading_what_is_new_already_changes_nothing(filled: Desk) -> None:
    before = _tables()
    flask_migrate.upgrade(directory=FOLDER)
    assert _tables() == before


def test_a_way_to_nothing_and_back_from_a_filled_desk(filled: Desk) -> None:
    flask_migrate.downgrade(directory=FOLDER, revision="base")
    left = {name for name in _tables() if not name.startswith("sqlite_")}
    assert left == set()
    flask_migrate.upgrade(directory=FOLDER)
    assert sum(_counts(_tables()).values()) == 0
    fresh = Desk.set_up(filled.app)
    assert fresh.ticket().number == 1001


@pytest.mark.parametrize("engine", ["sqlite"], indirect=True)
def test_foreign_keys_hold_again_after_a_migration(filled: Desk) -> None:
    """They are off while tables are rebuilt; a connection used afterwards must enforce them (contracts 7)."""
    flask_migrate.downgrade(directory=FOLDER, revision=_revisions()[0])
    flask_migrate.upgrade(directory=FOLDER)
    with db.engine.connect() as connection:
        assert connection.exec_driver_sql("PRAGMA foreign_keys").scalar() == 1
        assert connection.exec_driver_sql("PRAGMA foreign_key_check").all() == []
        with pytest.raises(sa.exc.IntegrityError):
            connection.exec_driver_sql("UPDATE messages SET ticket_id = 999999")
        connection.rollback()
