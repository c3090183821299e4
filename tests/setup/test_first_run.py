"""The first run over HTTP: who may, what each step makes, that a mistake loses nothing, and that it ends."""

import re
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from html import unescape
from threading import Barrier

import pytest
import sqlalchemy as sa
from flask import Flask

from helpdesk.core import clock
from helpdesk.core.db import db, session
from helpdesk.core.desk import DeskSetting, desk
from helpdesk.core.web.sessions import COOKIE
from helpdesk.mailboxes.commands import resume_sources
from helpdesk.mailboxes.model import ImapSource, Mailbox
from helpdesk.mailboxes.queries import newest_source
from helpdesk.people.commands import add_agent
from helpdesk.people.model import Agent, AgentSession, Team, TeamMember
from helpdesk.people.queries import viewer_of_agent
from helpdesk.people.rights import Role
from helpdesk.setup.commands import new_code
from helpdesk.setup.queries import NAME
from tests.making import PASSWORD, Browser, Desk
from tests.services.dovecot import DovecotServer
from tests.services.process import free_port

ROUTES = ("", "/you", "/me", "/desk", "/mailbox", "/team", "/done")
YOU = {"name": "Mara Kühn", "email": "mara@shop.example", "password": PASSWORD}


@pytest.fixture
def fresh(app: Flask) -> Flask:
    """A migrated desk at which nobody works yet."""
    return app


def _code(app: Flask) -> str:
    with app.app_context():
        return new_code()


def _all(app: Flask, table: type) -> list:
    with app.app_context():
        found = list(session().scalars(sa.select(table)))
        session().expunge_all()
        db.session.rollback()
        return found


def _administrator(app: Flask) -> Browser:
    browser = Browser(app.test_client())
    browser.get("/setup")
    assert browser.post("/setup", {"code": _code(app)}).status_code == 200
    made = browser.post("/setup/you", YOU)
    assert (made.status_code, made.headers["Location"]) == (302, "/setup/desk")
    return browser


def _text(browser: Browser) -> str:
    return unescape(re.sub(r"\s+", " ", re.sub(r"<[^>]+>", " ", browser.page)))


def test_from_an_empty_database_to_the_queue(fresh: Flask) -> None:
    browser = Browser(fresh.test_client())
    code = _code(fresh)
    for url in ("/", "/sign-in", "/a", "/a/queue", "/a/tickets/1001", "/a/nothing"):
        led = browser.get(url)
        assert (led.status_code, led.headers["Location"]) == (302, "/setup"), url
    assert browser.get("/setup").headers.get("Set-Cookie") is None
    assert browser.post("/setup", {"code": code.lower().replace("-", " ")}).status_code == 200
    assert "You become the administrator" in browser.page
    made = browser.post("/setup/you", YOU)
    assert made.headers["Location"] == "/setup/desk"
    assert "HttpOnly" in made.headers["Set-Cookie"]

    assert browser.get("/setup").headers["Location"] == "/setup/desk"
    browser.get("/setup/desk")
    zone = {"name": "Tidemark", "zone": "america/new york", "language": "en"}
    assert browser.post("/setup/desk", zone).headers["Location"] == "/setup/mailbox"
    browser.get("/setup/mailbox")
    assert 'value="Tidemark"' in browser.page, "the sender is called like the desk"
    box = {"address": "support@shop.example", "sender_name": "Shop", "incoming": "handover", "do": "save"}
    assert browser.post("/setup/mailbox", box).headers["Location"] == "/setup/team"
    browser.get("/setup/team")
    assert browser.post("/setup/team", {"name": "Orders"}).headers["Location"] == "/setup/done"
    done = browser.get("/setup/done").get_data(as_text=True)
    for words in ("Mara Kühn", "America/New York", "support@shop.example", "Orders", "/contact"):
        assert words in done, words
    assert browser.post("/setup/done").headers["Location"] == "/a/queue"
    assert browser.get("/a/queue").status_code == 200

    with fresh.app_context():
        here = desk()
        assert (here.name, here.zone, here.language) == ("Tidemark", "America/New_York", "en")
        viewer = viewer_of_agent(_all(fresh, Agent)[0].id)
        assert viewer is not None
        assert viewer.role == Role.ADMIN
        team = _all(fresh, Team)[0]
        assert viewer.team_ids == {team.id}
        assert [(m.address, m.team_id) for m in _all(fresh, Mailbox)] == [("support@shop.example", team.id)]
    assert [row.name for row in _all(fresh, DeskSetting) if row.name == NAME] == []
    stranger = Browser(fresh.test_client())
    for who in (browser, stranger):
        for route in ROUTES:
            assert who.get(f"/setup{route}").status_code == 404, route
            assert who.post(f"/setup{route}", {"code": code} | YOU).status_code == 404, route
    assert stranger.get("/").headers["Location"] == "/contact"


