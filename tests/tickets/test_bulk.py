"""One act on many tickets: what it does, leaves out, shows and takes back."""

from datetime import timedelta
from typing import Any

import pytest

from helpdesk.core import clock
from helpdesk.core.clock import now
from helpdesk.core.errors import InvalidError, NotFoundError, RefusedError
from helpdesk.core.jobs.runner import run_all
from helpdesk.people.rights import Role, Scope
from helpdesk.tickets.commands import bulk, changing
from helpdesk.tickets.lifecycle import State
from helpdesk.tickets.model import BulkAct, Ticket
from helpdesk.tickets.queries.queue import QueueFilter
from helpdesk.tickets.queries.replaying import differences
from tests.making import Desk


def _tickets(desk: Desk, count: int = 4) -> list[int]:
    return [desk.ticket(sender=f"c{n}@shop{n}.example", subject=f"Matter {n}").number for n in range(count)]


def _states(desk: Desk) -> list[tuple[str, int | None, int, int | None, list[str], bool]]:
    return [
        (t.state, t.assignee_id, t.priority, t.team_id, t.tags, t.snoozed_until is not None)
        for t in desk.rows(Ticket)
    ]


ACTS = [
    ("assign", "1"),
    ("team", "2"),
    ("team", ""),
    ("priority", "4"),
    ("state", "pending"),
    ("state", "solved"),
    ("tag", "Late"),
    ("snooze", ""),
    ("trash", ""),
]


@pytest.mark.parametrize(("what", "value"), ACTS)
def test_an_act_is_done_and_taken_back(desk: Desk, what: str, value: str) -> None:
    numbers = _tickets(desk)
    for number in numbers:  # nothing returns to new
        changing.set_state(viewer=desk.admin, number=number, state=State.OPEN)
    before, seq = _states(desk), desk.ticket(numbers[3]).last_seq
    act = bulk.act_on(viewer=desk.admin, what=what, value=value or _soon(what), numbers=numbers[:3])
    assert len(desk.rows(BulkAct)[0].done) == 3
    assert _states(desk)[:3] != before[:3] or what == "trash"
    assert desk.ticket(numbers[3]).last_seq == seq, "who was not chosen is not touched"
    assert bulk.undo(viewer=desk.admin, act_id=act) == (3, 0)
    assert _states(desk) == before
    assert differences()[1] == []


def _soon(what: str) -> str:
    return (now() + timedelta(days=1)).isoformat() if what == "snooze" else ""


def test_what_refuses_is_left_out_with_its_reason_and_the_rest_is_done(desk: Desk) -> None:
    numbers = _tickets(desk, 3)
    for state in (State.SOLVED, State.CLOSED):
        changing.set_state(viewer=desk.admin, number=numbers[1], state=state)
    bulk.act_on(viewer=desk.admin, what="priority", value="4", numbers=numbers)
    act = desk.rows(BulkAct)[0]
    assert [one["number"] for one in act.done] == [numbers[0], numbers[2]]
    assert [(one["number"], "closed" in one["why"]) for one in act.left] == [(numbers[1], True)]


def test_nobody_changes_what_they_do_not_see(desk: Desk) -> None:
    numbers = _tickets(desk, 2)
    elsewhere = desk.agent("Tom Retour", Role.AGENT, Scope.TEAMS, (desk.returns,))
    with pytest.raises(InvalidError):
        bulk.act_on(viewer=elsewhere, what="priority", value="4", numbers=numbers)
    with pytest.raises(InvalidError):
        bulk.act_on(viewer=elsewhere, what="priority", value="4", everything=QueueFilter("all"))
    light = desk.agent("Kim Leicht", Role.LIGHT)
    bulk.act_on(viewer=light, what="priority", value="4", numbers=numbers)
    assert {t.priority for t in desk.rows(Ticket)} == {2}
    assert len(desk.rows(BulkAct)[0].left) == 2


def test_all_that_match_is_a_job_that_shows_how_far_it_is(
    desk: Desk, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(bulk, "AT_ONCE", 2)
    monkeypatch.setattr(bulk, "CHUNK", 3)
    _tickets(desk, 7)
    browser = desk.browser(desk.admin)
    browser.get("/a/queue?view=all")
    done = browser.post("/a/bulk?view=all", {"act": "tag:", "tag": "autumn", "all": "1"})
    page = browser.get(done.headers["Location"]).get_data(as_text=True)
    assert "0 of 7 done" in page
    run_all()
    assert "7 of 7 done" in browser.get(done.headers["Location"]).get_data(as_text=True)
    assert {tuple(t.tags) for t in desk.rows(Ticket)} == {("autumn",)}


def test_undo_leaves_what_somebody_changed_since_and_has_its_time(desk: Desk) -> None:
    numbers = _tickets(desk, 2)
    act = bulk.act_on(viewer=desk.admin, what="priority", value="4", numbers=numbers)
    changing.set_priority(viewer=desk.admin, number=numbers[0], priority=1)
    with pytest.raises(NotFoundError):
        bulk.undo(viewer=desk.agent("Mara X"), act_id=act)
    with clock.at(now() + timedelta(minutes=11)), pytest.raises(RefusedError):
        bulk.undo(viewer=desk.admin, act_id=act)
    assert bulk.undo(viewer=desk.admin, act_id=act) == (1, 1)
    assert [t.priority for t in desk.rows(Ticket)] == [1, 2]
    with pytest.raises(RefusedError):
        bulk.undo(viewer=desk.admin, act_id=act)


BAD: list[dict[str, Any]] = [
    {"what": "delete", "value": ""},
    {"what": "priority", "value": "9"},
    {"what": "state", "value": "merged"},
    {"what": "snooze", "value": "soon"},
    {"what": "tag", "value": " , "},
    {"what": "assign", "value": "x"},
]


def test_bad_acts_are_refused_and_change_nothing(desk: Desk) -> None:
    numbers = _tickets(desk, 1)
    for bad in BAD:
        with pytest.raises(InvalidError):
            bulk.act_on(viewer=desk.admin, numbers=numbers, **bad)
    with pytest.raises(InvalidError):
        bulk.act_on(viewer=desk.admin, what="priority", value="4", numbers=[])
    assert desk.rows(BulkAct) == []


def test_the_list_says_what_was_done_and_offers_to_undo(desk: Desk) -> None:
    numbers = _tickets(desk, 3)
    browser = desk.browser(desk.admin)
    page = browser.get("/a/queue?view=all").get_data(as_text=True)
    assert page.count('name="n"') == 3
    done = browser.post("/a/bulk?view=all", {"act": "assign:me", "n": [str(n) for n in numbers[:2]]})
    page = browser.get(done.headers["Location"]).get_data(as_text=True)
    assert "2 tickets assigned to you." in page
    act = desk.rows(BulkAct)[0].id
    assert browser.post(f"/a/bulk/{act}/undo", {}).status_code == 302
    assert {t.assignee_id for t in desk.rows(Ticket)} == {None}
