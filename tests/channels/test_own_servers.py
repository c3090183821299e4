"""Each mailbox sends through its own server: none holds up another; signatures, and ids of providers."""

import base64
from collections.abc import Callable, Iterator
from datetime import timedelta
from typing import Any

import dkim
import pytest
from aiosmtpd.controller import Controller
from aiosmtpd.smtp import SMTP, AuthResult, Envelope, Session
from flask import Flask

from helpdesk.channels import routes
from helpdesk.channels.jobs import letter_of
from helpdesk.channels.model import Delivery
from helpdesk.channels.signing import new_key, record_name, record_value, same_key, signed
from helpdesk.channels.transport import (
    Route,
    ServerTroubleError,
    UnansweredError,
    connect,
    hand_over,
    provider_id,
)
from helpdesk.core import clock
from helpdesk.core.clock import now
from helpdesk.core.db import db
from helpdesk.core.errors import TemporaryError
from helpdesk.core.jobs.runner import run_all
from helpdesk.doctor import findings
from helpdesk.mailboxes.commands import add_mailbox, set_smtp_server
from helpdesk.mailboxes.outgoing import Smtp
from helpdesk.mailboxes.queries import smtp_server
from helpdesk.tickets.commands.writing import answer
from helpdesk.tickets.content import Content
from mail_ingest.store import accept
from tests.making import Desk, a_mail
from tests.services.process import free_port
from tests.services.smtp_sink import SmtpSink


def _own(port: int, **more: Any) -> Smtp:
    values = {
        "host": "127.0.0.1",
        "port": port,
        "security": "none",
        "auth": "none",
        "user": "",
        "password": "",
    }
    return Smtp(**(values | more))


@pytest.fixture
def two(desk: Desk, smtp_sink: SmtpSink) -> tuple[int, int]:
    """Two mailboxes: the first sends into nothing, the second through the sink."""
    other = add_mailbox(address="help@other.example", sender_name="Other")
    set_smtp_server(mailbox_id=desk.mailbox_id, smtp=_own(1))
    set_smtp_server(mailbox_id=other, smtp=_own(smtp_sink.port))
    return desk.mailbox_id, other


def _write(desk: Desk, mailbox_id: int, n: int) -> None:
    to = "support@shop.example" if mailbox_id == desk.mailbox_id else "help@other.example"
    raw = a_mail(f"c{n}@d{n}.example", to=to, text=f"Mail {n}")
    accept(raw, source="smtp", mailbox_id=mailbox_id, envelope_to=[to])
    run_all()


def test_a_dead_server_is_left_alone_and_holds_up_nobody(
    desk: Desk, two: tuple[int, int], smtp_sink: SmtpSink, monkeypatch: pytest.MonkeyPatch
) -> None:
    dead, alive = two
    tried: list[int] = []

    def counted(route: Route, *args: Any) -> str:
        tried.append(route.port)
        return hand_over(route, *args)

    monkeypatch.setattr(routes, "hand_over", counted)
    for n in range(6):
        _write(desk, dead, n)
        _write(desk, alive, n + 10)
    assert len(smtp_sink.mails) == 6
    assert tried.count(1) == 3, "after three failures it is left alone"
    server = smtp_server(dead)
    assert server is not None
    assert server.state == "failing"
    assert server.next_try_at is not None
    waiting = [d for d in desk.deliveries() if d.state == "deferred"]
    assert len(waiting) == 6
    assert all("does not answer" in d.answer and d.tries == 0 for d in waiting)
    page = desk.browser(desk.admin).get("/a/settings/mailboxes").get_data(as_text=True)
    assert "Cannot send" in page
    with clock.at(now() + timedelta(days=9)):
        run_all()
    assert {d.state for d in desk.deliveries() if d.id in {w.id for w in waiting}} == {"deferred"}, (
        "never lost"
    )
    set_smtp_server(mailbox_id=dead, smtp=_own(smtp_sink.port))
    with clock.at(now() + timedelta(days=9, minutes=20)):
        run_all()
    assert len(smtp_sink.mails) == 12


def test_the_desks_own_server_is_left_alone_too(
    make_app: Callable[..., Flask], smtp_sink: SmtpSink, monkeypatch: pytest.MonkeyPatch
) -> None:
    app = make_app(smtp_host="127.0.0.1", smtp_port=1, smtp_security="none")
    tried: list[int] = []

    def counted(route: Route, *args: Any) -> str:
        tried.append(route.port)
        return hand_over(route, *args)

    monkeypatch.setattr(routes, "hand_over", counted)
    with app.app_context():
        desk = Desk.set_up(app)
        other = add_mailbox(address="help@other.example", sender_name="Other")
        set_smtp_server(mailbox_id=other, smtp=_own(smtp_sink.port))
        for n in range(6):
            _write(desk, desk.mailbox_id, n)
        _write(desk, other, 10)
        assert tried.count(1) == 3
        assert len(smtp_sink.mails) == 1
        assert {d.state for d in desk.deliveries() if d.recipient != "c10@d10.example"} == {"deferred"}
        with clock.at(now() + timedelta(minutes=2)):
            run_all()
        assert tried.count(1) == 4, "one try finds out whether it is back"
        db.session.remove()


