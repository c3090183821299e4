"""What leaves the desk: ids that stay whole, one copy a recipient, nothing a sender can smuggle in."""

import base64
import re
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from email import message_from_bytes
from email.message import EmailMessage, Message
from email.policy import default
from itertools import count
from typing import cast

import pytest

from helpdesk.channels.jobs import letter_of
from helpdesk.channels.letter import Letter, LetterFile, build, references_of
from helpdesk.core import clock
from helpdesk.core.clock import now
from helpdesk.core.jobs.runner import run_all
from helpdesk.tickets.commands.writing import answer
from helpdesk.tickets.content import Content
from helpdesk.tickets.model import Attachment, Ticket
from tests.making import SUPPORT, Desk, a_mail

PLAIN = Letter(
    kind="reply",
    message_id="<T.1001.abcdef0123.aabcdefghijklmnop@shop.example>",
    subject="Re: Parcel",
    from_name="Joana (Shop)",
    from_address=SUPPORT,
    to=[("Lena Hartmann", "lena@example.de")],
    cc=[],
    reply_to="support+t.1001.1.aabcdefghijklmnop@shop.example",
    at=datetime(2026, 11, 16, 9, 0, tzinfo=UTC),
    text="Hello Lena,\n\nwe look for it.\n",
    html="<p>Hello Lena,</p>",
)
IDS = ("Message-ID", "In-Reply-To", "References")


def _lines(raw: bytes) -> list[bytes]:
    return raw.split(b"\r\n\r\n", 1)[0].split(b"\r\n")


def _an_id(length: int) -> str:
    """Return a Message-ID as Outlook makes them, brackets included."""
    tail = "@AM0PR02MB1234.eurprd02.prod.outlook.com>"
    return "<" + ("DB9PR01MB" * 40)[: length - 1 - len(tail)] + tail


@pytest.mark.parametrize("length", [42, 60, 76, 78, 79, 98, 120, 160, 200])
def test_ids_of_any_usual_length_stay_whole_and_in_one_piece(length: int) -> None:
    """Contracts 19: the default policy encodes long ids and breaks their threads."""
    ids = [_an_id(length).replace("DB9", f"D{n:02}") for n in range(12)]
    references = references_of(PLAIN.message_id, ids, ids[-1])
    raw = build(replace(PLAIN, in_reply_to=ids[-1], references=references))
    mail = message_from_bytes(raw, policy=default)
    for name in IDS:
        (line,) = [x for x in _lines(raw) if x.lower().startswith(name.lower().encode() + b":")]
        assert b"=?" not in line
        assert len(line) <= 998
    assert str(mail["In-Reply-To"]) == ids[-1]
    assert str(mail["References"]).split() == references
    assert references[0] == PLAIN.message_id
    assert references[-1] == ids[-1]
    assert len(" ".join(references)) <= 900


@pytest.mark.parametrize(
    "bad",
    [
        "<grüße@example.de>",
        "<=?utf-8?q?x?=@example.de>",
        "<a b@example.de>",
        "<a\r\nBcc: evil@x.example@example.de>",
        "<" + "x" * 985 + "@example.de>",
        "<>",
        "no brackets at all",
    ],
)
def test_ids_that_no_header_can_hold_are_left_out(bad: str) -> None:
    good = "<fine@example.de>"
    references = references_of(PLAIN.message_id, [good, bad], bad)
    raw = build(replace(PLAIN, in_reply_to=bad, references=references))
    head = raw.split(b"\r\n\r\n", 1)[0]
    mail = message_from_bytes(raw, policy=default)
    for name in IDS:
        assert b"=?" not in b"".join(x for x in _lines(raw) if x.startswith(name.encode()))
    assert str(mail["References"]).split() == [PLAIN.message_id, good]
    assert mail["In-Reply-To"] is None
    assert b"\r\nBcc" not in head
    assert all(len(line) <= 998 for line in _lines(raw))


SMUGGLED = (
    "a\r\nBcc: evil@x.example",
    "a\nBcc: evil@x.example",
    "a\rBcc: evil@x.example",
    "a\r\n\r\n<script>alert(1)</script>",
    "a\x00\x0b\x0c\x1c\x1d\x1e\x85\u2028\u2029b",
    "a" * 5000,
    "\u202egnp.exe",
    'quote " and <angle@x.example>, second@x.example',
    "=?utf-8?q?a=0D=0ABcc:_evil@x.example?=",
    "Grüße 😀 \ud800",
)


