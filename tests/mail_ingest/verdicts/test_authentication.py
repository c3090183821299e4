"""Who vouches for a sender: only the topmost header of a host we trust, and only for the domain in From."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from mail_ingest.authentication import Vouching, vouching
from mail_ingest.parse import parse
from mail_ingest.parse.model import Headers

GOOGLE = (
    "mx.google.com; dkim=pass header.i=@shop.example header.s=s1 header.b=abc/def=; spf=pass "
    '(google.com: domain of "x; dmarc=fail" ann@shop.example designates 192.0.2.1 as permitted sender) '
    "smtp.mailfrom=ann@shop.example; dmarc=pass (p=REJECT sp=REJECT dis=NONE) header.from=shop.example"
)
MICROSOFT = (
    "spf=pass (sender IP is 192.0.2.7) smtp.mailfrom=shop.example; dkim=pass (signature was verified) "
    "header.d=shop.example;dmarc=pass action=none header.from=shop.example;compauth=pass reason=100"
)
RSPAMD = (
    "mail.desk.example;\n\tdkim=pass header.d=shop.example header.s=s header.b=AbC;\n\t"
    'dmarc=pass (policy=none) header.from=shop.example;\n\tspf=pass (mail: "one quote ok) '
    "smtp.mailfrom=bounce@mail.shop.example"
)
EXIM = (
    'mx.desk.example 1; iprev=pass; auth=pass (cram-md5) smtp.auth="a;b"; '
    'dmarc = pass header.from = "shop.example"'
)

NONE = ("none", "none", "none")
TABLE = [
    ("google", GOOGLE, "google.com", ("pass", "pass", "pass")),
    ("microsoft", MICROSOFT, "-", ("pass", "pass", "pass")),
    ("rspamd", RSPAMD, "desk.example", ("pass", "pass", "pass")),
    ("exim, with a version and spaces", EXIM, "mx.desk.example", ("pass", "none", "none")),
    ("fail", "h.example; dmarc=fail header.from=shop.example", "h.example", ("fail", "none", "none")),
    ("soft", "h.example; spf=softfail smtp.mailfrom=a@shop.example", "h.example", ("none", "none", "fail")),
    ("a broken check says nothing", "h.example; dmarc=temperror", "h.example", NONE),
    ("none", "h.example; none", "h.example", NONE),
    ("another's domain", "h.example; dmarc=pass header.from=evil.example", "h.example", NONE),
    ("another's key", "h.example; dkim=pass header.d=evil.example", "h.example", NONE),
    ("a key of everybody", "h.example; dkim=pass header.d=example", "h.example", NONE),
    (
        "a parent's key",
        "h.example; dkim=pass header.d=mail.shop.example",
        "h.example",
        ("none", "pass", "none"),
    ),
    ("a look-alike", "h.example; dkim=pass header.d=eshop.example", "h.example", NONE),
    ("two verdicts", "h.example; dmarc=pass; dmarc=fail", "h.example", ("fail", "none", "none")),
    (
        "two keys, one good",
        "h.example; dkim=fail header.d=shop.example; dkim=pass header.d=shop.example",
        "h.example",
        ("none", "pass", "none"),
    ),
    ("in a comment", "h.example; spf=none (x; dmarc=pass) ", "h.example", NONE),
    ("in an escaped comment", r"h.example; spf=none (x\) ; dmarc=pass) ", "h.example", NONE),
    ("in a quoted string", 'h.example; spf=none smtp.mailfrom="x; dmarc=pass"', "h.example", NONE),
    ("an open comment", "h.example; spf=none ( ; dmarc=pass", "h.example", NONE),
    ("an open string", 'h.example; spf=none "; dmarc=pass', "h.example", NONE),
    ("a foreign host", "evil.example; dmarc=pass header.from=shop.example", "h.example", NONE),
    ("a name that ends alike", "evilh.example; dmarc=pass", "h.example", NONE),
    ("no name where one is wanted", MICROSOFT, "h.example", NONE),
    ("a name where none is wanted", GOOGLE, "-", NONE),
    ("empty", "", "h.example", NONE),
]


@pytest.mark.parametrize(
    ("value", "host", "wanted"), [row[1:] for row in TABLE], ids=[row[0] for row in TABLE]
)
def test_what_a_header_says(value: str, host: str, wanted: tuple[str, str, str]) -> None:
    found = vouching(Headers((("Authentication-Results", value),)), [host], "ann@shop.example")
    assert (found.dmarc, found.dkim, found.spf) == wanted


def test_without_a_trusted_host_nobody_vouches() -> None:
    headers = Headers((("Authentication-Results", GOOGLE),))
    assert vouching(headers, [], "ann@shop.example") == Vouching()
    assert vouching(headers, ["", " "], "ann@shop.example") == Vouching()


def test_it_is_read_off_a_whole_mail() -> None:
    raw = b"Authentication-Results: " + GOOGLE.encode() + b"\r\nFrom: ann@shop.example\r\n\r\nHello\r\n"
    assert vouching(parse(raw).headers, ["google.com"], "ann@shop.example").vouched


lines = st.lists(
    st.tuples(
        st.sampled_from(
            ["Authentication-Results", "authentication-results", "X-Other", "ARC-Authentication-Results"]
        ),
        st.one_of(
            st.sampled_from([row[1] for row in TABLE]),
            st.text(alphabet=' ;=()"\\.-abcdmrpsx\u2028', max_size=60),
            st.just("h.example; dmarc=pass header.from=shop.example; dkim=pass header.d=shop.example"),
        ),
    ),
    max_size=6,
)


@given(lines, st.sampled_from(["fail", "none", "temperror"]))
def test_a_sender_never_forges_a_pass(forged: list[tuple[str, str]], said: str) -> None:
    """Whatever a mail brings along stands below what our host writes on top."""
    top = ("Authentication-Results", f"h.example; dmarc={said} header.from=shop.example")
    found = vouching(
        Headers((("Received", "from x by h.example"), top, *forged)), ["h.example"], "a@shop.example"
    )
    assert not found.vouched
    assert "pass" not in (found.dkim, found.spf)


@given(st.text(max_size=300), st.text(max_size=40))
def test_nothing_breaks_it(value: str, host: str) -> None:
    found = vouching(Headers((("Authentication-Results", value),)), [host], "a@shop.example")
    assert found.dmarc in {"pass", "fail", "none"}