def test_every_step_but_the_first_can_be_left_for_later(fresh: Flask) -> None:
    browser = _administrator(fresh)
    for here, there in (("desk", "mailbox"), ("mailbox", "team"), ("team", "done")):
        browser.get(f"/setup/{here}")
        assert re.search(rf'href="/setup/{there}">\s*Later', browser.page), here
    browser.get("/setup/done")
    assert "none yet" in browser.page
    browser.post("/setup/done")
    assert browser.get("/setup/desk").status_code == 404
    assert _all(fresh, Mailbox) == _all(fresh, Team) == []


@pytest.mark.parametrize("wrong", ["", "ABCD-EFGH-JKLM-NPQR", "a" * 400, "\0", "ÄÖÜ-ß", "' OR 1=1 --"])
def test_a_wrong_code_opens_nothing(fresh: Flask, wrong: str) -> None:
    _code(fresh)
    browser = Browser(fresh.test_client())
    browser.get("/setup")
    assert browser.post("/setup", {"code": wrong}).status_code == 422
    assert "helpdesk setup-code" in browser.page
    assert "/setup/you" not in browser.page


def test_wrong_codes_are_rate_limited(fresh: Flask) -> None:
    good = _code(fresh)
    browser = Browser(fresh.test_client())
    answers = [browser.post("/setup", {"code": f"WRONG-{n}"}).status_code for n in range(12)]
    assert answers == [422] * 10 + [429] * 2
    assert browser.post("/setup", {"code": good}).status_code == 429, "not even the right one, for a while"


def test_a_code_is_good_for_a_day_and_only_the_newest(fresh: Flask) -> None:
    with fresh.app_context(), clock.at(clock.now() - timedelta(hours=24, minutes=1)):
        late = new_code()
    browser = Browser(fresh.test_client())
    assert browser.post("/setup", {"code": late}).status_code == 422
    first, second = _code(fresh), _code(fresh)
    assert browser.post("/setup", {"code": first}).status_code == 422
    assert browser.post("/setup", {"code": second}).status_code == 200
    token = browser.page
    _code(fresh)
    assert browser.post("/setup/you", YOU).status_code == 422, "the form of a replaced code opens nothing"
    assert "form_token" in token
    assert _all(fresh, Agent) == []


def test_a_code_works_once(fresh: Flask) -> None:
    code = _code(fresh)
    first, second = Browser(fresh.test_client()), Browser(fresh.test_client())
    for browser in (first, second):
        assert browser.post("/setup", {"code": code}).status_code == 200
    assert first.post("/setup/you", YOU).headers["Location"] == "/setup/desk"
    again = second.post("/setup/you", YOU | {"email": "eve@else.example"})
    assert again.status_code == 302
    assert COOKIE not in again.headers.get("Set-Cookie", "")
    assert second.get("/setup").headers["Location"].startswith("/sign-in")
    assert second.get("/setup/desk").headers["Location"].startswith("/sign-in")
    assert [a.email for a in _all(fresh, Agent)] == ["mara@shop.example"]
    assert len(_all(fresh, AgentSession)) == 1


