"""Ways in: invitations and new passwords by mail, lockout, the second step (T21, T22, T23, T26)."""

from __future__ import annotations

import re
from datetime import timedelta

import pyotp
import pytest
import sqlalchemy as sa
import time_machine
from flask import Flask
from hypothesis import given
from hypothesis import strategies as st
from werkzeug.test import TestResponse

from helpdesk.channels.jobs import send_notice
from helpdesk.channels.model import Notice
from helpdesk.core.audit import PROGRAM, AuditRow
from helpdesk.core.clock import now
from helpdesk.core.db import db, session
from helpdesk.core.errors import InvalidError, NotFoundError, RefusedError
from helpdesk.core.jobs.outbox import OutboxRow
from helpdesk.core.jobs.runner import run_all
from helpdesk.core.keys import ring
from helpdesk.people import passwords
from helpdesk.people.commands import (
    add_agent,
    ask_for_new_password,
    begin_two_factor,
    change_agent,
    finish_two_factor,
    give_way_in,
    set_active,
    stop_two_factor,
    switch_agent,
    take_code,
    tidy_ways_in,
    try_once,
    use_way_in,
)
from helpdesk.people.model import Agent, AgentSession, AgentToken, RecoveryCode, SignInTry
from helpdesk.people.passcodes import new_recovery_codes, picture, provisioning, recovery_digest, step_of
from helpdesk.people.passwords import fits
from helpdesk.people.queries import two_factor
from tests.making import PASSWORD, Browser, Desk

sqlite_only = pytest.mark.parametrize("engine", ["sqlite"], indirect=True)
MARA = "mara@shop.example"
NEW = "a quite different one"


@pytest.fixture(autouse=True)
def _quick_hashes(monkeypatch: pytest.MonkeyPatch) -> None:
    """The same algorithm with little work: these tests hash a lot."""
    monkeypatch.setattr(passwords, "_hasher", passwords.PasswordHasher(time_cost=1, memory_cost=1024))


def _mara() -> int:
    return add_agent(name="Mara Kühn", email=MARA, password=PASSWORD)


def _sign_in(browser: Browser, email: str = MARA, password: str = PASSWORD) -> TestResponse:
    browser.get("/sign-in")
    return browser.post("/sign-in", {"email": email, "password": password})


def _ask(browser: Browser, email: str) -> str:
    browser.get("/forgotten")
    answer = browser.post("/forgotten", {"email": email})
    assert answer.status_code == 200
    return re.sub(r'name="form_token" value="[^"]+"', "", answer.get_data(as_text=True))


def _link(notice: Notice) -> str:
    """The path in a notice's link, as the mail would carry it."""
    return ring().decrypt(notice.sealed).removeprefix("http://desk.example")


def _everything_kept() -> str:
    db.session.rollback()
    there = set(sa.inspect(db.engine).get_table_names())
    return "\n".join(
        repr(tuple(row))
        for table in db.metadata.sorted_tables
        if table.name in there
        for row in session().execute(sa.select(table))
    )


def test_a_new_password_comes_by_mail_works_once_and_ends_every_session(desk: Desk) -> None:
    agent_id = _mara()
    old, browser = desk.browser(), desk.browser()
    assert _sign_in(old).status_code == 302
    _ask(browser, MARA.upper())
    run_all()  # without a mail server the notice is kept here and its secret forgotten
    (kept,) = desk.rows(Notice)
    assert (kept.recipient, kept.state, kept.sealed) == (MARA, "kept", "")
    link = give_way_in(agent_id=agent_id, kind="reset").removeprefix("http://desk.example")
    notice = desk.rows(Notice)[-1]
    assert _link(notice) == link
    secret = link.rpartition("/")[2]
    assert len(secret) >= 43
    assert secret not in _everything_kept(), "what is kept opens nothing"
    assert MARA in browser.get(link).get_data(as_text=True)
    short = browser.post(link, {"password": "short"})
    assert short.status_code == 422
    assert "at least 10 characters" in short.get_data(as_text=True)
    assert old.get("/a/queue").status_code == 200
    done = browser.post(link, {"password": NEW})
    assert (done.status_code, done.headers["Location"]) == (302, "/sign-in?said=password")
    assert "Your password is set" in browser.get(done.headers["Location"]).get_data(as_text=True)
    assert old.get("/a/queue").status_code == 302
    for again in (browser.get(link), browser.post(link, {"password": NEW + "!"})):
        assert again.status_code == 404
    assert _sign_in(browser, password=PASSWORD).status_code == 422
    assert _sign_in(browser, password=NEW).status_code == 302
    assert [(r.who, r.what) for r in desk.rows(AuditRow, about="agent")] == [
        ("Mara Kühn", "set a new password by mail")
    ]


