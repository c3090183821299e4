"""Signing in and out: one answer for every miss, sessions that end in time (contracts 10; T21, T23)."""

import re
import time
from collections.abc import Callable, Iterator
from datetime import timedelta
from http.cookies import SimpleCookie
from statistics import median

import pytest
import time_machine
from flask import Flask
from werkzeug.test import TestResponse

from helpdesk.core.db import db
from helpdesk.core.errors import InvalidError, NotFoundError, RefusedError
from helpdesk.core.web.sessions import COOKIE
from helpdesk.people import passwords
from helpdesk.people.commands import add_agent, add_team, contact_for, set_active, set_password, set_teams
from helpdesk.people.model import Agent, AgentSession, Contact
from helpdesk.people.passwords import fits, hashed
from helpdesk.people.queries import agent_id_of_address, contacts, viewer_of_agent
from helpdesk.people.rights import Right, Role, Scope, Viewer
from tests.making import PASSWORD, Browser, Desk
from tests.services.redis import RedisServer

sqlite_only = pytest.mark.parametrize("engine", ["sqlite"], indirect=True)
MARA = "mara@shop.example"


@pytest.fixture(autouse=True)
def _quick_hashes(monkeypatch: pytest.MonkeyPatch) -> None:
    """The same algorithm with little work: these tests hash a lot."""
    monkeypatch.setattr(passwords, "_hasher", passwords.PasswordHasher(time_cost=1, memory_cost=1024))


def _mara(**more: object) -> int:
    return add_agent(name="Mara Kühn", email=MARA, password=PASSWORD, **more)


def _sign_in(browser: Browser, email: str, password: str, **form: str) -> TestResponse:
    browser.get("/sign-in")
    return browser.post("/sign-in", {"email": email, "password": password, **form})


def _plain(answer: TestResponse, *typed: str) -> str:
    """Return a page without its token and what was typed."""
    page = re.sub(r'name="form_token" value="[^"]+"', "", answer.get_data(as_text=True))
    for word in typed:
        page = page.replace(word, "")
    return page


def test_the_right_password_opens_the_desk_and_leads_back(desk: Desk) -> None:
    agent_id = _mara()
    browser = desk.browser()
    away = browser.get("/a/tickets/1001?view=all")
    assert away.headers["Location"] == "/sign-in?next=/a/tickets/1001?view%3Dall"
    browser.get(away.headers["Location"])
    answer = browser.post("/sign-in", {"email": f"  {MARA.upper()} ", "password": PASSWORD})
    assert (answer.status_code, answer.headers["Location"]) == (302, "/a/tickets/1001?view=all")
    assert browser.get("/a/queue").status_code == 200
    (session,) = desk.rows(AgentSession)
    secret = SimpleCookie(answer.headers["Set-Cookie"])[COOKIE].value
    assert (session.agent_id, session.network) == (agent_id, "127.0.0.1")
    assert secret not in (session.digest, str(session.id)), "what is kept does not open anything"
    assert len(secret) >= 40


@pytest.mark.parametrize("engine", ["sqlite"], indirect=True)
def test_every_miss_gets_the_same_answer(desk: Desk) -> None:
    """T21: unknown address, wrong password, no password, left the desk: one page, one status."""
    _mara()
    add_agent(name="No Password", email="none@shop.example")
    gone = add_agent(name="Ulla Weg", email="ulla@shop.example", password=PASSWORD)
    set_active(agent_id=gone, active=False)
    browser = desk.browser()
    pages = set()
    for email, password in (
        (MARA, "wrong password"),
        (MARA, ""),
        (MARA, PASSWORD + "x" * 2000),
        ("nobody@shop.example", PASSWORD),
        ("none@shop.example", ""),
        ("none@shop.example", "None"),
        ("ulla@shop.example", PASSWORD),
        ("not an address", PASSWORD),
        ("", ""),
    ):
        answer = _sign_in(browser, email, password)
        assert answer.status_code == 422, email
        assert "Set-Cookie" not in answer.headers
        assert not email or f'value="{email}"' in answer.get_data(as_text=True), "the address stays typed"
        pages.add(_plain(answer, *([email] if email else []), "autofocus"))
    assert len(pages) <= 2, "they differ in nothing but what was typed"
    assert desk.rows(AgentSession) == []


@sqlite_only
def test_a_known_address_takes_no_longer_than_an_unknown_one(
    make_app: Callable[..., Flask], monkeypatch: pytest.MonkeyPatch
) -> None:
    """T21: a hash is checked either way."""
    app = make_app()
    checked: list[str] = []
    real = passwords._hasher.verify

    class Counting(passwords.PasswordHasher):
        def verify(self, hash: str, password: str) -> bool:
            checked.append(hash)
            return real(hash, password)

    with app.app_context():
        kept = hashed(PASSWORD)
        monkeypatch.setattr(passwords, "_hasher", Counting(time_cost=1, memory_cost=1024))
        passwords._nobody.cache_clear()
        times: dict[str, list[float]] = {"known": [], "unknown": []}
        fits("x", None)
        checked.clear()
        for _ in range(30):
            for name, value in (("known", kept), ("unknown", None)):
                start = time.perf_counter()
                assert fits("wrong password", value) is False
                times[name].append(time.perf_counter() - start)
    passwords._nobody.cache_clear()
    assert len(checked) == 60
    assert abs(median(times["known"]) - median(times["unknown"])) < 0.010


