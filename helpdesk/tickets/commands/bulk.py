"""One act on many tickets: few at once, many as a job with progress; undone as far as it goes."""

from collections.abc import Mapping, Sequence
from datetime import datetime, timedelta
from typing import Any

import sqlalchemy as sa

from helpdesk.core.clock import now
from helpdesk.core.db import command, session
from helpdesk.core.errors import HelpdeskError, InvalidError, NotFoundError, RefusedError
from helpdesk.core.jobs.outbox import enqueue
from helpdesk.core.tables import Json
from helpdesk.people.queries import viewer_of_agent
from helpdesk.people.rights import Viewer
from helpdesk.tickets.actor import Actor
from helpdesk.tickets.commands import acts, changing, relating
from helpdesk.tickets.history import locked
from helpdesk.tickets.lifecycle import State, may_move
from helpdesk.tickets.model import BulkAct, Ticket
from helpdesk.tickets.queries.queue import QueueFilter, ids_of
from helpdesk.tickets.queries.scope import visible_tickets

AT_ONCE = 60
CHUNK = 40
MOST = 5000
UNDO_WITHIN = timedelta(minutes=10)
WHAT = ("assign", "team", "priority", "state", "tag", "untag", "snooze", "trash")
_WATCHED = ("assignee_id", "team_id", "priority", "state", "tags", "snoozed_until", "trashed_at")


@command
def act_on(
    *,
    viewer: Viewer,
    what: str,
    value: str,
    numbers: Sequence[int] = (),
    everything: QueueFilter | None = None,
) -> int:
    """Begin an act on the tickets `numbers`, or on `everything` a list holds; return its id.

    Up to sixty tickets are done when this returns; more are a job. What the viewer may not see is not there;
    what refuses is left out, with the reason.

    Raises:
        InvalidError: nothing chosen, no such act, a value the act cannot take, or over 5,000 tickets.
    """
    if what not in WHAT:
        raise InvalidError("There is no such act.", what="Choose one of the list.")
    _check(what, value)
    if everything is not None:
        ids = ids_of(viewer, everything, MOST + 1)
    else:
        wanted = visible_tickets(viewer).where(Ticket.number.in_(list(numbers)[: MOST + 1]))
        ids = list(session().scalars(wanted.with_only_columns(Ticket.id).order_by(Ticket.id)))
    if not ids:
        raise InvalidError("Choose at least one ticket.", numbers="Nothing is selected.")
    if len(ids) > MOST:
        raise InvalidError(f"These are over {MOST} tickets. Narrow the list first.", numbers="Too many.")
    act = BulkAct(
        agent_id=viewer.id,
        what=what,
        value=value,
        made_at=now(),
        state="running",
        total=len(ids),
        rest=ids,
        done=[],
        left=[],
    )
    session().add(act)
    session().flush()
    if len(ids) <= AT_ONCE:
        _some(act, viewer, len(ids))
    else:
        enqueue("tickets.bulk", {"act": act.id})
    return act.id


def _check(what: str, value: str) -> None:
    good = {
        "assign": value == "" or value.isdecimal(),
        "team": value == "" or value.isdecimal(),
        "priority": value in {"1", "2", "3", "4"},
        "state": value in set(State),
        "snooze": acts.moment(value) is not None,
    }
    if not good.get(what, True):
        raise InvalidError("Choose a value of the list.", value="Choose one of the list.")
    if what in {"tag", "untag"}:
        relating.tag_name(value)


def run_bulk(payload: Mapping[str, Any]) -> None:
    """Do the next tickets of a large act, and come back for the rest."""
    act = session().scalar(sa.select(BulkAct).where(BulkAct.id == int(payload["act"])).with_for_update())
    if act is None or act.state != "running":
        return
    viewer = viewer_of_agent(act.agent_id)
    if viewer is None:
        act.left = [*act.left, *({"number": n, "why": "Its agent left."} for n in _numbers(act.rest))]
        act.rest, act.state = [], "done"
        return
    _some(act, viewer, CHUNK)
    if act.rest:
        enqueue("tickets.bulk", {"act": act.id})


def _some(act: BulkAct, viewer: Viewer, count: int) -> None:
    now_ids, act.rest = act.rest[:count], act.rest[count:]
    done, left = list(act.done), list(act.left)
    for ticket_id in now_ids:
        ticket = session().get(Ticket, ticket_id)
        if ticket is None:
            continue
        before = _as_it_is(ticket)
        try:
            with session().begin_nested():
                acts.do(viewer, ticket.number, act.what, act.value)
        except HelpdeskError as error:
            left.append({"number": ticket.number, "why": str(error)})
            continue
        done.append({"id": ticket_id, "number": ticket.number, "before": before})
    act.done, act.left = done, left
    if not act.rest:
        act.state = "done"


def _as_it_is(ticket: Ticket) -> Json:
    found = {name: getattr(ticket, name) for name in _WATCHED}
    return {k: v.isoformat() if isinstance(v, datetime) else v for k, v in found.items()}


@command
def undo(*, viewer: Viewer, act_id: int) -> tuple[int, int]:
    """Put back what an act changed, within ten minutes; return (put back, left as they are now).

    What was changed again since, or is closed, stays as it is now.

    Raises:
        NotFoundError: there is no such act of the viewer.
        RefusedError: it still runs, was undone, or is older.
    """
    act = session().scalar(
        sa.select(BulkAct).where(BulkAct.id == act_id, BulkAct.agent_id == viewer.id).with_for_update()
    )
    if act is None:
        raise NotFoundError("There is no such act of yours.")
    if act.state != "done":
        raise RefusedError("It was undone before." if act.state == "undone" else "It still runs.")
    if now() > act.made_at + UNDO_WITHIN:
        raise RefusedError("It is too late to undo this.")
    back = 0
    for one in act.done:
        try:
            with session().begin_nested():
                _put_back(locked(one["id"], closed_too=act.what == "trash"), act, one["before"], viewer)
        except HelpdeskError:
            continue
        back += 1
    act.state = "undone"
    return back, len(act.done) - back


def _put_back(ticket: Ticket, act: BulkAct, before: Json, viewer: Viewer) -> None:
    actor = Actor.agent(viewer.id)
    if act.what in {"assign", "team", "priority"}:
        field = {"assign": "assignee_id", "team": "team_id", "priority": "priority"}[act.what]
        _unchanged_since(getattr(ticket, field) == (int(act.value) if act.value else None))
        changing.change_field(ticket, field, before[field], actor=actor)
    elif act.what == "state":
        _unchanged_since(ticket.state == act.value)
        was = State.OPEN if before["state"] == State.NEW else State(before["state"])
        _unchanged_since(was is State(ticket.state) or may_move(State(ticket.state), was))
        changing.change_state(ticket, was, actor=actor)
        changing.change_field(ticket, "assignee_id", before["assignee_id"], actor=actor)
    elif act.what == "snooze":
        until = before["snoozed_until"]
        relating.put_snooze(ticket, datetime.fromisoformat(until) if until else None, actor)
    elif act.what == "trash":
        relating.set_trash(viewer=viewer, number=ticket.number, on=False)
    elif relating.tag_name(act.value) not in before["tags"]:
        relating.tag_ticket(ticket, remove=[act.value], actor=actor)
    elif act.what == "untag":
        relating.tag_ticket(ticket, add=[act.value], actor=actor)


def _unchanged_since(holds: bool) -> None:
    if not holds:
        raise RefusedError("Somebody changed it since.")


def _numbers(ids: Sequence[int]) -> list[int]:
    return list(session().scalars(sa.select(Ticket.number).where(Ticket.id.in_(ids))))