def test_two_at_once_with_the_same_code_make_one_administrator(fresh: Flask) -> None:
    code = _code(fresh)
    browsers = [Browser(fresh.test_client()) for _ in range(4)]
    for browser in browsers:
        assert browser.post("/setup", {"code": code}).status_code == 200
    together = Barrier(len(browsers))

    def take(n: int) -> str:
        together.wait(10)
        return (
            browsers[n]
            .post("/setup/you", YOU | {"email": f"m{n}@shop.example"})
            .headers.get("Set-Cookie", "")
        )

    with ThreadPoolExecutor(len(browsers)) as pool:
        cookies = list(pool.map(take, range(len(browsers))))
    assert len([c for c in cookies if COOKIE in c]) == 1
    assert len(_all(fresh, Agent)) == len(_all(fresh, AgentSession)) == 1


def test_only_the_digest_of_a_code_is_kept(fresh: Flask) -> None:
    code = _code(fresh)
    kept = str([row.value for row in _all(fresh, DeskSetting)])
    assert code not in kept
    assert code.replace("-", "") not in kept


def test_nobody_becomes_administrator_without_the_code(fresh: Flask) -> None:
    _code(fresh)
    stranger = Browser(fresh.test_client())
    stranger.get("/contact")
    foreign = re.search(r'name="form_token" value="([^"]+)"', stranger.page)
    assert foreign is not None
    for token in ("", "x", foreign[1]):
        stranger.page = ""
        tried = stranger.post("/setup/you", YOU | {"form_token": token, "code": "?"})
        assert tried.status_code == 422
    for route in ROUTES[2:]:
        assert stranger.get(f"/setup{route}").status_code in {302, 403}, route
        assert stranger.post(f"/setup{route}", YOU).status_code in {302, 400, 403}, route
    assert _all(fresh, Agent) == []
    with fresh.app_context():
        assert desk().name == "Help desk"
    elsewhere = stranger.post("/setup", {"code": _code(fresh)}, headers={"Sec-Fetch-Site": "cross-site"})
    assert elsewhere.status_code == 403


def test_without_any_code_nobody_gets_in(fresh: Flask) -> None:
    browser = Browser(fresh.test_client())
    assert browser.get("/setup").status_code == 200
    assert browser.post("/setup", {"code": ""}).status_code == 422
    assert browser.post("/setup/you", YOU).status_code == 422
    assert _all(fresh, Agent) == []


def test_a_desk_set_up_by_commands_has_no_first_run(fresh: Flask) -> None:
    code = _code(fresh)
    browser = Browser(fresh.test_client())
    browser.post("/setup", {"code": code})
    with fresh.app_context():
        add_agent(name="Ann", email="ann@shop.example", password=PASSWORD)
        db.session.remove()
    assert browser.post("/setup/you", YOU).status_code == 404
    assert browser.get("/setup").status_code == 404
    assert browser.get("/sign-in").status_code == 200
    assert [a.name for a in _all(fresh, Agent)] == ["Ann"]
    told = fresh.test_cli_runner().invoke(args=["setup-code"])
    assert told.exit_code != 0


def test_another_agent_cannot_go_on_with_the_first_run(fresh: Flask) -> None:
    _administrator(fresh)
    with fresh.app_context():
        helper = Desk(fresh, 0, 0, 0, None)  # type: ignore[arg-type] # only to sign somebody in
        browser = helper.browser(helper.agent("Tom Retour"))
    assert browser.get("/setup/mailbox").status_code == 403
    assert browser.post("/setup/done").status_code in {400, 403}


def test_mistakes_about_oneself_lose_nothing(fresh: Flask) -> None:
    browser = Browser(fresh.test_client())
    browser.post("/setup", {"code": _code(fresh)})
    typed = {"name": "Mara <b>", "email": "not an address", "password": PASSWORD}
    assert browser.post("/setup/you", typed).status_code == 422
    assert 'value="Mara &lt;b&gt;"' in browser.page
    assert 'value="not an address"' in browser.page
    assert PASSWORD not in browser.page
    put_right = browser.post("/setup/you", {"name": "Mara", "email": "mara@shop.example", "password": ""})
    assert put_right.status_code == 302, "the password is still known"
    browser.get("/setup/desk")
    other = Browser(fresh.test_client())
    other.get("/sign-in")
    signed_in = other.post("/sign-in", {"email": "mara@shop.example", "password": PASSWORD})
    assert signed_in.status_code == 302