@pytest.fixture
def strict(make_app: Callable[..., Flask]) -> Iterator[Desk]:
    """A desk that lets a network address try five times."""
    app = make_app(sign_in_limit="5 per 15 minutes")
    with app.app_context():
        yield Desk.set_up(app)
        db.session.remove()


def test_too_many_tries_are_slowed_by_address_and_by_person_and_the_form_stays(strict: Desk) -> None:
    """T26: per network address and per account; the right password waits too."""
    _mara()
    browser = strict.browser()
    for _ in range(5):
        assert _sign_in(browser, MARA, "wrong password", next="/a/mail").status_code == 422
    answer = _sign_in(browser, MARA, PASSWORD, next="/a/mail")
    page = answer.get_data(as_text=True)
    assert answer.status_code == 429
    assert f'value="{MARA}"' in page
    assert 'value="/a/mail"' in page
    assert "Too many tries" in page
    assert PASSWORD not in page
    far = {"REMOTE_ADDR": "198.51.100.7"}
    browser.get("/sign-in")
    other = browser.post("/sign-in", {"email": MARA.upper(), "password": PASSWORD}, environ_base=far)
    assert other.status_code == 429, "the account is slowed from everywhere"
    browser.get("/sign-in")
    stranger = browser.post("/sign-in", {"email": "x@shop.example", "password": "x"}, environ_base=far)
    assert stranger.status_code == 422, "others are not"
    browser.get("/sign-in")
    lied = {"X-Forwarded-For": "203.0.113.9"}
    assert browser.post("/sign-in", {"email": "x@shop.example"}, headers=lied).status_code == 429


@pytest.mark.parametrize("engine", ["postgresql"], indirect=True)
def test_without_redis_the_doors_still_open(strict: Desk, redis_server: RedisServer) -> None:
    """Redis away costs no sign-in and no form; misses are counted in the database, for every process."""
    _mara()
    with redis_server.away():
        browser = strict.browser()
        browser.get("/contact")
        form = {"email": "noor@example.com", "subject": "x", "body": "y"}
        assert browser.post("/contact", form).status_code == 200
        for _ in range(4):
            assert _sign_in(browser, MARA, "wrong password").status_code == 422
        assert _sign_in(browser, MARA, PASSWORD).status_code == 302
        assert _sign_in(strict.browser(), "x@shop.example", "wrong password").status_code == 422
        assert _sign_in(strict.browser(), MARA, PASSWORD).status_code == 429, "five misses from here"


@sqlite_only
@pytest.mark.parametrize("secure", [True, False])
def test_the_cookie_is_for_the_server_alone(make_app: Callable[..., Flask], *, secure: bool) -> None:
    app = make_app(public_url=f"http{'s' if secure else ''}://desk.example")
    with app.app_context():
        desk = Desk.set_up(app)
        _mara()
        answer = _sign_in(desk.browser(), MARA, PASSWORD)
        morsel = SimpleCookie(answer.headers["Set-Cookie"])[COOKIE]
        assert morsel["httponly"] is True
        assert morsel["samesite"] == "Lax"
        assert morsel["path"] == "/"
        assert not morsel["domain"]
        assert bool(morsel["secure"]) is secure
        assert int(morsel["max-age"]) == 30 * 86400
        assert ("Strict-Transport-Security" in answer.headers) is secure
        db.session.remove()


@pytest.mark.parametrize("engine", ["sqlite"], indirect=True)
def test_a_new_session_each_time_and_the_given_one_is_not_taken(desk: Desk) -> None:
    """T23: no fixation."""
    _mara()
    browser = desk.browser()
    browser.client.set_cookie(COOKIE, "chosen-by-somebody-else", domain="localhost")
    first = SimpleCookie(_sign_in(browser, MARA, PASSWORD).headers["Set-Cookie"])[COOKIE].value
    second = SimpleCookie(_sign_in(desk.browser(), MARA, PASSWORD).headers["Set-Cookie"])[COOKIE].value
    assert len({first, second, "chosen-by-somebody-else"}) == 3
    assert len(desk.rows(AgentSession)) == 2


def test_sessions_end_with_sign_out_a_new_password_and_leaving(desk: Desk) -> None:
    agent_id = _mara()
    one, two = desk.browser(), desk.browser()
    for browser in (one, two):
        assert _sign_in(browser, MARA, PASSWORD).status_code == 302
    one.get("/a/queue")
    out = one.post("/sign-out")
    assert SimpleCookie(out.headers["Set-Cookie"])[COOKIE].value == ""
    kept = desk.rows(AgentSession)
    assert [s.ended_at is None for s in kept] == [False, True]
    assert one.get("/a/queue").status_code == 302
    assert two.get("/a/queue").status_code == 200
    set_password(agent_id=agent_id, password="a quite different one")
    assert two.get("/a/queue").status_code == 302
    assert _sign_in(two, MARA, PASSWORD).status_code == 422
    assert _sign_in(two, MARA, "a quite different one").status_code == 302
    set_active(agent_id=agent_id, active=False)
    assert two.get("/a/queue").status_code == 302
    fragment = two.get("/a/queue/rows", headers={"HX-Request": "true"})
    assert fragment.status_code == 403, "a fragment is not replaced by a sign-in page"


