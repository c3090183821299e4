"""What somebody types into the search field, taken apart: words, phrases and chips. Pure.

Text is compared folded: without case and accents, so that "Grüße" finds "grusse" and the other way round.
"""

import re
import unicodedata
from dataclasses import dataclass, field
from datetime import date

CHIPS = ("from", "tag", "is", "before", "after", "team", "assignee", "has", "subject", "number")
IS_WORDS = (
    "new",
    "open",
    "pending",
    "waiting",
    "hold",
    "solved",
    "resolved",
    "closed",
    "unresolved",
    "unassigned",
    "mine",
    "snoozed",
    "spam",
    "trash",
    "late",
)
TERMS = 12
_PART = re.compile(r'(-?)(?:([a-z]+):)?(?:"([^"]*)"?|(\S+))')
_WORD = re.compile(r"\w+", re.UNICODE)
_SPECIAL = str.maketrans({"ß": "ss", "ø": "o", "æ": "ae", "œ": "oe", "ł": "l", "đ": "d", "ð": "d", "þ": "th"})


@dataclass(frozen=True, slots=True)
class Search:
    """A search: `terms` must all occur (the last as a beginning), `phrases` word for word, `without` nowhere.

    `chips` are (name, value) in the order typed; `number` the ticket somebody names by number alone;
    `unknown` what looks like a chip and is none (searched as words).
    """

    terms: tuple[str, ...] = ()
    phrases: tuple[str, ...] = ()
    without: tuple[str, ...] = ()
    chips: tuple[tuple[str, str], ...] = ()
    number: int | None = None
    unknown: tuple[str, ...] = ()

    @property
    def empty(self) -> bool:
        """Whether nothing was asked for."""
        return not (self.terms or self.phrases or self.chips or self.number)

    def chip(self, name: str) -> list[str]:
        """Return the values of a chip."""
        return [value for key, value in self.chips if key == name]


@dataclass(slots=True)
class _Reading:
    terms: list[str] = field(default_factory=list)
    phrases: list[str] = field(default_factory=list)
    without: list[str] = field(default_factory=list)
    chips: list[tuple[str, str]] = field(default_factory=list)
    unknown: list[str] = field(default_factory=list)


def folded(text: str) -> str:
    """Return text without case, accents and width, for comparing."""
    flat = unicodedata.normalize("NFKD", text.casefold()).translate(_SPECIAL)
    return "".join(c for c in flat if not unicodedata.combining(c))


def words_of(text: str) -> list[str]:
    """Return the folded words of a text."""
    return _WORD.findall(folded(text))


def read(text: str) -> Search:
    """Take a search apart; nothing typed is an error, at worst it is searched as words."""
    text = " ".join(text.split())[:400]
    found = _Reading()
    for match in _PART.finditer(text):
        _part(found, *match.groups())
    alone = re.fullmatch(r"#?(\d{1,10})", text)
    return Search(
        tuple(dict.fromkeys(found.terms))[:TERMS],
        tuple(found.phrases)[:TERMS],
        tuple(found.without)[:TERMS],
        tuple(found.chips)[:TERMS],
        int(alone[1]) if alone else None,
        tuple(found.unknown),
    )


def _part(found: _Reading, minus: str, key: str | None, quoted: str | None, bare: str | None) -> None:
    value = quoted if quoted is not None else bare or ""
    if key and _is_chip(key, value):
        found.chips.append((key, value.strip().lower() if key in {"is", "tag", "has"} else value.strip()))
        return
    if key:
        found.unknown.append(f"{key}:{value}")
        value = f"{key} {value}"
    words = words_of(value)
    if minus:
        found.without.extend(words)
    elif quoted is not None and len(words) > 1 and not key:
        found.phrases.append(" ".join(words))
    else:
        found.terms.extend(words)


def _is_chip(key: str, value: str) -> bool:
    if key not in CHIPS or not value.strip():
        return False
    if key in {"before", "after"}:
        return day_of(value) is not None
    return key != "is" or value.strip().lower() in IS_WORDS


def day_of(value: str) -> date | None:
    """Return the day a chip names: 2026-11-22, 2026-11 (its first day) or 2026."""
    parts = value.strip().split("-")
    if not 1 <= len(parts) <= 3 or not all(p.isdecimal() and len(p) <= 4 for p in parts):
        return None
    year, month, day = ([int(p) for p in parts] + [1, 1])[:3]
    try:
        return date(year, month, day)
    except ValueError:
        return None


def marks(text: str, search: Search) -> list[tuple[str, bool]]:
    """Return `text` in pieces, those the search asked for marked; what was asked for as beginnings too."""
    wanted = [*search.terms, *(w for p in search.phrases for w in p.split(" "))]
    if not wanted:
        return [(text, False)]
    pieces: list[tuple[str, bool]] = []
    at = 0
    for match in _WORD.finditer(text):
        word = folded(match[0])
        if any(word.startswith(w) for w in wanted):
            if match.start() > at:
                pieces.append((text[at : match.start()], False))
            pieces.append((match[0], True))
            at = match.end()
    if at < len(text) or not pieces:
        pieces.append((text[at:], False))
    return pieces


def best_line(texts: list[str], search: Search, chars: int = 160) -> str:
    """Return the line that holds most of what was asked for, cut around the first of it; else nothing."""
    wanted = [*search.terms, *(w for p in search.phrases for w in p.split(" "))]
    best, most = "", 0
    for text in texts:
        for line in text.splitlines():
            words = set(words_of(line))
            held = sum(any(word.startswith(w) for word in words) for w in wanted)
            if held > most:
                best, most = line.strip(), held
    if len(best) <= chars:
        return best
    first = next((m.start() for m in _WORD.finditer(best) if _begins(m[0], wanted)), 0)
    start = max(0, first - chars // 3)
    cut = best[start : start + chars].strip()
    return ("…" if start else "") + cut + ("…" if start + chars < len(best) else "")


def _begins(word: str, wanted: list[str]) -> bool:
    flat = folded(word)
    return any(flat.startswith(w) for w in wanted)
