"""No work grows faster than its input: four times the mail may take at most a little over four times as long.

Counted in lines of Python run and in time; the time bound is generous, since other work shares the machine.
"""

import contextlib
import time
from collections.abc import Callable

import pytest
import torture

from mail_ingest.confined import read_here
from mail_ingest.limits import MailTooComplexError

_SMALL = 16_000
_TIMES = 4
# An exponent of 1.3 would be 6.1; quadratic work is 16.
_MOST = 9.0
_TOO_SHORT_TO_TELL_S = 0.05

FAMILIES: dict[str, Callable[[int], bytes]] = {
    **{
        f"text {unit[:16]!r}": lambda n, u=unit: torture.plain((u * (n // len(u))).encode())
        for unit in torture.LINES
    },
    **{f"html {unit!r}": lambda n, u=unit: torture.html(u * (n // len(u))) for unit in torture.FILLERS},
    **{f"html open {tag}": lambda n, t=tag: torture.html(f"<{t}>x" * (n // 8)) for tag in torture.TAGS},
    **{
        f"html closed {tag}": lambda n, t=tag: torture.html(f"<{t}>" * (n // 8) + "</span>" * (n // 8))
        for tag in ("div", "table", "blockquote", "a")
    },
    **{
        f"From of {unit!r}": lambda n, u=unit: b"From: " + (u * n)[: n // 8] + b"\r\n" + torture.plain(b"x")
        for unit in (b"(", b'"', b"<", b",", b"\\", b"a@", b"(a(b", b'",', b"=?utf-8?q?x?= ", b"=?", b"\xff")
    },
    **{
        f"base64 of {unit!r}": lambda n, u=unit: (
            torture.HEAD + b"Content-Transfer-Encoding: base64\r\n\r\n" + u * (n // len(u))
        )
        for unit in (b"=", b"A=", b"\xff", b"QUJD\r\n")
    },
    "both forms": lambda n: torture.both("a b c\n" * (n // 6), "<p>a b c</p>" * (n // 12)),
    "both forms, quoted": lambda n: torture.both(
        "hi\nOn 3 Mar 2025 10:00 a@b.c wrote:\n\n" + "x y\n" * (n // 4),
        "hi<blockquote type=cite>" + "<p>x y</p>" * (n // 10) + "</blockquote>z",
    ),
    "pasted pictures": lambda n: torture.html('<img src="data:image/png;base64,AAAA">' * (n // 40)),
    "parts": lambda n: torture.parts(n // 80),
    "near boundaries": lambda n: (
        torture.HEAD + b"Content-Type: multipart/mixed; boundary=aaaaab\r\n\r\n" + b"--aaaaa\n" * (n // 8)
    ),
    "headers": lambda n: torture.plain(b"x", b"A: b\r\n" * (n // 80)),
    "stray lines": lambda n: torture.HEAD + b"stray\r\n" * (n // 7) + b"To: a@b.c\r\n\r\nx",
}


def seconds(raw: bytes) -> float:
    """Return the least processor time of three readings."""
    best = float("inf")
    for _ in range(3):
        started = time.process_time()
        with contextlib.suppress(MailTooComplexError):
            read_here(raw)
        best = min(best, time.process_time() - started)
        if best < _TOO_SHORT_TO_TELL_S / _MOST:
            break
    return best


@pytest.mark.parametrize("name", FAMILIES)
def test_time_grows_no_faster_than_the_mail(name: str) -> None:
    make = FAMILIES[name]
    large = seconds(make(_SMALL * _TIMES))
    if large > _TOO_SHORT_TO_TELL_S:
        assert large / seconds(make(_SMALL)) < _MOST
