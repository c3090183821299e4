"""Runs claimed outbox rows: one semantics, whichever bell rang."""

import os
import socket
import threading
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

import structlog
from flask import Flask, current_app

from helpdesk.core.db import command
from helpdesk.core.desk import desk
from helpdesk.core.errors import PermanentError, TemporaryError
from helpdesk.core.jobs import outbox
from helpdesk.core.jobs.outbox import Claim

HELD_S = 30
"""How soon held work looks again whether the desk may speak, in seconds."""

log = structlog.get_logger(__name__)


@dataclass(frozen=True)
class Job:
    """How work of one kind is done.

    `world` False: touches the database only; runs in one transaction with its done mark, exactly once.
    `world` True: talks to the outside; runs outside a transaction, at least once, safe to run twice.
    `outward`: reaches people or other systems, so a silent desk (restored, or in shadow mode) holds it.
    `looks`: only looks at what is outside, which a desk in shadow mode may do.
    """

    run: Callable[[Mapping[str, Any]], None]
    world: bool = False
    outward: bool = False
    looks: bool = False


def jobs_of(app: Flask) -> dict[str, Job]:
    """Return the kinds of work `app` knows."""
    found: dict[str, Job] = app.extensions["jobs"]
    return found


def owner_name() -> str:
    """Return who claims: host, process and thread."""
    return f"{socket.gethostname()}:{os.getpid()}:{threading.get_ident() % 100_000}"


def run_due(*, limit: int = 10, only: int | None = None) -> int:
    """Claim due rows and run them in order; return how many were claimed."""
    if only is None and not outbox.anything_due():
        return 0
    claims = outbox.claim(owner_name(), limit=limit, only=only)
    for mine in claims:
        run_one(mine)
    return len(claims)


def run_all(cap: int = 10_000) -> int:
    """Run until nothing is due (tests, demo, one-shot commands); return how many ran.

    Raises:
        RuntimeError: more than `cap` rows ran, so something goes in circles.
    """
    total = 0
    while ran := run_due(limit=50):
        total += ran
        if total > cap:
            raise RuntimeError(f"more than {cap} outbox rows in one go")
    return total


def run_one(mine: Claim) -> bool:
    """Run one claimed row to its end, whatever happens; return whether it is done."""
    job = jobs_of(current_app).get(mine.kind)
    if job is None:
        outbox.bury(mine, f"no job of kind {mine.kind!r} in this release")
        return False
    bound = log.bind(job=mine.kind, row=mine.id, try_=mine.tries)
    if job.outward and (desk().held or (desk().shadow and not job.looks)):
        why = "this desk was restored from a backup" if desk().held else "this desk is in shadow mode"
        outbox.retry_later(mine, f"held: {why}", HELD_S)
        return False
    try:
        if job.world:
            job.run(mine.payload)
            return outbox.done(mine)
        _within(job, mine)
    except outbox.FencedOutError:
        bound.warning("job.fenced_out")
        return False
    except TemporaryError as error:
        bound.info("job.later", why=str(error), retry_in_s=error.retry_in_s)
        outbox.retry_later(mine, str(error), error.retry_in_s)
        return False
    except PermanentError as error:
        bound.warning("job.refused", why=str(error))
        outbox.bury(mine, str(error))
        return False
    except Exception as error:  # noqa: BLE001 - whatever a job raises is kept on its row
        bound.exception("job.failed")
        outbox.retry_later(mine, f"{type(error).__name__}: {error}")
        return False
    return True


@command
def _within(job: Job, mine: Claim) -> None:
    job.run(mine.payload)
    outbox.done_within(mine)
