"""Settings of people, teams and the desk, the audit, and one's own page, as an administrator uses them."""

from __future__ import annotations

import re

import pyotp
import pytest

from helpdesk.channels.model import Notice
from helpdesk.core.audit import PROGRAM, AuditRow
from helpdesk.core.clock import now
from helpdesk.core.db import db
from helpdesk.core.desk import desk as the_desk
from helpdesk.office.browsers import named
from helpdesk.office.commands import save_desk
from helpdesk.people import passwords
from helpdesk.people.commands import set_password, start_session
from helpdesk.people.model import Agent, AgentSession, RecoveryCode, Team, TeamMember
from helpdesk.people.queries import two_factor, viewer_of_agent
from helpdesk.people.rights import Role, Scope
from tests.making import PASSWORD, Browser, Desk

sqlite_only = pytest.mark.parametrize("engine", ["sqlite"], indirect=True)
PEOPLE = "/a/settings/people"


@pytest.fixture(autouse=True)
def _quick_hashes(monkeypatch: pytest.MonkeyPatch) -> None:
    """The same algorithm with little work."""
    monkeypatch.setattr(passwords, "_hasher", passwords.PasswordHasher(time_cost=1, memory_cost=1024))


def _said(browser: Browser, url: str) -> str:
    answer = browser.get(url)
    assert answer.status_code == 200, url
    return answer.get_data(as_text=True)


def _audit(desk: Desk, about: str) -> list[tuple[str, str]]:
    return [(row.who, row.what) for row in desk.rows(AuditRow, about=about)]


def test_somebody_is_invited_comes_and_is_changed(desk: Desk) -> None:
    browser = desk.browser(desk.admin)
    _said(browser, f"{PEOPLE}/new")
    form = {"name": "Mara Kühn", "email": "mara@shop.example", "role": "lead", "scope": "teams"}
    refused = browser.post(f"{PEOPLE}/new", form)
    assert refused.status_code == 422
    assert "Choose a team" in refused.get_data(as_text=True)
    shown = browser.post(f"{PEOPLE}/new", form | {"teams": [str(desk.orders)]}).get_data(as_text=True)
    link = re.search(r"http://desk\.example(/welcome/[\w-]+)", shown)
    assert link is not None
    assert [n.recipient for n in desk.rows(Notice)] == ["mara@shop.example"]
    assert "Invited" in _said(browser, PEOPLE)
    _said(browser, f"{PEOPLE}/new")
    again = browser.post(f"{PEOPLE}/new", form | {"scope": "all"})
    assert "An agent has this address already" in again.get_data(as_text=True)

    mara = desk.browser()
    assert "Welcome, Mara Kühn" in _said(mara, link[1])
    assert mara.post(link[1], {"password": PASSWORD}).status_code == 302
    mara.get("/sign-in")
    assert mara.post("/sign-in", {"email": "mara@shop.example", "password": PASSWORD}).status_code == 302
    assert mara.get(PEOPLE).status_code == 403

    (made,) = desk.rows(Agent, email_key="mara@shop.example")
    page = f"{PEOPLE}/{made.id}"
    _said(browser, page)
    late = browser.post(f"{page}/invite")
    assert late.status_code == 409, "who has a password asks for a new one at the door"
    _said(browser, page)
    changed = {"name": "Mara Kühn", "email": "m.kuehn@shop.example", "role": "admin", "scope": "all"}
    assert browser.post(page, changed).status_code == 302
    db.session.rollback()
    viewer = viewer_of_agent(made.id)
    assert viewer is not None
    assert (viewer.role, viewer.scope, viewer.team_ids) == (Role.ADMIN, Scope.ALL, frozenset())
    assert mara.get(PEOPLE).status_code == 200, "rights count at once"
    assert _audit(desk, "agent") == [
        ("Joana Melo", "invited"),
        ("Mara Kühn", "accepted the invitation"),
        ("Joana Melo", "changed"),
    ]
    assert "role: lead, now admin" in _said(browser, page)