@pytest.mark.parametrize("password", ["", "short", "123456789", "x" * 1001])
def test_password_rules(fresh: Flask, password: str) -> None:
    browser = Browser(fresh.test_client())
    browser.post("/setup", {"code": _code(fresh)})
    assert browser.post("/setup/you", YOU | {"password": password}).status_code == 422
    assert "e-password" in browser.page
    assert 'value="Mara Kühn"' in browser.page
    assert _all(fresh, Agent) == []


def test_a_sealed_secret_of_another_kind_is_no_password(fresh: Flask) -> None:
    browser = Browser(fresh.test_client())
    browser.post("/setup", {"code": _code(fresh)})
    with fresh.app_context():
        sealed = fresh.extensions["keys"].encrypt(PASSWORD)
    assert browser.post("/setup/you", YOU | {"password": "", "kept": sealed}).status_code == 422
    assert _all(fresh, Agent) == []


def test_mistakes_about_the_desk_lose_nothing(fresh: Flask) -> None:
    browser = _administrator(fresh)
    browser.get("/setup/desk")
    assert browser.post("/setup/desk", {"name": "", "zone": "Atlantis", "language": "en"}).status_code == 422
    assert 'value="Atlantis"' in browser.page
    assert "e-zone" in browser.page
    assert "e-name" in browser.page
    browser.post("/setup/desk", {"name": "Tidemark", "zone": "Europe/Berlin", "language": "xx"})
    with fresh.app_context():
        assert desk().name == "Help desk"


def test_going_back_changes_what_was_made_instead_of_making_more(fresh: Flask) -> None:
    browser = _administrator(fresh)
    browser.get("/setup/me")
    assert 'value="mara@shop.example"' in browser.page
    browser.post("/setup/me", {"name": "Mara K", "email": "mara.k@shop.example"})
    for address, team in (("suport@shop.example", "Ordres"), ("support@shop.example", "Orders")):
        browser.get("/setup/mailbox")
        browser.post("/setup/mailbox", {"address": address, "sender_name": "Shop", "incoming": "handover"})
        browser.get("/setup/team")
        browser.post("/setup/team", {"name": team})
    browser.get("/setup/mailbox")
    assert 'value="support@shop.example"' in browser.page
    assert [m.address for m in _all(fresh, Mailbox)] == ["support@shop.example"]
    assert [t.name for t in _all(fresh, Team)] == ["Orders"]
    assert len(_all(fresh, TeamMember)) == 1
    assert [(a.name, a.email_key) for a in _all(fresh, Agent)] == [("Mara K", "mara.k@shop.example")]


def test_the_first_run_ends_by_itself_after_a_day(fresh: Flask) -> None:
    browser = _administrator(fresh)
    assert browser.get("/setup/desk").status_code == 200
    with clock.at(clock.now() + timedelta(hours=25)):
        assert browser.client.get("/setup/desk").status_code == 404
    assert browser.get("/a/queue").status_code == 200


MAILBOX = {"address": "support@shop.example", "sender_name": "Shop", "incoming": "imap"}


def _imap(server: DovecotServer, **more: str) -> dict[str, str]:
    return {
        "host": "127.0.0.1",
        "port": str(server.imap_port),
        "security": "none",
        "user": server.new_user(),
        "password": server.password,
        "folder": "INBOX",
    } | more


@pytest.mark.services
def test_a_good_connection_is_tested_kept_and_fetched(fresh: Flask, dovecot_server: DovecotServer) -> None:
    browser = _administrator(fresh)
    typed = _imap(dovecot_server)
    dovecot_server.deliver(typed["user"], b"From: a@b.example\r\nSubject: one\r\n\r\nhello\r\n")
    browser.get("/setup/mailbox")
    assert browser.post("/setup/mailbox", MAILBOX | typed | {"do": "test"}).status_code == 200
    said = _text(browser)
    assert "It works. The folder holds 1 mails" in said
    assert typed["password"] not in browser.page
    assert _all(fresh, Mailbox) == [], "a test keeps nothing"
    saved = browser.post("/setup/mailbox", MAILBOX | typed | {"password": "", "do": "save"})
    assert saved.status_code == 302, "the password came back sealed"
    (source,) = _all(fresh, ImapSource)
    assert (source.active, source.error, source.first_import) == (True, "", "now")
    assert "nothing is fetched" not in browser.get("/setup/team").get_data(as_text=True)
    with fresh.app_context():
        kept = newest_source(source.mailbox_id)
        assert kept is not None
        assert kept.password == dovecot_server.password


