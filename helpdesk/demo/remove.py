"""`helpdesk demo remove`: puts the demonstration aside and leaves an empty desk. Nothing is deleted."""

import shutil
import socket
import sqlite3
from contextlib import closing
from pathlib import Path

import click
from flask import current_app
from flask.cli import with_appcontext
from flask_migrate import upgrade

from helpdesk.app import migrations_folder
from helpdesk.core.clock import now
from helpdesk.core.db import db
from helpdesk.core.desk import desk
from helpdesk.core.errors import RefusedError
from helpdesk.core.running import settings
from helpdesk.settings import Settings

WAY_BACK = """\
This is the demonstration desk that `helpdesk demo remove` put aside. Nothing of it is needed any more.

The way back: stop the desk, put the present database and files folder somewhere else, then move
{names} from here to where they were:
{place}
The secret keys were never moved: both desks use the same ones.
"""


def remove() -> Path:
    """Put database and files of the demonstration aside, make an empty database; return where they are.

    Raises:
        RefusedError: this desk is no demonstration, is on PostgreSQL, or is running.
    """
    running = settings()
    if not running.sqlite:
        raise RefusedError(
            "On PostgreSQL nothing is moved: make a new, empty database, set HELPDESK_DATABASE_URL to it, "
            "set HELPDESK_DATA to a new folder, and start the desk."
        )
    if not desk().demo:
        raise RefusedError("This desk is no demonstration. Nothing was touched.")
    db.session.remove()
    db.engine.dispose()
    database = Path(running.database_url.removeprefix("sqlite:///"))
    _nobody_uses(database, running)
    aside = running.data / f"removed-demo-{now():%Y%m%d-%H%M%S}"
    aside.mkdir(mode=0o700)
    moved = []
    for path in (running.data / "files", running.data / "demo-password.txt", database):
        if path.exists():
            shutil.move(path, aside / path.name)
            moved.append(path)
    (aside / "README.txt").write_text(
        WAY_BACK.format(names=", ".join(p.name for p in moved), place="\n".join(f"    {p}" for p in moved))
    )
    current_app.extensions.pop("desk", None)
    current_app.extensions.pop("first_run_over", None)
    (running.data / "files").mkdir(exist_ok=True)
    upgrade(directory=str(migrations_folder()))
    return aside


def _nobody_uses(database: Path, running: Settings) -> None:
    """See that no other process has the database open, and leave it in one file.

    Raises:
        RefusedError: one has, or a desk answers on our port.
    """
    stop = "This desk is running. Stop it first (Ctrl-C where `helpdesk up` runs), then try again."
    try:
        with closing(socket.create_connection((running.host, running.port), timeout=1)):
            raise RefusedError(stop)
    except OSError:
        pass
    with closing(sqlite3.connect(database, timeout=2)) as connection:
        try:
            mode = connection.execute("PRAGMA journal_mode=DELETE").fetchone()[0]
        except sqlite3.OperationalError as error:
            raise RefusedError(stop) from error
    if mode != "delete":
        raise RefusedError(stop)


demo = click.Group("demo", help="The demonstration that `helpdesk up --demo` begins with.")


@demo.command("remove")
@click.option("--yes", is_flag=True, help="Do not ask.")
@with_appcontext
def demo_remove(*, yes: bool) -> None:
    """Put the demonstration aside and begin with an empty desk of your own. Nothing is deleted.

    Example: helpdesk demo remove
    """
    name = desk().name
    if desk().demo and settings().sqlite and not yes:
        click.echo("Database and files of the demonstration are moved into a folder beside them.")
        if click.prompt(f"Type the desk's name to go on ({name})", default="", show_default=False) != name:
            raise click.ClickException("That is another name. Nothing was touched.")
    aside = remove()
    click.echo(f"The demonstration is in {aside}. Delete it when you like.")
    click.echo("The desk is empty now. Set it up: helpdesk up")
