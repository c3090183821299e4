"""What the ground floor needs from its surroundings: a folder, keys, a database, perhaps Redis."""

import shutil
import stat
from collections.abc import Iterator, Mapping

import sqlalchemy as sa
from alembic.runtime.migration import MigrationContext
from alembic.script import ScriptDirectory
from flask import current_app

from helpdesk.core.clock import now
from helpdesk.core.db import session
from helpdesk.core.feature import Finding, Measure
from helpdesk.core.jobs import redis_bell
from helpdesk.core.jobs.outbox import OutboxRow
from helpdesk.core.running import settings

LEAST_DISK = 0.05
SLOW_S = 60.0


def place() -> Iterator[Finding]:
    """Look at the data folder and the keys."""
    data = settings().data
    usage = shutil.disk_usage(data)
    free = f"{usage.free / 1e9:.1f} GB free in {data}"
    if usage.free / usage.total > LEAST_DISK:
        yield Finding("disk", "ok", free)
    else:
        yield Finding("disk", "bad", free, "Make room: without it no mail is accepted.")
    keys = data / "secret.keys"
    mode = stat.S_IMODE(keys.stat().st_mode)
    if mode & 0o077:
        yield Finding("secret keys", "bad", f"{keys} can be read by others", f"Run: chmod 600 {keys}")
    else:
        yield Finding("secret keys", "ok", f"{keys}, readable by us alone; keep a copy in another place")


def database() -> Iterator[Finding]:
    """Look whether the database answers and is at this release."""
    try:
        session().scalar(sa.text("SELECT 1"))
        here = set(MigrationContext.configure(session().connection()).get_current_heads())
    except sa.exc.SQLAlchemyError as error:
        why = str(getattr(error, "orig", error)).splitlines()[0]
        yield Finding("database", "bad", why, "Check HELPDESK_DATABASE_URL, and whether the server runs.")
        return
    wanted = set(ScriptDirectory(current_app.extensions["migrate"].directory).get_heads())
    engine = "SQLite" if settings().sqlite else "PostgreSQL"
    if here == wanted:
        yield Finding("database", "ok", f"{engine} answers and is at this release")
    else:
        yield Finding("database", "bad", f"{engine} is at another release", "Run: helpdesk migrate")


def redis() -> Iterator[Finding]:
    """Look whether Redis answers, where one is set."""
    url = settings().redis_url
    if not url:
        yield Finding("redis", "ok", "not set: the database rings the bell")
    elif why := redis_bell.trouble(url):
        yield Finding("redis", "warn", why, "Work is done all the same, some seconds later. Start Redis.")
    else:
        yield Finding("redis", "ok", "answers")


def work() -> Iterator[Finding]:
    """Look whether somebody does the work."""
    late = oldest_due_s()[""]
    if late > SLOW_S:
        yield Finding("worker", "bad", f"work is due for {late:.0f} s", "Start a worker: helpdesk worker")
    else:
        yield Finding("worker", "ok", "nothing waits for longer than a minute")
    given_up = by_state().get("dead", 0)
    if given_up:
        yield Finding("outbox", "warn", f"{given_up:.0f} pieces of work were given up", "See: helpdesk fsck")


def by_state() -> Mapping[str, float]:
    """Return how many outbox rows there are, by state."""
    rows = session().execute(sa.select(OutboxRow.state, sa.func.count()).group_by(OutboxRow.state))
    return {"waiting": 0.0, "running": 0.0, "dead": 0.0, **{str(r[0]): float(r[1]) for r in rows}}


def oldest_due_s() -> Mapping[str, float]:
    """Return for how many seconds the oldest due work waits; 0 when none does."""
    oldest = session().scalar(
        sa.select(sa.func.min(OutboxRow.not_before)).where(
            OutboxRow.state == "waiting", OutboxRow.not_before <= now()
        )
    )
    return {"": (now() - oldest).total_seconds() if oldest else 0.0}


PROBES = (place, database, redis, work)
MEASURES = (
    Measure("helpdesk_outbox_rows", "Pieces of work in the outbox", by_state, "state"),
    Measure("helpdesk_outbox_oldest_due_seconds", "Age of the oldest due work", oldest_due_s),
)
