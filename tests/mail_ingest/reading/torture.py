"""A set of hostile mails, built afresh each time: every cap of mail reading and every family of attack.

Each is small to write down and dear to read for a careless reader. `mails()` yields (name, raw bytes).
"""

import base64
import itertools
from collections.abc import Iterator

import tnef_made as made

HEAD = (
    b"From: Ann <ann@example.com>\r\nTo: help@example.net\r\nSubject: kettle\r\n"
    b"Date: Mon, 3 Mar 2025 10:00:00 +0100\r\nMessage-ID: <1@example.com>\r\n"
)
KB, MB = 1024, 1024 * 1024

BAD_NAMES = (
    "../../etc/passwd", "..\\..\\boot.ini", "/etc/shadow", "C:\\windows\\x.exe", "a/b/c.txt", "....//x",
    "~/.ssh/id", "\u200b.htaccess", "\u202egpj.exe", "x\u202e\u2066cod.exe", "con", "NUL.txt", "aux.pdf",
    "COM1", "lpt9.log", ".", "..", "...", " ", "", ".hidden", "x.", "x ", "a\x00b.txt", "a\x01\x02.txt",
    "a\r\nX-Evil: 1.txt", "a\tb.txt", "a\u2028b.txt", "a\u2029b.txt", "a\x85b.txt", "\ufeffx.exe",
    "x" * 300 + ".pdf", "\u00e4" * 300 + ".pdf", "\U0001f600" * 100 + ".png", "x." + "e" * 300, "a;b.txt",
    'a"b.txt', "a'b.txt", "a%2fb.txt", "%2e%2e%2fx", "file:///etc/passwd", "\\\\server\\share\\x",
    "a\x7fb", "\u2044etc\u2044passwd", "x.php\x00.jpg", "-rf",
)  # fmt: skip
INJECTIONS = (
    b"x\r\nBcc: evil@example.org", b"x\nBcc: evil@example.org", b"x\rBcc: evil@example.org",
    b"=?utf-8?q?x=0D=0ABcc:_evil@example.org?=", b"=?utf-8?b?eA0KQmNjOiBldmlsQGV4YW1wbGUub3Jn?=",
    b"=?utf-8?q?x=0ABcc:_evil@example.org?=", b"=?utf-8?q?x=00y?=", b"=?utf-8?q?x=E2=80=A8Bcc:_e@x?=",
    b"=?utf-8?q?x=E2=80=A9Bcc:_e@x?=", b"=?utf-8?q?x=C2=85Bcc:_e@x?=", b"x\x00y", b"x\x0bBcc: e@x",
    b"x\x0cBcc: e@x", b"x\xe2\x80\xa8Bcc: e@x", b"x\xc2\x85Bcc: e@x", b"\xed\xa0\x80\xed\xb0\x80",
    b"=?utf-7?q?+2AA-?=", b"=?utf-16?b?ANg=?=", b"=?iso-2022-jp?b?GyRCJCI=?=", b"x\x1b[31mred",
    b"\xff\xfe\xfd", b"=?unicode-escape?q?\\ud800?=",
)  # fmt: skip
CHARSETS = (
    "", "utf-8", "UTF-32", "utf-16", "utf-7", "idna", "punycode", "unicode_escape", "raw_unicode_escape",
    "undefined", "rot13", "hex", "base64", "zlib", "bz2", "quopri", "uu", "mbcs", "oem", "x-unknown",
    "a" * 500, "utf-8\x00", "../x", "cp037", "hz", "iso-2022-kr", "iso-2022-jp-2", "gb18030", "big5hkscs",
    "utf_8_sig", "latin\n1", "aliases", "'",
)  # fmt: skip
TAGS = (
    "div", "b", "a", "font", "table", "tr", "td", "p", "span", "blockquote", "ul", "li", "pre", "select",
    "svg", "math", "template", "form", "button", "h1", "center", "nobr", "i", "script", "style", "title",
    "textarea", "noscript",
)  # fmt: skip
FILLERS = (
    "<", "<!--", "<!", "</", "<a ", "<a href=\"", "<a b='", "&", "&#", "&#x110000;", "&amp", "<![CDATA[",
    "<?", "<div", "<a<a<a ", "\"'", "<div a=\"b' c=\"d'>", "</div></span>", "-->", "<br",
    "<blockquote type=cite>", "<p><b><p></b>",
)  # fmt: skip
LINES = (
    "> ", ">" * 60, "On On On ", "On Mon, 3 Mar 2025, at 10:20, ", "wrote: ", "From: a@b.c\n",
    "From:\nSent:\n", "-----Original Message-----\n", "-- \n", "_____\n", "Sent from my iPhone\n",
    "a@b.c ", "<a@b.c\n", ">\n\n", "\n", "On 1/1/2020 10:20 x@y.z wrote:\n", "On 1/1/2020 10:20 x\n",
    "> On 1/1/2020 <x@y.z> wrote:\n", "1 ", "\t", "\xa0", "(((((((", "<https://", "[[[[", "wrote wrote ",
    "10:20 ", "2020 ", "\u202a", "\u4e00", "\u5199\u9053", "| | |", "> a\nb\n",
    "> " + "x" * 70 + "\nlower\n", "-----\nFrom: a@b.c\n", "see inline ", "answers " * 3, "#", "*",
)  # fmt: skip