def test_the_last_administrator_stays_and_who_leaves_is_out_at_once(desk: Desk) -> None:
    browser = desk.browser(desk.admin)
    me = f"{PEOPLE}/{desk.admin.id}"
    _said(browser, me)
    out = browser.post(f"{me}/active", {"active": "no"})
    assert (out.status_code, "last administrator" in out.get_data(as_text=True)) == (409, True)
    form = {"name": "Joana Melo", "email": "joana@shop.example", "role": "agent", "scope": "all"}
    demoted = browser.post(me, form)
    assert (demoted.status_code, "last administrator" in demoted.get_data(as_text=True)) == (422, True)
    other = desk.agent("Mara Kühn", Role.ADMIN)
    theirs = desk.browser(other)
    assert theirs.get("/a/queue").status_code == 200
    page = f"{PEOPLE}/{other.id}"
    _said(browser, page)
    assert browser.post(f"{page}/active", {"active": "no"}).status_code == 302
    assert theirs.get("/a/queue").status_code == 302
    assert "1 person who left" in _said(browser, PEOPLE)
    _said(browser, page)
    assert browser.post(f"{page}/active", {"active": "yes"}).status_code == 302
    assert theirs.get("/a/queue").status_code == 302, "coming back revives no session"
    assert _audit(desk, "agent") == [("Joana Melo", "deactivated"), ("Joana Melo", "let in again")]


def test_a_team_is_made_filled_and_removed_only_when_nothing_is_in_it(desk: Desk) -> None:
    browser = desk.browser(desk.admin)
    tom = desk.agent("Tom Retour")
    _said(browser, "/a/settings/teams/new")
    form = {"name": "Boots", "icon": "box", "members": [str(tom.id), "999999"]}
    assert browser.post("/a/settings/teams/new", form).status_code == 302
    (team,) = desk.rows(Team, name="Boots")
    assert [m.agent_id for m in desk.all(TeamMember)] == [tom.id]
    page = f"/a/settings/teams/{team.id}"
    _said(browser, page)
    for wrong in (
        {"name": "Orders", "icon": "box"},
        {"name": " ", "icon": "box"},
        {"name": "x", "icon": "y"},
    ):
        assert browser.post(page, wrong).status_code == 422
    assert browser.post(page, {"name": "Boots and tents", "icon": "tag"}).status_code == 302
    assert desk.all(TeamMember) == []
    _said(browser, page)
    assert browser.post(f"{page}/remove").status_code == 302
    assert desk.rows(Team, name="Boots and tents") == []
    desk.ticket()  # of the team Orders, as its mailbox says
    orders = f"/a/settings/teams/{desk.orders}"
    _said(browser, orders)
    kept = browser.post(f"{orders}/remove")
    assert (kept.status_code, "1 ticket belongs to this team" in kept.get_data(as_text=True)) == (409, True)
    assert [what for _who, what in _audit(desk, "team")] == ["added", "changed", "removed"]


@sqlite_only
def test_the_desk_is_named_and_every_change_is_in_the_audit(desk: Desk) -> None:
    browser = desk.browser(desk.admin)
    _said(browser, "/a/settings/desk")
    good = {"name": "Fjord Shop", "zone": "europe/berlin", "language": "en", "undo_seconds": "20"}
    for field, wrong in (("name", ""), ("zone", "Nowhere"), ("language", "xx"), ("undo_seconds", "31")):
        answer = browser.post("/a/settings/desk", good | {field: wrong})
        assert answer.status_code == 422, field
        assert f'id="e-{field}"' in answer.get_data(as_text=True), field
    assert browser.post("/a/settings/desk", good).status_code == 302
    assert (the_desk().name, the_desk().zone, the_desk().undo_seconds) == ("Fjord Shop", "Europe/Berlin", 20)
    audit = _said(browser, "/a/settings/audit")
    assert "time zone: UTC, now Europe/Berlin" in audit
    assert "Joana Melo" in audit
    assert "UTC, now Europe/Berlin" not in _said(browser, "/a/settings/audit?about=mailbox")
    assert "UTC, now Europe/Berlin" not in _said(browser, "/a/settings/audit?who=command%20line")
    for n in range(105):
        save_desk(name=f"Shop {n}", zone="UTC", language="en", undo_seconds="0", who=PROGRAM)
    first = _said(browser, "/a/settings/audit?about=desk")
    older = re.search(r'href="([^"]+before=[^"]+)" rel="next"', first)
    assert older is not None
    second = _said(browser, older[1].replace("&amp;", "&"))
    assert "about=desk" in older[1], "the next page keeps the filter"
    assert first.count("<time") == 50
    assert second.count("<time") == 50
    index = _said(browser, "/a/settings")
    for words in ("People", "Teams", "Mailboxes", "Mail texts", "Senders", "Shadow mode", "Desk", "Audit"):
        assert f"<b>{words}</b>" in index, words


