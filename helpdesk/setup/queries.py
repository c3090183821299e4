"""Reads of the first run: whether it is on, and how far it came."""

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from flask import current_app

from helpdesk.core.clock import now
from helpdesk.core.db import session
from helpdesk.core.desk import DeskSetting
from helpdesk.people.queries import anybody

NAME = "first_run"
"""Under this name the desk's settings hold the first run while it lasts."""


@dataclass(frozen=True, slots=True)
class FirstRun:
    """The first run: a code's digest until the administrator exists, then what was made in which step.

    `note` is a sentence about the mailbox that the next page shows.
    """

    until: datetime
    digest: str = ""
    admin_id: int | None = None
    mailbox_id: int | None = None
    team_id: int | None = None
    note: str = ""


def first_run() -> FirstRun | None:
    """Return the first run while it lasts: a day from its beginning."""
    row = session().get(DeskSetting, NAME, populate_existing=True)
    found = None if row is None else read(row.value)
    return found if found is not None and found.until > now() else None


def read(value: Any) -> FirstRun:
    """Return what the row says."""
    return FirstRun(
        until=datetime.fromisoformat(value["until"]),
        digest=value.get("digest", ""),
        admin_id=value.get("admin"),
        mailbox_id=value.get("mailbox"),
        team_id=value.get("team"),
        note=value.get("note", ""),
    )


def nobody() -> bool:
    """Return whether the desk waits for its first person."""
    if current_app.extensions.get("first_run_over"):
        return False
    found = not anybody()
    if not found:
        current_app.extensions["first_run_over"] = (
            True  # people are never removed, so this never changes back
        )
    return found


def is_on() -> bool:
    """Return whether there is a first run: nobody works here yet, or its administrator is still at it."""
    if nobody():
        return True
    run = first_run()
    return run is not None and run.admin_id is not None
