"""The private PostgreSQL."""

from __future__ import annotations

import psycopg
import pytest
import sqlalchemy

from tests.services.postgres import PostgresServer

pytestmark = pytest.mark.services


def test_has_what_the_search_needs(postgres_server: PostgresServer) -> None:
    name = postgres_server.create_database()
    with postgres_server.connect(name) as connection:
        connection.execute("CREATE EXTENSION pg_trgm")
        connection.execute("CREATE EXTENSION unaccent")
        assert connection.execute("SELECT unaccent('Łódź Ünsal')").fetchone() == ("Lodz Unsal",)
        assert connection.execute("SELECT lower('ÄÖÜ')").fetchone() == ("äöü",)
    postgres_server.drop_database(name)


def test_a_copy_of_a_template_is_its_own(postgres_server: PostgresServer) -> None:
    template = postgres_server.create_database()
    with postgres_server.connect(template) as connection:
        connection.execute("CREATE TABLE ticket AS SELECT 1001 AS number")
    copy = postgres_server.create_database(template)
    with postgres_server.connect(copy) as connection:
        connection.execute("DELETE FROM ticket")
    with postgres_server.connect(template) as connection:
        assert connection.execute("SELECT number FROM ticket").fetchall() == [(1001,)]
    postgres_server.drop_database(copy)
    with pytest.raises(psycopg.OperationalError, match="does not exist"):
        postgres_server.connect(copy)


def test_the_address_works_with_sqlalchemy(postgres_server: PostgresServer) -> None:
    name = postgres_server.create_database()
    engine = sqlalchemy.create_engine(postgres_server.url(name))
    with engine.connect() as connection:
        assert connection.execute(sqlalchemy.text("SELECT current_database()")).scalar() == name
    engine.dispose()
    postgres_server.drop_database(name)


def test_comes_back_with_its_data_after_a_crash() -> None:
    with PostgresServer() as server:
        name = server.create_database()
        server.halt()
        server.start()
        with server.connect(name) as connection:
            assert connection.execute("SELECT 1").fetchone() == (1,)
