"""What becomes of a delivery: taken, put off, refused, broken off, sent again (contracts 17, mail 4.8)."""

from collections.abc import Callable, Iterator
from datetime import datetime, timedelta

import pytest
from flask import Flask

from helpdesk.channels import jobs
from helpdesk.channels.commands import CRASH_WAIT, RETRY_S
from helpdesk.channels.model import Delivery
from helpdesk.core import clock
from helpdesk.core.clock import now
from helpdesk.core.db import db
from helpdesk.core.jobs.outbox import LEASE_S, OutboxRow
from helpdesk.core.jobs.runner import run_all
from tests.making import Desk, a_mail
from tests.services.smtp_sink import SmtpSink, SunkMail


@pytest.fixture
def desk(make_app: Callable[..., Flask], smtp_sink: SmtpSink) -> Iterator[Desk]:
    """A desk that hands its mail to the sink."""
    app = make_app(smtp_host=smtp_sink.host, smtp_port=smtp_sink.port, smtp_security="none", smtp_timeout_s=5)
    with app.app_context():
        yield Desk.set_up(app)
        db.session.remove()


def _acknowledged(desk: Desk, sender: str = "lena@example.de") -> Delivery:
    """Let a customer write; return the delivery of the acknowledgement."""
    desk.receive(a_mail(sender))
    return desk.rows(Delivery)[-1]


def _at(moment: datetime) -> None:
    with clock.at(moment):
        run_all()


def test_what_the_server_takes_is_sent_with_its_answer(desk: Desk, smtp_sink: SmtpSink) -> None:
    delivery = _acknowledged(desk)
    (mail,) = smtp_sink.mails
    assert (delivery.state, delivery.tries, delivery.unconfirmed) == ("sent", 1, False)
    assert delivery.sent_at is not None
    assert mail.recipients == ("lena@example.de",)
    assert mail.sender in {"", "<>"}, "an acknowledgement has the null sender"
    assert mail.message["Message-ID"] == desk.outgoing()[0].message_id
    assert mail.data == jobs.letter_of(delivery.id)[2]
    assert run_all() == 0


def test_a_refused_recipient_failed_and_can_be_sent_again_by_hand(desk: Desk, smtp_sink: SmtpSink) -> None:
    smtp_sink.on_recipient = lambda _address: "550 5.1.1 no such user"
    delivery = _acknowledged(desk)
    assert (delivery.state, delivery.next_try_at) == ("failed", None)
    assert "550 5.1.1 no such user" in delivery.answer
    _at(now() + timedelta(days=3))
    assert smtp_sink.mails == []
    agent = desk.browser(desk.admin)
    trouble = agent.get("/a/outbox?show=trouble").get_data(as_text=True)
    assert "lena@example.de" in trouble
    smtp_sink.on_recipient = None
    assert agent.post(f"/a/outbox/{delivery.id}/again").status_code == 302
    run_all()
    (mail,) = smtp_sink.mails
    assert mail.message["Message-ID"] == desk.outgoing()[0].message_id
    sent = desk.row(Delivery, delivery.id)
    assert (sent.state, sent.recipient) == ("sent", "lena@example.de")
    assert agent.post(f"/a/outbox/{delivery.id}/again").status_code == 302
    run_all()
    assert len(smtp_sink.mails) == 1, "what was sent is not sent again"


@pytest.mark.parametrize("engine", ["sqlite"], indirect=True)
def test_one_refused_recipient_holds_up_nobody_else(desk: Desk, smtp_sink: SmtpSink) -> None:
    """One transaction a recipient (contracts 17)."""
    desk.ticket(sender="lena@example.de", Cc="reject@example.de, defer@example.de, tim@example.de")
    agent = desk.browser(desk.admin)
    agent.get("/a/tickets/1001")
    agent.post("/a/tickets/1001/messages", {"kind": "reply", "body": "We look for it."})
    run_all()
    states = {d.recipient: d.state for d in desk.deliveries(mail_id=desk.outgoing("reply")[0].id)}
    assert states == {
        "lena@example.de": "sent",
        "tim@example.de": "sent",
        "reject@example.de": "failed",
        "defer@example.de": "deferred",
    }
    assert all(len(mail.recipients) == 1 for mail in smtp_sink.mails)
    shown = agent.get("/a/tickets/1001").get_data(as_text=True)
    assert "Could not be sent to reject@example.de" in shown
    assert "put off defer@example.de" in shown


