"""Signing in at a provider: PKCE and state, renewed ahead by one process, its end a state of its own."""

import base64
import hashlib
import html
import http.server
import json
import threading
from collections.abc import Iterator
from datetime import timedelta
from typing import Any
from urllib.parse import parse_qs, urlsplit

import pytest
from werkzeug.test import TestResponse

from helpdesk.channels.model import Notice
from helpdesk.core import clock
from helpdesk.core.audit import PROGRAM
from helpdesk.core.clock import now
from helpdesk.core.db import db
from helpdesk.core.errors import HelpdeskError, TemporaryError
from helpdesk.mailboxes import queries
from helpdesk.mailboxes.commands import start_fetching
from helpdesk.mailboxes.commands.grants import keep_grant, take_grant
from helpdesk.mailboxes.commands.sources import set_incoming
from helpdesk.mailboxes.incoming import Imap
from helpdesk.mailboxes.jobs import access_token
from helpdesk.mailboxes.oauth import SignInAgainError, Tokens, safe_address
from mail_ingest.imap.session import Folder, ImapError
from tests.making import Desk, a_provider
from tests.services.dovecot import DovecotServer

BACK = "http://desk.example/a/settings/mail-consent"


class Provider:
    """A provider's token endpoint on loopback: checks PKCE, gives tokens, rotates them, or refuses."""

    def __init__(self) -> None:
        self.asked: list[dict[str, str]] = []
        self.challenge = ""
        self.access = "good-nobody"
        self.refusal = ""
        self.status = 200
        self.refresh = "refresh-1"
        provider = self

        class Answering(http.server.BaseHTTPRequestHandler):
            def do_POST(self) -> None:
                body = self.rfile.read(int(self.headers["Content-Length"])).decode()
                status, said = provider.answer({k: v[0] for k, v in parse_qs(body).items()})
                raw = json.dumps(said).encode()
                self.send_response(status)
                self.send_header("Content-Type", "application/json")
                self.send_header("Content-Length", str(len(raw)))
                self.end_headers()
                self.wfile.write(raw)

            def log_message(self, format: str, *args: object) -> None:
                """Stay silent."""

        self.server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Answering)
        self.url = f"http://127.0.0.1:{self.server.server_address[1]}"
        self.thread = threading.Thread(target=self.server.serve_forever, args=(0.05,), daemon=True)
        self.thread.start()

    def answer(self, form: dict[str, str]) -> tuple[int, dict[str, Any]]:
        self.asked.append(form)
        if self.status != 200:
            return self.status, {}
        if self.refusal:
            return 400, {"error": "invalid_grant", "error_description": self.refusal}
        if form["grant_type"] == "authorization_code":
            digest = hashlib.sha256(form["code_verifier"].encode()).digest()
            if (
                base64.urlsafe_b64encode(digest).decode().rstrip("=") != self.challenge
                or form["code"] != "the-code"
            ):
                return 400, {"error": "invalid_grant", "error_description": "not who asked"}
        elif form["refresh_token"] != self.refresh:
            return 400, {"error": "invalid_grant", "error_description": "an old token"}
        self.refresh = f"refresh-{len(self.asked) + 1}"
        return 200, {"access_token": self.access, "refresh_token": self.refresh, "expires_in": 3600}


@pytest.fixture
def provider() -> Iterator[Provider]:
    made = Provider()
    yield made
    made.server.shutdown()
    made.server.server_close()
    made.thread.join(5)


@pytest.fixture
def at_provider(desk: Desk, provider: Provider) -> int:
    return a_provider(desk.admin, token_url=f"{provider.url}/token", authorize_url=f"{provider.url}/agree")


def _there(page: TestResponse) -> str:
    """The link to the provider: a form may not lead there, by the policy of our pages."""
    shown = page.get_data(as_text=True)
    return html.unescape(shown.split('id="there" href="')[1].split('"')[0])