def test_ones_own_page_changes_name_password_and_ends_sessions(desk: Desk) -> None:
    tom = desk.agent("Tom Retour")
    set_password(agent_id=tom.id, password=PASSWORD)
    browser, other, third = desk.browser(tom), desk.browser(tom), desk.browser(tom)
    start_session(agent_id=desk.admin.id, network="x", browser="y")
    assert _said(browser, "/a/me").count("This one") == 1
    strange = desk.rows(AgentSession, agent_id=desk.admin.id)[0].id
    assert browser.post(f"/a/me/sessions/{strange}/end").status_code == 404, "others' sessions are not there"
    second = desk.rows(AgentSession, agent_id=tom.id)[1].id
    _said(browser, "/a/me")
    assert browser.post(f"/a/me/sessions/{second}/end").status_code == 302
    assert (other.get("/a/queue").status_code, third.get("/a/queue").status_code) == (302, 200)
    _said(browser, "/a/me")
    assert browser.post("/a/me/sessions/end-others").status_code == 302
    assert (third.get("/a/queue").status_code, browser.get("/a/queue").status_code) == (302, 200)
    _said(browser, "/a/me")
    assert browser.post("/a/me", {"name": "Tom R.", "after": "solved"}).status_code == 302
    db.session.rollback()
    viewer = viewer_of_agent(tom.id)
    assert viewer is not None
    assert (viewer.name, viewer.after_reply) == ("Tom R.", "solved")
    _said(browser, "/a/me")
    wrong = {"current": "not it at all", "password": "a quite different one"}
    assert browser.post("/a/me/password", wrong).status_code == 422
    old = desk.browser(tom)
    assert browser.post("/a/me/password", wrong | {"current": PASSWORD}).status_code == 302
    assert browser.get("/a/me").status_code == 200, "this one goes on, with a new id"
    assert old.get("/a/me").status_code == 302
    assert _audit(desk, "agent")[-1] == ("Tom R.", "changed the password")


def test_two_factor_is_set_up_on_ones_own_page_and_reset_by_an_administrator(desk: Desk) -> None:
    tom = desk.agent("Tom Retour")
    set_password(agent_id=tom.id, password=PASSWORD)
    browser = desk.browser(tom)
    _said(browser, "/a/me")
    assert browser.post("/a/me/two-factor").status_code == 302
    page = _said(browser, "/a/me")
    db.session.rollback()
    secret = two_factor(tom.id).secret
    assert '<svg class="qr"' in page
    assert secret[:4] + " " + secret[4:8] in page
    assert browser.post("/a/me/two-factor/on", {"code": "12"}).status_code == 422
    code = pyotp.TOTP(secret).at(int(now().timestamp()))
    codes = browser.post("/a/me/two-factor/on", {"code": code}).get_data(as_text=True)
    shown = re.findall(r"\w{4}-\w{4}-\w{4}-\w{4}", codes)
    assert len(shown) == 10
    after = _said(browser, "/a/me")
    assert shown[0] not in after
    assert secret[:4] + " " + secret[4:8] not in after, "neither is shown again"
    fresh = browser.post("/a/me/recovery-codes", {"off_password": PASSWORD}).get_data(as_text=True)
    assert not set(shown) & set(re.findall(r"\w{4}-\w{4}-\w{4}-\w{4}", fresh))
    _said(browser, "/a/me")
    assert browser.post("/a/me/two-factor/off", {"off_password": "wrong one"}).status_code == 422
    db.session.rollback()
    assert two_factor(tom.id).on_at is not None
    admin = desk.browser(desk.admin)
    assert "Two-factor" in _said(admin, PEOPLE)
    _said(admin, f"{PEOPLE}/{tom.id}")
    assert admin.post(f"{PEOPLE}/{tom.id}/two-factor").status_code == 302
    assert desk.rows(RecoveryCode) == []
    assert _audit(desk, "agent")[-1] == ("Joana Melo", "reset two-factor sign-in")


@pytest.mark.parametrize(
    ("said", "words"),
    [
        ("Mozilla/5.0 (X11; Linux x86_64; rv:140.0) Gecko/20100101 Firefox/140.0", ("Firefox", "Linux")),
        ("Mozilla/5.0 (Windows NT 10.0) Chrome/140.0 Safari/537.36 Edg/140.0", ("Edge", "Windows")),
        (
            "Mozilla/5.0 (iPhone; CPU iPhone OS 18_0 like Mac OS X) Version/18.0 Safari/604.1",
            ("Safari", "iPhone"),
        ),
        ("Mozilla/5.0 (Linux; Android 15) Chrome/140.0 Mobile Safari/537.36", ("Chrome", "Android")),
        ("test", ("", "")),
    ],
)
def test_browsers_have_names(said: str, words: tuple[str, str]) -> None:
    assert named(said) == words