@pytest.mark.parametrize("engine", ["sqlite"], indirect=True)
@pytest.mark.parametrize("how", ["451", "drop before", "gone"])
def test_what_is_put_off_is_tried_again_until_it_is_taken(desk: Desk, smtp_sink: SmtpSink, how: str) -> None:
    if how == "451":
        smtp_sink.on_recipient = lambda _address: "451 4.7.1 come again"
    elif how == "drop before":
        smtp_sink.on_recipient = lambda _address: "421 4.3.2 closing"
    else:
        smtp_sink.stop()
    start = now()
    with clock.at(start):
        delivery = _acknowledged(desk)
    assert (delivery.state, delivery.tries) == ("deferred", 1)
    assert delivery.next_try_at == start + timedelta(seconds=RETRY_S[0])
    assert delivery.answer
    _at(start + timedelta(seconds=RETRY_S[0] - 1))
    assert desk.row(Delivery, delivery.id).tries == 1, "not before its time"
    _at(start + timedelta(seconds=RETRY_S[0] + 1))
    again = desk.row(Delivery, delivery.id)
    assert (again.state, again.tries) == ("deferred", 2)
    assert again.next_try_at == start + timedelta(seconds=RETRY_S[0] + 1 + RETRY_S[1])
    smtp_sink.on_recipient = smtp_sink.on_data = None
    if how == "gone":
        smtp_sink.start()
    _at(start + timedelta(hours=1))
    sent = desk.row(Delivery, delivery.id)
    assert (sent.state, sent.tries) == ("sent", 3)
    assert len(smtp_sink.mails) == 1


def test_a_server_that_goes_away_with_the_mail_is_asked_again_only_after_a_while(
    desk: Desk, smtp_sink: SmtpSink
) -> None:
    """The wire broke between the data and the answer: it may be out. Nobody claims otherwise (M4.8)."""
    seen: list[SunkMail] = []

    def drop(mail: SunkMail) -> str:
        seen.append(mail)
        raise ConnectionResetError

    smtp_sink.on_data = drop
    delivery = _reply(desk)
    assert (delivery.state, delivery.unconfirmed) == ("sending", True)
    start = delivery.sending_at
    assert start is not None
    assert delivery.next_try_at == start + CRASH_WAIT
    shown = desk.browser(desk.admin).get("/a/tickets/1001").get_data(as_text=True)
    assert "It may have reached lena@example.de" in shown
    smtp_sink.on_data = None
    _at(start + CRASH_WAIT - timedelta(seconds=5))
    assert smtp_sink.mails == []
    _at(start + CRASH_WAIT + timedelta(seconds=5))
    (mail,) = smtp_sink.mails
    assert mail.data == seen[0].data, "a second copy is recognisable"
    assert desk.row(Delivery, delivery.id).state == "sent"
    shown = desk.browser(desk.admin).get("/a/tickets/1001").get_data(as_text=True)
    assert "perhaps twice" in shown


@pytest.mark.parametrize("engine", ["sqlite"], indirect=True)
@pytest.mark.parametrize("sign", ["own copy", "answer", "bounce"])
def test_an_unconfirmed_mail_whose_copy_answer_or_bounce_comes_is_not_sent_again(
    desk: Desk, smtp_sink: SmtpSink, sign: str
) -> None:
    wire: list[SunkMail] = []

    def drop(mail: SunkMail) -> str:
        wire.append(mail)
        raise ConnectionResetError

    smtp_sink.on_data = drop
    delivery = _reply(desk)
    smtp_sink.on_data = None
    sender, recipient, raw = jobs.letter_of(delivery.id)
    if sign == "own copy":
        desk.receive(raw)
    elif sign == "answer":
        to = wire[0].message["Reply-To"].addresses[0].addr_spec
        theirs = a_mail(recipient, to=to, text="Thank you.", In_Reply_To=wire[0].message["Message-ID"])
        assert desk.receive(theirs, to=[to]).outcome == "added"
    else:
        back = a_mail("MAILER-DAEMON@x.example", to=sender, text="No such user", Return_Path="<>")
        desk.receive(back, to=[sender])
    _at(now() + CRASH_WAIT * 2)
    assert smtp_sink.mails == []
    after = desk.row(Delivery, delivery.id)
    assert after.state == ("bounced" if sign == "bounce" else "sent")


