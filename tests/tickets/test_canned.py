"""Canned replies and macros: who may keep which, how they are filled in, what happens when they are sent."""

from datetime import timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from helpdesk.core import clock
from helpdesk.core.audit import AuditRow
from helpdesk.core.clock import now
from helpdesk.core.desk import set_desk
from helpdesk.core.errors import ForbiddenError, InvalidError, NotFoundError
from helpdesk.core.jobs.runner import run_all
from helpdesk.people.rights import Role, Scope, Viewer
from helpdesk.tickets import macros, placeholders
from helpdesk.tickets.commands.canned import CannedForm, delete_canned, save_canned, use_canned
from helpdesk.tickets.commands.sending import undo_reply
from helpdesk.tickets.doubts import doubts_about
from helpdesk.tickets.model import Canned, Draft, ScheduledReply
from helpdesk.tickets.queries.canned import canned_for
from helpdesk.tickets.queries.replaying import differences
from tests.making import Desk

HELLO = "Hello {customer.first_name},\n\nabout #{ticket.number}: we look.\n\n{agent.first_name}"
ACTS = ("tag:late parcel", "priority:3", "state:on_hold", "assign:me")


def _keep(viewer: Viewer, name: str = "Hello", shared: str = "everyone", **more: object) -> int:
    form = CannedForm(name, str(more.pop("text", HELLO)), shared, **more)  # type: ignore[arg-type] # by name
    return save_canned(viewer=viewer, canned_id=None, form=form)


def test_it_is_filled_in_for_the_ticket_and_counts_as_used(desk: Desk) -> None:
    number = desk.ticket().number
    made = _keep(desk.admin, acts=ACTS)
    text, acts = use_canned(viewer=desk.admin, number=number, canned_id=made)
    assert text == f"Hello Lena,\n\nabout #{number}: we look.\n\nJoana"
    assert set(acts) == set(ACTS)
    assert (desk.row(Canned, made).used, desk.row(Canned, made).last_used_at is not None) == (1, True)


def test_what_is_not_known_leaves_a_gap_that_is_asked_about(desk: Desk) -> None:
    number = desk.ticket(sender="nobody@example.de").number
    text, _acts = use_canned(viewer=desk.admin, number=number, canned_id=_keep(desk.admin))
    assert text.startswith("Hello [[customer.first_name]],")
    assert doubts_about(text, files=False) == ("placeholder",)
    assert doubts_about("Hello {customer.name}", files=False) == ("placeholder",)


def test_an_unknown_placeholder_is_refused_with_the_one_it_resembles(desk: Desk) -> None:
    with pytest.raises(InvalidError) as refused:
        _keep(desk.admin, text="Hello {customer.frist_name}")
    assert "{customer.first_name}" in refused.value.fields["text"]


def test_own_ones_are_everybodys_shared_ones_are_kept_by_leads(desk: Desk) -> None:
    mara = desk.agent("Mara Order", Role.AGENT, Scope.TEAMS, (desk.orders,))
    tom = desk.agent("Tom Retour", Role.AGENT, Scope.TEAMS, (desk.returns,))
    own = _keep(mara, "Own", "mine")
    _keep(desk.admin, "Orders", "team", team_id=desk.orders)
    everyone = _keep(desk.agent("Lia Haupt", Role.LEAD), "Everyone")
    assert [one.name for one in canned_for(mara)] == ["Everyone", "Orders", "Own"]
    assert [one.name for one in canned_for(tom)] == ["Everyone"]
    for shared, team in (("everyone", None), ("team", desk.orders)):
        with pytest.raises(ForbiddenError):
            _keep(mara, "Mine for all", shared, team_id=team)
    with pytest.raises(ForbiddenError):
        delete_canned(viewer=mara, canned_id=everyone)
    with pytest.raises(NotFoundError):
        delete_canned(viewer=desk.admin, canned_id=own)
    with pytest.raises(ForbiddenError):
        canned_for(desk.agent("Kim Leicht", Role.LIGHT))
    delete_canned(viewer=mara, canned_id=own)
    told = [(row.what, row.name) for row in desk.rows(AuditRow, about="canned")]
    assert told[0] == ("canned.added", "Own")
    assert told[-1] == ("canned.deleted", "Own")