@sqlite_only
def test_asking_for_a_password_tells_nobody_who_is_here(desk: Desk) -> None:
    """T21: one page and one piece of work for every address; a flood ends, and nobody reads that either."""
    _mara()
    gone = add_agent(name="Ulla Weg", email="ulla@shop.example", password=PASSWORD)
    set_active(agent_id=gone, active=False)
    browser = desk.browser()
    before = len(desk.rows(OutboxRow))
    pages = {
        _ask(browser, email) for email in (MARA, "ulla@shop.example", "nobody@else.example", "no address")
    }
    assert len(pages) == 1
    assert len(desk.rows(OutboxRow)) == before + 4
    for _ in range(6):
        pages.add(_ask(browser, MARA))
    assert len(pages) == 1
    assert len(desk.rows(OutboxRow)) == before + 4 + 2, "three an hour for an address"
    run_all()
    assert [n.recipient for n in desk.rows(Notice)] == [MARA] * 3
    unused = [t for t in desk.rows(AgentToken) if t.used_at is None]
    assert len(unused) == 1, "only the newest link opens"


def test_links_expire_and_are_void_when_anything_changes(desk: Desk) -> None:
    """T22: an hour, 72 hours; another address, leaving or a newer link makes them void."""
    agent_id = _mara()

    def opens(link: str) -> bool:
        return desk.browser().get(link.removeprefix("http://desk.example")).status_code == 200

    for kind, life in (("reset", timedelta(hours=1)), ("invite", timedelta(hours=72))):
        link = give_way_in(agent_id=agent_id, kind=kind)
        given = now()
        with time_machine.travel(given + life - timedelta(minutes=1), tick=False):
            assert opens(link)
        with time_machine.travel(given + life + timedelta(minutes=1), tick=False):
            assert not opens(link)
            with pytest.raises(NotFoundError):
                use_way_in(secret=link.rpartition("/")[2], password=NEW)
    first, second = (give_way_in(agent_id=agent_id, kind="reset") for _ in range(2))
    assert (opens(first), opens(second)) == (False, True)
    switch_agent(agent_id=agent_id, active=False, who=PROGRAM)
    assert not opens(second)
    with pytest.raises(RefusedError):
        give_way_in(agent_id=agent_id, kind="invite")
    switch_agent(agent_id=agent_id, active=True, who=PROGRAM)
    assert not opens(second), "coming back revives nothing"
    with pytest.raises(NotFoundError):
        use_way_in(secret="x" * 43, password=NEW)


@sqlite_only
def test_the_link_says_our_address_whatever_host_was_asked_and_never_becomes_a_ticket(desk: Desk) -> None:
    """T22: no poisoned links; a desk mailbox as somebody's address gets none."""
    _mara()
    browser = desk.browser()
    evil = {"Host": "evil.example", "X-Forwarded-Host": "evil.example"}
    browser.get("/forgotten", headers=evil)
    browser.post("/forgotten", {"email": MARA}, headers=evil)
    boss = desk.agent("Boss Box")
    change_agent(agent_id=boss.id, name="Boss", email="support@shop.example")
    ask_for_new_password(email="support@shop.example")
    run_all()
    assert [n.recipient for n in desk.rows(Notice)] == [MARA]
    assert give_way_in(agent_id=boss.id, kind="reset").startswith("http://desk.example/welcome/")


@sqlite_only
def test_ten_misses_for_an_address_close_it_for_a_quarter_of_an_hour(desk: Desk) -> None:
    """T26: counted in the database; the right password in between clears the count."""
    _mara()
    far = [{"REMOTE_ADDR": f"198.51.100.{n}"} for n in range(30)]

    def attempt(n: int, password: str) -> int:
        browser = desk.browser()
        browser.get("/sign-in")
        form = {"email": MARA, "password": password}
        return browser.post("/sign-in", form, environ_base=far[n]).status_code

    with time_machine.travel(now(), tick=False) as clock:
        for n in range(9):
            assert attempt(n, "wrong password") == 422
        assert attempt(9, PASSWORD) == 302
        for n in range(10):
            assert attempt(n, "wrong password") == 422
        assert attempt(20, PASSWORD) == 429
        clock.shift(timedelta(minutes=14))
        assert attempt(21, PASSWORD) == 429
        clock.shift(timedelta(minutes=2))
        assert attempt(22, PASSWORD) == 302
    assert all(MARA not in row.key for row in desk.all(SignInTry)), "the address itself is not kept"