@pytest.mark.parametrize("bad", SMUGGLED)
def test_nothing_typed_ends_a_header(bad: str) -> None:
    """T12: subject, names and file names of any kind; the headers stay the ones we wrote."""
    letter = replace(
        PLAIN,
        subject=bad,
        from_name=bad,
        to=[(bad, "lena@example.de")],
        cc=[(bad, "tim@example.de")],
        files=[LetterFile(bad, "text/plain", b"x")],
    )
    raw = build(letter)
    raw.decode("ascii")
    mail = cast("EmailMessage", message_from_bytes(raw, policy=default))
    allowed = {"From", "To", "Cc", "Subject", "Date", "Message-ID", "Reply-To", "X-Helpdesk-Instance"}
    assert set(mail.keys()) - {"MIME-Version", "Content-Type"} == allowed
    assert [a.addr_spec for a in mail["To"].addresses] == ["lena@example.de"]
    assert [a.addr_spec for a in mail["Cc"].addresses] == ["tim@example.de"]
    assert [a.addr_spec for a in mail["From"].addresses] == [SUPPORT]
    assert len(str(mail["Subject"])) <= 200
    assert all(len(line) <= 998 for line in raw.split(b"\r\n"))
    assert not re.search(rb"(?<!\r)\n|\r(?!\n)", raw)
    assert [part.get_content() for part in mail.iter_attachments()] in (["x"], ["x\n"])


def test_addresses_outside_ascii_can_be_written_to() -> None:
    """An internationalised domain goes out in its ASCII form; nothing raises on the way."""
    raw = build(replace(PLAIN, to=[("Jörg", "post@grüße.example")]))
    assert b"post@xn--" in raw
    assert raw.isascii()


def test_the_same_letter_is_the_same_bytes() -> None:
    files = [LetterFile("ü.png", "image/png", b"\x89PNG"), LetterFile("a.eml", "message/rfc822", b"From: x")]
    letter = replace(PLAIN, files=files, cc=[("Tim", "tim@example.de")])
    assert build(letter) == build(replace(letter))
    other = build(replace(letter, message_id="<T.1001.ffffff0123.aabcdefghijklmnop@shop.example>"))
    assert build(letter) != other


def test_each_recipient_gets_an_own_copy_of_one_message(desk: Desk) -> None:
    """Contracts 17: same Message-ID and visible people; own Reply-To, envelope sender and link."""
    desk.ticket(
        to=f"{SUPPORT}, Tim <tim@example.de>", Cc="Ada <ada@example.de>", message_id="<first@x.example>"
    )
    answer(viewer=desk.admin, number=1001, kind="reply", content=Content("We look for it."))
    run_all()
    (reply,) = desk.outgoing("reply")
    deliveries = desk.deliveries(mail_id=reply.id)
    assert {d.recipient for d in deliveries} == {"lena@example.de", "tim@example.de", "ada@example.de"}
    letters = [letter_of(d.id) for d in deliveries]
    with clock.at(now() + timedelta(days=40)):
        assert [letter_of(d.id) for d in deliveries] == letters, "the same bytes on every build"
    mails = [cast("EmailMessage", message_from_bytes(raw, policy=default)) for _s, _r, raw in letters]
    for name in ("Message-ID", "To", "Cc", "Subject", "Date", "In-Reply-To", "References", "From"):
        assert len({str(mail[name]) for mail in mails}) == 1, name
    assert mails[0]["In-Reply-To"] == "<first@x.example>"
    assert [a.addr_spec for a in mails[0]["To"].addresses] == ["lena@example.de"]
    assert {a.addr_spec for a in mails[0]["Cc"].addresses} == {"tim@example.de", "ada@example.de"}
    senders = {sender for sender, _r, _raw in letters}
    answers = {str(mail["Reply-To"]) for mail in mails}
    links = {d.link for d in deliveries}
    assert len(senders) == len(answers) == len(links) == 3
    for (_sender, recipient, raw), own in zip(letters, deliveries, strict=True):
        text = _whole_text(message_from_bytes(raw, policy=default))
        assert own.recipient == recipient
        assert own.link in text
        assert not any(link in text for link in links - {own.link}), (
            "nobody gets another's link (contracts 18)"
        )
    assert all(mail["Precedence"] is None and mail["Auto-Submitted"] is None for mail in mails)


def _whole_text(mail: Message) -> str:
    return "\n".join(
        str(part.get_content())  # type: ignore[attr-defined] # made with the modern policy
        for part in mail.walk()
        if part.get_content_maintype() == "text"
    )


