"""Bodies and attachments: MIME trees, encodings, charsets, flowed text and HTML."""

import base64

import pytest

from mail_ingest.limits import DEFAULT, Limits, MailTooComplexError
from mail_ingest.parse import ParsedMail, parse
from mail_ingest.parse.charsets import codec, decode
from mail_ingest.parse.flowed import unflow
from mail_ingest.parse.html_lines import html_to_text
from mail_ingest.parse.transfer import decode_base64, decode_transfer


def multipart(kind: str, *parts: str, boundary: str = "BB") -> str:
    body = "".join(f"--{boundary}\n{part}\n" for part in parts)
    return f'Content-Type: multipart/{kind}; boundary="{boundary}"\n\n{body}--{boundary}--\n'


def read(text: str) -> ParsedMail:
    return parse(b"From: a@b.c\nSubject: s\n" + text.encode())


PLAIN = "Content-Type: text/plain\n\nhello"
HTML = "Content-Type: text/html\n\n<p>hello</p>"
FILE = "Content-Type: application/pdf\nContent-Disposition: attachment; filename=a.pdf\n\nPDF"


def test_alternatives_are_both_kept() -> None:
    mail = read(multipart("alternative", PLAIN, HTML))
    assert (mail.text, mail.html, mail.attachments) == ("hello", "<p>hello</p>", ())


def test_text_is_made_from_html_when_there_is_only_that() -> None:
    assert read(HTML).text == "hello"
    assert read(multipart("alternative", "Content-Type: text/plain\n\n \n", HTML)).text == "hello"


def test_mixed_parts_follow_each_other() -> None:
    mail = read(multipart("mixed", PLAIN, FILE, "Content-Type: text/plain\n\nfooter <b>"))
    assert mail.text == "hello\nfooter <b>"
    assert [(a.filename, a.data, a.inline) for a in mail.attachments] == [("a.pdf", b"PDF", False)]


def test_plain_and_html_one_after_the_other() -> None:
    mail = read(
        multipart(
            "mixed", "Content-Type: text/plain\n\nfirst <x>", "Content-Type: text/html\n\n<p>second</p>"
        )
    )
    assert mail.text == "first <x>\nsecond"
    assert mail.html is not None
    assert "first &lt;x&gt;" in mail.html
    twins = read(multipart("mixed", PLAIN, HTML))
    assert (twins.text, twins.html) == ("hello", "<p>hello</p>")


def test_related_pictures_are_inline() -> None:
    picture = "Content-Type: image/png\nContent-ID: <pic@x>\nContent-Transfer-Encoding: base64\n\niVBORw=="
    mail = read(multipart("related", HTML, picture))
    (attachment,) = mail.attachments
    assert (attachment.filename, attachment.content_id, attachment.inline) == ("image.png", "pic@x", True)
    assert attachment.data == b"\x89PNG"


def test_an_attached_mail_stays_as_it_was() -> None:
    inner = "Subject: =?utf-8?q?caf=C3=A9?= a/b\nMessage-ID: <x@y>\n\nbody"
    mail = read(multipart("mixed", PLAIN, f"Content-Type: message/rfc822\n\n{inner}"))
    (attachment,) = mail.attachments
    assert (attachment.filename, attachment.data) == ("café a_b.eml", inner.encode())


def test_calendar_and_tnef_are_attachments() -> None:
    calendar = "Content-Type: text/calendar; method=REQUEST\n\nBEGIN:VCALENDAR"
    tnef = 'Content-Type: application/ms-tnef; name="winmail.dat"\n\nx'
    mail = read(multipart("mixed", multipart("alternative", PLAIN, calendar, boundary="CC"), tnef))
    assert [a.filename for a in mail.attachments] == ["invite.ics", "winmail.dat"]


def test_a_named_text_file_is_an_attachment_not_the_body() -> None:
    log = "Content-Type: text/plain; name=x.log\nContent-Disposition: inline; filename=x.log\n\nlog"
    mail = read(multipart("mixed", PLAIN, log))
    assert mail.text == "hello"
    assert [(a.filename, a.inline) for a in mail.attachments] == [("x.log", True)]


def test_a_digest_holds_mails() -> None:
    mail = read(multipart("digest", "\nSubject: one\n\n1", "\nSubject: two\n\n2"))
    assert [a.content_type for a in mail.attachments] == ["message/rfc822"] * 2