@pytest.mark.services
def test_the_whole_way_there_and_back_fetches_mail(
    desk: Desk, provider: Provider, at_provider: int, dovecot_server: DovecotServer
) -> None:
    user = dovecot_server.new_user()
    provider.access = dovecot_server.token(user)
    imap = Imap("127.0.0.1", dovecot_server.imap_port, "none", user, "", "INBOX", auth="oauth")
    set_incoming(mailbox_id=desk.mailbox_id, imap=imap)
    admin = desk.browser(desk.admin)
    way = f"/a/settings/mailboxes/{desk.mailbox_id}"
    admin.get(way)
    gone = admin.post(f"{way}/sign-in", {"provider": str(at_provider)})
    there = _there(gone)
    sent = {k: v[0] for k, v in parse_qs(urlsplit(there).query).items()}
    assert there.startswith(f"{provider.url}/agree?")
    assert (sent["code_challenge_method"], sent["redirect_uri"], sent["login_hint"]) == ("S256", BACK, user)
    provider.challenge = sent["code_challenge"]
    page = admin.get(f"/a/settings/mail-consent?code=the-code&state={sent['state']}")
    assert "Connect" in page.get_data(as_text=True)
    assert (provider.asked, queries.grant(desk.mailbox_id)) == ([], None), "GET changes nothing"
    done = admin.post("/a/settings/mail-consent", {"code": "the-code", "state": sent["state"]})
    assert done.status_code == 302, done.get_data(as_text=True)
    assert provider.asked[0]["client_secret"] == "the client's secret"
    db.session.rollback()
    granted = queries.grant(desk.mailbox_id)
    assert granted is not None
    assert granted.state == "ok"
    source = queries.newest_source(desk.mailbox_id)
    assert source is not None
    with Folder(source) as folder:
        assert folder.mails == 0
    shown = admin.get(way).get_data(as_text=True)
    for secret in (provider.access, provider.refresh, "the client's secret", "the client&#39;s secret"):
        assert secret not in shown


def test_nobody_finishes_what_another_began_and_nothing_old(
    desk: Desk, provider: Provider, at_provider: int
) -> None:
    admin = desk.browser(desk.admin)
    way = f"/a/settings/mailboxes/{desk.mailbox_id}"
    admin.get(way)
    gone = admin.post(f"{way}/sign-in", {"provider": str(at_provider)})
    state = parse_qs(urlsplit(_there(gone)).query)["state"][0]
    other = desk.browser(desk.agent("Second Admin", role=desk.admin.role))
    assert "not begun by you" in other.get(f"/a/settings/mail-consent?code=c&state={state}").get_data(
        as_text=True
    )
    for forged in ("", "x", state[:-4] + "AAAA"):
        other.get(way)
        answer = other.post("/a/settings/mail-consent", {"code": "c", "state": forged})
        assert answer.status_code == 400
    refused = admin.get(f"/a/settings/mail-consent?error=access_denied&state={state}").get_data(as_text=True)
    assert "access_denied" in refused
    assert provider.asked == []


def _grant(desk: Desk, provider_id: int) -> None:
    keep_grant(
        mailbox_id=desk.mailbox_id,
        provider_id=provider_id,
        tokens=Tokens("first", "refresh-1", 3600),
        who=PROGRAM,
    )


def test_tokens_are_renewed_ahead_of_their_end_and_rotated(
    desk: Desk, provider: Provider, at_provider: int
) -> None:
    _grant(desk, at_provider)
    provider.access = "second"
    assert access_token(desk.mailbox_id) == "first"
    assert provider.asked == []
    with clock.at(now() + timedelta(minutes=56)):
        assert access_token(desk.mailbox_id) == "second"
        assert access_token(desk.mailbox_id) == "second"
    assert len(provider.asked) == 1
    with clock.at(now() + timedelta(minutes=115)):
        access_token(desk.mailbox_id)
    assert [a["refresh_token"] for a in provider.asked] == ["refresh-1", "refresh-2"]


