"""HTML as lines of plain text, each with what the markup says about it: quoted, attribution, signature."""

from functools import lru_cache

from mail_ingest.parse.charsets import clean_body
from mail_ingest.parse.html_marks import is_cite, keeps_lines, mark_of
from mail_ingest.parse.html_tokens import Token, tokens
from mail_ingest.parse.html_writer import HtmlLine, LineWriter, OpenElement

_PARAGRAPHS = {
    "p", "h1", "h2", "h3", "h4", "h5", "h6", "ul", "ol", "dl", "table", "pre", "blockquote", "form",
}  # fmt: skip
_BLOCKS = _PARAGRAPHS | {
    "address", "article", "aside", "body", "caption", "center", "dd", "div", "dt", "fieldset", "figure",
    "footer", "header", "html", "li", "main", "nav", "section", "tbody", "tfoot", "thead", "tr", "option",
}  # fmt: skip
_BLANKS = str.maketrans("\xa0\u2028\u2029", "   ")
_TRACKED = {"blockquote", "div", "span", "p", "pre", "ul", "ol", "a", "table", "td", "body", "section"}
_IMPLICIT = {"p", "td"}
_SCOPES = {"td", "table", "body"}
_SPACED = {"td", "th"}
_MAX_LINK = 500
_MAX_HTML = 1_000_000


@lru_cache(maxsize=2)
def html_lines(html: str) -> tuple[HtmlLine, ...]:
    """Return the lines of some HTML; kept for the last ones, since a mail's HTML is asked for twice.

    Markup after the first million characters is not made into text: it stays to be shown.
    """
    writer = LineWriter()
    for token in tokens(html[:_MAX_HTML]):
        if not token.name:
            writer.add(token.text)
        elif token.closing:
            _close(writer, token.name)
        else:
            _open(writer, token)
    while writer.stack:
        _leave(writer, writer.stack.pop())
    writer.block(paragraph=False)
    return _trimmed(writer.lines)


def html_to_text(html: str) -> str:
    """Return HTML as readable plain text: blocks, lists, links and quotes kept."""
    return "\n".join(line.text for line in html_lines(html))


def _trimmed(lines: list[HtmlLine]) -> tuple[HtmlLine, ...]:
    """Return cleaned lines without empty ones at the ends and with at most two empty ones in a row."""
    kept: list[HtmlLine] = []
    empty = 0
    for line in lines:
        text = clean_body(line.text.translate(_BLANKS)).rstrip()
        empty = 0 if text.strip("> ") else empty + 1
        if empty > 2 or (empty and not kept):
            continue
        parts = text.split("\n")
        kept += [HtmlLine(part, line.cite, line.indent, line.mark) for part in parts]
    while kept and not kept[-1].text.strip("> "):
        kept.pop()
    return tuple(kept)


def _open(writer: LineWriter, token: Token) -> None:
    """Take an opening tag."""
    name = token.name
    if name in _IMPLICIT and writer.stack and writer.stack[-1].name == name:
        _close(writer, name)
    if name in _BLOCKS:
        writer.block(name in _PARAGRAPHS)
    if name == "br":
        writer.newline()
    elif name == "hr":
        writer.block(paragraph=True)
    elif name in _SPACED:
        writer.space = True
    elif name == "li":
        _bullet(writer)
    elif name == "img":
        _picture(writer, token)
    if name in _TRACKED or name == "hr":
        _enter(writer, token)


