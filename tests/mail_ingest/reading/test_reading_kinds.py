"""Automatic mail, in the order of the rules; bounces; and messages that only say thanks."""

import pytest

from mail_ingest.classify import bounce_facts, classify, is_only_thanks
from mail_ingest.parse import ParsedMail, parse

FROM = "From: Ann <ann@example.com>\n"


def mail(headers: str, body: str = "hello") -> ParsedMail:
    return parse((headers + "\n" + body).encode())


def report(kind: str, part: str) -> str:
    head = f"Content-Type: multipart/report; report-type={kind}; boundary=B\n\n"
    return f"{head}--B\n\nwords\n--B\nContent-Type: {part}\n\nx: y\n--B--"


@pytest.mark.parametrize(
    ("headers", "expected"),
    [
        (FROM + report("delivery-status", "message/delivery-status"), "bounce"),
        (FROM + report("disposition-notification", "message/disposition-notification"), "report"),
        (FROM + report("feedback-report", "message/feedback-report"), "report"),
        (
            FROM
            + "Content-Type: multipart/mixed; boundary=B\n\n"
            + "--B\nContent-Type: message/delivery-status\n\nx: y\n--B--",
            "bounce",
        ),
        (FROM + "X-Failed-Recipients: x@y.z\n", "bounce"),
        (FROM + "X-MS-Exchange-Message-Is-Ndr:\n", "bounce"),
        (FROM + "Return-Path: <>\n", "bounce"),
        (FROM + "Return-Path: <>\nAuto-Submitted: auto-replied\n", "auto_reply"),
        (FROM + "Auto-Submitted: auto-generated; x=y\n", "auto_reply"),
        (FROM + "Auto-Submitted: no\n", "person"),
        (FROM + "X-Autoreply: yes\n", "auto_reply"),
        (FROM + "X-Autoreply: no\n", "person"),
        (FROM + "X-FC-MachineGenerated: true\n", "auto_reply"),
        ("From: Mail Delivery System <MAILER-DAEMON@mx.example>\n", "bounce"),
        ("From: bounces+7@list.example\n", "bounce"),
        ("From: postmaster@example.com\nSubject: Undeliverable: hi\n", "bounce"),
        ("From: postmaster@example.com\nSubject: our new printer\n", "person"),
        (FROM + "Precedence: auto_reply\n", "auto_reply"),
        (FROM + "Precedence: bulk\n", "list"),
        (FROM + "List-Id: <x.example>\n", "list"),
        (FROM + "List-Unsubscribe: <mailto:x@y.z>\n", "list"),
        (FROM + "Subject: Automatic reply: kettle\n", "auto_reply"),
        (FROM + "Subject: Out of Office\n", "auto_reply"),
        (FROM + "Subject: =?utf-8?q?R=C3=A9ponse_automatique_:_x?=\n", "auto_reply"),
        (FROM + "Subject: Abwesenheitsnotiz: Kessel\n", "auto_reply"),
        (FROM + "Subject: 自動返信: x\n", "auto_reply"),
        (FROM + "Subject: Out of office chairs again\n", "person"),
        (FROM + "Subject: Vacation rental question\n", "person"),
        (FROM + "Subject: Automatic reply does not work\n", "person"),
        (FROM + "Subject: my parcel was returned to sender\n", "person"),
        (FROM + "Subject: delivery failed again!\n", "person"),
        (FROM + "X-Auto-Response-Suppress: All\n", "person"),
        (FROM + "X-Mailer: auto mailer\nX-Spam: autoreply\n", "person"),
        (FROM, "person"),
    ],
)
def test_kinds(headers: str, expected: str) -> None:
    found = classify(mail(headers))
    assert found.kind == expected
    assert found.why
    assert found.acknowledge is False or expected == "person"


def test_a_returned_message_with_bounce_words_is_a_bounce() -> None:
    attached = (
        "Content-Type: multipart/mixed; boundary=B\n\n"
        "--B\n\nsorry\n--B\nContent-Type: message/rfc822\n\nSubject: x\n--B--"
    )
    assert classify(mail(FROM + "Subject: Returned mail: x\n" + attached)).kind == "bounce"
    assert classify(mail(FROM + "Subject: Re: Returned mail: x\n" + attached)).kind == "person"
    assert classify(mail(FROM + "Subject: please look\n" + attached)).kind == "person"