def _reply(desk: Desk) -> Delivery:
    """Let a customer write and an agent answer; return the delivery of the answer."""
    desk.receive(a_mail(Precedence="list"))  # so that nothing acknowledges it
    agent = desk.browser(desk.admin)
    agent.get("/a/tickets/1001")
    agent.post("/a/tickets/1001/messages", {"kind": "reply", "body": "We look for it."})
    run_all()
    return desk.deliveries(mail_id=desk.outgoing("reply")[0].id)[0]


@pytest.mark.parametrize("engine", ["sqlite"], indirect=True)
def test_after_the_last_try_it_failed_and_says_so(desk: Desk, smtp_sink: SmtpSink) -> None:
    smtp_sink.on_recipient = lambda _address: "451 4.7.1 come again"
    moment = now()
    with clock.at(moment):
        delivery = _acknowledged(desk)
    waits = []
    while (row := desk.row(Delivery, delivery.id)).state == "deferred":
        assert row.next_try_at is not None
        waits.append((row.next_try_at - moment).total_seconds())
        moment = row.next_try_at + timedelta(milliseconds=1)
        _at(moment)
        assert len(waits) < 20
    assert [round(w) for w in waits] == list(RETRY_S)
    assert (row.state, row.tries, row.next_try_at) == ("failed", len(RETRY_S) + 1, None)
    assert desk.rows(OutboxRow, state="waiting") == []


class DiedError(BaseException):
    """What kill -9 looks like from inside: nothing of ours catches it."""


def test_a_crash_after_the_hand_over_sends_the_same_mail_once_more_and_says_so(
    desk: Desk, smtp_sink: SmtpSink, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Between DATA and our commit: again after 15 minutes, the same bytes, marked unconfirmed (T3.2)."""

    def die(**_more: object) -> None:
        raise DiedError

    start = now()
    with monkeypatch.context() as patched, clock.at(start):
        patched.setattr(jobs, "delivered", die)
        with pytest.raises(DiedError):
            desk.receive(a_mail())
    delivery = desk.rows(Delivery)[0]
    assert (delivery.state, len(smtp_sink.mails)) == ("sending", 1)
    _at(start + timedelta(seconds=LEASE_S - 1))
    assert len(smtp_sink.mails) == 1, "its lease still runs"
    _at(start + timedelta(seconds=LEASE_S + 1))
    _at(start + CRASH_WAIT - timedelta(seconds=5))
    assert (desk.row(Delivery, delivery.id).state, len(smtp_sink.mails)) == ("sending", 1)
    _at(start + CRASH_WAIT + timedelta(seconds=5))
    first, second = smtp_sink.mails
    assert first.data == second.data
    sent = desk.row(Delivery, delivery.id)
    assert (sent.state, sent.unconfirmed) == ("sent", True)
    _at(start + timedelta(days=1))
    assert len(smtp_sink.mails) == 2


@pytest.mark.parametrize("engine", ["sqlite"], indirect=True)
def test_a_crash_before_the_hand_over_loses_nothing(
    desk: Desk, smtp_sink: SmtpSink, monkeypatch: pytest.MonkeyPatch
) -> None:
    def die(**_more: object) -> None:
        raise DiedError

    start = now()
    with monkeypatch.context() as patched, clock.at(start):
        patched.setattr(jobs, "begin", die)
        with pytest.raises(DiedError):
            desk.receive(a_mail())
    assert smtp_sink.mails == []
    _at(start + timedelta(seconds=LEASE_S + 1))
    assert len(smtp_sink.mails) == 1
    assert desk.rows(Delivery)[0].unconfirmed is False


@pytest.mark.parametrize("engine", ["sqlite"], indirect=True)
def test_mail_to_a_foreign_domain_goes_out_in_its_ascii_form(desk: Desk, smtp_sink: SmtpSink) -> None:
    customer = desk.browser()
    customer.get("/contact")
    form = {"email": "post@bücher.example", "subject": "Order", "body": "Where is it?"}
    assert customer.post("/contact", form).status_code == 200
    customer.get("/contact")
    refused = customer.post("/contact", form | {"email": "jörg@example.de"})
    assert refused.status_code == 422, "an address no answer would reach is not taken"
    run_all()
    (mail,) = smtp_sink.mails
    assert mail.recipients == ("post@xn--bcher-kva.example",)