@pytest.mark.parametrize(
    "text",
    [
        'Content-Type: multipart/mixed; boundary="BB"\n\n--BB\n\nhello\n',
        "Content-Type: multipart/mixed\n\n--BB\nContent-Type: text/plain\n\nhello\n--BB--\n",
        'Content-Type: multipart/mixed; boundary="BB"\n\npreamble\n--BB  \n\nhello\n--BB--\nepilogue',
        'Content-Type: multipart/mixed; boundary="BB"\n\n--BB\n\nhello\n--BBB\n--BB--',
        'Content-Type: multipart/mixed; boundary="none"\n\nhello\n',
        "Content-Type: text\n\nhello",
        "Content-Type: ; charset=utf-8\n\nhello",
    ],
)
def test_broken_structure_still_reads(text: str) -> None:
    assert read(text).text.strip().split("\n")[0] == "hello"


def test_pasted_pictures_become_inline_attachments() -> None:
    drawing = '<img src="data:image/svg+xml;base64,PHN2Zz4=">'
    pasted = f'<p>see <img src="data:image/png;base64,iVBORw=="> and {drawing}</p>'
    mail = read(multipart("mixed", f"Content-Type: text/html\n\n{pasted}", FILE))
    assert mail.html == pasted.replace("data:image/png;base64,iVBORw==", "cid:pasted-1@inline")
    picture = mail.attachments[0]
    assert (picture.filename, picture.content_id, picture.inline) == ("image.png", "pasted-1@inline", True)
    assert picture.data == b"\x89PNG"


def test_more_text_than_anybody_reads_is_cut_and_attached() -> None:
    text = "x" * 2_000
    raw = b"From: a@b.c\n" + multipart("mixed", f"Content-Type: text/plain\n\n{text}", PLAIN).encode()
    mail = parse(raw, Limits(readable_bytes=1_500))
    assert mail.text == "x" * 1_500 + "\n"
    assert [(a.filename, len(a.data)) for a in mail.attachments] == [
        ("attachment.txt", 2_000),
        ("attachment-2.txt", 5),
    ]


def test_a_mail_that_is_all_files_shows_the_first() -> None:
    mail = read(multipart("mixed", 'Content-Type: text/plain; name="a.txt"\n\nhello'))
    assert (mail.text, [a.filename for a in mail.attachments]) == ("hello", ["a.txt"])


def test_nested_parts_that_share_a_boundary() -> None:
    inner = 'Content-Type: multipart/alternative; boundary="BB"\n\n'
    parts = f"--BB\n{inner}--BB\n{PLAIN}\n--BB--\n--BB\n{FILE}\n--BB--\n"
    mail = read(f'Content-Type: multipart/mixed; boundary="BB"\n\n{parts}')
    assert mail.text == "hello"
    assert [a.filename for a in mail.attachments] == ["a.pdf"]


@pytest.mark.parametrize(
    ("encoding", "body", "expected"),
    [
        ("base64", b"aGVsbG8=", b"hello"),
        ("base64", b"aGVs\r\nbG8", b"hello"),
        ("base64", b"aGVsbG8=\naGVsbG8=", b"hellohello"),
        ("base64", b"aGV*s bG!8=", b"hello"),
        ("base64", b"a", b""),
        ("quoted-printable", b"caf=C3=A9=\nx =3D =ZZ", b"caf\xc3\xa9x = =ZZ"),
        ("x-uuencode", b"begin 644 x\n%:&5L;&\\\n`\nend\n", b"hello"),
        ("8bit", b"\xff", b"\xff"),
        ("x-odd", b"as is", b"as is"),
    ],
)
def test_transfer_encodings(encoding: str, body: bytes, expected: bytes) -> None:
    assert decode_transfer(body, encoding) == expected


def test_long_base64_is_exact() -> None:
    data = bytes(range(256)) * 1000
    assert decode_base64(base64.encodebytes(data)) == data


@pytest.mark.parametrize(
    ("data", "charset", "expected"),
    [
        (b"caf\xc3\xa9", "us-ascii", "café"),
        (b"caf\xe9", "iso-8859-1", "café"),
        (b"\x93x\x94", "iso-8859-1", "\u201cx\u201d"),
        (b"caf\xe9", "utf-8", "caf\ufffd"),
        (b"caf\xe9", None, "café"),
        (b"\xff\xfea\x00", None, "a"),
        (b"\xef\xbb\xbfa", "iso-8859-1", "a"),
        ("日本".encode("cp932"), "iso-2022-jp", "日本"),
        ("日本".encode("iso2022_jp"), None, "日本"),
        ("你好".encode("gb18030"), "GB2312", "你好"),
        (b"abc", "rot13", "abc"),
        (b"abc", "idna", "abc"),
    ],
)
def test_charsets(data: bytes, charset: str | None, expected: str) -> None:
    assert decode(data, charset) == expected