def _enter(writer: LineWriter, token: Token) -> None:
    """Remember an element whose end matters, and what it says about quoting."""
    attributes = token.attributes() if "=" in token.text else {}
    mark = mark_of(token.name, attributes) if attributes else ""
    if mark in ("cut", "divider"):
        writer.block(paragraph=False)
        writer.cut = writer.cut or mark
        mark = ""
    if token.name == "hr" or token.text.endswith("/"):
        return
    opened = OpenElement(token.name, mark="" if mark == "quote" else mark)
    if mark == "quote":
        opened.kind = "cite"
    elif token.name == "blockquote":
        opened.kind = "cite" if is_cite(attributes) else "indent"
    opened.pre = token.name == "pre" or keeps_lines(attributes)
    if token.name == "a":
        opened.href = attributes.get("href", "").strip()
        opened.label_from = len(writer.words)
    _enter_kind(writer, opened)
    writer.stack.append(opened)
    counts = writer.open_count[-1]
    counts[token.name] = counts.get(token.name, 0) + 1
    if token.name in _SCOPES:
        writer.open_count.append({})


def _enter_kind(writer: LineWriter, opened: OpenElement) -> None:
    """Change what the coming words count as."""
    if opened.kind or opened.mark:
        writer.block(paragraph=False)
    if opened.kind == "cite":
        writer.cite += 1
    elif opened.kind == "indent":
        writer.indent += 1
    if opened.mark:
        writer.marks.append(opened.mark)
    writer.pre += opened.pre
    if opened.name in ("ul", "ol"):
        writer.lists.append(0 if opened.name == "ul" else 1)


def _close(writer: LineWriter, name: str) -> None:
    """Take a closing tag: leave its element and those left open within it."""
    if name in _BLOCKS:
        writer.block(name in _PARAGRAPHS)
    counts = writer.open_count[-1]
    if name in _SCOPES:
        if len(writer.open_count) == 1:
            return
    elif not counts.get(name):
        writer.block(paragraph=True) if name == "p" else None
        return
    if name == "a" and writer.stack[-1].name != "a":
        return
    while writer.stack:
        opened = writer.stack.pop()
        _leave(writer, opened)
        if opened.name == name:
            return


def _leave(writer: LineWriter, opened: OpenElement) -> None:
    """Undo what an element changed."""
    if opened.name in _SCOPES:
        writer.open_count.pop()
    writer.open_count[-1][opened.name] -= 1
    if opened.href:
        _link(writer, opened)
    if opened.kind or opened.mark:
        writer.block(paragraph=bool(opened.kind))
    if opened.kind == "cite":
        writer.cite -= 1
    elif opened.kind == "indent":
        writer.indent -= 1
    if opened.mark:
        writer.marks.pop()
    writer.pre -= opened.pre
    if opened.name in ("ul", "ol"):
        writer.lists.pop()


def _bullet(writer: LineWriter) -> None:
    """Begin a list item."""
    indent = "  " * max(0, min(len(writer.lists), 10) - 1)
    if writer.lists and writer.lists[-1]:
        writer.prefix = f"{indent}{writer.lists[-1]}. "
        writer.lists[-1] += 1
    else:
        writer.prefix = f"{indent}- "


def _link(writer: LineWriter, opened: OpenElement) -> None:
    """Add a link's address after its words, unless they say the same."""
    label = "".join(writer.words[opened.label_from :]).strip()
    target = opened.href.removeprefix("mailto:") if opened.href.startswith("mailto:") else opened.href
    known = opened.href.startswith(("http://", "https://", "mailto:", "tel:"))
    if not label or not known or len(target) > _MAX_LINK or any(char.isspace() for char in target):
        return
    if _bare(label) not in _bare(target) and _bare(target) not in _bare(label):
        writer.words.append(f" <{target}>")


def _bare(link: str) -> str:
    """Return a link without scheme and decoration, to compare it with its label."""
    text = link.lower().removeprefix("tel:").split("?")[0].rstrip("/")
    return text.removeprefix("https://").removeprefix("http://").removeprefix("www.")


def _picture(writer: LineWriter, token: Token) -> None:
    """Write an emoji that came as a picture; other pictures say nothing in text."""
    if "alt" not in token.text:
        return
    alt = token.attributes().get("alt", "").strip()
    if alt and len(alt) <= 8 and not alt.isascii():
        writer.add(alt)
