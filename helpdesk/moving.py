"""`helpdesk move-to`: copies a SQLite desk to PostgreSQL and proves the copy by counts and digests."""

from collections.abc import Callable, Iterable, Iterator
from itertools import islice
from pathlib import Path
from typing import Any

import click
import sqlalchemy as sa
from flask.cli import with_appcontext
from flask_migrate import upgrade

from helpdesk.app import create_app, migrations_folder
from helpdesk.core import census
from helpdesk.core.db import db
from helpdesk.core.errors import RefusedError
from helpdesk.core.running import settings
from helpdesk.settings import Settings
from helpdesk.tickets.commands.indexing import index_missing

Say = Callable[[str], None]


def move(source: sa.Engine, url: str, *, data: Path, say: Say) -> int:
    """Copy every row of `source` into the empty database at `url`; return how many rows.

    Raises:
        RefusedError: the target is not PostgreSQL or not empty, or the copy is not whole (then it is undone).
    """
    target_settings = Settings(data=data, database_url=url, redis_url="")
    if target_settings.sqlite:
        raise RefusedError("Give the address of a PostgreSQL database: postgresql://user@host/name")
    app = create_app(target_settings)
    with app.app_context():
        try:
            total = _into(source, db.engine, say)
            say("move: the search index")
            while index_missing(limit=500):  # no table of the desk's: made anew from its tickets
                pass
            return total
        finally:
            db.session.remove()
            db.engine.dispose()


def _into(source: sa.Engine, target: sa.Engine, say: Say) -> int:
    with target.connect() as connection:
        if sa.inspect(connection).get_table_names():
            raise RefusedError("The target is not empty. Give a new, empty database.")
    upgrade(directory=str(migrations_folder()))
    with source.connect() as reading, target.begin() as writing:
        total = sum(_copy(reading, writing, table, say) for table in census.tables())
        say("move: comparing every row")
        wrong = census.differing(census.census(reading), census.census(writing))
        reading.rollback()
        if wrong:
            raise RefusedError("The copy differs, nothing was kept: " + "; ".join(wrong))
    return total


def _batches(rows: Iterable[dict[str, Any]], size: int) -> Iterator[list[dict[str, Any]]]:
    left = iter(rows)
    while batch := list(islice(left, size)):
        yield batch


def _copy(reading: sa.Connection, writing: sa.Connection, table: sa.Table, say: Say) -> int:
    count = 0
    for batch in _batches(census.rows(reading, table), census.BATCH):
        writing.execute(table.insert(), batch)
        count += len(batch)
    key = list(table.primary_key.columns)
    if len(key) == 1 and isinstance(key[0].type, sa.Integer) and not key[0].foreign_keys:
        sequence = sa.func.pg_get_serial_sequence(table.name, key[0].name)
        top = sa.select(sa.func.coalesce(sa.func.max(key[0]), 0) + 1).scalar_subquery()
        writing.execute(sa.select(sa.func.setval(sequence, top, False)))
    if count:
        say(f"move: {table.name}: {count} rows")
    return count


@click.command("move-to")
@click.argument("url")
@with_appcontext
def move_to(url: str) -> None:
    """Copy this SQLite desk to an empty PostgreSQL database and compare every row.

    The files and secret.keys stay where they are. Stop the desk first: what comes in meanwhile stays behind.

    Example: helpdesk move-to postgresql://helpdesk@/helpdesk
    """
    running = settings()
    if not running.sqlite:
        raise click.ClickException("This desk is on PostgreSQL already.")
    source, data = db.engine, running.data
    before = _newest(source)
    total = move(source, url, data=data, say=click.echo)
    click.echo(f"Moved {total} rows; counts and digests of every table are equal.")
    if _newest(source) != before:
        click.echo(
            "Something happened on the desk meanwhile. Stop it and move again into a new database.", err=True
        )
        raise SystemExit(1)
    click.echo("From now on start with the address in HELPDESK_DATABASE_URL.")


def _newest(engine: sa.Engine) -> object:
    with engine.connect() as connection:
        found = connection.execute(
            sa.text("SELECT (SELECT MAX(id) FROM ticket_events), (SELECT MAX(id) FROM inbound_mails)")
        ).one()
        connection.rollback()
    return tuple(found)