def plain(body: bytes, headers: bytes = b"") -> bytes:
    """Return a mail of plain text."""
    return HEAD + headers + b"Content-Type: text/plain; charset=utf-8\r\n\r\n" + body


def html(body: str) -> bytes:
    """Return a mail of HTML."""
    return HEAD + b"Content-Type: text/html; charset=utf-8\r\n\r\n" + body.encode("utf-8", "replace")


def both(text: str, markup: str) -> bytes:
    """Return a mail with a plain and an HTML form."""
    first = "Content-Type: multipart/alternative; boundary=B\r\n\r\n--B\r\nContent-Type: text/plain\r\n\r\n"
    whole = f"{first}{text}\r\n--B\r\nContent-Type: text/html\r\n\r\n{markup}\r\n--B--\r\n"
    return HEAD + whole.encode()


def nested(depth: int, kind: str = "mixed") -> bytes:
    """Return a mail with multiparts in multiparts."""
    head = "Content-Type: multipart/{0}; boundary=b{1}x\r\n\r\n--b{1}x\r\n"
    levels = "".join(head.format(kind, level) for level in range(depth))
    return HEAD + levels.encode() + b"Content-Type: text/plain\r\n\r\nhello\r\n"


def parts(count: int, body: bytes = b"x") -> bytes:
    """Return a mail with many attachments."""
    piece = b"--B\r\nContent-Type: application/octet-stream\r\n\r\n" + body + b"\r\n"
    return HEAD + b"Content-Type: multipart/mixed; boundary=B\r\n\r\n" + piece * count + b"--B--\r\n"


def attached(header: bytes) -> bytes:
    """Return a mail with one attachment whose headers are given."""
    before = HEAD + b"Content-Type: multipart/mixed; boundary=B\r\n\r\n--B\r\n\r\nhello\r\n--B\r\n"
    return before + header + b"\r\n\r\ndata\r\n--B--\r\n"


def _caps() -> Iterator[tuple[str, bytes]]:
    yield "cap/mail 41 MB", plain(b"x" * (41 * MB))
    yield "cap/mail 5 MB one line", plain(b"x" * (5 * MB))
    for size in (255, 257, 600):
        lines = b"".join([b"X-%d: %s\r\n" % (n, b"y" * 990) for n in range(size)])
        yield f"cap/header block {size} KB", plain(b"x", lines)
    yield "cap/990 headers", plain(b"x", b"A: b\r\n" * 990)
    yield "cap/1,010 headers", plain(b"x", b"A: b\r\n" * 1_010)
    yield "cap/20,000 headers", plain(b"x", b"A: b\r\n" * 20_000)
    for size in (9, 11, 200):
        for name in (b"Subject", b"From", b"To", b"References", b"X-Odd", b"Content-Type"):
            yield (
                f"cap/{name.decode()} of {size} KB",
                name + b": " + b"a" * (size * KB) + b"\r\n" + plain(b"x"),
            )
    for depth in (40, 49, 51, 100, 5_000):
        for kind in ("mixed", "alternative", "related", "digest", "report"):
            yield f"cap/{kind} {depth} deep", nested(depth, kind)
    for count in (900, 1_100, 50_000):
        yield f"cap/{count} parts", parts(count)
    yield "cap/no blank line", HEAD * 3_000
    yield "cap/nothing but a", b"a" * (2 * MB)
    yield "cap/rfc822 in rfc822", HEAD + b"Content-Type: message/rfc822\r\n\r\n" * 300 + b"hello"