def test_put_right_on_its_page_everything_waiting_goes_out_at_once(
    desk: Desk, two: tuple[int, int], smtp_sink: SmtpSink
) -> None:
    dead, _alive = two
    for n in range(5):
        _write(desk, dead, n)
    late = [d.id for d in desk.deliveries() if d.state == "deferred"]
    assert len(late) == 5
    set_smtp_server(mailbox_id=dead, smtp=_own(smtp_sink.port))
    run_all()
    with clock.at(now() + timedelta(seconds=61)):
        run_all()
    assert len(smtp_sink.mails) == 5


class _Wants:
    """A server that lets in by one mechanism with one token."""

    def __init__(self, mechanism: str) -> None:
        self.mechanism = mechanism
        self.said: list[bytes] = []
        self.mails: list[Envelope] = []

    async def _let_in(self, server: SMTP, args: list[str]) -> AuthResult:
        said = await server.challenge_auth("", encode_to_b64=False) if len(args) < 2 else _plain(args[1])
        assert isinstance(said, bytes)
        self.said.append(said)
        good = b"auth=Bearer good-token\x01" in said
        return AuthResult(success=good, handled=False)

    async def auth_XOAUTH2(self, server: SMTP, args: list[str]) -> AuthResult:  # noqa: N802 - named by aiosmtpd
        return await self._let_in(server, args)

    async def auth_OAUTHBEARER(self, server: SMTP, args: list[str]) -> AuthResult:  # noqa: N802 - named by aiosmtpd
        return await self._let_in(server, args)

    async def handle_DATA(self, server: SMTP, session: Session, envelope: Envelope) -> str:  # noqa: N802 - named by aiosmtpd
        self.mails.append(envelope)
        return "250 Ok 0100018c-7f2e-4b6a-9d3e-a1b2c3d4e5f6-000000"


def _plain(encoded: str) -> bytes:
    return base64.b64decode(encoded)


@pytest.fixture(params=["XOAUTH2", "OAUTHBEARER"])
def wants(request: pytest.FixtureRequest) -> Iterator[tuple[_Wants, int]]:
    handler = _Wants(request.param)
    excluded = ["LOGIN", "PLAIN", "XOAUTH2" if request.param == "OAUTHBEARER" else "OAUTHBEARER"]
    controller = Controller(
        handler,
        "127.0.0.1",
        free_port(),
        auth_require_tls=False,
        auth_exclude_mechanism=excluded,
    )
    controller.start()
    yield handler, controller.port
    controller.stop()


def test_a_token_signs_in_by_either_mechanism(wants: tuple[_Wants, int]) -> None:
    handler, port = wants
    route = Route("127.0.0.1", port, "none", "oauth", "help@x.example", "good-token")
    said = hand_over(route, "help@x.example", "lena@example.de", b"Subject: x\r\n\r\n.dot\r\n")
    assert provider_id(said, "<own@x.example>") == "0100018c-7f2e-4b6a-9d3e-a1b2c3d4e5f6-000000"
    assert handler.mails[0].content == b"Subject: x\r\n\r\n.dot\r\n"
    assert b"help@x.example" in handler.said[0]
    bad = Route("127.0.0.1", port, "none", "oauth", "help@x.example", "stale-token")
    with pytest.raises(ServerTroubleError, match="refused our sign-in") as caught:
        connect(bad)
    assert caught.value.step == "sign in"
    assert "stale-token" not in str(caught.value)
    assert "stale-token" not in repr(bad)


@pytest.mark.parametrize(
    ("said", "found"),
    [
        (
            "Ok 0102018c7f2e4b6a-9d3ea1b2-c3d4-e5f6-aaaa-000000",
            "0102018c7f2e4b6a-9d3ea1b2-c3d4-e5f6-aaaa-000000",
        ),
        (
            "2.6.0 <AM0PR01@eurprd01.prod.outlook.com> [InternalId=7] Queued mail",
            "AM0PR01@eurprd01.prod.outlook.com",
        ),
        ("2.6.0 <own@x.example> Queued mail for delivery", None),
        ("2.0.0 OK  1731750000 ffacd0b85a97d-3822ae5c6basi1234567f8f.123 - gsmtp", None),
        ("2.0.0 Ok: queued as 4XsK7d1Zp2z", None),
        ("OK", None),
    ],
)
def test_the_id_a_provider_gave_is_read_from_its_answer(said: str, found: str | None) -> None:
    assert provider_id(said, "<own@x.example>") == found


