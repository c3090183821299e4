"""What the HTML of a mail knows about quotes, carried over to its plain text."""

import re
from bisect import bisect_right
from itertools import accumulate

from mail_ingest.quoting.kinds import LineKinds
from mail_ingest.quoting.model import Kind

_NO_LETTERS = re.compile(r"<?https?://[^\s<>]{1,2000}>?|\[[^\]\n]{0,200}\]|[\W_]+")


def transfer(plain: LineKinds, shown: LineKinds) -> LineKinds:
    """Return the kinds of the plain lines, mended with those of the lines made from the HTML.

    Only letters and digits are compared, since both forms differ in everything else.
    """
    ours, theirs = _letters(plain.lines), _letters(shown.lines)
    text, other = "".join(ours), "".join(theirs)
    if text == other:
        return LineKinds(plain.lines, _mapped(plain.lines, ours, theirs, shown.kinds))
    quoted = any(kind != "new" for kind in plain.kinds)
    if not quoted:
        return _cut_below(plain, ours, text, theirs, shown.kinds)
    if plain.open_from >= 0:
        return _kept_open(plain, ours, text, theirs, shown.kinds)
    return plain


def _letters(lines: list[str]) -> list[str]:
    """Return the letters and digits of each line."""
    return [_NO_LETTERS.sub("", line).casefold() for line in lines]


def _mapped(lines: list[str], ours: list[str], theirs: list[str], kinds: list[Kind]) -> list[Kind]:
    """Return the kinds of lines with the same letters, by where each line's middle falls."""
    ends = list(accumulate(map(len, theirs)))
    mapped: list[Kind] = []
    position = 0
    waiting = 0
    for line, shown in zip(ours, lines, strict=True):
        if not line:
            # A drawn rule goes with what is below it, a blank line with what is above.
            waiting = waiting + 1 if shown.strip() or waiting else 0
            mapped.append(mapped[-1] if mapped else "new")
            continue
        index = bisect_right(ends, position + len(line) // 2)
        mapped.append(kinds[min(index, len(kinds) - 1)])
        mapped[len(mapped) - 1 - waiting :] = [mapped[-1]] * (waiting + 1)
        waiting = 0
        position += len(line)
    return mapped


def _cut_below(
    plain: LineKinds, ours: list[str], text: str, theirs: list[str], kinds: list[Kind]
) -> LineKinds:
    """Return the plain lines with the quote found by markup, when all new text stands above it."""
    first = next((index for index, kind in enumerate(kinds) if kind != "new"), len(kinds))
    new = "".join(theirs[:first])
    below = any(kind == "new" and line for kind, line in zip(kinds[first:], theirs[first:], strict=True))
    if not new or below or not text.startswith(new):
        return plain
    ends = list(accumulate(map(len, ours)))
    cut = bisect_right(ends, len(new) - 1) + 1
    below_cut: list[Kind] = ["quote"] * max(0, len(ours) - cut)
    return LineKinds(plain.lines, plain.kinds[:cut] + below_cut)


def _kept_open(
    plain: LineKinds, ours: list[str], text: str, theirs: list[str], kinds: list[Kind]
) -> LineKinds:
    """Return the plain lines with new text below an unmarked quote kept, when markup shows some there."""
    last = next((index for index in range(len(kinds) - 1, -1, -1) if kinds[index] != "new"), -1)
    tail = "".join(theirs[last + 1 :]) if last >= 0 else ""
    if not tail:
        return plain
    mended = list(plain.kinds)
    start = plain.open_from
    if text.endswith(tail):
        ends = list(accumulate(map(len, ours)))
        start = max(start, bisect_right(ends, len(text) - len(tail)))
    mended[start:] = ["new"] * (len(mended) - start)
    return LineKinds(plain.lines, mended)