@pytest.mark.services
@pytest.mark.parametrize(
    ("wrong", "step", "remedy"),
    [
        ({"password": "wrong"}, "Sign in", "Many providers want a password made for programs"),
        ({"folder": "Nowhere"}, "Open the folder", "There are: INBOX"),
        ({"port": "closed"}, "Reach the server", "A firewall may be in the way"),
        ({"security": "tls"}, "Check its certificate", "the certificate was made for"),
    ],
)
def test_a_failed_connection_says_where_and_what_to_do_and_blocks_nothing(
    fresh: Flask, dovecot_server: DovecotServer, wrong: dict[str, str], step: str, remedy: str
) -> None:
    browser = _administrator(fresh)
    typed = MAILBOX | _imap(dovecot_server, **wrong)
    if typed["port"] == "closed":
        typed["port"] = str(free_port())
    browser.get("/setup/mailbox")
    assert browser.post("/setup/mailbox", typed | {"do": "test"}).status_code == 200
    failed = re.search(r'<li class="bad">.*?</li>', browser.page, re.DOTALL)
    assert failed is not None
    assert step in failed[0]
    assert remedy in _text(browser), _text(browser)
    for name in ("host", "port", "user", "folder", "address"):
        assert f'value="{typed[name]}"' in browser.page, name
    saved = browser.post("/setup/mailbox", typed | {"password": "", "do": "save"})
    assert saved.headers["Location"] == "/setup/team"
    (source,) = _all(fresh, ImapSource)
    assert not source.active
    assert source.error
    assert "nothing is fetched yet" in browser.get("/setup/team").get_data(as_text=True)
    with fresh.app_context():
        listed = fresh.test_cli_runner().invoke(args=["mailbox", "list"])
        assert "paused" in listed.output
        assert resume_sources(mailbox_id=source.mailbox_id) == 1
        db.session.remove()


def test_half_an_account_is_kept_as_a_mailbox_without_fetching(fresh: Flask) -> None:
    browser = _administrator(fresh)
    browser.get("/setup/mailbox")
    assert browser.post("/setup/mailbox", MAILBOX | {"port": "99999", "do": "test"}).status_code == 422
    assert "e-port" in browser.page
    assert "e-host" in browser.page
    assert browser.post("/setup/mailbox", MAILBOX | {"port": "99999", "do": "save"}).status_code == 302
    assert len(_all(fresh, Mailbox)) == 1
    assert _all(fresh, ImapSource) == []
    assert "Server, user or password is missing" in browser.get("/setup/done").get_data(as_text=True)


def test_a_mailbox_needs_a_plain_address(fresh: Flask) -> None:
    browser = _administrator(fresh)
    browser.get("/setup/mailbox")
    for address in ("", "support", "support+x@shop.example"):
        tried = browser.post("/setup/mailbox", MAILBOX | {"address": address, "do": "save", "user": "me"})
        assert tried.status_code == 422, address
        assert 'value="me"' in browser.page
    assert _all(fresh, Mailbox) == []


def test_the_page_says_where_a_mail_server_hands_mail_over(make_app) -> None:  # type: ignore[no-untyped-def] # a fixture
    app = make_app(smtp_listen_port=2599, lmtp_listen_port=2499, smtp_host="smtp.shop.example")
    said = _administrator(app).get("/setup/mailbox").get_data(as_text=True)
    for words in ("SMTP at 127.0.0.1, port 2599", "LMTP at 127.0.0.1, port 2499", "smtp.shop.example"):
        assert words in said, words


def test_the_command_prints_code_and_address(fresh: Flask) -> None:
    told = fresh.test_cli_runner().invoke(args=["setup-code"])
    code = re.search(r"code +(\S+)", told.output)
    assert code is not None
    assert "http://desk.example/setup" in told.output
    browser = Browser(fresh.test_client())
    assert browser.post("/setup", {"code": code[1]}).status_code == 200