def test_a_macro_is_done_when_the_reply_is_said_and_not_before(desk: Desk) -> None:
    set_desk(undo_seconds=10)
    number = desk.ticket().number
    browser = desk.browser(desk.admin)
    browser.get(f"/a/tickets/{number}")
    form = {"kind": "reply", "body": "We look.", "then_state": "pending", "do": list(ACTS)}
    assert browser.post(f"/a/tickets/{number}/messages", form).status_code == 302
    t = desk.ticket(number)
    assert (t.state, t.tags, t.priority, t.assignee_id) == ("new", [], 2, None)
    with clock.at(now() + timedelta(seconds=11)):
        run_all()
    t = desk.ticket(number)
    assert (t.state, t.tags, t.priority) == ("on_hold", ["late parcel"], 3), (
        "the macro's state, not the button's"
    )
    assert t.assignee_id == desk.admin.id
    assert differences()[1] == []


def test_undo_brings_the_acts_back_and_what_refuses_is_left_out(desk: Desk) -> None:
    set_desk(undo_seconds=10)
    number = desk.ticket().number
    browser = desk.browser(desk.admin)
    browser.get(f"/a/tickets/{number}")
    form = {"kind": "reply", "body": "We look.", "do": ["team:999999", "tag:late"]}
    browser.post(f"/a/tickets/{number}/messages", form)
    undo_reply(viewer=desk.admin, number=number, reply_id=desk.rows(ScheduledReply)[0].id)
    assert desk.all(Draft)[0].acts == ["tag:late", "team:999999"]
    page = browser.get(f"/a/tickets/{number}").get_data(as_text=True)
    assert 'name="do" value="tag:late" checked' in page
    browser.post(f"/a/tickets/{number}/messages", form)
    with clock.at(now() + timedelta(seconds=11)):
        run_all()
    t = desk.ticket(number)
    assert (t.tags, t.team_id, len(desk.outgoing("reply"))) == (["late"], desk.orders, 1)


def test_pages_keep_it_show_it_and_put_it_into_a_draft(desk: Desk) -> None:
    number = desk.ticket().number
    browser = desk.browser(desk.admin)
    browser.get("/a/canned/new")
    form = {"name": "Hello", "text": HELLO, "shared": f"team:{desk.orders}", "do_state": "pending"}
    form |= {"do_tags": "Late Parcel, #vip"}
    assert browser.post("/a/canned/new", form | {"text": "{nope}"}).status_code == 422
    assert "There is no placeholder {nope}" in browser.page
    assert browser.post("/a/canned/new", form).status_code == 302
    made = desk.rows(Canned)[0]
    assert (made.shared, made.team_id) == ("team", desk.orders)
    assert made.acts == ["tag:late parcel", "tag:vip", "state:pending"]
    assert "Tag late parcel" in browser.get("/a/canned").get_data(as_text=True)
    browser.get(f"/a/canned/{made.id}")
    shown = browser.post("/a/canned/preview", form, headers={"X-Fragment": "1"}).get_data(as_text=True)
    assert "Hello Lena," in shown
    browser.get(f"/a/tickets/{number}/canned")
    back = browser.post(f"/a/tickets/{number}/canned/{made.id}", {"kind": "reply"})
    assert back.headers["Location"].endswith("#editor")
    draft = desk.all(Draft)[0]
    assert draft.body.startswith("Hello Lena,")
    assert draft.acts == made.acts
    given = browser.post(f"/a/tickets/{number}/canned/{made.id}", headers={"X-Fragment": "1"}).get_json()
    assert given["acts"][0] == {"value": "tag:late parcel", "label": "Tag late parcel"}


@given(st.text(), st.dictionaries(st.sampled_from(placeholders.NAMES), st.text()))
def test_filling_in_never_looks_at_what_was_filled_in(text: str, values: dict[str, str]) -> None:
    known = "".join(f"{{{name}}}" for name in placeholders.NAMES)
    filled = placeholders.fill(text + known, values)
    assert filled == placeholders.fill(text, values) + "".join(
        values.get(name) or f"[[{name}]]" for name in placeholders.NAMES
    )


@given(st.lists(st.text() | st.sampled_from([*ACTS, "state:solved", "team:3", "state:new"])))
def test_acts_are_tidy_once_and_for_all(acts: list[str]) -> None:
    tidy = macros.tidy(acts)
    assert macros.tidy(tidy) == tidy
    assert all(macros.split(act)[0] in macros.KINDS for act in tidy)
    assert "state:new" not in tidy
