"""What stands above a quote that has no marks: header blocks, "Original Message" lines, forward lines."""

import re
from collections.abc import Sequence

from mail_ingest.quoting.labels import ABOVE, FORWARD_PREFIXES, FORWARDED, LABELS, ORIGINAL_MESSAGE, Label

_EDGES = " \t\xa0\u202f\ufeff>*_-\u2013\u2014=#|:\uff1a\uff5e~"
_TIME = re.compile(r"\d{1,2}[:.h]\d\d")
_MAX_BLOCK = 24
_RULE_CHARS = frozenset("_-=*\u2014\u2013─━ ")


def is_rule(line: str) -> bool:
    """Whether a line is nothing but a drawn rule."""
    text = line.strip()
    return len(text) >= 4 and set(text) <= _RULE_CHARS


def is_dashed(line: str) -> bool:
    """Whether some words stand between dashes, as above a quote in a language that nobody told us."""
    text = line.strip()
    inner = text.strip("-_= ")
    return len(text) <= 120 and text.startswith("----") and text.endswith("----") and 2 <= len(inner) <= 60


def is_original_message(line: str) -> bool:
    """Whether a line says that the original message follows."""
    text = line.strip()
    if not 4 <= len(text) <= 120 or not text.startswith(
        ("-", "_", "*", "=", "\u2014", "\u2013", "#", "\uff5e")
    ):
        return False
    return text.strip(_EDGES).casefold() in ORIGINAL_MESSAGE


def is_reply_above(line: str) -> bool:
    """Whether a line asks to answer above it, as other help desks write into their mails."""
    text = line.strip()
    return 10 <= len(text) <= 120 and ABOVE.search(text.casefold()) is not None


def is_forward(line: str) -> bool:
    """Whether a line says that a forwarded message follows."""
    text = line.strip()
    if not 4 <= len(text) <= 120:
        return False
    words = text.strip(_EDGES).casefold()
    if words not in FORWARDED:
        return words.startswith("forwarded by ") and text.startswith("-")
    return text.startswith(("-", "_", "*", "=", "\u2014", "\u2013", ">")) or text.endswith((":", "\uff1a"))


def is_forward_subject(subject: str) -> bool:
    """Whether a subject says that the mail forwards another one."""
    head, colon, _ = subject.replace("\uff1a", ":").partition(":")
    return bool(colon) and len(head) <= 20 and head.strip(" [(").casefold() in FORWARD_PREFIXES


def label_of(line: str) -> tuple[Label | None, str]:
    """Return what a line labels, as "From: Ann" does, and its value."""
    head, colon, value = line.replace("\uff1a", ":", 1)[:400].partition(":")
    if not colon or len(head) > 40:
        return None, ""
    kind = LABELS.get(head.strip(_EDGES).casefold())
    return kind, value.strip(" *_\t\xa0")


def header_block(lines: Sequence[str], start: int, sure: bool = False) -> int:
    """Return the line after a header block that begins at `start`, or `start` when none does.

    `sure` says that the markup already announced one, so that any two labels are enough.
    """
    first, _ = _label(lines[start], sure)
    if first is None or (first == "other" and not sure):
        return start
    found: dict[Label, str] = {}
    end = start
    blank = rest = labels = 0
    for index in range(start, min(len(lines), start + _MAX_BLOCK)):
        kind, value = _label(lines[index], sure)
        if kind is not None:
            labels += 1
            found.setdefault(kind, value)
            end, blank, rest = index + 1, 0, 0
        elif not lines[index].strip():
            blank += 1
        elif not blank:
            rest += 1  # the rest of a long value: a list of recipients, a folded subject
        if blank > 1 or rest > 3 or (blank and lines[index].strip() and kind is None):
            break
    announced = sure and (labels >= 3 or len(set(found) - {"other"}) >= 2)
    return end if announced or _complete(found) else start


def is_inline_block(line: str) -> bool:
    """Whether a line is a header block that lost its line breaks: "From: a@b.example Date: 3 Mar 10:00"."""
    text = line.strip().replace("\uff1a", ":")
    if not 20 <= len(text) <= 600 or text.count(":") < 2:
        return False
    found: dict[Label, str] = {}
    pieces = text.split(":")
    kind = LABELS.get(pieces[0].strip(_EDGES).casefold())
    if kind != "from":
        return False
    for piece in pieces[1:]:
        found[kind] = f"{found.get(kind, '')}:{piece}"
        words = piece.split()
        last = LABELS.get(words[-1].strip(_EDGES).casefold()) if words else None
        kind = last if last not in (None, "other") and last not in found else kind
    return "@" in found.get("from", "") and _TIME.search(found.get("sent", "")) is not None


def _label(line: str, sure: bool) -> tuple[Label | None, str]:
    """Return what a line labels; in a block that is `sure`, any few words before a colon are a label."""
    kind, value = label_of(line)
    if kind is None and sure:
        head, colon, rest = line.strip(" *_").replace("\uff1a", ":", 1).partition(":")
        if colon and rest.strip() and 1 <= len(head) <= 30 and len(head.split()) <= 3:
            return "other", rest.strip()
    return kind, value


def _complete(found: dict[Label, str]) -> bool:
    """Whether the labels found make a header block rather than some notes of the writer's."""
    kinds = set(found) - {"other"}
    dated = _TIME.search(found.get("sent", "")) is not None
    addressed = "@" in found.get("from", "")
    if "from" in kinds and "subject" in kinds and kinds & {"sent", "to"}:
        return addressed or "@" in found.get("to", "") or any(map(str.isdigit, found.get("sent", "")))
    if "from" in kinds and addressed and kinds & {"sent", "to"}:
        return True
    return dated and "@" in found.get("to", "")
