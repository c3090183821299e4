"""Headers: people, subjects, ids, moments and parameters as mail really has them."""

from datetime import UTC, datetime

import pytest

from mail_ingest.parse import Address, parse
from mail_ingest.parse.addresses import read_addresses
from mail_ingest.parse.identifiers import message_ids, moment
from mail_ingest.parse.names import default_name, safe_name
from mail_ingest.parse.params import split_params
from mail_ingest.parse.words import header_text


@pytest.mark.parametrize(
    ("raw", "expected"),
    [
        ("Ann <ann@Example.COM>", [("Ann", "ann@example.com")]),
        ("ANN.Lee@Example.com", [("", "ANN.Lee@example.com")]),
        ("ann@example.com (Ann Lee)", [("Ann Lee", "ann@example.com")]),
        (
            '"Lee, Ann" <ann@example.com>, bob@example.com',
            [("Lee, Ann", "ann@example.com"), ("", "bob@example.com")],
        ),
        ("Lee, Ann <ann@example.com>", [("Lee, Ann", "ann@example.com")]),
        ("=?utf-8?q?Lee=2C_Ann?= <ann@example.com>", [("Lee, Ann", "ann@example.com")]),
        ("=?utf-8?q?Lee,_Ann?= <ann@example.com>", [("Lee, Ann", "ann@example.com")]),
        ('"=?utf-8?b?w4RubmU=?=" <a@b.c>', [("Änne", "a@b.c")]),
        ("=?utf-8?q?Ann_=3Cann=40example=2Ecom=3E?=", [("Ann", "ann@example.com")]),
        ("Team: a@b.c, Bob <b@b.c>;", [("", "a@b.c"), ("Bob", "b@b.c")]),
        ("undisclosed-recipients:;", []),
        ("a@b.c; b@b.c", [("", "a@b.c"), ("", "b@b.c")]),
        ("'ann@example.com' <ann@example.com>", [("", "ann@example.com")]),
        ("O'Brien <o'brien@example.com>", [("O'Brien", "o'brien@example.com")]),
        ('"john doe"@example.com', [("", '"john doe"@example.com')]),
        ("<@relay.example,@b.example:ann@example.com>", [("", "ann@example.com")]),
        ("Ann <mailto:ann@example.com>", [("Ann", "ann@example.com")]),
        ("ann@x.example <real@example.com>", [("ann@x.example", "real@example.com")]),
        ("Ann <ann@example.com", [("Ann", "ann@example.com")]),
        ('"Ann <ann@example.com>', [("Ann", "ann@example.com")]),
        ("(a (nested (very) deep) one) ann@example.com", [("a (nested (very) deep) one", "ann@example.com")]),
        ("no address here", []),
        ("", []),
    ],
)
def test_addresses(raw: str, expected: list[tuple[str, str]]) -> None:
    assert [(a.name, a.email) for a in read_addresses([raw.encode()])] == expected


def test_the_key_of_an_address_ignores_case() -> None:
    assert Address("", "Ann@example.com").key == "ann@example.com"


@pytest.mark.parametrize(
    ("raw", "charset", "expected"),
    [
        (b"=?utf-8?q?caf=C3=A9?=", None, "café"),
        (b"=?UTF-8?B?w6Q=?= =?utf-8?B?w7Y=?=", None, "äö"),
        (b"a =?utf-8?q?b?= c", None, "a b c"),
        (b"=?utf-8?q?a?= b =?utf-8?q?c?=", None, "a b c"),
        (b"Re:=?utf-8?q?_a?=", None, "Re: a"),
        (b"=?iso-8859-1*en?q?=E9?=", None, "é"),
        (b"=?gb2312?B?xOO6ww==?=", None, "你好"),
        (b"=?iso-2022-jp?B?GyRCRnxLXBsoQg==?=", None, "日本"),
        (b"=?x-unknown?q?abc?=", None, "abc"),
        (b"=?utf-8?q?open", None, "=?utf-8?q?open"),
        (b"=?utf-8?z?abc?=", None, "=?utf-8?z?abc?="),
        ("größe".encode(), None, "größe"),
        ("größe".encode("cp1252"), None, "größe"),
        ("привет".encode("koi8-r"), "koi8-r", "привет"),
        (b"two\r\n\tlines", None, "two lines"),
        (b"=?utf-8?q?x=0D=0ABcc:_y?=", None, "x Bcc: y"),
        (b"nul\x00here", None, "nul here"),
    ],
)
def test_header_text(raw: bytes, charset: str | None, expected: str) -> None:
    assert header_text(raw, charset) == expected


@pytest.mark.parametrize(
    ("value", "expected"),
    [
        ("<a@b>", ("a@b",)),
        ("<a@b> <C@D>", ("a@b", "C@D")),
        ("<long\r\n id@b>", ("longid@b",)),
        ("a@b c@d", ("a@b", "c@d")),
        ("<>", ()),
        (None, ()),
        ("", ()),
        ("<CAF+x.y=z@mail.example> (added by postmaster)", ("CAF+x.y=z@mail.example",)),
    ],
)
def test_message_ids(value: str | None, expected: tuple[str, ...]) -> None:
    assert message_ids(value) == expected


def test_references_keep_the_first_and_the_latest() -> None:
    found = message_ids(" ".join(f"<{n}@b>" for n in range(200)))
    assert len(found) == 50
    assert (found[0], found[1], found[-1]) == ("0@b", "151@b", "199@b")
    assert sum(map(len, message_ids(" ".join(f"<{n}{'x' * 900}@b>" for n in range(40))))) <= 8 * 1024


