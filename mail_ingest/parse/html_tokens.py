"""HTML cut into tags and text in one forward pass, in time that grows no faster than its length.

A full HTML tree is built where mail is shown; here only the words and the coarse structure count, and tree
builders take quadratic time on deeply nested mail.
"""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from html import unescape

_TAG = re.compile(r"<(/?)([a-zA-Z][a-zA-Z0-9:]{0,40})")
_ATTRIBUTE = re.compile(
    r"([a-zA-Z][a-zA-Z0-9:_-]{0,40})\s{0,20}=\s{0,20}(?:\"([^\"]*)\"|'([^']*)'|([^\s\"'>]+))"
)
_RAW_NAMES = ("script", "style", "title", "textarea", "noembed")
_RAW_TEXT = {name: re.compile(f"</{name}", re.IGNORECASE) for name in _RAW_NAMES}
_MAX_ATTRIBUTES = 8_000


@dataclass(frozen=True, slots=True)
class Token:
    """A piece of HTML: `name` is "" for text, else a lower-cased tag name; `text` is decoded for text."""

    name: str
    text: str = ""
    closing: bool = False

    def attributes(self) -> dict[str, str]:
        """Return the tag's attributes, names in lower case; the first of each name counts."""
        found: dict[str, str] = {}
        for match in _ATTRIBUTE.finditer(self.text[:_MAX_ATTRIBUTES]):
            value = match[2] or match[3] or match[4] or ""
            found.setdefault(match[1].lower(), unescape(value) if "&" in value else value)
        return found


def tokens(html: str) -> Iterator[Token]:
    """Yield the tags and texts of some HTML in order; scripts, styles, titles and comments are left out."""
    scan = _TagEnds(html)
    position = 0
    length = len(html)
    while position < length:
        start = html.find("<", position)
        if start < 0:
            start = length
        if start > position:
            yield Token("", unescape(html[position:start]))
        if start == length:
            return
        match = _TAG.match(html, start)
        if match is None:
            position = _past_markup(html, start)
            if position == start:
                yield Token("", "<")
                position += 1
            continue
        end = scan.end(match.end())
        if end < 0:
            yield Token("", unescape(html[start:]))
            return
        name = match[2].lower()
        yield Token(name, html[match.end() : end], bool(match[1]))
        position = end + 1
        if not match[1] and name in _RAW_TEXT:
            closing = _RAW_TEXT[name].search(html, position)
            position = closing.start() if closing else length


def _past_markup(html: str, start: int) -> int:
    """Return the offset after a comment, declaration or instruction; `start` itself when it is none."""
    if html.startswith("<!--", start):
        end = html.find("-->", start + 4 if not html.startswith(("<!-->", "<!--->"), start) else start + 2)
        return len(html) if end < 0 else end + 3
    if html.startswith(("<!", "<?", "</"), start):
        end = html.find(">", start)
        return len(html) if end < 0 else end + 1
    return start


class _TagEnds:
    """Finds where tags end, skipping quoted attribute values, in linear time."""

    def __init__(self, html: str) -> None:
        self._html = html
        self._without = {'"': False, "'": False}

    def end(self, position: int) -> int:
        """Return the offset of the ">" that closes a tag, -1 when there is none."""
        html = self._html
        while (close := html.find(">", position)) >= 0:
            quote = self._first_quote(position, close)
            if quote < 0:
                return close
            mark = html[quote]
            partner = -1 if self._without[mark] else html.find(mark, quote + 1)
            if partner < 0:
                self._without[mark] = True
                return close
            if partner > close and html.rfind("=", position, quote) < 0:
                return close
            position = partner + 1
        return -1

    def _first_quote(self, position: int, end: int) -> int:
        """Return the offset of the first quotation mark in a span, -1 when there is none."""
        double = self._html.find('"', position, end)
        single = self._html.find("'", position, end if double < 0 else double)
        return double if single < 0 else single