def test_an_answer_to_a_providers_id_finds_its_ticket_in_this_mailbox_only(
    desk: Desk, smtp_sink: SmtpSink
) -> None:
    """Amazon SES replaces our Message-ID; whose mail program drops foreign ids answers to its own."""
    given = "0102018c7f2e4b6a-9d3ea1b2-c3d4-e5f6-aaaa-000000"
    smtp_sink.on_data = lambda _mail: f"250 Ok {given}"
    set_smtp_server(mailbox_id=desk.mailbox_id, smtp=_own(smtp_sink.port))
    other = add_mailbox(address="help@other.example", sender_name="Other")
    desk.receive(a_mail(Precedence="list"))
    answer(viewer=desk.admin, number=1001, kind="reply", content=Content("We look for it."))
    run_all()
    assert desk.deliveries()[0].provider_id == given
    back = a_mail(text="Thank you.", In_Reply_To=f"<{given}@eu-west-1.amazonses.com>")
    assert desk.receive(back).outcome == "added"
    forged = a_mail(text="And now?", In_Reply_To=f"<{given}@evil.example>")
    assert desk.receive(forged).outcome == "new_ticket"
    raw = a_mail(to="help@other.example", text="Else", In_Reply_To=f"<{given}@email.amazonses.com>")
    accept(raw, source="smtp", mailbox_id=other, envelope_to=["help@other.example"])
    run_all()
    assert len(desk.messages(desk.ticket(1001))) == 3


def test_a_signature_holds_over_what_leaves_and_its_record_is_recognised(
    desk: Desk, smtp_sink: SmtpSink
) -> None:
    set_smtp_server(mailbox_id=desk.mailbox_id, smtp=_own(smtp_sink.port))
    admin = desk.browser(desk.admin)
    way = f"/a/settings/mailboxes/{desk.mailbox_id}"
    published: dict[str, list[str]] = {}
    desk.app.extensions["txt_records"] = lambda name: published.get(name, [])
    admin.get(way)
    assert admin.post(f"{way}/signing", {"do": "make"}).status_code == 302
    page = admin.get(way).get_data(as_text=True)
    name = page.split('<dd class="mono">')[1].split("<")[0]
    value = page.split('<dd class="mono">')[2].split("<")[0]
    assert "PRIVATE" not in page
    admin.post(f"{way}/signing", {"do": "check"})
    assert "Not published" in admin.get(way).get_data(as_text=True)
    assert admin.post(f"{way}/signing", {"do": "on"}).status_code == 409, (
        "unpublished, it would fail everywhere"
    )
    admin.get(way)
    published[name] = [value.replace("p=", "p= ")]
    admin.post(f"{way}/signing", {"do": "check"})
    assert admin.post(f"{way}/signing", {"do": "on"}).status_code == 302
    desk.receive(a_mail())
    (mail,) = smtp_sink.mails
    assert mail.data.startswith(b"DKIM-Signature:")
    assert mail.data.endswith(letter_of(desk.rows(Delivery)[0].id)[2])
    asked = lambda _name, timeout=5: value.encode()  # noqa: E731 - what dkimpy asks the DNS with
    assert dkim.verify(mail.data, dnsfunc=asked)
    assert not dkim.verify(mail.data.replace(b"request 1001", b"request 1002"), dnsfunc=asked)
    signature = mail.data.split(b"\r\nFrom:")[0].replace(b"\r\n ", b"").lower()
    for header in (b"from", b"to", b"subject", b"date", b"message-id", b"references", b"reply-to"):
        assert header in signature


def test_records_are_compared_without_their_spaces() -> None:
    pair = new_key()
    record = record_value(pair.public)
    assert record_name("desk", "x.example") == "desk._domainkey.x.example"
    assert same_key(record.replace("; ", ";"), pair.public)
    assert not same_key(record[:-8], pair.public)
    assert b"d=xn--bcher-kva.example" in signed(
        b"From: a@b\r\n\r\nx", domain="bücher.example", selector="s", private=pair.private
    )


def test_the_doctor_asks_each_server(desk: Desk, two: tuple[int, int]) -> None:
    found = {f.name: f for f in findings()}
    dead, alive = found["mail out support@shop.example"], found["mail out help@other.example"]
    assert (dead.state, alive.state) == ("bad", "ok")
    assert "127.0.0.1:1 does not answer" in dead.words


def test_a_wire_that_breaks_before_the_last_dot_is_no_doubt(smtp_sink: SmtpSink) -> None:
    """Only what the server may have taken is unconfirmed."""
    smtp_sink.on_recipient = lambda _address: "421 4.3.2 closing"
    route = Route("127.0.0.1", smtp_sink.port, "none", "none", "", "")
    with pytest.raises(TemporaryError, match="421") as caught:
        hand_over(route, "a@b.example", "c@d.example", b"Subject: x\r\n\r\nx\r\n")
    assert not isinstance(caught.value, UnansweredError | ServerTroubleError)
