"""Signatures: the "-- " line and what telephones add. Greetings stay: people type them."""

import re
from collections.abc import Sequence

from mail_ingest.quoting.attribution import INVISIBLE
from mail_ingest.quoting.signature_words import APP, DEVICES, EXCUSE, SENT_FROM

_MAX_LINES = 25
_MAX_LOOSE_LINES = 10
_MAX_WORDS = 14
_MIN_EXCUSED = 30
_LINK = re.compile(r"[<(]?https?://[^\s<>()]{1,2000}[>)]?")
_SENTENCE = re.compile(r"[,;:?]|\.\s\S")


def starts_signature(line: str) -> bool:
    """Whether a line parts the signature from the text; RFC 3676 says "-- "."""
    return line.rstrip("\n") == "-- " or line.strip() in ("--", "---")


def is_mobile(line: str) -> bool:
    """Whether a line was added by a telephone or an app: "Sent from my iPhone"."""
    text = line.strip()
    if not (8 if text.isascii() else 5) <= len(text) <= 2_100:
        return False
    text = text if text.isascii() else text.translate(INVISIBLE)
    if "http" in text:
        text = _LINK.sub(" ", text)
    text = " ".join(text.split()).strip(" *_-.!").casefold()
    if not 4 <= len(text) <= 110 or len(text.split()) > 16:
        return False
    if APP.search(text):
        return True
    if len(text) > _MIN_EXCUSED:
        text = EXCUSE.sub("", text).strip(" .,;!-")
    if _SENTENCE.search(text.replace("яндекс.почт", "яндекс почт")) or len(text.split()) > _MAX_WORDS:
        return False
    return SENT_FROM.search(text) is not None and DEVICES.search(text) is not None


def signature_start(lines: Sequence[str], first: bool) -> int:
    """Return the index where the signature of some new lines begins, their number when there is none.

    `first` says that the lines begin the body: there a signature needs text above it.
    """
    for index, line in enumerate(lines):
        if starts_signature(line) and _plausible(lines, index, first):
            return index
        if _is_list_footer(lines, index):
            return index
    return len(lines)


def _is_list_footer(lines: Sequence[str], index: int) -> bool:
    """Whether a mailing list's own lines begin here: a drawn rule, then its name and addresses."""
    rule = lines[index].strip()
    if len(rule) < 2 or set(rule) != {"_"} or len(lines) - index > 12:
        return False
    rest = [line for line in lines[index + 1 :] if line.strip()]
    return bool(rest) and "mailing list" in rest[0].casefold() and all(len(line) <= 120 for line in rest)


def _plausible(lines: Sequence[str], index: int, first: bool) -> bool:
    """Whether the lines after a signature mark look like one: few, and for a loose mark also short."""
    if len(lines) - index > 4 * _MAX_LINES:
        return False
    rest = [line for line in lines[index + 1 :] if line.strip()]
    if lines[index].rstrip("\n") == "-- ":
        return len(rest) <= _MAX_LINES
    above = not first or any(line.strip() for line in lines[:index])
    if any(line.rstrip().endswith((".", "?", "!")) and len(line.split()) >= 4 for line in rest):
        return False
    return above and 0 < len(rest) <= _MAX_LOOSE_LINES and all(len(line) <= 120 for line in rest)
