"""`helpdesk backup` and `helpdesk restore`: a whole desk to a folder and back, proved by counts and digests.

A backup folder holds `files/` (content-addressed, shared by all backups in it, only added to) and one folder
per backup with the database and a manifest. The database is copied first: whatever it refers to is in the
store already. The secret keys are not in it unless asked for; the manifest names them.
"""

import json
import secrets
import shutil
import sqlite3
import subprocess
import sys
import tempfile
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from hashlib import sha256
from pathlib import Path
from typing import Any

import click
import sqlalchemy as sa
from alembic.runtime.migration import MigrationContext
from alembic.script import ScriptDirectory
from flask import current_app
from flask.cli import with_appcontext

from helpdesk.app import create_app
from helpdesk.core.census import Sum, census, differing, to_plain
from helpdesk.core.clock import now
from helpdesk.core.db import db
from helpdesk.core.desk import set_desk
from helpdesk.core.errors import RefusedError
from helpdesk.core.files import FileStore, store
from helpdesk.core.keys import ring
from helpdesk.core.running import settings
from helpdesk.fsck import all_checks
from helpdesk.settings import Settings

VERSION = 1
Say = Callable[[str], None]


def back_up(target: Path, *, with_keys: bool, say: Say) -> Path:
    """Write a backup into `target` while the desk runs; return its folder."""
    done = target / f"helpdesk-{now():%Y%m%d-%H%M%S-%f}"
    folder = target / f".unfinished-{done.name}"
    folder.mkdir(parents=True, mode=0o700)
    copy = _copy_sqlite if settings().sqlite else _copy_postgresql
    say("backup: database")
    name, sums, revision = copy(folder)
    files = _copy_files(store(), FileStore(target / "files"), say)
    if with_keys:
        shutil.copy2(settings().data / "secret.keys", folder / "secret.keys")
    manifest = {
        "version": VERSION,
        "made_at": now().isoformat(),
        "engine": "sqlite" if settings().sqlite else "postgresql",
        "database": name,
        "database_sha256": _digest(folder / name),
        "revision": revision,
        "key_ids": ring().ids,
        "keys_included": with_keys,
        "files": files,
        "tables": to_plain(sums),
    }
    (folder / "manifest.json").write_text(json.dumps(manifest, indent=1) + "\n")
    return folder.rename(done)


def restore(folder: Path, *, say: Say) -> None:
    """Bring a backup into this empty desk; everything that would reach the world is held until released.

    Raises:
        RefusedError: the desk is not empty, or the backup is not whole or of the other engine.
    """
    manifest = read_manifest(folder)
    running = settings()
    if manifest["engine"] != ("sqlite" if running.sqlite else "postgresql"):
        raise RefusedError(
            f"This backup is of a {manifest['engine']} desk. Restore it there, then use move-to."
        )
    heads = ScriptDirectory(current_app.extensions["migrate"].directory).get_heads()
    if manifest["revision"] not in heads:
        raise RefusedError(
            f"This backup is of another release (migration {manifest['revision']}). "
            "Restore it with that release, then update and run: helpdesk migrate"
        )
    if _digest(folder / manifest["database"]) != manifest["database_sha256"]:
        raise RefusedError("The database in this backup is not what was written. Use another backup.")
    _bring_keys(folder, manifest, running)
    say("restore: database")
    if running.sqlite:
        _restore_sqlite(folder / manifest["database"], running)
    else:
        _restore_postgresql(folder / manifest["database"], running)
    _copy_files(FileStore(folder.parent / "files"), store(), say)
    with db.engine.connect() as connection:
        wrong = differing({n: Sum(**s) for n, s in manifest["tables"].items()}, census(connection))
        connection.rollback()
    if wrong:
        raise RefusedError("The restored database differs: " + "; ".join(wrong))
    set_desk(held=True)


