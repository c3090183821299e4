"""One act on one ticket by its name and value, as bulk acts and macros do them."""

from collections.abc import Iterable
from datetime import datetime

from helpdesk.core.db import session
from helpdesk.core.errors import HelpdeskError
from helpdesk.people.rights import Viewer
from helpdesk.tickets import macros
from helpdesk.tickets.commands import changing, relating
from helpdesk.tickets.lifecycle import State


def moment(value: str) -> datetime | None:
    """Return the aware moment an ISO text names, or None."""
    try:
        found = datetime.fromisoformat(value)
    except ValueError:
        return None
    return found if found.tzinfo else None


def do(viewer: Viewer, number: int, what: str, value: str) -> None:
    """Do one act inside the running command; whatever it refuses is raised as the command raises it."""
    if what == "assign":
        changing.assign(viewer=viewer, number=number, agent_id=int(value) if value else None)
    elif what == "team":
        changing.move(viewer=viewer, number=number, team_id=int(value) if value else None)
    elif what == "priority":
        changing.set_priority(viewer=viewer, number=number, priority=int(value))
    elif what == "state":
        changing.set_state(viewer=viewer, number=number, state=State(value))
    elif what == "snooze":
        relating.snooze(viewer=viewer, number=number, until=moment(value))
    elif what == "trash":
        relating.set_trash(viewer=viewer, number=number, on=True)
    else:
        tags = {"add": [value]} if what == "tag" else {"remove": [value]}
        relating.change_tags(viewer=viewer, number=number, **tags)


def do_macro(viewer: Viewer, number: int, acts: Iterable[str]) -> None:
    """Do what a canned reply brings along; an act the ticket refuses by now is left out, the reply stays."""
    for act in macros.tidy(acts):
        what, value = macros.split(act)
        try:
            with session().begin_nested():
                do(viewer, number, what, str(viewer.id) if value == "me" else value)
        except HelpdeskError:
            continue
