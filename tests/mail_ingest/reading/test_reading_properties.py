"""What holds for every mail, however it was made up."""

from hypothesis import given, settings
from hypothesis import strategies as st
from test_reading_torture import faults

from mail_ingest.classify import bounce_facts
from mail_ingest.confined import read_here
from mail_ingest.limits import MailTooComplexError
from mail_ingest.parse import parse
from mail_ingest.parse.plain import mail_from_plain, mail_to_plain
from mail_ingest.quoting import split
from mail_ingest.quoting.thanks import is_only_thanks

_PIECES = st.sampled_from(
    [
        b"From: ",
        b"To: ",
        b"Subject: ",
        b"Content-Type: multipart/mixed; boundary=B\n",
        b"--B\n",
        b"--B--\n",
        b"\n",
        b"\r\n",
        b"Content-Type: text/html\n",
        b"Content-Transfer-Encoding: base64\n",
        b"=?utf-8?q?",
        b"?=",
        b"=?utf-8?b?",
        b'"',
        b"<",
        b">",
        b"a@b.c",
        b"(",
        b")",
        b";",
        b",",
        b"\\",
        b"\x00",
        b"\xff",
        b"\xed\xa0\x80",
        b"name*0*=utf-8''%",
        b"%00",
        b"%2F",
        b"Content-Disposition: attachment; filename=",
        b"Content-Type: message/rfc822\n",
        b"References: ",
        b" ",
        b"\t",
        b"Content-Type: text/plain; charset=utf-7; format=flowed\n",
        b"+2AA-",
        b"<blockquote type=cite>",
        b"</p>",
        b"<div class=gmail_quote>",
        b"Date: Mon, 3 Mar 2025 10:00:00 +0100\n",
        b"Content-Type: message/delivery-status\n",
        b"Message-ID: <x@y>\n",
    ],
)
MAILS = st.one_of(
    st.binary(max_size=400), st.lists(st.one_of(_PIECES, st.binary(max_size=6)), max_size=40).map(b"".join)
)
LINES = st.sampled_from(
    [
        "> quoted",
        ">> twice",
        "On 3 Mar 2025 at 10:00, Ann <a@b.c> wrote:",
        "reply On Mon, 3 Mar 2025 10:00, a@b.c wrote:",
        "-----Original Message-----",
        "From: a@b.c",
        "Sent: Monday 10:00",
        "To: b@c.d",
        "Subject: x",
        "-- ",
        "--",
        "____",
        "Sent from my iPhone",
        "",
        " ",
        "hello",
        "Begin forwarded message:",
        "see my answers in red",
        "wrote:",
        "\u2028",
        "\r",
    ],
)
TEXTS = st.one_of(
    st.text(max_size=200), st.lists(st.one_of(LINES, st.text(max_size=8)), max_size=25).map("\n".join)
)


@settings(max_examples=400, deadline=None)
@given(MAILS)
def test_any_bytes_read_or_are_refused(raw: bytes) -> None:
    try:
        read = read_here(raw)
    except MailTooComplexError:
        return
    assert faults(read) == []
    bounce_facts(read.mail)


@settings(max_examples=400, deadline=None)
@given(TEXTS, st.one_of(st.none(), TEXTS, MAILS.map(lambda raw: raw.decode("latin-1"))))
def test_segments_joined_are_the_text(text: str, html: str | None) -> None:
    reply = split(text, html)
    assert "".join(segment.text for segment in reply.segments) == text
    assert bool(reply.new_text) == bool(text.strip())
    assert all(one.kind != two.kind for one, two in zip(reply.segments, reply.segments[1:], strict=False))


@settings(max_examples=150, deadline=None)
@given(MAILS)
def test_a_mail_survives_its_way_as_plain_data(raw: bytes) -> None:
    try:
        mail = parse(raw)
    except MailTooComplexError:
        return
    assert mail_from_plain(*mail_to_plain(mail)) == mail


@settings(max_examples=150, deadline=None)
@given(TEXTS)
def test_thanks_never_fails(text: str) -> None:
    assert is_only_thanks(text) in (True, False)
