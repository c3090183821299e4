"""A body cut into what is new, quoted, attribution and signature."""

from itertools import groupby

from mail_ingest.parse.html_lines import html_lines
from mail_ingest.quoting.headings import is_forward_subject
from mail_ingest.quoting.kinds import LineKinds, find_kinds
from mail_ingest.quoting.lines import Hint, cut_lines
from mail_ingest.quoting.model import Reply, Segment
from mail_ingest.quoting.transfer import transfer


def split(text: str, html: str | None = None, subject: str = "") -> Reply:
    """Return a body as segments whose texts, joined, are the body to the letter.

    Args:
        text: the body as plain text.
        html: the same body as HTML; its structure tells what the plain text does not.
        subject: tells whether the mail forwards another one, whose text is then no quote.
    """
    lines, rest = cut_lines(text)
    found = _found(lines, html, is_forward_subject(subject))
    pieces = list(zip(found.kinds, found.lines, strict=True))
    if rest:
        pieces.append(("new", rest))
    if not any(kind == "new" and piece.strip() for kind, piece in pieces):
        return Reply((Segment("new", text),) if text else ())
    runs = groupby(pieces, key=lambda piece: piece[0])
    return Reply(tuple(Segment(kind, "".join(piece for _, piece in run)) for kind, run in runs))


def _found(lines: list[str], html: str | None, forwarded: bool) -> LineKinds:
    """Return the kinds of a body's lines, with the help of its HTML when there is some."""
    if not html:
        return find_kinds(lines, [], forwarded)
    shown = html_lines(html)
    hints = [Hint(line.cite, line.indent, line.mark) for line in shown]
    bare = [line.text for line in shown]
    if [line.rstrip("\n") for line in lines] == bare[: len(lines)]:
        return find_kinds(lines, hints[: len(lines)], forwarded)
    by_words = find_kinds(lines, [], forwarded)
    by_markup = find_kinds([f"{line}\n" for line in bare[:10_000]], hints[:10_000], forwarded)
    return transfer(by_words, by_markup)