def read_manifest(folder: Path) -> dict[str, Any]:
    """Return what a backup says about itself.

    Raises:
        RefusedError: it is no backup, or of a version we do not know.
    """
    try:
        manifest: dict[str, Any] = json.loads((folder / "manifest.json").read_text())
    except (OSError, ValueError) as error:
        raise RefusedError(f"{folder} is no backup: its manifest cannot be read.") from error
    if manifest.get("version") != VERSION:
        raise RefusedError(
            f"This backup is of version {manifest.get('version')}, this release reads {VERSION}."
        )
    return manifest


def _copy_sqlite(folder: Path) -> tuple[str, dict[str, Sum], str | None]:
    target = folder / "database.db"
    with db.engine.connect() as connection:
        raw: Any = connection.connection.driver_connection
        connection.rollback()
        raw.execute("VACUUM INTO ?", (str(target),))
    copy = sa.create_engine(f"sqlite:///{target}")
    try:
        with copy.connect() as connection:
            sums, revision = census(connection), MigrationContext.configure(connection).get_current_revision()
            connection.rollback()
    finally:
        copy.dispose()
    with sqlite3.connect(target) as plain:
        plain.execute("PRAGMA journal_mode=DELETE")
    for rest in ("-wal", "-shm"):
        Path(f"{target}{rest}").unlink(missing_ok=True)
    return target.name, sums, revision


def _copy_postgresql(folder: Path) -> tuple[str, dict[str, Sum], str | None]:
    target = folder / "database.dump"
    with db.engine.connect().execution_options(isolation_level="REPEATABLE READ") as connection:
        snapshot = connection.scalar(sa.text("SELECT pg_export_snapshot()"))
        _run(
            "pg_dump", "--format=custom", f"--snapshot={snapshot}", f"--file={target}", _plain_url(settings())
        )
        return target.name, census(connection), MigrationContext.configure(connection).get_current_revision()


def _restore_sqlite(source: Path, running: Settings) -> None:
    target = Path(running.database_url.removeprefix("sqlite:///"))
    if target.exists():
        raise RefusedError(f"There is a database at {target}. Restore into an empty data folder.")
    shutil.copy2(source, target)


def _restore_postgresql(source: Path, running: Settings) -> None:
    if sa.inspect(db.engine).get_table_names():
        raise RefusedError("The database is not empty. Restore into a new one.")
    _run("pg_restore", "--no-owner", "--exit-on-error", f"--dbname={_plain_url(running)}", str(source))
    db.engine.dispose()


def _bring_keys(folder: Path, manifest: dict[str, Any], running: Settings) -> None:
    kept = folder / "secret.keys"
    if kept.exists():
        shutil.copy2(kept, running.data / "secret.keys")
        (running.data / "secret.keys").chmod(0o600)
    here = set(json.loads((running.data / "secret.keys").read_text()))
    missing = set(manifest["key_ids"]) - here
    if missing:
        raise RefusedError(
            f"The key {', '.join(sorted(missing))} is not in {running.data / 'secret.keys'}. "
            "Put the desk's secret.keys there first: without it old links and reply addresses stay shut."
        )


def _copy_files(source: FileStore, target: FileStore, say: Say) -> int:
    wanted = list(source.digests())
    fresh = [d for d in wanted if not target.has(d)]
    for n, digest in enumerate(fresh, 1):
        target.put(source.get(digest))
        if n % 1000 == 0:
            say(f"files: {n} of {len(fresh)}")
    say(f"files: {len(wanted)}, of which {len(fresh)} are new there")
    return len(wanted)


def _digest(path: Path) -> str:
    sum_ = sha256()
    with path.open("rb") as file:
        while chunk := file.read(1 << 20):
            sum_.update(chunk)
    return sum_.hexdigest()


def _plain_url(running: Settings) -> str:
    return running.database_url.replace("postgresql+psycopg://", "postgresql://", 1)


def _run(program: str, *args: str) -> None:
    found = shutil.which(program) or next(
        (str(p) for p in sorted(Path("/usr/lib/postgresql").glob(f"*/bin/{program}"), reverse=True)), None
    )
    if found is None:
        raise RefusedError(f"{program} is not installed. Install PostgreSQL's client programs.")
    done = subprocess.run([found, *args], capture_output=True, text=True, check=False)  # noqa: S603 - found above
    if done.returncode:
        raise RefusedError(f"{program} failed: {done.stderr.strip()[:500]}")