def _headers() -> Iterator[tuple[str, bytes]]:
    for number, value in enumerate(INJECTIONS):
        for name in (b"Subject", b"From", b"Message-ID", b"References", b"Reply-To", b"To"):
            yield f"injection/{number} {name.decode()}", name + b": " + value + b" <a@b.c>\r\n" + plain(b"x")
    for name, unit in {
        "comments": b"(", "quotes": b'"', "angles": b"<", "escapes": b"\\", "commas": b",",
        "groups": b"a:", "at": b"@", "words": b"=?utf-8?q?x?= ", "open words": b"=?utf-8?q?",
        "half words": b"=?", "semicolons": b";", "dots": b"a.", "addresses": b"a@b.c,", "nested": b"(a(b",
        "quoted commas": b'",', "escaped quotes": b'\\"', "route": b"<@a,",
        "base64 words": b"=?utf-8?b?////?=", "mixed words": b"=?utf-8?q?a?==?latin1?q?b?=",
        "ids": b"<a@b>", "spaces": b" ", "tabs": b"\r\n\t", "for": b"for <a@b.c>;", "high": b"\xff",
        "utf-8": "\u00e4".encode(), "stand-ins": "\U000f0000".encode(),
    }.items():  # fmt: skip
        for field in (
            b"From",
            b"To",
            b"Subject",
            b"References",
            b"Received",
            b"Content-Type",
            b"Content-Disposition",
        ):
            value = (unit * 9_000)[:9_000]
            yield f"header/{field.decode()} of {name}", field + b": " + value + b"\r\n" + plain(b"x")
    yield "header/none", b"\r\nhello"
    yield "header/empty mail", b""
    yield "header/only line ends", b"\r\n" * 10_000
    yield "header/bare carriage returns", HEAD.replace(b"\r\n", b"\r") + b"\rhello\rthere"
    yield "header/stray lines", HEAD + b"this is no header\r\n" * 500 + b"To: a@b.c\r\n\r\nhello"
    yield "header/stray lines at the end", HEAD + b"this is no header\r\n" * 500
    yield "header/colons only", b":\r\n" * 900 + b"\r\nhello"
    yield "header/all bytes", bytes(range(256)) * 500
    yield "header/nothing but nul", b"\0" * 100_000
    yield "header/dates", b"Date: " + b"9" * 9_000 + b"\r\n" + plain(b"x")
    yield "header/year 0", b"Date: Mon, 1 Jan 0000 00:00:00 +9999\r\n" + plain(b"x")
    yield "header/year 9999", b"Date: Fri, 31 Dec 9999 23:59:59 -2359\r\n" + plain(b"x")


def _names() -> Iterator[tuple[str, bytes]]:
    for number, name in enumerate(BAD_NAMES):
        raw = name.encode("utf-8", "replace")
        word = b"=?utf-8?b?" + base64.b64encode(raw) + b"?="
        percent = b"".join(b"%%%02X" % byte for byte in raw)
        quoted = raw.replace(b"\r\n", b" ").replace(b'"', b'\\"')
        yield (
            f"name/{number} quoted",
            attached(b'Content-Disposition: attachment; filename="' + quoted + b'"'),
        )
        yield f"name/{number} encoded word", attached(b'Content-Type: text/plain; name="' + word + b'"')
        yield (
            f"name/{number} percent",
            attached(b"Content-Disposition: attachment; filename*=utf-8''" + percent),
        )
    for name, unit in {
        "pieces": b";filename*%d=a",
        "charsets": b";filename*%d*=x'y'z",
        "same": b";filename*0=a;x%d=y",
    }.items():
        pieces = b"".join(unit % number for number in range(500))
        yield f"name/{name}", attached(b"Content-Disposition: attachment" + pieces)


