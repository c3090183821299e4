"""Who wrote the quote: "On Tue, 3 Mar 2020 at 10:20, Ann <ann@example.com> wrote:" and its many kin."""

import re
from typing import Literal

from mail_ingest.quoting.labels import ON_WORDS, PRONOUNS, VERB

# "strong": what follows is a quote even without marks. "weak": only when marked lines follow. "": none.
Strength = Literal["strong", "weak", ""]

MAX_LINES = 6
_MAX_LENGTH = 500
_MOMENT = re.compile(
    r"(?<!\d)(?:19|20)\d\d(?!\d)|(?<!\d)\d{1,2}[:.h]\d\d(?!\d)|(?<!\d)\d{1,2}[-/.]\s?\d{1,2}[-/.]\s?\d{2,4}(?!\d)"
)
_EMAIL = re.compile(r"[^\s<>()\[\]\"@]{1,120}@[^\s<>()\[\]\"@]{1,120}")
_ENDS_WITH_EMAIL = re.compile(r"@[^\s<>()@]{1,120}[\s>)\]\"']{0,8}$")
_SHARED = re.compile(r"(?:^|[\s.!?-])(On (?:[A-Z][a-z]{2,8},? |\d))")
# Verbs that people use of others, too: alone they prove nothing.
_COMMON = frozenset(("sent", "said", "writes"))
_BLANKS = " \t\n\xa0\u202f\u200b\ufeff"
# Marks of direction and joiners, which some mailers put around names and addresses.
INVISIBLE = dict.fromkeys([*range(0x200B, 0x2010), *range(0x202A, 0x202F), *range(0x2060, 0x206A), 0xFEFF])
_DASHES = ("-", "\u2013", "\u2014")
# How many words may stand before the address of one who wrote: "Ann Lee via Shop <ann@example.com>".
_NAME_WORDS = 8
_EDGES = _BLANKS + ">*_-\u2013\u2014|•~"


def strength(text: str) -> Strength:
    """Return how sure it is that a line, or some lines joined, attribute the quote below them."""
    if not 8 <= len(text) <= _MAX_LENGTH:
        return ""
    text = text if text.isascii() else text.translate(INVISIBLE)
    core = text.strip(_EDGES)
    colon = core.endswith((":", "\uff1a"))
    ended = colon or (len(text.rstrip()) > len(core) and text.rstrip().endswith(_DASHES))
    dated = _MOMENT.search(core) is not None
    if not (ended or dated or "@" in core):
        return ""
    body = core.rstrip(":\uff1a" + _BLANKS).casefold()
    verb = _last_verb(body)
    if verb is not None:
        return _verb_strength(body, verb, ended, dated)
    if dated and _ENDS_WITH_EMAIL.search(body) and starts(core):
        return "strong" if colon else "weak"
    return ""


def _last_verb(body: str) -> re.Match[str] | None:
    """Return the last "wrote" of a line."""
    found = list(VERB.finditer(body))
    return found[-1] if found else None


def _verb_strength(body: str, verb: re.Match[str], colon: bool, dated: bool) -> Strength:
    """Return the strength of a line with a "wrote" in it."""
    tail = body[verb.end() :].strip(_EDGES)
    words = tail.split()
    email = _EMAIL.search(body) is not None
    final = len(words) <= 1 and not email if words else True
    if not (final or (colon and (len(words) <= 7 or _EMAIL.search(tail)))) or not (colon or final):
        return ""
    before = body[: verb.start()].split()
    if not before and not tail:
        return ""
    if (before and before[-1].strip(",;") in PRONOUNS) or (words and words[0] in PRONOUNS):
        return "weak" if colon else ""
    named = email and any("@" in word for word in body.split()[:_NAME_WORDS])
    sure = (starts(body) or named) if email else verb[0] not in _COMMON and (starts(body) or final)
    if dated and sure:
        return "strong"
    return "weak" if colon or email else ""


def starts(text: str) -> bool:
    """Whether a line may be the first of an attribution: a date or an "on" stands at its beginning."""
    words = text[:80].strip(_EDGES).split()[:4]
    if not words:
        return False
    if words[0].casefold().rstrip(",.") in ON_WORDS:
        return True
    return any(char.isdigit() for word in words for char in word)


def may_wrap(text: str) -> bool:
    """Whether a line may be the beginning of an attribution that goes on in the next line."""
    if len(text) > 200:
        return False
    if _MOMENT.search(text) or "@" in text or "<" in text:
        return any(map(str.isdigit, text)) and (starts(text) or "@" in text or "<" in text)
    first = text[:40].split(maxsplit=1)[:1]
    return bool(first) and first[0].casefold() in ON_WORDS and any(map(str.isdigit, text))


def shared_start(text: str) -> int:
    """Return where an attribution begins in a line that new text shares with it, 0 when none does."""
    if len(text) > _MAX_LENGTH:
        return 0
    match = _SHARED.search(text)
    if match is None or not match.start(1) or strength(text[match.start(1) :]) != "strong":
        return 0
    begin = match.start(1)
    return len(text[:begin].rstrip(" -")) if text[:begin].strip(" -") else 0