def test_the_null_sender_of_the_envelope_counts() -> None:
    assert classify(mail(FROM), "").kind == "bounce"
    assert classify(mail(FROM), "ann@example.com").kind == "person"
    assert classify(mail(FROM), None).kind == "person"


@pytest.mark.parametrize(
    ("headers", "acknowledge"),
    [
        (FROM, True),
        (FROM + "X-Auto-Response-Suppress: DR, OOF, AutoReply\n", False),
        (FROM + "X-Auto-Response-Suppress: None\n", True),
        ("From: no-reply@example.com\n", False),
        ("From: a@b.c, d@e.f\n", False),
        ("To: x@y.z\n", False),
        (FROM + "List-Id: <x.example>\n", False),
    ],
)
def test_who_gets_an_acknowledgement(headers: str, acknowledge: bool) -> None:
    assert classify(mail(headers)).acknowledge is acknowledge


DSN = """\
From: MAILER-DAEMON@mx.example
Content-Type: multipart/report; report-type=delivery-status; boundary=B

--B

sorry
--B
Content-Type: message/delivery-status

Reporting-MTA: dns; mx.example

Final-Recipient: rfc822; late@example.com
Action: delayed
Status: 4.4.1

Original-Recipient: rfc822;Ann@Example.com
Final-Recipient: rfc822; forwarded@example.org
Action: failed
Status: 5.1.1
Diagnostic-Code: smtp; 550 5.1.1 no such
 user

--B
Content-Type: text/rfc822-headers

Subject: kettle
Message-ID: <T.4821.x.y@example.net>

--B--
"""


def test_what_a_bounce_says() -> None:
    facts = bounce_facts(parse(DSN.encode()))
    assert facts.recipient == "ann@example.com"
    assert facts.status == "5.1.1"
    assert facts.diagnostic == "550 5.1.1 no such user"
    assert facts.original_message_id == "T.4821.x.y@example.net"
    assert (facts.action, facts.permanent) == ("failed", True)


def test_what_a_bounce_in_words_says() -> None:
    body = "I could not deliver to\n<ann@example.com>:\n550 5.1.1 unknown\n\n--- a copy\nMessage-ID: <1@x>\n"
    facts = bounce_facts(mail("From: MAILER-DAEMON@mx.example\n", body))
    assert (facts.recipient, facts.status, facts.original_message_id) == ("ann@example.com", "5.1.1", "1@x")
    assert bounce_facts(mail(FROM)).recipient is None


@pytest.mark.parametrize(
    "text",
    [
        "Thanks!",
        "Thank you very much for your help",
        "Vielen Dank für die schnelle Hilfe!",
        "Merci beaucoup 🙏",
        "¡Muchas gracias!",
        "Grazie mille",
        "Obrigado pela ajuda",
        "Hartelijk dank",
        "Dziękuję bardzo",
        "Tack så mycket",
        "Kiitos paljon!",
        "Спасибо большое",
        "ありがとうございました。",
        "谢谢您",
        "감사합니다!",
        "Çok teşekkür ederim",
        "Hi,\n\nperfect, thank you.\n\nBest regards",
        "Great, it works now. Thanks",
    ],
)
def test_only_thanks(text: str) -> None:
    assert is_only_thanks(text)


@pytest.mark.parametrize(
    "text",
    [
        "Thanks, but it is still broken",
        "Thanks for nothing",
        "Thank you. When will it come?",
        "Thanks 4711",
        "Danke, leider nein",
        "ok",
        "",
        "Thanks\nRoman",
        "Merci, toujours pas",
        "Thank you, one more thing",
        "谢谢，还是不行",
        "Thanks " * 30,
        "It does not work, thanks",
    ],
)
def test_more_than_thanks(text: str) -> None:
    assert not is_only_thanks(text)


def test_the_senders_own_name_may_stand_below_thanks() -> None:
    assert is_only_thanks("Thanks!\nRoman", name="Roman Tkachenko")
