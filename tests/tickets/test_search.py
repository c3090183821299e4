"""The search field: words, chips, and only what the viewer may see (ui 6.3)."""

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from helpdesk.core.db import command, session
from helpdesk.people.rights import Role, Scope, Viewer
from helpdesk.tickets import searching
from helpdesk.tickets.commands import changing, merging, relating, writing
from helpdesk.tickets.commands.indexing import FTS, TABLE, index_missing, not_indexed
from helpdesk.tickets.content import Content
from helpdesk.tickets.lifecycle import State
from helpdesk.tickets.queries.search import search
from tests.making import Desk

LABEL = ("Label 7.pdf", "application/pdf", b"%PDF-1")


def _find(viewer: Viewer, text: str) -> list[int]:
    return [hit.number for hit in search(viewer, searching.read(text)).hits]


def test_a_search_is_taken_apart() -> None:
    wanted = searching.read(
        'Torn "blue zip" -tent from:lena@x.de is:open tag:VIP before:2026-11 foo:bar Grüße'
    )
    assert wanted.terms == ("torn", "foo", "bar", "grusse")
    assert wanted.phrases == ("blue zip",)
    assert wanted.without == ("tent",)
    assert wanted.chips == (("from", "lena@x.de"), ("is", "open"), ("tag", "vip"), ("before", "2026-11"))
    assert wanted.unknown == ("foo:bar",)
    assert searching.read("#1042").number == 1042
    assert searching.read("is:blue").chips == ()
    assert searching.read("   ").empty


@settings(max_examples=200, deadline=None, derandomize=True, database=None)
@given(st.text(max_size=200))
def test_whatever_is_typed_is_a_search_and_marks_lose_no_letter(text: str) -> None:
    wanted = searching.read(text)
    assert "".join(piece for piece, _hit in searching.marks(text, wanted)) == text
    assert all(t == searching.folded(t) for t in wanted.terms)


@pytest.fixture
def filled(desk: Desk) -> Desk:
    """Four tickets that say different things."""
    desk.ticket(subject="Torn zip", text="The blue zip of my tent is torn.\nGrüße, Lena")
    desk.ticket(sender="Noor Aziz <noor@example.com>", subject="Invoice", text="Send the invoice for 45773.")
    desk.ticket(
        sender="Piotr <piotr@example.pl>",
        subject="Where is it",
        text="zip it was blue",
        files=[LABEL],
    )
    desk.ticket(sender="Spam <s@spam.example>", subject="Blue pills", text="Cheap blue zip")
    relating.change_tags(viewer=desk.admin, number=1001, add=["vip"])
    changing.assign(viewer=desk.admin, number=1002, agent_id=desk.admin.id)
    changing.set_state(viewer=desk.admin, number=1003, state=State.SOLVED)
    relating.set_trash(viewer=desk.admin, number=1004, on=True)
    return desk


CASES = {
    "blue": [1003, 1001],
    '"blue zip"': [1001],
    "zip -torn": [1003],
    "invoi": [1002],
    "GRUSSE": [1001],
    "45773": [1002],
    "label": [1003],
    "noor@example.com": [1002],
    "from:lena": [1001],
    "from:example.pl blue": [1003],
    "is:solved": [1003],
    "is:unresolved zip": [1001],
    "is:trash zip": [1004],
    "assignee:me": [1002, 1003],
    "is:unassigned is:unresolved": [1001],
    "tag:vip": [1001],
    "vip": [1001],
    "has:file": [1003],
    "after:2026-01 tag:vip": [1001],
    "before:2020": [],
    "team:returns": [],
    "subject:invoice": [1002],
    "nothing says this": [],
    "1002": [1002],
    "#1004": [1004],
    "' OR 1=1 --": [],
    'zip" NOT "blue': [],
    "*": [],
}


def test_words_and_chips_find_what_they_say(filled: Desk) -> None:
    found = {text: sorted(_find(filled.admin, text)) for text in CASES}
    assert found == {text: sorted(numbers) for text, numbers in CASES.items()}


def test_only_what_the_viewer_may_see_is_found_or_counted(filled: Desk) -> None:
    changing.move(viewer=filled.admin, number=1001, team_id=filled.returns)
    theirs = filled.agent("Tom Retour", Role.AGENT, Scope.TEAMS, (filled.returns,))
    for text in ("blue", "zip", "1002", "#1002", "has:file", "invoice"):
        found = search(theirs, searching.read(text))
        assert {h.number for h in found.hits} <= {1001}
        assert found.total <= 1


def test_the_index_follows_every_change(filled: Desk) -> None:
    writing.answer(viewer=filled.admin, number=1002, kind="note", content=Content("Ask the warehouse."))
    changing.set_subject(viewer=filled.admin, number=1002, subject="Bill of November")
    assert _find(filled.admin, "warehouse") == [1002]
    assert _find(filled.admin, "november") == [1002]
    relating.change_tags(viewer=filled.admin, number=1001, remove=["vip"])
    assert _find(filled.admin, "vip") == []
    other = filled.ticket(sender="Noor Aziz <noor@example.com>", subject="Again", text="A second umbrella.")
    merging.merge(viewer=filled.admin, numbers=[other.number], into=1002)
    assert _find(filled.admin, "umbrella") == [1002]
    assert not_indexed() == 0


def test_what_the_index_lost_comes_back(filled: Desk, engine: str) -> None:
    _forget(engine=engine)
    assert _find(filled.admin, "blue") == []
    assert (not_indexed(), index_missing(limit=3), index_missing(limit=3), index_missing()) == (4, 3, 1, 0)
    assert sorted(_find(filled.admin, "blue")) == [1001, 1003]


@command
def _forget(*, engine: str) -> None:
    session().execute((FTS if engine == "sqlite" else TABLE).delete())


def test_the_page_marks_the_line_and_a_number_typed_in_the_sidebar_opens_it(filled: Desk) -> None:
    browser = filled.browser(filled.admin)
    page = browser.get("/a/search?q=torn").get_data(as_text=True)
    assert "<mark>torn</mark>" in page
    assert "<mark>Torn</mark>" in page
    gone = browser.get("/a/search?q=1002&go=1")
    assert gone.headers["Location"].startswith("/a/tickets/1002")
    assert "No ticket says that" in browser.get("/a/search?q=xyzzy").get_data(as_text=True)
    assert browser.get("/a/search").status_code == 200
