"""Every test that touches the desk gets one of its own, on both engines, from a migrated template."""

import os
import shutil
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from flask import Flask
from flask_migrate import upgrade

from helpdesk.app import create_app, migrations_folder
from helpdesk.core.db import db
from helpdesk.settings import Settings
from tests.making import Desk
from tests.services.postgres import PostgresServer
from tests.services.redis import RedisServer

pytest_plugins = ["tests.services.fixtures"]

ENGINES = ("sqlite", "postgresql")


@pytest.fixture(autouse=True, scope="session")
def _no_settings_from_outside() -> None:
    for name in [n for n in os.environ if n.startswith("HELPDESK_")]:
        del os.environ[name]


@pytest.fixture(scope="session")
def sqlite_template(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A migrated, empty database file, copied for each test."""
    folder = tmp_path_factory.mktemp("template")
    app = create_app(Settings(data=folder, log_level="error"))
    with app.app_context():
        upgrade(directory=str(migrations_folder()))
        with db.engine.connect() as connection:
            connection.exec_driver_sql("PRAGMA wal_checkpoint(TRUNCATE)")
            connection.rollback()
        db.engine.dispose()
    return folder / "helpdesk.db"


@pytest.fixture(scope="session")
def postgres_template(postgres_server: PostgresServer, tmp_path_factory: pytest.TempPathFactory) -> str:
    """The name of a migrated, empty database, cloned for each test."""
    name = postgres_server.create_database()
    data = tmp_path_factory.mktemp("template-pg")
    app = create_app(Settings(data=data, database_url=postgres_server.url(name), log_level="error"))
    with app.app_context():
        upgrade(directory=str(migrations_folder()))
        db.engine.dispose()
    return name


@pytest.fixture(params=ENGINES)
def engine(request: pytest.FixtureRequest) -> str:
    """The engine this run of the test is on."""
    return str(request.param)


@pytest.fixture
def desk_settings(
    engine: str, tmp_path: Path, request: pytest.FixtureRequest
) -> Iterator[Callable[..., Settings]]:
    """Makes settings on a database of the test's own; PostgreSQL comes with Redis."""
    databases = []

    def make(**more: object) -> Settings:
        data = tmp_path / f"data{len(databases)}"
        values: dict[str, object] = {
            "data": data,
            "log_level": "error",
            "public_url": "http://desk.example",
            "smtp_listen_port": 0,
        }
        if engine == "sqlite":
            data.mkdir()
            shutil.copy(request.getfixturevalue("sqlite_template"), data / "helpdesk.db")
            databases.append("")
        else:
            server: PostgresServer = request.getfixturevalue("postgres_server")
            redis: RedisServer = request.getfixturevalue("redis_server")
            redis.flush()
            name = server.create_database(request.getfixturevalue("postgres_template"))
            databases.append(name)
            values["database_url"] = server.url(name)
            values["redis_url"] = redis.url
        return Settings(**(values | more))  # type: ignore[arg-type] # settings by keyword

    yield make
    if engine == "postgresql":
        for name in databases:
            request.getfixturevalue("postgres_server").drop_database(name)


@pytest.fixture
def make_app(desk_settings: Callable[..., Settings]) -> Iterator[Callable[..., Flask]]:
    """Makes desks, each on a database of its own; settings by keyword."""
    made: list[Flask] = []

    def make(**more: object) -> Flask:
        app = create_app(desk_settings(**more))
        app.testing = True
        made.append(app)
        return app

    yield make
    for app in made:
        with app.app_context():
            db.session.remove()
            db.engine.dispose()


@pytest.fixture
def app(make_app: Callable[..., Flask]) -> Flask:
    """An empty desk."""
    return make_app()


@pytest.fixture
def desk(app: Flask) -> Iterator[Desk]:
    """A desk with a mailbox, two teams and an administrator, inside its app context."""
    with app.app_context():
        yield Desk.set_up(app)
        db.session.remove()