@pytest.mark.parametrize(
    ("value", "expected"),
    [
        ("Mon, 3 Mar 2025 10:00:00 +0100", datetime(2025, 3, 3, 9, 0, tzinfo=UTC)),
        ("3 Mar 2025 10:00 GMT", datetime(2025, 3, 3, 10, 0, tzinfo=UTC)),
        ("Mon, 3 Mar 2025 10:00:00 -0000", datetime(2025, 3, 3, 10, 0, tzinfo=UTC)),
        ("2025-03-03T10:00:00+01:00", datetime(2025, 3, 3, 9, 0, tzinfo=UTC)),
        ("Mon, 1 Jan 0000 00:00:00 +9999", None),
        ("yesterday", None),
        ("", None),
        (None, None),
    ],
)
def test_moment(value: str | None, expected: datetime | None) -> None:
    assert moment(value) == expected


@pytest.mark.parametrize(
    ("text", "value", "params"),
    [
        ("text/plain; charset=utf-8", "text/plain", {"charset": "utf-8"}),
        ('Text/Plain; Name="a;b.txt"; x', "text/plain", {"name": "a;b.txt"}),
        ("attachment; filename=my report.pdf", "attachment", {"filename": "my report.pdf"}),
        ('attachment; filename="a\\"b.txt"', "attachment", {"filename": 'a"b.txt'}),
        ('attachment; filename="C:\\tmp\\x.txt"', "attachment", {"filename": "C:\\tmp\\x.txt"}),
        ("attachment; filename*=utf-8''caf%C3%A9.txt", "attachment", {"filename": "café.txt"}),
        ("attachment; filename*0=a; filename*1=b.txt", "attachment", {"filename": "ab.txt"}),
        (
            "attachment; filename*1*=%A9.txt; filename*0*=utf-8'de'caf%C3",
            "attachment",
            {"filename": "café.txt"},
        ),
        ('attachment; filename="=?utf-8?b?w6QudHh0?="', "attachment", {"filename": "ä.txt"}),
        ('attachment; filename="open', "attachment", {"filename": "open"}),
        ("", "", {}),
    ],
)
def test_params(text: str, value: str, params: dict[str, str]) -> None:
    assert split_params(text) == (value, params)


@pytest.mark.parametrize(
    ("name", "expected"),
    [
        ("report.pdf", "report.pdf"),
        ("../../etc/passwd", "_.._etc_passwd"),
        ("C:\\x\\y.exe", "C:_x_y.exe"),
        ("\u202egpj.exe", "gpj.exe"),
        ("\u200b.htaccess", "htaccess"),
        ("con.txt", "_con.txt"),
        ("NUL", "_NUL"),
        ("a\r\nb.txt", "ab.txt"),
        ("..", ""),
        ("x" * 300 + ".pdf", "x" * 251 + ".pdf"),
        ("😀" * 100 + ".png", "😀" * 62 + ".png"),
    ],
)
def test_safe_name(name: str, expected: str) -> None:
    assert safe_name(name) == expected


def test_a_file_without_a_name_gets_one() -> None:
    assert default_name("image/png", 1) == "image.png"
    assert default_name("text/calendar", 2) == "invite-2.ics"
    assert default_name("application/x-odd", 3) == "noname3"


def test_where_a_mail_was_delivered_surest_first() -> None:
    mail = parse(
        b"Received: from a by b for <Real@Example.net>; Mon, 3 Mar 2025 10:00:00 +0000\n"
        b"X-Original-To: alias@example.net\nTo: visible@example.net\n"
        b"Cc: copy@example.net, alias@example.net\n"
        b"Delivered-To: inbox@example.net\n\nx"
    )
    names = ("inbox", "alias", "visible", "copy", "real")
    assert mail.delivered_to == tuple(f"{name}@example.net" for name in names)
    assert mail.received_count == 1
    assert mail.date == datetime(2025, 3, 3, 10, tzinfo=UTC)
    assert "date_from_received" in mail.defects


def test_headers_are_found_in_any_case() -> None:
    mail = parse(b"X-One: 1\nx-one: 2\nSubject: =?utf-8?q?=C3=A4?=\n\n")
    assert mail.headers.get_all("X-ONE") == ("1", "2")
    assert mail.headers.get("subject") == "ä"
    assert mail.headers.get("absent") is None
    assert "x-ONE" in mail.headers


def test_stray_lines_among_headers_are_mended() -> None:
    mail = parse(b"From: a@b.c\nthis is no header\nSubject: kettle\n\nhello")
    assert (mail.subject, mail.text) == ("kettle", "hello")
    assert "header_repaired" in mail.defects


def test_a_stray_line_after_the_headers_begins_the_body() -> None:
    mail = parse(b"From: a@b.c\nSubject: kettle\nDear all,\nhello")
    assert (mail.subject, mail.text) == ("kettle", "Dear all,\nhello")


def test_what_stands_before_the_headers_is_skipped() -> None:
    for before in (b"\r\n\r\n", b"\xef\xbb\xbf", b"From ann@example.com Mon Mar  3 10:00:00 2025\n"):
        assert parse(before + b"Subject: kettle\n\nhello").subject == "kettle"


def test_bare_carriage_returns_end_lines_too() -> None:
    mail = parse(b"Subject: kettle\rFrom: a@b.c\r\rhello\rthere")
    assert (mail.subject, mail.text) == ("kettle", "hello\nthere")
