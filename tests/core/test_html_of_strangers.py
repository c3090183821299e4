"""HTML from strangers where agents see it: nothing live survives, the words do (T1, T16, T32)."""

from html.parser import HTMLParser
from pathlib import Path

import pytest

from helpdesk.core.db import command, session
from helpdesk.core.html import ATTRIBUTES, TAGS, sanitised
from helpdesk.tickets.model import Message
from tests.making import Desk, a_mail

VISIBLE = "VISIBLE WORDS"

PAYLOADS = Path(__file__).with_name("payloads.txt")


def _payloads() -> list[str]:
    """Return the payloads, one a line; a line that cannot begin one goes on with the last."""
    found: list[str] = []
    for line in PAYLOADS.read_text().splitlines():
        if line in {">alert(1)</script", ">"}:
            found[-1] += "\n" + line
        else:
            found.append(line)
    return found


class Found(HTMLParser):
    """What a reader of the cleaned HTML finds."""

    def __init__(self) -> None:
        super().__init__(convert_charrefs=True)
        self.tags: set[str] = set()
        self.attributes: list[tuple[str, str, str]] = []
        self.text = ""

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.add(tag)
        self.attributes += [(tag, name, value or "") for name, value in attrs]

    def handle_data(self, data: str) -> None:
        self.text += data


def _found(html: str) -> Found:
    reader = Found()
    reader.feed(html)
    reader.close()
    return reader


def _live(found: Found) -> list[object]:
    """Return whatever could do something: tags, attributes and addresses that are not on the list."""
    bad: list[object] = [tag for tag in found.tags if tag not in TAGS]
    for tag, name, value in found.attributes:
        if name not in ATTRIBUTES.get(tag, set()) | ATTRIBUTES["*"] | ({"rel"} if tag == "a" else set()):
            bad.append((tag, name))
        squeezed = "".join(c for c in value if c > " ").lower()
        if name == "src" and not squeezed.startswith("data:image/"):
            bad.append((tag, name, value))
        scheme = squeezed.partition(":")[0]
        if name == "href" and ":" in squeezed and scheme.isalnum() and scheme not in LINKS:
            bad.append((tag, name, value))
    return bad


LINKS = {"http", "https", "mailto", "tel"}


@pytest.fixture
def frame(desk: Desk) -> "Frame":
    desk.receive(a_mail(html="<p>first</p>"))
    return Frame(desk)


class Frame:
    """Shows HTML through the route agents' browsers load."""

    def __init__(self, desk: Desk) -> None:
        self.message_id = desk.rows(Message)[0].id
        self.browser = desk.browser(desk.admin)

    def show(self, html: str) -> str:
        @command
        def keep() -> None:
            session().get_one(Message, self.message_id).html = html

        keep()
        answer = self.browser.get(f"/a/tickets/1001/messages/{self.message_id}/html")
        assert answer.status_code == 200
        page = answer.get_data(as_text=True)
        return page.split('<div class="mail">', 1)[1].rsplit("</div>", 1)[0]


@pytest.mark.parametrize("engine", ["sqlite"], indirect=True)
def test_nothing_live_survives_and_the_words_do(frame: Frame) -> None:
    payloads = _payloads()
    assert len(payloads) >= 120
    wrong = []
    for payload in payloads:
        shown = frame.show(f"<p>{VISIBLE}</p><div>{payload}</div>")
        found = _found(shown)
        if bad := _live(found):
            wrong.append((payload, bad))
        if VISIBLE not in found.text:
            wrong.append((payload, "the words are gone"))
    assert wrong == []


@pytest.mark.parametrize("engine", ["sqlite"], indirect=True)
def test_words_around_a_payload_stay(frame: Frame) -> None:
    for payload in ("<script>x</script>", "<img src=x onerror=x>", "<svg><a>x</a></svg>", "<form>x</form>"):
        found = _found(frame.show(f"<p>before</p>{payload}<p>{VISIBLE}</p>"))
        assert "before" in found.text
        assert VISIBLE in found.text
    assert "{{7*7}}" in frame.show("<p>{{7*7}}</p>"), "no template language runs over a mail"


@pytest.mark.parametrize("engine", ["sqlite"], indirect=True)
def test_an_honest_mail_keeps_its_shape(desk: Desk, frame: Frame) -> None:
    """T5 of the figures: no cheating by dropping all HTML."""
    html = """<div><h1>Order 5</h1><p>Hello <b>Lena</b>, see
    <a href="https://shop.example/o/5">your order</a>.</p>
    <table width="300" border="1"><tr><td align="right" colspan="2">12,00</td></tr></table>
    <ul><li>one</li><li>two</li></ul><blockquote>quoted</blockquote><pre>code</pre>
    <p dir="rtl" lang="ar">مرحبا</p><img src="cid:logo@x" alt="Logo" width="20"></div>"""
    picture = desk.receive(a_mail(html=html))
    assert picture.ticket_id is not None
    found = _found(frame.show(html))
    assert {"h1", "b", "a", "table", "tr", "td", "ul", "li", "blockquote", "pre", "img"} <= found.tags
    assert ("a", "href", "https://shop.example/o/5") in found.attributes
    assert ("a", "rel", "noopener noreferrer nofollow") in found.attributes
    assert ("td", "colspan", "2") in found.attributes
    assert ("p", "dir", "rtl") in found.attributes
    for word in ("Order 5", "Lena", "your order", "12,00", "two", "quoted", "code", "مرحبا"):
        assert word in found.text


def test_pictures_come_from_the_mail_or_not_at_all() -> None:
    """T16: what is remote is left out and counted; what the mail brought along is shown."""
    png = "data:image/png;base64,iVBORw0KGgo="
    clean = sanitised(
        '<img src="cid:logo@x"><img src="CID:<logo@x>"><img src="cid:other">'
        '<img src="https://evil.example/p.gif">'
        '<img src="/sign-out"><img src="data:image/svg+xml,x"><img alt="no source">',
        {"logo@x": png},
    )
    assert clean is not None
    assert clean.html.count(png) == 2
    assert "evil.example" not in clean.html
    assert "sign-out" not in clean.html
    assert clean.blocked_images == 3


def test_what_is_too_deep_or_too_long_is_not_shown_as_html() -> None:
    assert sanitised("<div>" * 5000 + VISIBLE, {}) is None
    assert sanitised("x" * 2_000_001, {}) is None
    shallow = sanitised("<br>" * 5000 + "<p>x</p>" * 5000 + VISIBLE, {})
    assert shallow is not None
    assert VISIBLE in shallow.html
