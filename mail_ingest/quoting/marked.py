"""Runs of lines that carry quote marks, and the few unmarked lines that belong to them."""

import re
from collections.abc import Sequence

from mail_ingest.quoting.attribution import strength
from mail_ingest.quoting.lines import depth, unmarked

_OPEN_LINK = re.compile(r"[<(](?:https?|mailto):[^\s<>()]{0,2000}$")
_WRAPPED_AT = 60
_CODE = (">>> ", "... ")


def run_end(lines: Sequence[str], depths: Sequence[int], start: int) -> int:
    """Return the line after a run of marked lines, with blank lines and wrapped rests between them."""
    end = start
    index = start
    while index < len(lines):
        if depths[index]:
            end = index + 1
        elif lines[index].strip() and not _is_rest(lines, depths, index):
            break
        index += 1
    return end


def _is_rest(lines: Sequence[str], depths: Sequence[int], index: int) -> bool:
    """Whether an unmarked line is what a mailer wrapped off the marked line above it.

    Only where nobody could have meant it as an answer: right between two marked lines, and either the
    inside of a link, or small letters going on from a long line that ended without a stop.
    """
    if index == 0 or not depths[index - 1] or index + 1 >= len(lines) or not depths[index + 1]:
        return False
    above, line = lines[index - 1].rstrip(), lines[index].strip()
    if line.startswith(("(http", "<http")) and line.endswith(" >"):
        return True
    if _OPEN_LINK.search(above[-2_000:]):
        return ")" in line or ">" in line
    return len(above) >= _WRAPPED_AT and above[-1] not in ".!?:;…" and line[0].islower() and len(line) <= 60


def is_quote(lines: Sequence[str], start: int, end: int, attributed: bool, marked: int) -> bool:
    """Whether a run of marked lines is a quote rather than a pasted command line or an arrow.

    `marked` is how many marked lines with words the whole body has.
    """
    words = [line for line in lines[start:end] if unmarked(line)]
    if attributed or not words:
        return True
    if strength(unmarked(words[0])) or strength(" ".join(map(unmarked, words[:3]))):
        return True
    if all(line.lstrip().startswith(_CODE) for line in words):
        return False
    # A lone line may be an arrow or a comparison; with others of its kind it is quoted bit by bit.
    return len(words) >= 2 or (marked >= 2 and depth(words[0]) == 1)