@pytest.mark.parametrize("engine", ["sqlite"], indirect=True)
def test_a_session_that_is_not_used_ends(desk: Desk) -> None:
    browser = desk.browser(desk.admin)
    (session,) = desk.rows(AgentSession)
    seen, days = session.seen_at, timedelta(days=30)
    for moment, status in ((days - timedelta(minutes=1), 200), (days + timedelta(minutes=1), 302)):
        with time_machine.travel(seen + moment, tick=False):
            assert browser.get("/a/queue").status_code == status, moment
    with time_machine.travel(seen + timedelta(days=20), tick=False):
        browser.get("/a/queue")
        assert browser.post("/a/take-next").status_code == 302
    with time_machine.travel(seen + timedelta(days=45), tick=False):
        assert browser.get("/a/queue").status_code == 200, "using it keeps it"


@pytest.mark.parametrize("engine", ["sqlite"], indirect=True)
def test_a_change_of_teams_counts_at_once(desk: Desk) -> None:
    desk.ticket()
    agent = desk.agent("Tom Retour", Role.AGENT, Scope.TEAMS, (desk.returns,))
    browser = desk.browser(agent)
    assert browser.get("/a/tickets/1001").status_code == 404
    set_teams(agent_id=agent.id, team_ids=(desk.orders,))
    assert browser.get("/a/tickets/1001").status_code == 200
    set_teams(agent_id=agent.id, team_ids=())
    assert browser.get("/a/tickets/1001").status_code == 404


@pytest.mark.parametrize("bad", ["", "short", "123456789", "x" * 1001])
def test_passwords_have_a_length(bad: str) -> None:
    with pytest.raises(InvalidError):
        hashed(bad)


def test_a_password_is_kept_as_argon2id_and_fits_itself_alone() -> None:
    kept = hashed("correct horse battery")
    assert kept.startswith("$argon2id$")
    assert hashed("correct horse battery") != kept
    assert fits("correct horse battery", kept)
    for wrong in ("", "correct horse batter", "Correct horse battery", "correct horse battery "):
        assert not fits(wrong, kept)
    assert not fits("nobody has this password", None)
    assert not fits("x", "not a hash")
    assert not fits("", "")


@pytest.mark.parametrize("role", Role)
def test_rights_grow_with_the_role_and_scope_limits_the_mail_log(role: Role) -> None:
    rights = {r: {x for x in Right if Viewer(1, "x", "x", r, Scope.ALL).may(x)} for r in Role}
    assert rights[Role.LIGHT] < rights[Role.AGENT] < rights[Role.LEAD] < rights[Role.ADMIN] == set(Right)
    assert rights[Role.LIGHT] == {Right.READ, Right.NOTE}
    for scope in Scope:
        sees = Viewer(1, "x", "x", role, scope).sees_mail
        assert sees is (scope is Scope.ALL and role in {Role.LEAD, Role.ADMIN})


@pytest.mark.parametrize("engine", ["sqlite"], indirect=True)
def test_people_are_made_once_and_refused_in_words(desk: Desk) -> None:
    _mara()
    agents = len(desk.rows(Agent))
    for error, make in (
        (RefusedError, lambda: add_agent(name="X", email="MARA@Shop.Example")),
        (InvalidError, lambda: add_agent(name=" ", email="x@shop.example")),
        (InvalidError, lambda: add_agent(name="X", email="x@y")),
        (InvalidError, lambda: add_agent(name="X", email="x@shop.example\r\nBcc: y@z.example")),
        (InvalidError, lambda: add_agent(name="X", email="x@shop.example", password="short")),
        (RefusedError, lambda: add_team(name="Orders")),
        (InvalidError, lambda: add_team(name="  ")),
        (NotFoundError, lambda: set_password(agent_id=999, password=PASSWORD)),
        (InvalidError, lambda: contact_for(email="nobody")),
    ):
        with pytest.raises(error):
            make()
    assert len(desk.rows(Agent)) == agents
    assert agent_id_of_address("Mara@SHOP.example") is not None
    assert viewer_of_agent(999) is None


def test_two_spellings_of_an_address_are_one_contact(desk: Desk) -> None:
    first = contact_for(email="Lena@Example.DE")
    assert contact_for(email="lena@example.de", name="Lena Hartmann") == first
    assert contact_for(email="LENA@EXAMPLE.DE", name="Somebody Else") == first
    db.session.rollback()
    card = contacts([first])[first]
    assert (card.name, card.email) == ("Lena Hartmann", "Lena@Example.DE")
    assert contact_for(email="post@bücher.example") == contact_for(email="post@xn--bcher-kva.example")
    assert len(desk.rows(Contact)) == 2
