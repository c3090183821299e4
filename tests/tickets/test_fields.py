"""Fields of the desk's own: what they take, where they are needed, and that the log holds them (L3)."""

from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from helpdesk.core.errors import ForbiddenError, InvalidError, NotFoundError
from helpdesk.people.rights import Role
from helpdesk.tickets.commands import changing, fields, writing
from helpdesk.tickets.content import Content
from helpdesk.tickets.fielding import KINDS, key_of_label, options_of, value_of
from helpdesk.tickets.lifecycle import State
from helpdesk.tickets.model import CustomField, TicketField
from helpdesk.tickets.queries.replaying import differences
from helpdesk.tickets.queries.search import search
from helpdesk.tickets.searching import read
from tests.making import Desk

REASONS = "Parcel: late\nParcel: lost\nProduct: broken"


def _field(desk: Desk, label: str = "Reason", kind: str = "choice", **more: Any) -> int:
    given: dict[str, Any] = {
        "options": REASONS if kind == "choice" else "",
        "required": False,
        "team_id": None,
        "position": 1,
        "active": True,
        "field_id": None,
    }
    return fields.save_field(viewer=desk.admin, label=label, kind=kind, **(given | more))


def _fill(desk: Desk, key: str, value: str) -> None:
    fields.set_field(viewer=desk.admin, number=1001, key=key, value=value)


TAKEN = {
    ("text", "  two  words "): "two  words",
    ("number", "1 234,50"): "1234.5",
    ("number", "-0.10"): "-0.1",
    ("number", "1e3"): "1000",
    ("date", "2026-02-28"): "2026-02-28",
    ("choice", "Parcel: lost"): "Parcel: lost",
    ("check", "yes"): "yes",
    ("check", "no"): None,
    ("number", " "): None,
}
REFUSED = [
    ("number", "many"),
    ("number", "nan"),
    ("date", "2026-02-30"),
    ("choice", "x"),
    ("text", "x" * 501),
]


def test_what_each_kind_takes() -> None:
    options = options_of(REASONS + "\n\nParcel: late")
    assert options == ["Parcel: late", "Parcel: lost", "Product: broken"]
    assert {case: value_of(*case, options) for case in TAKEN} == TAKEN
    for case in REFUSED:
        with pytest.raises(ValueError, match=r"\.$"):
            value_of(*case, options)
    assert key_of_label("Größe (EU) / size") == "grosse_eu_size"
    assert key_of_label("名前") == "field"


@settings(max_examples=150, deadline=None, derandomize=True, database=None)
@given(st.sampled_from(KINDS), st.text(max_size=60))
def test_what_was_kept_is_taken_again_as_it_is(kind: str, text: str) -> None:
    try:
        kept = value_of(kind, text, ["a", "b"])
    except ValueError:
        return
    assert kept is None or value_of(kind, kept, ["a", "b"]) == kept


def test_a_field_is_filled_in_kept_in_the_log_and_found(desk: Desk) -> None:
    desk.ticket()
    _field(desk)
    _field(desk, "Serial number", "text")
    _fill(desk, "reason", "Parcel: lost")
    _fill(desk, "serial_number", "AX 7731")
    _fill(desk, "serial_number", "AX 7732")
    assert desk.ticket(1001).fields == {"reason": "Parcel: lost", "serial_number": "AX 7732"}
    assert [h.number for h in search(desk.admin, read("7732")).hits] == [1001]
    _fill(desk, "reason", "")
    assert [(f.key, f.value) for f in desk.all(TicketField)] == [("serial_number", "AX 7732")]
    page = desk.browser(desk.admin).get("/a/tickets/1001").get_data(as_text=True)
    assert "set serial number to AX 7732" in page
    assert differences()[1] == []
    with pytest.raises(InvalidError):
        _fill(desk, "reason", "Weather")
    with pytest.raises(NotFoundError):
        _fill(desk, "unknown", "x")


def test_what_resolving_needs_is_asked_before(desk: Desk) -> None:
    desk.ticket()
    _field(desk, required=True)
    _field(desk, "Only returns", "text", required=True, team_id=desk.returns)
    with pytest.raises(InvalidError, match="Reason"):
        changing.set_state(viewer=desk.admin, number=1001, state=State.SOLVED)
    browser = desk.browser(desk.admin)
    browser.get("/a/tickets/1001")
    form = {"kind": "reply", "body": "Done.", "then_state": "solved"}
    asked = browser.post("/a/tickets/1001/messages", form)
    assert (asked.status_code, "Fill in before resolving: Reason." in asked.get_data(as_text=True)) == (
        422,
        True,
    )
    assert "Done." in asked.get_data(as_text=True)
    assert desk.outgoing("reply") == []
    assert browser.post("/a/tickets/1001/fields/reason", {"value": "Parcel: late"}).status_code == 302
    changing.set_state(viewer=desk.admin, number=1001, state=State.SOLVED)
    assert desk.ticket(1001).state == "solved"


def test_a_field_put_away_keeps_what_tickets_hold(desk: Desk) -> None:
    desk.ticket()
    made = _field(desk, required=True)
    _fill(desk, "reason", "Parcel: late")
    _field(desk, "Grund", field_id=made, active=False)
    row = desk.rows(CustomField)[0]
    assert (row.key, row.label, row.kind) == ("reason", "Grund", "choice")
    page = desk.browser(desk.admin).get("/a/tickets/1001").get_data(as_text=True)
    assert "Grund" in page
    assert "Parcel: late" in page
    writing.answer(viewer=desk.admin, number=1001, kind="note", content=Content("x"), then=State.SOLVED)
    assert desk.ticket(1001).state == "solved", "nothing is needed any more"


def test_settings_are_an_administrators_and_keep_what_was_typed(desk: Desk) -> None:
    browser = desk.browser(desk.admin)
    browser.get("/a/settings/fields/new")
    bad = browser.post("/a/settings/fields/new", {"label": "Colour", "kind": "choice", "options": "blue"})
    words = bad.get_data(as_text=True)
    assert (bad.status_code, "Colour" in words, "at least two options" in words) == (422, True, True)
    good = {"label": "Colour", "kind": "choice", "options": "blue\nred", "position": "3"}
    assert browser.post("/a/settings/fields/new", good).status_code == 302
    assert "Colour" in browser.get("/a/settings/fields").get_data(as_text=True)
    with pytest.raises(ForbiddenError):
        fields.save_field(
            viewer=desk.agent("Lia Haupt", Role.LEAD),
            field_id=None,
            label="x",
            kind="text",
            options="",
            required=False,
            team_id=None,
            position=1,
            active=True,
        )