def _encoded(words: str) -> dict[str, str]:
    """Return one smuggled line break in ten spellings."""
    return {
        "q": f"=?utf-8?q?a=0D=0A{words.replace(' ', '_').replace(':', '=3A')}?=",
        "b": "=?utf-8?b?" + base64.b64encode(f"a\r\n{words}".encode()).decode() + "?=",
        "q-lf": f"=?us-ascii?Q?a=0A{words.replace(' ', '_')}?=",
        "q-cr": f"=?iso-8859-1?Q?a=0D{words.replace(' ', '_')}?=",
        "q-nel": f"=?utf-8?q?a=C2=85{words.replace(' ', '_')}?=",
        "q-ls": f"=?utf-8?q?a=E2=80=A8{words.replace(' ', '_')}?=",
        "q-nul": f"=?utf-8?q?a=00=0D=0A{words.replace(' ', '_')}?=",
        "utf-7": "=?utf-7?q?a+AA0ACg-" + words.replace(" ", "_") + "?=",
        "folded": f"a\r\n {words}",
        "split": "=?utf-8?q?a=0D?= =?utf-8?q?=0A" + words.replace(" ", "_") + "?=",
    }


def test_thirty_one_mails_that_smuggle_lines_in_leave_none_behind(desk: Desk) -> None:
    """T12: ten spellings in subject, name and file name, and one Message-ID: 0 line ends kept or sent."""
    raws = []
    for spelling in _encoded("Bcc: evil@x.example").values():
        raws.append(_raw(subject=spelling))
        raws.append(_raw(name=f'"{spelling}"' if spelling.startswith("a\r") else spelling))
        raws.append(_raw(file=spelling))
    raws.append(_raw(mid="<a\r\n Bcc: evil@x.example@x.example>"))
    assert len(raws) == 31
    for raw in raws:
        inbound = desk.receive(raw)
        assert inbound.ticket_id is not None, inbound.reason
        ticket = desk.row(Ticket, inbound.ticket_id)
        (message,) = desk.messages(ticket)
        kept = [ticket.subject, message.author_name, message.author_email, message.message_id or ""]
        kept += [inbound.subject, inbound.sender, inbound.message_id or ""]
        kept += [a.name for a in desk.rows(Attachment, ticket_id=ticket.id)]
        assert not [x for x in kept if re.search("[\r\n\x00\x0b\x0c\x85\u2028\u2029]", x)], raw
        answer(viewer=desk.admin, number=ticket.number, kind="reply", content=Content("Hello."))
    run_all()
    assert {d.recipient for d in desk.deliveries()} == {"lena@example.de"}
    for delivery in desk.deliveries():
        sent = message_from_bytes(letter_of(delivery.id)[2], policy=default)
        assert sent["Bcc"] is None
        assert "evil" not in [name.lower() for name in sent]


_numbers = count(1)


def _raw(subject: str = "Parcel", name: str = "Lena", file: str = "", mid: str = "") -> bytes:
    n = next(_numbers)
    head = f"From: {name} <lena@example.de>\r\nTo: {SUPPORT}\r\nSubject: {subject}\r\n"
    head += f"Message-ID: {mid or f'<{n}.{len(subject)}.{len(name)}.{len(file)}@x.example>'}\r\n"
    if not file:
        return f"{head}\r\nHello {subject} {name}\r\n".encode()
    body = f"--b\r\nContent-Type: text/plain\r\n\r\nHello {n}\r\n"
    body += f'--b\r\nContent-Type: text/plain; name="{file}"\r\n'
    body += f'Content-Disposition: attachment; filename="{file}"\r\n\r\nx\r\n--b--\r\n'
    return f'{head}MIME-Version: 1.0\r\nContent-Type: multipart/mixed; boundary="b"\r\n\r\n{body}'.encode()


def test_a_mail_made_of_long_foreign_ids_is_answered_in_its_thread(desk: Desk) -> None:
    """The whole way: an Outlook id of 200 signs comes back whole in our answer (contracts 19)."""
    long_id = _an_id(200)
    inbound = desk.receive(a_mail(message_id=long_id))
    number = desk.row(Ticket, inbound.ticket_id).number
    answer(viewer=desk.admin, number=number, kind="reply", content=Content("Hello."))
    delivery = desk.deliveries(mail_id=desk.outgoing("reply")[0].id)[0]
    raw = letter_of(delivery.id)[2]
    assert f"In-Reply-To: {long_id}".encode() in _lines(raw)