def test_one_process_renews_while_the_other_uses_what_there_is(
    desk: Desk, provider: Provider, at_provider: int
) -> None:
    _grant(desk, at_provider)
    with clock.at(now() + timedelta(minutes=56)):
        task = take_grant(mailbox_id=desk.mailbox_id)
        assert not isinstance(task, str)
        assert access_token(desk.mailbox_id) == "first", "it lives for four minutes more"
    with clock.at(now() + timedelta(minutes=56, seconds=30)):
        assert access_token(desk.mailbox_id) == "first"
    assert provider.asked == [], "a refresh token is not burnt twice"
    with clock.at(now() + timedelta(minutes=61)):
        assert access_token(desk.mailbox_id) == provider.access, "who took it died: another takes over"


def test_an_ended_permission_is_said_once_and_a_busy_provider_is_not_an_end(
    desk: Desk, provider: Provider, at_provider: int
) -> None:
    imap = Imap("127.0.0.1", 1, "none", "help@x.example", "", "INBOX", auth="oauth")
    set_incoming(mailbox_id=desk.mailbox_id, imap=imap)
    start_fetching(mailbox_id=desk.mailbox_id, first_import="now", who=PROGRAM)
    desk.agent("Boss Outside", role=desk.admin.role)
    _grant(desk, at_provider)
    later = now() + timedelta(hours=2)
    provider.status = 503
    with clock.at(later), pytest.raises(TemporaryError, match="busy"):
        access_token(desk.mailbox_id)
    db.session.rollback()
    granted = queries.grant(desk.mailbox_id)
    assert granted is not None
    assert granted.state == "ok"
    provider.status, provider.refusal = 200, "Token has been revoked."
    for _again in range(3):
        with clock.at(later), pytest.raises(SignInAgainError, match="revoked"):
            access_token(desk.mailbox_id)
    assert len(provider.asked) == 2, "it is not asked again and again"
    notices = desk.rows(Notice)
    assert len(notices) == len({n.recipient for n in notices}) == 2, "each administrator hears of it once"
    assert "revoked" in notices[0].text
    page = desk.browser(desk.admin).get("/a/settings/mailboxes").get_data(as_text=True)
    assert "Sign in again" in page
    assert "Token has been revoked." in page
    provider.refusal = ""
    _grant(desk, at_provider)
    assert access_token(desk.mailbox_id) == "first"


def test_a_mailbox_nobody_signed_in_for_says_so(desk: Desk) -> None:
    imap = Imap("127.0.0.1", 1, "none", "help@x.example", "", "INBOX", auth="oauth")
    set_incoming(mailbox_id=desk.mailbox_id, imap=imap)
    with pytest.raises(HelpdeskError, match="Nobody has signed in"):
        access_token(desk.mailbox_id)


@pytest.mark.services
@pytest.mark.parametrize("engine", ["sqlite"], indirect=True)
def test_a_token_the_mail_server_refuses_is_a_failed_sign_in(
    desk: Desk, at_provider: int, dovecot_server: DovecotServer
) -> None:
    _grant(desk, at_provider)
    user = dovecot_server.new_user()
    imap = Imap("127.0.0.1", dovecot_server.imap_port, "none", user, "", "INBOX", auth="oauth")
    set_incoming(mailbox_id=desk.mailbox_id, imap=imap)
    source = queries.newest_source(desk.mailbox_id)
    assert source is not None
    with pytest.raises(ImapError) as caught, Folder(source):
        raise AssertionError("it was let in")
    assert caught.value.step == "sign in"
    assert "first" not in str(caught.value)


@pytest.mark.parametrize(
    ("url", "good"),
    [
        ("https://accounts.example/token", True),
        ("http://127.0.0.1:9/token", True),
        ("http://accounts.example/token", False),
        ("http://127.0.0.1.evil.example/", False),
        ("file:///etc/passwd", False),
        ("//accounts.example", False),
        ("https://[", False),
    ],
)
def test_tokens_travel_by_https_alone(url: str, good: bool) -> None:
    assert safe_address(url) is good
