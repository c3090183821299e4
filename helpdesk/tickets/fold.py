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
    tags: list[str]
    fields: dict[str, Any]
    merged_into_id: int | None
    snoozed_until: datetime | None
    spam_at: datetime | None
    trashed_at: datetime | None


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
        "tags": _tags,
        "field": _field,
        "snooze": _snooze,
        "spam": _spam,
        "trash": _trash,
        "merged_away": _merged_away,
        "unmerged": _unmerged,
        "absorb": _absorb,
        "released": _released,
        "moved_out": _released,
        "split": _split,
        "cc": _nothing,
        "linked": _nothing,
        "unlinked": _nothing,
        "follower": _nothing,
        "dismissed": _nothing,
        "held_again": _nothing,
    }.get(kind)
    if change is None:
        raise ValueError(f"unknown event kind {kind!r}")
    change(t, at, data)
    t.last_seq = seq
    if kind == "message":
        t.last_message_seq = seq
    t.updated_at = at if kind == "created" else max(t.updated_at, at)
    t.open = t.state in UNSOLVED and t.spam_at is None and t.trashed_at is None
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
    t.tags = []
    t.fields = {}
    t.merged_into_id = None
    t.snoozed_until = t.spam_at = t.trashed_at = None


def _message(t: Fields, at: datetime, data: dict[str, Any]) -> None:
    t.message_count += 1
    if not data["public"] or data["auto"] or data.get("moved"):
        return
    if data["from"] == "customer":
        t.waiting_since = t.waiting_since or at
        t.snoozed_until = None
    elif data["from"] == "agent":
        t.waiting_since = None


def _accepted(t: Fields, at: datetime, _data: dict[str, Any]) -> None:
    t.waiting_since = t.waiting_since or at
    t.snoozed_until = None


def _status(t: Fields, at: datetime, data: dict[str, Any]) -> None:
    t.state = State(data["to"])
    if t.state == State.SOLVED:
        t.solved_at = at
        t.close_at = at + AUTO_CLOSE
        if not data.get("kept"):
            t.resolution_no += 1
        t.waiting_since = t.snoozed_until = None
    elif t.state == State.CLOSED:
        t.closed_at = at
        t.close_at = None
    else:
        t.solved_at = t.close_at = None


def _set(t: Fields, _at: datetime, data: dict[str, Any]) -> None:
    if data["field"] not in SETTABLE:
        raise ValueError(f"no event may set {data['field']!r}")
    setattr(t, data["field"], data["to"])


def _tags(t: Fields, _at: datetime, data: dict[str, Any]) -> None:
    t.tags = sorted((set(t.tags) | set(data["added"])) - set(data["removed"]))


def _field(t: Fields, _at: datetime, data: dict[str, Any]) -> None:
    kept = {k: v for k, v in t.fields.items() if k != data["key"]}
    t.fields = kept if data["to"] is None else kept | {data["key"]: data["to"]}


def _snooze(t: Fields, _at: datetime, data: dict[str, Any]) -> None:
    t.snoozed_until = _instant(data["until"])


def _spam(t: Fields, at: datetime, data: dict[str, Any]) -> None:
    t.spam_at = at if data["on"] else None


def _trash(t: Fields, at: datetime, data: dict[str, Any]) -> None:
    t.trashed_at = at if data["on"] else None


WAS = ("state", "resolution_no", "message_count", "last_message_seq")
WAS_AT = ("waiting_since", "solved_at", "close_at", "snoozed_until")


def before_merge(t: Fields) -> dict[str, Any]:
    """Return what a merge takes from a ticket, so that undoing it can give it back."""
    kept: dict[str, Any] = {name: getattr(t, name) for name in WAS}
    moments = {name: getattr(t, name) for name in WAS_AT}
    return kept | {name: at.isoformat() if at else None for name, at in moments.items()}


def _merged_away(t: Fields, at: datetime, data: dict[str, Any]) -> None:
    t.merged_into_id = data["into"]
    t.state = State.CLOSED
    t.closed_at = at
    t.waiting_since = t.solved_at = t.close_at = t.snoozed_until = None
    t.message_count = 0


def _unmerged(t: Fields, _at: datetime, data: dict[str, Any]) -> None:
    t.merged_into_id = t.closed_at = None
    for name in WAS:
        setattr(t, name, data["was"][name])
    for name in WAS_AT:
        setattr(t, name, _instant(data["was"][name]))


def _absorb(t: Fields, _at: datetime, data: dict[str, Any]) -> None:
    waiting = _instant(data["waiting_since"])
    if waiting is not None:
        t.waiting_since = min(t.waiting_since or waiting, waiting)
        t.snoozed_until = None


def _released(t: Fields, _at: datetime, data: dict[str, Any]) -> None:
    t.message_count -= len(data["messages"])
    t.last_message_seq = data["last_message_seq"]
    t.waiting_since = _instant(data["waiting_since"]) if t.state in UNSOLVED else None


def _split(t: Fields, at: datetime, data: dict[str, Any]) -> None:
    t.waiting_since = at if data["waiting"] else None


def _nothing(_t: Fields, _at: datetime, _data: dict[str, Any]) -> None:
    """Told in the log; no column of the ticket follows from it."""


def _instant(value: str | None) -> datetime | None:
    return None if value is None else datetime.fromisoformat(value)


def snippet_of(text: str) -> str:
    """Return the first words of a message on one line, for lists."""
    line = " ".join(text.split())
    return line if len(line) <= SNIPPET_CHARS else line[: SNIPPET_CHARS - 1].rstrip() + "…"
