"""What is packed into other files: winmail.dat and invitations."""

import pytest
import tnef_made as made
from hypothesis import given
from hypothesis import strategies as st

from mail_ingest.parse import parse
from mail_ingest.parse.calendar import file_name, summary
from mail_ingest.parse.tnef import unpack

HEAD = b"From: Ann <ann@example.com>\r\nTo: help@example.net\r\nSubject: kettle\r\nMIME-Version: 1.0\r\n"
MEETING = (
    b"BEGIN:VCALENDAR\r\nMETHOD:REQUEST\r\nBEGIN:VTIMEZONE\r\nDTSTART:16010101T000000\r\nEND:VTIMEZONE\r\n"
    b"BEGIN:VEVENT\r\nSUMMARY;LANGUAGE=en:Kettle\\, second\r\n  look\r\n"
    b"DTSTART;TZID=Europe/Berlin:20250303T100000\r\nDTEND;TZID=Europe/Berlin:20250303T113000\r\n"
    b"LOCATION:Room 4\r\nORGANIZER;CN=Ann:mailto:ann@example.com\r\n"
    b"BEGIN:VALARM\r\nDESCRIPTION:Reminder\r\nEND:VALARM\r\nEND:VEVENT\r\nEND:VCALENDAR\r\n"
)


def mixed(*parts: tuple[bytes, bytes]) -> bytes:
    """Return a mail of some parts: headers and body of each."""
    whole = b"".join(b"--B\r\n" + head + b"\r\n\r\n" + body + b"\r\n" for head, body in parts)
    return HEAD + b"Content-Type: multipart/mixed; boundary=B\r\n\r\n" + whole + b"--B--\r\n"


def packed(data: bytes) -> tuple[bytes, bytes]:
    """Return a winmail.dat as a part."""
    head = b"Content-Type: application/ms-tnef; name=winmail.dat\r\nContent-Transfer-Encoding: binary"
    return head, data


TEXT = (b"Content-Type: text/plain; charset=utf-8", b"Hello, the kettle leaks.")


def test_files_come_out_of_winmail_dat_with_their_long_names() -> None:
    files = [("Rechnung März 2025.pdf", "application/pdf", b"%PDF-1"), ("../x.exe", "", b"MZ")]
    mail = parse(mixed(TEXT, packed(made.winmail(files, html="<p>Hello</p>"))))
    assert [(a.filename, a.content_type, a.data) for a in mail.attachments] == [
        ("Rechnung März 2025.pdf", "application/pdf", b"%PDF-1"),
        ("_x.exe", "application/octet-stream", b"MZ"),
    ]
    assert mail.text == "Hello, the kettle leaks."
    assert mail.html is None


def test_a_mail_that_is_nothing_but_winmail_dat_has_a_body() -> None:
    mail = parse(mixed(packed(made.winmail(html="<p>It <b>leaks</b>.</p>", text="It leaks."))))
    assert (mail.text, mail.html) == ("It leaks.", "<p>It <b>leaks</b>.</p>")
    assert mail.attachments == ()


def test_an_attached_message_in_winmail_dat_becomes_a_file_to_read() -> None:
    inner = made.stream(
        made.attribute(1, 0x00018004, b"Old order\0"), made.attribute(1, 0x0002800C, b"Where is it?\0")
    )
    outer = made.stream(made.a_file("Untitled", b"", made.prop(0x3701, b"\0" * 16 + inner, kind=0xD)))
    (file,) = unpack(outer).files
    assert (file.name, file.data) == ("Old order.txt", b"Where is it?")
    deep = inner
    for _ in range(50):
        deep = made.stream(made.a_file("x", b"", made.prop(0x3701, b"\0" * 16 + deep, kind=0xD)))
    assert unpack(deep).empty


def test_one_that_holds_nothing_stays_a_file() -> None:
    for data in (b"", b"not one", made.stream(), made.winmail()[:20]):
        mail = parse(mixed(TEXT, packed(data + b"\n")))
        assert [a.filename for a in mail.attachments] == ["winmail.dat"]


@given(cut=st.integers(0, 400), at=st.integers(0, 400), byte=st.integers(0, 255))
def test_broken_ones_never_raise(cut: int, at: int, byte: int) -> None:
    whole = bytearray(made.winmail([("a.txt", "text/plain", b"x" * 50)], text="Hello"))
    whole[at % len(whole)] = byte
    found = unpack(bytes(whole[: len(whole) - cut]))
    assert sum(len(f.data) for f in found.files) <= len(whole)


def test_claims_of_size_and_number_are_not_believed() -> None:
    huge = made.attribute(1, 0x00069003, made.props(made.prop(0x1000, "x"), count=2**32 - 1))
    many = made.stream(*[made.a_file(f"{n}.txt", b"x") for n in range(3_000)])
    assert unpack(made.stream(huge)).text == "x"
    assert len(unpack(many).files) == 200
    claimed = b"\x01" + (0x00069003).to_bytes(4, "little") + b"\xff\xff\xff\xff" + b"\xff" * 64
    assert unpack(made.stream(claimed)).empty


def test_an_invitation_says_in_a_line_what_it_is() -> None:
    line = (
        "Invitation: Kettle, second look, 2025-03-03 10:00 to 11:30 (Europe/Berlin), Room 4, ann@example.com"
    )
    assert summary(MEETING) == line
    mail = parse(HEAD + b"Content-Type: text/calendar; charset=utf-8\r\n\r\n" + MEETING)
    assert mail.text == line
    assert [a.filename for a in mail.attachments] == ["Kettle, second look 2025-03-03.ics"]
    beside = parse(mixed(TEXT, (b"Content-Type: text/calendar; name=invite.ics", MEETING)))
    assert (beside.text, beside.attachments[0].filename) == ("Hello, the kettle leaks.", "invite.ics")


@pytest.mark.parametrize(
    ("ics", "line"),
    [
        (b"", ""),
        (b"BEGIN:VEVENT\nSUMMARY:x", "Appointment: x"),
        (b"METHOD:CANCEL\nBEGIN:VEVENT\nSUMMARY:x\nDTSTART;VALUE=DATE:20250303", "Cancelled: x, 2025-03-03"),
        (
            b"BEGIN:VEVENT\nDTSTART:20250303T100000Z\nDTEND:20250304T100000Z",
            "Appointment: (no title), 2025-03-03 10:00 to 2025-03-04 10:00 (UTC)",
        ),
        (b"BEGIN:VEVENT\nSUMMARY:a\\nb\x00\xff\nDTSTART:soon", "Appointment: a b\ufffd"),
        (b"BEGIN:VEVENT\n" * 5000 + b"SUMMARY:x", "Appointment: x"),
    ],
)
def test_what_calendars_say(ics: bytes, line: str) -> None:
    assert summary(ics) == line
    assert "/" not in file_name(ics)