def _bodies() -> Iterator[tuple[str, bytes]]:
    for charset in CHARSETS:
        head = b'Content-Type: text/plain; charset="' + charset.encode() + b'"\r\n\r\n'
        yield f"charset/{charset[:20]!r}", HEAD + head + b"\x00\xd8\xff+2AA-\x1b$B" * 5_000
    for encoding in ("base64", "quoted-printable", "x-uuencode", "7bit", "binary", "x-none", "base64 base64"):
        head = f"Content-Type: text/plain\r\nContent-Transfer-Encoding: {encoding}\r\n\r\n".encode()
        for name, unit in {
            "letters": b"QUJD", "padding": b"=", "a byte": b"A", "noise": b"\xff=\r\n",
            "begin": b"begin 644 x\n", "soft": b"=\n",
        }.items():  # fmt: skip
            yield f"encoding/{encoding} of {name}", HEAD + head + unit * 20_000
    for boundary in (
        b"",
        b'""',
        b"B" * 9_000,
        b"--",
        b"a",
        b'"a b"',
        b"\xff",
        b"=?utf-8?q?B?=",
        b'"' + b"a" * 70 + b'"',
    ):
        head = HEAD + b"Content-Type: multipart/mixed; boundary=" + boundary + b"\r\n\r\n"
        yield f"boundary/{boundary[:12]!r}", head + b"--" + boundary.strip(b'"') + b"\r\n\r\nhello\r\n" * 900
    near = b"--" + b"a" * 60
    head = HEAD + b"Content-Type: multipart/mixed; boundary=" + b"a" * 69 + b"b\r\n\r\n"
    yield "boundary/near misses", head + (near + b"\r\n") * 20_000
    yield "boundary/near misses on one line", head + b"a" * (2 * MB)
    yield "boundary/same inside", nested(30).replace(b"b1x", b"b0x").replace(b"b2x", b"b0x")


