"""Making HTML from strangers harmless, at the moment it is shown (the raw bytes are kept).

An allow-list decides; styles, classes, ids, forms, frames and everything remote are dropped. The page that
shows the result adds a strict policy and a sandboxed frame, so no single layer has to be perfect.
"""

from collections.abc import Mapping
from dataclasses import dataclass

import nh3
from markupsafe import Markup

_TEXT = (
    "a",
    "abbr",
    "address",
    "b",
    "blockquote",
    "br",
    "cite",
    "code",
    "del",
    "dfn",
    "em",
    "font",
    "i",
    "ins",
)
_MORE_TEXT = (
    "kbd",
    "mark",
    "p",
    "pre",
    "q",
    "s",
    "samp",
    "small",
    "span",
    "strike",
    "strong",
    "sub",
    "sup",
    "time",
)
_BLOCKS = (
    "article",
    "center",
    "details",
    "div",
    "figcaption",
    "figure",
    "footer",
    "header",
    "hr",
    "main",
    "section",
)
_HEADINGS = ("h1", "h2", "h3", "h4", "h5", "h6", "summary")
_LISTS = ("dd", "dl", "dt", "li", "ol", "ul")
_TABLES = ("caption", "col", "colgroup", "table", "tbody", "td", "tfoot", "th", "thead", "tr")
TAGS = frozenset((*_TEXT, *_MORE_TEXT, *_BLOCKS, *_HEADINGS, *_LISTS, *_TABLES, "img", "u", "var", "wbr"))
ATTRIBUTES = {
    "*": {"dir", "lang", "title"},
    "a": {"href"},
    "img": {"src", "alt", "width", "height"},
    "table": {"width", "border", "cellpadding", "cellspacing", "align"},
    "td": {"colspan", "rowspan", "align", "valign", "width"},
    "th": {"colspan", "rowspan", "align", "valign", "width"},
    "col": {"span", "width"},
    "ol": {"start", "type"},
    "font": {"color", "face", "size"},
}
DEEPEST = 200
LONGEST = 2_000_000
"""Sanitising takes time that grows with depth: what is deeper or longer is shown as text only."""


@dataclass(frozen=True, slots=True)
class Clean:
    """HTML fit for the frame, and how many remote pictures were left out of it."""

    html: Markup
    blocked_images: int


def sanitised(html: str, pictures: Mapping[str, str]) -> Clean | None:
    """Return `html` made harmless; None when it is too deep or too long to be read safely.

    `pictures` maps Content-IDs to `data:` addresses; every other picture is left out and counted.
    """
    if len(html) > LONGEST or _depth(html) > DEEPEST:
        return None
    blocked = 0

    def attribute(tag: str, name: str, value: str) -> str | None:
        nonlocal blocked
        if tag == "img" and name == "src":
            if value[:4].lower() == "cid:":
                return pictures.get(value[4:].strip("<> "))
            blocked += 1
            return None
        if name == "href" and _squeezed(value).startswith(("data:", "cid:")):
            return None
        return value

    done = nh3.clean(
        html,
        tags=set(TAGS),
        attributes={k: set(v) for k, v in ATTRIBUTES.items()},
        attribute_filter=attribute,
        url_schemes={"http", "https", "mailto", "tel", "cid", "data"},
        link_rel="noopener noreferrer nofollow",
        clean_content_tags={"script", "style", "title", "noscript", "template", "svg", "math", "object"},
        strip_comments=True,
    )
    return Clean(Markup(done), blocked)  # noqa: S704 - nh3 made it from an allow-list; the frame distrusts it still


def _squeezed(address: str) -> str:
    """Return an address as browsers read it: controls and white space in it do not count."""
    return "".join(c for c in address if c > " ").lower()


def _depth(html: str) -> int:
    """Return an upper bound of how deep elements nest, in one pass."""
    depth = deepest = 0
    at = html.find("<")
    while at != -1 and at + 1 < len(html):
        following = html[at + 1]
        if following == "/":
            depth = max(0, depth - 1)
        elif following.isalpha():
            depth += html[at + 1 : at + 4].lower() not in _VOID
            deepest = max(deepest, depth)
        at = html.find("<", at + 1)
    return deepest


_VOID = frozenset(
    {"br>", "br ", "br/", "img", "hr>", "hr ", "hr/", "inp", "met", "lin", "col", "wbr", "are", "bas"}
)
