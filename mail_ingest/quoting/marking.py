"""The kinds of a body's lines, found from top to bottom in one pass."""

from collections.abc import Sequence
from dataclasses import dataclass, field

from mail_ingest.quoting import attribution
from mail_ingest.quoting.headings import (
    header_block,
    is_dashed,
    is_forward,
    is_inline_block,
    is_original_message,
    is_reply_above,
    is_rule,
)
from mail_ingest.quoting.lines import NO_HINT, Hint, depth, unmarked
from mail_ingest.quoting.marked import is_quote, run_end
from mail_ingest.quoting.model import Kind


@dataclass(slots=True)
class Marking:
    """The lines of a body, what markup says about them, and the kinds found so far."""

    lines: Sequence[str]
    hints: Sequence[Hint]
    forwarded: bool = False
    kinds: list[Kind] = field(default_factory=list)
    depths: list[int] = field(default_factory=list)
    marked: int = 0
    attributed: bool = False
    # Where unmarked text was taken for a quote down to the end of the body; -1 when it was not.
    open_from: int = -1
    # Where a forwarded mail begins: content, not a quote.
    forward_from: int = -1

    def __post_init__(self) -> None:
        """Count the quote marks once."""
        self.kinds = ["new"] * len(self.lines)
        self.depths = [depth(line) for line in self.lines]
        for index, line in enumerate(self.lines):
            # A mail store wrote ">From" where somebody's line began with "From".
            if line.startswith(">From ") and not any(self.depths[max(0, index - 1) : index + 2 : 2]):
                self.depths[index] = 0
        pairs = zip(self.lines, self.depths, strict=True)
        self.marked = sum(1 for line, marks in pairs if marks and unmarked(line))

    def hint(self, index: int) -> Hint:
        """Return what markup says about a line."""
        return self.hints[index] if self.hints else NO_HINT

    def fill(self, start: int, end: int, kind: Kind) -> None:
        """Set the kind of some lines."""
        self.kinds[start:end] = [kind] * (end - start)

    def next_words(self, index: int) -> int:
        """Return the next line that is not blank."""
        while index < len(self.lines) and not self.lines[index].strip():
            index += 1
        return index


def mark(marking: Marking) -> None:
    """Set the kinds of all lines: new text, quotes, and the attributions above them."""
    index = 0
    while index < len(marking.lines):
        if not marking.lines[index].strip():
            index += 1
            continue
        if marking.hint(index).mark == "forward" or is_forward(marking.lines[index]):
            marking.forward_from = index
            return
        index = _step(marking, index)


def _step(marking: Marking, index: int) -> int:
    """Mark what begins at a line and return the line to go on with."""
    if marking.depths[index] or marking.hint(index).cite:
        return _marked_run(marking, index)
    for find in (_soft_attribution, _heading, _attribution):
        end = find(marking, index)
        if end > index:
            return end
    return index + 1


def _marked_run(marking: Marking, index: int) -> int:
    """Mark a run of lines with quote marks."""
    end = run_end(marking.lines, marking.depths, index)
    end = max(end, index + 1)
    known = marking.attributed or marking.hint(index).cite > 0
    if is_quote(marking.lines, index, end, known, marking.marked):
        if _forwards(marking, index, end):
            marking.forward_from = index
            return len(marking.lines)
        marking.fill(index, end, "quote")
    return end


def _forwards(marking: Marking, start: int, end: int) -> bool:
    """Whether a run of marked lines begins by saying that it is forwarded."""
    first = marking.next_words(start)
    return first < end and is_forward(marking.lines[first]) and not marking.attributed


def _soft_attribution(marking: Marking, index: int) -> int:
    """Mark lines that markup calls an attribution, or holds together with the quote below them."""
    name = marking.hint(index).mark
    if name not in ("attribution", "soft") or (name == "soft" and marking.attributed):
        return index
    end = index
    while end < min(len(marking.lines), index + 12) and marking.hint(end).mark == name:
        if marking.hint(end).cite or is_forward(marking.lines[end]):
            break
        end += 1
    below = marking.next_words(end)
    quoted = below < len(marking.lines) and (marking.hint(below).cite or marking.depths[below])
    words = [line for line in marking.lines[index:end] if line.strip()]
    if not quoted or len(words) > 4 or (name == "soft" and not _looks_attributing(words)):
        return index
    marking.attributed = True
    marking.fill(index, end, "attribution")
    return end


def _looks_attributing(words: Sequence[str]) -> bool:
    """Whether lines between an answer and a quote tell of the quote: a colon ends them, or a "wrote"."""
    text = " ".join(words).strip()
    return len(text) <= 400 and (text.endswith((":", "\uff1a")) or bool(attribution.strength(text)))


def _heading(marking: Marking, index: int) -> int:
    """Mark a header block or an "Original Message" line and the quote below it."""
    lines = marking.lines
    start = index
    divided = is_original_message(lines[index]) or is_reply_above(lines[index])
    ruled = not divided and (is_rule(lines[index]) or is_dashed(lines[index]))
    cut = marking.hint(index).mark == "cut"
    sure = cut or divided or marking.hint(index).mark == "divider"
    top = marking.next_words(index + 1) if divided or ruled else index
    end = header_block(lines, top, sure) if top < len(lines) else top
    if end == top and top < len(lines) and (ruled or sure) and is_inline_block(lines[top]):
        end = top + 1
    if end == top and not (divided or cut):
        return index
    end = max(end, index + 1)
    if marking.forwarded and not divided:
        marking.forward_from = index
        return len(lines)
    return _quote_below(marking, start, end)


def _attribution(marking: Marking, index: int) -> int:
    """Mark an attribution, be it wrapped over some lines, and the quote below it."""
    lines = marking.lines
    text = ""
    for end in range(index + 1, min(len(lines), index + attribution.MAX_LINES) + 1):
        line = lines[end - 1].strip()
        if not line and lines[min(end, len(lines) - 1)].startswith("<"):
            continue
        whole = text.count("<") <= text.count(">")
        if end > index + 1 and (not line or (marking.depths[end - 1] and whole)):
            return index
        text = f"{text} {line}".strip() if text else line
        found = attribution.strength(text)
        whole = text.count("<") <= text.count(">")
        if (found == "strong" and _may_open(marking, text, end)) or (
            found and whole and _marked_below(marking, end)
        ):
            return _quote_below(marking, index, end)
        if not attribution.may_wrap(text) or len(text) > 500:
            return index
    return index


def _may_open(marking: Marking, text: str, end: int) -> bool:
    """Whether an attribution may have an unmarked quote below it: it names an address, or stands apart."""
    return "@" in text or end >= len(marking.lines) or not marking.lines[end].strip()


def _marked_below(marking: Marking, index: int) -> bool:
    """Whether the next words are marked as quoted."""
    below = marking.next_words(index)
    return below < len(marking.lines) and bool(marking.depths[below] or marking.hint(below).cite)


def _quote_below(marking: Marking, start: int, end: int) -> int:
    """Mark an attribution and what is quoted below it; return the line to go on with."""
    marking.attributed = True
    marking.fill(start, end, "attribution")
    below = marking.next_words(end)
    if below >= len(marking.lines):
        return below
    marking.fill(end, below, "quote")
    if marking.depths[below] or marking.hint(below).cite:
        return below
    if marking.hint(below).indent:
        stop = below
        while stop < len(marking.lines) and (marking.hint(stop).indent or not marking.lines[stop].strip()):
            stop += 1
        marking.fill(below, stop, "quote")
        return stop
    marking.fill(below, len(marking.lines), "quote")
    marking.open_from = below
    return len(marking.lines)