@pytest.mark.parametrize(
    "name", ["rot13", "zlib", "hex", "idna", "punycode", "unicode_escape", "undefined", "x" * 99, ""]
)
def test_codecs_that_are_no_charsets_are_not_used(name: str) -> None:
    assert codec(name) is None


@pytest.mark.parametrize(
    ("name", "expected"),
    [
        ("UTF8", "utf-8"),
        ("ISO-8859-1", "cp1252"),
        ("windows-1251", "cp1251"),
        ("CP-1252", "cp1252"),
        ("KOI8-U", "koi8-u"),
        ("x-euc-kr", "cp949"),
        ("ks_c_5601-1987", "cp949"),
        ("ISO-8859-15", "iso8859-15"),
        ("x-mac-cyrillic", "mac_cyrillic"),
        ("iso-8859-8-i", "iso8859-8"),
        ("utf-8*en", "utf-8"),
        ('"big5"', "big5hkscs"),
        ("hz-gb-2312", "hz"),
    ],
)
def test_names_of_charsets(name: str, expected: str) -> None:
    assert codec(name) == expected


def test_html_declares_its_own_charset() -> None:
    mail = parse("Content-Type: text/html\n\n<meta charset=koi8-r>привет".encode("koi8-r"))
    assert mail.text == "привет"


def test_flowed_text() -> None:
    assert unflow("one \ntwo\n\nthree") == "one two\n\nthree"
    assert unflow("> a \n> b\n>> c \nd") == "> a b\n>> c\nd"
    assert unflow("text \n-- \nAnn") == "text \n-- \nAnn"
    assert unflow(" >not a quote\n From here") == ">not a quote\nFrom here"
    assert unflow("ab \ncd", delsp=True) == "abcd"


def test_dangerous_characters_are_dropped_from_bodies() -> None:
    mail = parse(b"Content-Type: text/plain; charset=utf-7\n\na+2AA-b\x00c\x1b[31m\r\nd\re")
    assert mail.text == "abc[31m\nd\ne"


@pytest.mark.parametrize(
    ("html", "expected"),
    [
        ("a<br>b<br/><br>c", "a\nb\n\nc"),
        ("<p>a</p><p>b</p>", "a\n\nb"),
        ("<div>a</div><div><br></div><div>b</div>", "a\n\nb"),
        ("<ul><li>a<li>b<ol><li>x</li><li>y</li></ol></ul>", "- a\n- b\n\n  1. x\n  2. y"),
        ('<a href="https://example.com/x">here</a>', "here <https://example.com/x>"),
        ('<a href="https://example.com/">example.com</a>', "example.com"),
        ('<a href="mailto:a@b.c">a@b.c</a>', "a@b.c"),
        ('<a href="javascript:x">here</a>', "here"),
        ("<table><tr><td>a</td><td>b</td></tr><tr><td>c</td></tr></table>", "a b\nc"),
        ("<style>x</style><script>y</script><title>z</title>a<!-- b -->c", "ac"),
        ("a &lt;b&gt; &amp; &eacute;&nbsp;x &#128512;", "a <b> & é x 😀"),
        ("<pre>a\n  b</pre>", "a\n  b"),
        ("1 < 2 and 3 > 2", "1 < 2 and 3 > 2"),
        ('<blockquote type="cite">a<blockquote type=cite>b</blockquote></blockquote>c', "> a\n>\n> > b\n\nc"),
        ('<img alt="😀" src=x><img alt="logo" src=x>hi', "😀hi"),
        ('<div title="a > b">x</div>', "x"),
        ("<div title='a>x", "x"),
        ("a<br>I <love you", "a\nI <love you"),
        ('<div style="white-space: pre-wrap">a\n  b</div>', "a\n  b"),
        ("<p style='white-space:normal'>a\n  b</p>", "a b"),
    ],
)
def test_html_as_text(html: str, expected: str) -> None:
    assert html_to_text(html) == expected


@pytest.mark.parametrize(
    ("limits", "reason"),
    [
        (Limits(mail_bytes=10), "mail_too_big"),
        (Limits(header_block_bytes=10), "header_block_too_big"),
        (Limits(headers=2), "too_many_headers"),
        (Limits(header_bytes=5), "header_too_long"),
        (Limits(depth=1), "too_deep"),
        (Limits(parts=2), "too_many_parts"),
    ],
)
def test_caps(limits: Limits, reason: str) -> None:
    raw = b"From: a@b.c\nSubject: s\n" + multipart("mixed", PLAIN, FILE).encode()
    assert parse(raw, DEFAULT).text == "hello"
    with pytest.raises(MailTooComplexError) as refused:
        parse(raw, limits)
    assert refused.value.reason == reason
    assert refused.value.sentence.endswith(".")
    assert str(refused.value) == refused.value.sentence