@click.command("backup")
@click.argument("target", type=click.Path(file_okay=False, path_type=Path))
@click.option("--with-keys", is_flag=True, help="Put secret.keys in too; then guard the backup as the desk.")
@with_appcontext
def backup(target: Path, *, with_keys: bool) -> None:
    """Write a backup into the folder TARGET while the desk runs. Files are added once, however many backups.

    Example: helpdesk backup /var/backups/helpdesk
    """
    folder = back_up(target, with_keys=with_keys, say=click.echo)
    click.echo(f"Backup written to {folder}.")
    if not with_keys:
        click.echo(
            f"Not in it: {settings().data / 'secret.keys'}. Keep a copy of that in another safe place."
        )


@click.command("restore")
@click.argument("folder", type=click.Path(exists=True, file_okay=False, path_type=Path))
@click.option(
    "--verify", is_flag=True, help="Only try it: restore into a temporary place, check, throw it away."
)
def restore_command(folder: Path, *, verify: bool) -> None:
    """Restore the backup FOLDER into an empty desk. Nothing is sent or fetched until `helpdesk release`.

    Example: HELPDESK_DATA=/srv/new helpdesk restore /var/backups/helpdesk/helpdesk-20261122-030000
    """
    if not verify:
        app = create_app()
        with app.app_context():
            restore(folder, say=click.echo)
            click.echo("Restored. Sending and fetching are held; look around, then: helpdesk release")
        return
    rows, breaches = try_restore(folder, Settings(), say=click.echo)
    for words in breaches:
        click.echo(f"BAD  {words}")
    click.echo(f"Verified: {rows} rows, {len(breaches)} breaches.")
    if breaches:
        sys.exit(1)


def try_restore(folder: Path, running: Settings, *, say: Say) -> tuple[int, list[str]]:
    """Restore a backup into a temporary place, check everything, throw it away; return rows and breaches.

    A PostgreSQL backup is tried in a temporary database on the server of `running`, whose user may need the
    right to create one.
    """
    manifest = read_manifest(folder)
    with tempfile.TemporaryDirectory() as place, _empty_database(manifest["engine"], running, place) as url:
        if not (folder / "secret.keys").exists():
            shutil.copy2(running.data / "secret.keys", Path(place) / "secret.keys")
        app = create_app(Settings(data=Path(place), database_url=url, redis_url=""))
        with app.app_context():
            try:
                restore(folder, say=say)
                breaches = [words for check in all_checks() for words in check.run(True)]
            finally:
                db.session.remove()
                db.engine.dispose()
    return sum(table["rows"] for table in manifest["tables"].values()), breaches


@contextmanager
def _empty_database(engine: str, running: Settings, place: str) -> Iterator[str]:
    """Give the address of an empty database of `engine`, gone afterwards."""
    if engine == "sqlite":
        yield f"sqlite:///{place}/helpdesk.db"
        return
    if running.sqlite:
        raise RefusedError(
            "This backup is of a PostgreSQL desk. Name a server in HELPDESK_DATABASE_URL to try it on."
        )
    name = f"helpdesk_verify_{secrets.token_hex(4)}"
    server = sa.create_engine(running.database_url, isolation_level="AUTOCOMMIT", poolclass=sa.NullPool)
    with server.connect() as connection:
        connection.execute(sa.text(f"CREATE DATABASE {name}"))
    try:
        yield sa.make_url(running.database_url).set(database=name).render_as_string(hide_password=False)
    finally:
        with server.connect() as connection:
            connection.execute(sa.text(f"DROP DATABASE {name} WITH (FORCE)"))


@click.command("release")
@with_appcontext
def release() -> None:
    """Let a restored desk send and fetch mail again.

    Example: helpdesk release
    """
    set_desk(held=False)
    click.echo("Released: waiting mail goes out now, and mailboxes are fetched.")