def _html() -> Iterator[tuple[str, bytes]]:
    for tag in TAGS:
        yield f"html/open {tag}", html(f"<{tag}>x" * 9_000)
        yield f"html/open and closed {tag}", html(f"<{tag}>" * 9_000 + f"</{tag}>" * 9_000)
    for filler in FILLERS:
        yield f"html/{filler}", html(filler * (100_000 // len(filler)))
    yield "html/attributes", html("<div " + " ".join(f"a{n}=1" for n in range(30_000)) + ">x")
    yield "html/one long attribute", html('<img src="data:' + "A" * MB + '">x')
    yield "html/entities", html("&lt;" * 100_000)
    yield "html/surrogates", html("&#xD800;&#xDFFF;&#0;" * 5_000)


def _texts() -> Iterator[tuple[str, bytes]]:
    for unit in LINES:
        size = 64_000 // len(unit)
        yield f"text/{unit[:12]!r}", plain((unit * size).encode("utf-8", "replace"))
        yield (
            f"flowed/{unit[:12]!r}",
            plain((unit * size).encode(), b"X: y\r\n").replace(b"charset=utf-8", b"format=flowed"),
        )
    for first, second in itertools.pairwise(LINES):
        yield f"text/{first[:9]!r} {second[:9]!r}", plain(((first + "\n" + second + "\n") * 1_500).encode())
    yield "text/many lines", plain(b"\n" * 500_000)
    yield "text/long words", plain(b"On " + b"a" * 400_000 + b" wrote:")


def _people() -> Iterator[tuple[str, bytes]]:
    bare = HEAD.replace(b"From: Ann <ann@example.com>\r\n", b"")
    for name, field in {
        "missing": b"", "empty": b"From: \r\n", "two headers": b"From: a@b.example\r\nFrom: c@d.example\r\n",
        "two addresses": b"From: a@b.example, c@d.example\r\n", "a group": b"From: us: a@b.example;\r\n",
        "an empty group": b"From: undisclosed-recipients:;\r\n", "no domain": b"From: root\r\n",
        "a null": b"From: <>\r\n", "only a name": b"From: Ann Lee\r\n", "two at": b"From: a@b@c.example\r\n",
        "an address as name": b'From: "boss@shop.example" <a@b.example>\r\n',
        "a bidi name": "From: \u202egpj.exe\u2066 <a@b.example>\r\n".encode(),
        "an IP": b"From: a@[127.0.0.1]\r\n", "quoted": b'From: "a b"@c.example\r\n',
        "unicode": "From: \u00e4@\u00f6.example\r\n".encode(),
        "a long local": b"From: " + b"a" * 300 + b"@b.example\r\n",
        "our own": b"From: support@shop.example\r\n", "a daemon": b"From: MAILER-DAEMON@b.example\r\n",
    }.items():  # fmt: skip
        yield f"from/{name}", field + bare + b"\r\nhello"
    many = b",\r\n ".join(b"u%d@x.example" % n for n in range(10_000))
    few = b",\r\n ".join(b"u%d@x.example" % n for n in range(500))
    for field in (b"To", b"Cc", b"Reply-To"):
        yield f"people/10,000 in {field.decode()}", field + b": " + many + b"\r\n" + plain(b"x")
        yield f"people/500 in {field.decode()}", field + b": " + few + b"\r\n" + plain(b"x")
    yield (
        "people/60 hops",
        b"".join(b"Received: from a by b; Mon, 3 Mar 2025 10:00:00 +0000\r\n" for _ in range(60))
        + plain(b"x"),
    )
    for name, field in {
        "itself": b"In-Reply-To: <1@example.com>\r\nReferences: <1@example.com> <1@example.com>\r\n",
        "a circle": b"References: <a@x> <b@x> <a@x> <b@x>\r\n", "no brackets": b"In-Reply-To: a@x b@x\r\n",
        "a sentence": b"In-Reply-To: Your message of Monday\r\n", "spaces": b"References: < a@ x >\r\n",
        "two ids": b"Message-ID: <2@x>\r\n", "an empty id": b"Message-ID: <>\r\n",
    }.items():  # fmt: skip
        yield f"thread/{name}", field + plain(b"x")


def _shapes() -> Iterator[tuple[str, bytes]]:
    for date in (
        "yesterday", "32 Feb 2025 25:61:61 +9999", "Mon, 99 Zzz 99999 99:99:99 +99999", "0", "-1", "1e999",
        "Mon, 3 Mar 2025 10:00:00 (((", "2025-03-03", "Mon, 3 Mar 25 10:00 EST", "\u0663",
        "Thu, 01 Jan 1970 00:00:00 -0000",
    ):  # fmt: skip
        yield f"date/{date}", f"Date: {date}\r\n".encode() + plain(b"x")
    text = "Gr\u00fc\u00dfe"
    for charset in ("utf-16", "utf-16-le", "utf-16-be", "utf-32", "utf-7"):
        head = f"Content-Type: text/plain; charset={charset}\r\n\r\n".encode()
        yield f"wide/{charset}", HEAD + head + text.encode(charset) * 500
        yield f"wide/{charset} that is none", HEAD + head + b"\xff\xfe\x00" * 500
    whole = both("hello", "<p>hello</p>")
    for share in range(1, 20):
        yield f"truncated/{share} of 20", whole[: len(whole) * share // 20]
    for name, ends in {"cr": b"\r", "lf cr": b"\n\r", "crcrlf": b"\r\r\n", "mixed": b"\r\n\r"}.items():
        yield f"line ends/{name}", whole.replace(b"\r\n", ends)
    yield "mbox/from line", b"From ann@example.com Mon Mar  3 10:00:00 2025\r\n" + plain(b"x")
    yield "mbox/many mails", (b"From a@b.c Mon Mar  3 10:00:00 2025\n" + plain(b"x") + b"\n") * 500
    yield "mbox/quoted", plain(b">From here\r\n>>From there\r\n" * 5_000)
    yield (
        "binary/yenc",
        plain(b"=ybegin line=128 size=9999999999 name=../x\r\n" + bytes(range(256)) * 200 + b"\r\n=yend\r\n"),
    )
    yield "binary/uuencode", plain(b"begin 644 ../../x\r\n" + b"M" + b"9" * 60 + b"\r\n" * 2_000)
    yield (
        "binary/zip bomb in base64",
        attached(b"Content-Transfer-Encoding: base64").replace(
            b"data\r\n", base64.b64encode(b"PK\x03\x04" + b"\0" * MB) + b"\r\n"
        ),
    )
    heads = (
        b"Content-Type: text/plain\r\nContent-Type: text/html\r\n",
        b"MIME-Version: 9\r\n",
        b"Content-Type: /\r\n",
        b"Content-Type: multipart/mixed\r\n",
        b"Content-Type: message/partial; number=1; total=9\r\n",
        b"Content-Type: message/external-body; access-type=local-file; name=/etc/passwd\r\n",
    )
    for head in heads:
        yield f"type/{head[:40]!r}", HEAD + head + b"\r\n<b>hello</b>"
    yield "bidi/everywhere", plain("\u202e\u2066\u200f\u061c".encode() * 9_000)


def _packed() -> Iterator[tuple[str, bytes]]:
    def carried(data: bytes) -> bytes:
        return attached(b"Content-Type: application/ms-tnef; name=winmail.dat").replace(
            b"data\r\n", data + b"\r\n"
        )

    values = b"\x02\x10\x01\x00\xff\xff\xff\xff" + b"\0" * 9_000
    kinds = ("../x", "text/html\r\nX: y", "a" * 3_000, "\0")
    inner = made.winmail([("x.txt", "text/plain", b"x")], text="hello")
    deep = inner
    for _ in range(40):
        deep = made.stream(made.a_file("x", b"", made.prop(0x3701, b"\0" * 16 + deep, kind=0xD)))
    for name, data in {
        "nothing": b"", "a signature": b"\x78\x9f\x3e\x22\x01\x00",
        "noise": b"\x78\x9f\x3e\x22\x01\x00" + b"\xff" * 50_000,
        "zeros": b"\x78\x9f\x3e\x22\x01\x00" + b"\0" * 50_000,
        "ones": b"\x78\x9f\x3e\x22\x01\x00" + b"\x01" * 50_000,
        "5,000 files": made.stream(*[made.a_file(f"../{n}", b"x") for n in range(5_000)]),
        "40 deep": deep,
        "4 billion properties": made.stream(made.attribute(1, 0x69003, made.props(count=2**32 - 1))),
        "4 billion values": made.stream(made.attribute(1, 0x69003, made.props(values))),
        "bad names": made.winmail([(name, "text/plain", b"x") for name in BAD_NAMES]),
        "bad types": made.winmail([("a", kind, b"x") for kind in kinds]),
        "a codepage": made.stream(made.attribute(1, 0x69007, b"\xff" * 8), made.attribute(1, 0x2800C, b"x")),
    }.items():  # fmt: skip
        yield f"tnef/{name}", carried(data)
    for share in range(1, 12):
        yield f"tnef/{share} of 12", carried(inner[: len(inner) * share // 12])
    head = HEAD + b"Content-Type: text/calendar\r\n\r\n"
    for unit in (
        b"BEGIN:VEVENT\r\n",
        b"SUMMARY:",
        b" \r\n",
        b"SUMMARY:x\\n",
        b"DTSTART:99999999T999999Z\r\n",
        b":;",
        b"\xff\0",
    ):
        yield f"calendar/{unit[:10]!r}", head + b"BEGIN:VEVENT\r\n" + unit * 20_000


def mails() -> Iterator[tuple[str, bytes]]:
    """Yield every hostile mail with its name."""
    yield from _people()
    yield from _shapes()
    yield from _packed()
    yield from _caps()
    yield from _headers()
    yield from _names()
    yield from _bodies()
    yield from _html()
    yield from _texts()
