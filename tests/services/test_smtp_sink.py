"""The mail server that takes what we send."""

from __future__ import annotations

import smtplib

import pytest

from tests.services.process import ServiceError
from tests.services.smtp_sink import SmtpSink, SunkMail

pytestmark = pytest.mark.services

MAIL = b"From: desk@example.net\r\nTo: a@example.com\r\nSubject: =?utf-8?q?Gr=C3=BC=C3=9Fe?=\r\n\r\nHello\r\n"


def send(sink: SmtpSink, *recipients: str, data: bytes = MAIL) -> dict[str, tuple[int, bytes]]:
    with smtplib.SMTP(sink.host, sink.port, local_hostname="tests", timeout=10) as client:
        return client.sendmail("bounce@example.net", recipients, data)


def test_keeps_envelope_and_bytes(smtp_sink: SmtpSink) -> None:
    send(smtp_sink, "a@example.com", "b@example.com")
    (mail,) = smtp_sink.wait_for(1)
    assert mail.sender == "bounce@example.net"
    assert mail.recipients == ("a@example.com", "b@example.com")
    assert mail.data == MAIL
    assert mail.message["Subject"] == "Grüße"
    assert mail.text.strip() == "Hello"


def test_dots_and_eight_bit_bytes_arrive_as_sent(smtp_sink: SmtpSink) -> None:
    body = b"Subject: x\r\n\r\n.\r\n..two\r\n\xff\xfe\r\n"
    send(smtp_sink, "a@example.com", data=body)
    assert smtp_sink.wait_for(1)[0].data == body


def test_refuses_by_name(smtp_sink: SmtpSink) -> None:
    refused = send(smtp_sink, "a@example.com", "reject-1@example.com", "defer@example.com")
    assert {address: code for address, (code, _) in refused.items()} == {
        "reject-1@example.com": 550,
        "defer@example.com": 451,
    }
    assert len(smtp_sink.wait_for(1, to="a@example.com")) == 1
    assert [address for address, _ in smtp_sink.refused] == ["reject-1@example.com", "defer@example.com"]


def test_follows_a_script(smtp_sink: SmtpSink) -> None:
    answers = iter(["452 full", None])
    smtp_sink.on_data = lambda mail: next(answers)
    with pytest.raises(smtplib.SMTPDataError):
        send(smtp_sink, "a@example.com")
    assert smtp_sink.mails == []
    send(smtp_sink, "a@example.com")
    assert len(smtp_sink.mails) == 1


def test_breaks_off_after_the_data(smtp_sink: SmtpSink) -> None:
    def crash(mail: SunkMail) -> None:
        raise RuntimeError

    smtp_sink.on_data = crash
    with pytest.raises((smtplib.SMTPServerDisconnected, ConnectionError)):
        send(smtp_sink, "a@example.com")


def test_goes_away_and_comes_back_on_its_port(smtp_sink: SmtpSink) -> None:
    port = smtp_sink.port
    smtp_sink.stop()
    with pytest.raises(ConnectionRefusedError):
        send(smtp_sink, "a@example.com")
    smtp_sink.start()
    assert smtp_sink.port == port
    send(smtp_sink, "a@example.com")


def test_says_what_came_instead(smtp_sink: SmtpSink) -> None:
    send(smtp_sink, "a@example.com")
    with pytest.raises(ServiceError, match=r"2 mails to anybody; came: .*a@example\.com"):
        smtp_sink.wait_for(2, timeout=0.1)
