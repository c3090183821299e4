"""Every table has its migration, on both databases."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import flask_migrate
import pytest
import sqlalchemy
from alembic.script import ScriptDirectory
from flask import Flask

from helpdesk.app import create_app, migrations_folder
from helpdesk.core.db import db
from helpdesk.settings import Settings
from tests.services.postgres import PostgresServer


@pytest.fixture(params=["sqlite", pytest.param("postgresql", marks=pytest.mark.services)])
def empty(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Flask]:
    """The application on an empty database."""
    address = ""
    if request.param == "postgresql":
        server: PostgresServer = request.getfixturevalue("postgres_server")
        address = server.url(server.create_database())
    app = create_app(Settings(data=tmp_path, database_url=address))
    with app.app_context():
        yield app
        db.session.remove()
        db.engine.dispose()


def test_migrations_make_exactly_the_tables_of_the_models(empty: Flask) -> None:
    folder = str(migrations_folder())
    flask_migrate.upgrade(directory=folder)
    made = set(sqlalchemy.inspect(db.engine).get_table_names())
    assert {table.name for table in db.metadata.sorted_tables} <= made
    flask_migrate.check(directory=folder)


def test_migrations_lead_back_to_nothing(empty: Flask) -> None:
    folder = str(migrations_folder())
    flask_migrate.upgrade(directory=folder)
    flask_migrate.downgrade(directory=folder, revision="base")
    left = set(sqlalchemy.inspect(db.engine).get_table_names())
    assert {name for name in left if not name.startswith("sqlite_")} <= {"alembic_version"}


def test_history_has_one_end() -> None:
    """Two ends mean that two branches were brought together without a word."""
    assert len(ScriptDirectory(str(migrations_folder())).get_heads()) == 1
