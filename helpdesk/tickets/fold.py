"""How an event changes a ticket. Pure: commands apply it as they write, replay applies it again.

Every column of a ticket that can be computed is computed here and nowhere else, so replaying the log must
give the present row (contracts 1).
"""

from datetime import UTC, datetime, timedelta
from typing import Any, Protocol

from helpdesk.tickets.lifecycle import PAUSED, UNSOLVED, State

PAUSED_AT = datetime(9000, 1, 1, tzinfo=UTC)
"""`queue_at` while nothing waits for us: sorts last on both engines (contracts 4)."""

AUTO_CLOSE = timedelta(days=7)
"""How long a solved ticket can be opened again by an answer (L4)."""

SETTABLE = frozenset({"subject", "priority", "team_id", "assignee_id"})
SNIPPET_CHARS = 140


class Fields(Protocol):
    """What of a ticket the log decides; the table row and a plain object for replay both have it."""

    subject: str
    state: str
    priority: int
    channel: str
    mailbox_id: int | None
    team_id: int | None
    assignee_id: int | None
    requester_id: int
    follow_up_of: int | None
    opened_at: datetime
    updated_at: datetime
    queue_at: datetime
    waiting_since: datetime | None
    open: bool
    solved_at: datetime | None
    closed_at: datetime | None
    close_at: datetime | None
    resolution_no: int
    message_count: int
    last_seq: int
    last_message_seq: int


COMPARED = tuple(Fields.__annotations__)
"""The columns that replay must reproduce."""


def apply(t: Fields, *, seq: int, kind: str, at: datetime, data: dict[str, Any]) -> None:
    """Change `t` as the event says.

    Raises:
        ValueError: the kind, or the field of a `set`, is not known.
    """
    change = {
        "created": _created,
        "message": _message,
        "status": _status,
        "set": _set,
        "accepted": _accepted,
    }.get(kind)
    if change is None:
        raise ValueError(f"unknown event kind {kind!r}")
    change(t, at, data)
    t.last_seq = seq
    if kind == "message":
        t.last_message_seq = seq
    t.updated_at = at if kind == "created" else max(t.updated_at, at)
    t.open = t.state in UNSOLVED
    if kind != "message" or data["public"]:  # what only the team sees moves no clock
        t.queue_at = _queue_at(t)


def _queue_at(t: Fields) -> datetime:
    if State(t.state) in PAUSED or not t.open:
        return PAUSED_AT
    return t.waiting_since or t.updated_at


def _created(t: Fields, at: datetime, data: dict[str, Any]) -> None:
    t.subject = data["subject"]
    t.state = State.NEW
    t.priority = data["priority"]
    t.channel = data["channel"]
    t.mailbox_id = data["mailbox_id"]
    t.team_id = data["team_id"]
    t.assignee_id = data["assignee_id"]
    t.requester_id = data["requester_id"]
    t.follow_up_of = data["follow_up_of"]
    t.opened_at = at
    t.waiting_since = None
    t.solved_at = t.closed_at = t.close_at = None
    t.resolution_no = 0
    t.message_count = t.last_message_seq = 0


def _message(t: Fields, at: datetime, data: dict[str, Any]) -> None:
    t.message_count += 1
    if not data["public"] or data["auto"]:
        return
    if data["from"] == "customer":
        t.waiting_since = t.waiting_since or at
    elif data["from"] == "agent":
        t.waiting_since = None


def _accepted(t: Fields, at: datetime, _data: dict[str, Any]) -> None:
    t.waiting_since = t.waiting_since or at


def _status(t: Fields, at: datetime, data: dict[str, Any]) -> None:
    t.state = State(data["to"])
    if t.state == State.SOLVED:
        t.solved_at = at
        t.close_at = at + AUTO_CLOSE
        if not data.get("kept"):
            t.resolution_no += 1
        t.waiting_since = None
    elif t.state == State.CLOSED:
        t.closed_at = at
        t.close_at = None
    else:
        t.solved_at = t.close_at = None


def _set(t: Fields, _at: datetime, data: dict[str, Any]) -> None:
    if data["field"] not in SETTABLE:
        raise ValueError(f"no event may set {data['field']!r}")
    setattr(t, data["field"], data["to"])


def snippet_of(text: str) -> str:
    """Return the first words of a message on one line, for lists."""
    line = " ".join(text.split())
    return line if len(line) <= SNIPPET_CHARS else line[: SNIPPET_CHARS - 1].rstrip() + "…"