def test_tries_count_once_for_everybody_and_are_tidied(desk: Desk) -> None:
    keys = {"a": 2, "b": 3}
    assert [try_once(keys=keys, seconds=60) for _ in range(3)] == [True, True, False]
    assert {row.key: row.tries for row in desk.all(SignInTry)} == {"a": 2, "b": 2}, "a refused try counts not"
    assert try_once(keys={"b": 3}, seconds=60)
    with time_machine.travel(now() + timedelta(days=40), tick=False):
        give_way_in(agent_id=_mara(), kind="reset")
        assert tidy_ways_in() == 2
    assert desk.all(SignInTry) == []
    assert len(desk.rows(AgentToken)) == 1


def _with_two_factor(desk: Desk, agent_id: int) -> tuple[str, list[str]]:
    begin_two_factor(agent_id=agent_id)
    db.session.rollback()
    secret = two_factor(agent_id).secret
    codes = finish_two_factor(agent_id=agent_id, code=_code(secret))
    db.session.rollback()
    return secret, codes


def _code(secret: str, offset: int = 0) -> str:
    return pyotp.TOTP(secret).at(int(now().timestamp()) + 30 * offset)


def test_the_code_is_asked_for_before_there_is_a_session_and_works_once(desk: Desk) -> None:
    agent_id = _mara()
    with time_machine.travel(now().replace(second=1), tick=False) as clock:
        secret, codes = _with_two_factor(desk, agent_id)
        assert secret not in _everything_kept()
        assert not any(code in _everything_kept() for code in codes)
        clock.shift(timedelta(seconds=60))
        browser = desk.browser()
        first = _sign_in(browser)
        assert first.status_code == 200
        assert "Set-Cookie" not in first.headers
        assert desk.rows(AgentSession) == []
        assert browser.post("/sign-in/code", {"code": "000000"}).status_code == 422
        assert browser.post("/sign-in/code", {"code": _code(secret, -3)}).status_code == 422
        code = _code(secret)
        done = browser.post("/sign-in/code", {"code": f"{code[:3]} {code[3:]}"})
        assert done.status_code == 302
        assert browser.get("/a/queue").status_code == 200
        other = desk.browser()
        _sign_in(other)
        assert other.post("/sign-in/code", {"code": code}).status_code == 422, "a code that was seen is void"
        assert other.post("/sign-in/code", {"code": _code(secret, 1)}).status_code == 302, "a clock ahead"
        third = desk.browser()
        _sign_in(third)
        assert third.post("/sign-in/code", {"code": codes[0].upper().replace("-", " ")}).status_code == 302
        fourth = desk.browser()
        _sign_in(fourth)
        assert fourth.post("/sign-in/code", {"code": codes[0]}).status_code == 422, "used up"
        page = fourth.page
        clock.shift(timedelta(minutes=11))
        fourth.page = page
        late = fourth.post("/sign-in/code", {"code": _code(secret)})
        assert (late.status_code, "That took a while" in late.get_data(as_text=True)) == (422, True)
    said = [r.what for r in desk.rows(AuditRow, about="agent")]
    assert said == ["switched two-factor sign-in on", "signed in with a recovery code"]


@sqlite_only
def test_codes_cannot_be_guessed_and_the_first_step_cannot_be_forged(desk: Desk) -> None:
    agent_id = _mara()
    secret, _codes = _with_two_factor(desk, agent_id)
    browser = desk.browser()
    _sign_in(browser)
    page = browser.page
    for _ in range(10):
        assert browser.post("/sign-in/code", {"code": "not a code"}).status_code == 422
    assert browser.post("/sign-in/code", {"code": _code(secret, 1)}).status_code == 429
    assert desk.rows(AgentSession) == []
    for step in ("", "x", ring().encrypt("{}"), ring().encrypt(f'{{"agent": {agent_id}}}')):
        answer = browser.post("/sign-in/code", {"step": step, "code": _code(secret, 1)})
        assert answer.status_code == 422, step
    link = give_way_in(agent_id=agent_id, kind="reset")
    use_way_in(secret=link.rpartition("/")[2], password=NEW)
    browser.page = page
    answer = browser.post("/sign-in/code", {"code": _code(secret, 1)})
    assert "That took a while" in answer.get_data(as_text=True), "another password ends the first step"


