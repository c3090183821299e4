"""Lists kept under a name: what they show, who sees them, and that their number is their length."""

import re
from typing import Any

import pytest

from helpdesk.core.errors import ForbiddenError, InvalidError, NotFoundError
from helpdesk.people.rights import Role, Scope
from helpdesk.tickets.commands import changing, relating, views
from helpdesk.tickets.lifecycle import State
from helpdesk.tickets.model import SavedView
from helpdesk.tickets.queries.queue import queue
from helpdesk.tickets.queries.views import views_of
from tests.making import Desk

LATE = {"view": "all", "f": ["tag:has:late", "priority:at_least:3"]}


def _fill(desk: Desk) -> None:
    for n in range(5):
        ticket = desk.ticket(sender=f"c{n}@shop{n}.example")
        if n < 3:
            relating.change_tags(viewer=desk.admin, number=ticket.number, add=["late"])
        if n in {1, 2, 4}:
            changing.set_priority(viewer=desk.admin, number=ticket.number, priority=4)
    changing.set_state(viewer=desk.admin, number=1001, state=State.SOLVED)


def test_the_number_beside_a_view_is_the_length_of_its_list(desk: Desk) -> None:
    _fill(desk)
    lists: dict[str, dict[str, Any]] = {
        "Late": LATE,
        "Done": {"view": "all", "state": "solved"},
        "Mine": {"view": "mine"},
    }
    for name, args in lists.items():
        views.save_view(viewer=desk.admin, name=name, args=args, shared=False)
    browser = desk.browser(desk.admin)
    page = browser.get("/a/queue?view=all").get_data(as_text=True)
    for line in views_of(desk.admin):
        rows = queue(desk.admin, line.filter, size=100).rows
        shown = re.search(rf"saved={line.id}\"[^>]*>.*?<span class=\"n[^\"]*\">(\d+)", page, re.DOTALL)
        assert shown is not None, line.name
        assert int(shown[1]) == len(rows), line.name
    assert [r.number for r in queue(desk.admin, views_of(desk.admin)[1].filter).rows] == [1002, 1003]


def test_a_view_is_kept_opened_changed_and_forgotten_on_the_page(desk: Desk) -> None:
    _fill(desk)
    browser = desk.browser(desk.admin)
    browser.get("/a/queue?view=all&f=tag:has:late")
    kept = browser.post("/a/views?view=all&f=tag:has:late", {"name": "  Late   ones "})
    page = browser.get(kept.headers["Location"]).get_data(as_text=True)
    assert "<h1>Late ones</h1>" in page
    assert "2 open" in page
    browser.post("/a/views?view=all&f=tag:has:late&f=priority:at_least:3", {"name": "Late ones"})
    assert [v.args["f"] for v in desk.rows(SavedView)] == [["tag:has:late", "priority:at_least:3"]]
    assert browser.post("/a/views?view=all", {"name": " "}).headers["Location"].endswith("said=view-unnamed")
    view = desk.rows(SavedView)[0].id
    assert browser.post(f"/a/views/{view}/delete?view=all", {}).status_code == 302
    assert desk.rows(SavedView) == []


def test_everyones_views_are_kept_by_leads_and_show_each_what_they_may_see(desk: Desk) -> None:
    _fill(desk)
    agent = desk.agent("Mara X")
    with pytest.raises(ForbiddenError):
        views.save_view(viewer=agent, name="All late", args=LATE, shared=True)
    made = views.save_view(viewer=desk.admin, name="All late", args=LATE, shared=True)
    views.save_view(viewer=desk.admin, name="Only mine", args=LATE, shared=False)
    elsewhere = desk.agent("Tom Retour", Role.AGENT, Scope.TEAMS, (desk.returns,))
    assert [v.name for v in views_of(elsewhere)] == ["All late"]
    assert queue(elsewhere, views_of(elsewhere)[0].filter).rows == ()
    with pytest.raises(NotFoundError):
        views.delete_view(viewer=agent, view_id=made)
    views.delete_view(viewer=desk.agent("Lia Haupt", Role.LEAD), view_id=made)
    assert views_of(agent) == []


def test_a_view_from_a_strange_address_shows_the_viewers_own_queue(desk: Desk) -> None:
    _fill(desk)
    with pytest.raises(InvalidError):
        views.save_view(viewer=desk.admin, name="", args={}, shared=False)
    browser = desk.browser(desk.admin)
    browser.get("/a/queue")
    browser.post("/a/views?view=nothing&state=x&f=bad:bad:bad&f=&saved=7", {"name": "Odd"})
    assert desk.rows(SavedView)[0].args == {"view": "mine"}
    assert browser.get("/a/queue?saved=99").status_code == 200