@sqlite_only
def test_two_factor_is_switched_on_by_a_code_and_given_up(desk: Desk, app: Flask) -> None:
    agent_id = _mara()
    with pytest.raises(RefusedError):
        finish_two_factor(agent_id=agent_id, code="123456")
    begin_two_factor(agent_id=agent_id)
    with pytest.raises(InvalidError):
        finish_two_factor(agent_id=agent_id, code="12345")
    assert _sign_in(desk.browser()).status_code == 302, "half set up asks for nothing"
    _with_two_factor(desk, agent_id)
    with pytest.raises(RefusedError):
        begin_two_factor(agent_id=agent_id)
    said = app.test_cli_runner().invoke(args=["agent", "reset-two-factor", MARA])
    assert said.exit_code == 0, said.output
    assert desk.rows(RecoveryCode) == []
    assert desk.row(Agent, agent_id).totp_secret is None
    assert not take_code(agent_id=agent_id, code="123456")
    stop_two_factor(agent_id=agent_id, who=PROGRAM)
    row = desk.rows(AuditRow)[-1]
    assert (row.who, row.what) == ("command line", "reset two-factor sign-in"), "said once"
    nobody = app.test_cli_runner().invoke(args=["agent", "reset-two-factor", "x@y.example"])
    assert nobody.exit_code == 1


@given(at=st.integers(10**9, 3 * 10**9), drift=st.integers(-5, 5), after=st.integers(-3, 3))
def test_a_code_counts_in_its_window_and_never_at_or_before_the_last_one(
    at: int, drift: int, after: int
) -> None:
    secret = "KKAEINPD6JSD22DTREOQLU6PHXBY6X5L"
    here = at // 30
    code = pyotp.TOTP(secret).at((here + drift) * 30)
    found = step_of(code, secret, moment_s=at, after_step=here + after)
    if abs(drift) <= 1 and drift > after:
        assert found == here + drift
    elif found is not None:  # two periods in a million share a code
        assert abs(found - here) <= 1
        assert found > here + after
        assert pyotp.TOTP(secret).at(found * 30) == code


@given(st.text(max_size=12))
def test_what_is_no_code_fits_nothing(typed: str) -> None:
    secret = "KKAEINPD6JSD22DTREOQLU6PHXBY6X5L"
    if not re.fullmatch(r"[\s-]*([0-9][\s-]*){6}", typed):
        assert step_of(typed, secret, moment_s=1_800_000_000, after_step=0) is None


def test_recovery_codes_differ_and_spelling_does_not_matter() -> None:
    codes = new_recovery_codes()
    assert len(set(codes)) == 10
    assert recovery_digest(codes[0]) == recovery_digest(codes[0].upper().replace("-", " "))
    assert len({recovery_digest(code) for code in codes}) == 10


def test_the_picture_is_a_path_for_an_svg() -> None:
    address = provisioning("KKAEINPD6JSD22DTREOQLU6PHXBY6X5L", account=MARA, issuer='Shop "1" & <more>')
    size, path = picture(address)
    assert size > 30
    assert re.fullmatch(r"[Mmhvz0-9. -]+", path), "nothing but strokes"


def test_a_mail_with_a_link_is_sent_whole_and_the_secret_forgotten(
    desk: Desk, monkeypatch: pytest.MonkeyPatch
) -> None:
    agent_id = _mara()
    sent: list[bytes] = []

    def caught(_mailbox: int, _sender: str, _recipient: str, raw: bytes) -> str:
        sent.append(raw)
        return "250 taken"

    monkeypatch.setattr("helpdesk.channels.jobs.send_for", caught)
    link = give_way_in(agent_id=agent_id, kind="invite", by="Joana Melo")
    (notice,) = desk.rows(Notice)
    send_notice({"notice": notice.id})
    (raw,) = sent
    text = raw.decode().replace("=\r\n", "").replace("=\n", "")
    assert text.count(link) >= 2, "in the words and in HTML"
    assert "Joana Melo invites you" in text
    assert desk.row(Notice, notice.id).sealed == ""
    assert fits(PASSWORD, desk.row(Agent, agent_id).password_hash), "asking changes nothing"
