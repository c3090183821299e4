"""Words for moments, durations, sizes and names, as people read them on the pages.

Pure functions: the caller says what "now" is, which zone the reader sits in and which locale they read.
The few phrases that CLDR does not carry in the short form used here stand in `_PHRASES`.
"""

import re
import unicodedata
import zlib
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, datetime, timedelta, tzinfo
from functools import lru_cache
from typing import Final
from urllib.parse import urlsplit

from babel import Locale, UnknownLocaleError
from babel.dates import format_date, format_skeleton, format_time, get_timezone_name
from babel.numbers import format_decimal

MINUTE: Final = 60
HOUR: Final = 60 * MINUTE
DAY: Final = 24 * HOUR
WEEK_DAYS: Final = 7

_PHRASES: Final[dict[str, dict[str, str]]] = {
    "en": {
        "now": "just now",
        "ago": "{} ago",
        "in": "in {}",
        "s": "{} s",
        "min": "{} min",
        "h": "{} h",
        "h_min": "{} h {:02d}",
        "d": "{} d",
        "d_h": "{} d {} h",
        "yesterday": "Yesterday {}",
        "tomorrow": "Tomorrow {}",
        "full": "{date}, {time} {zone}",
    },
    "de": {
        "now": "gerade eben",
        "ago": "vor {}",
        "in": "in {}",
        "s": "{} s",
        "min": "{} Min.",
        "h": "{} Std.",
        "h_min": "{} Std. {:02d}",
        "d": "{} T.",
        "d_h": "{} T. {} Std.",
        "yesterday": "Gestern {}",
        "tomorrow": "Morgen {}",
        "full": "{date}, {time} {zone}",
    },
}


@lru_cache(maxsize=64)
def locale_of(language: str) -> Locale:
    """The CLDR locale for a language tag; plain English reads 24-hour, day before month."""
    tag = language.replace("-", "_")
    if tag == "en":
        return Locale.parse("en_150")
    try:
        return Locale.parse(tag)
    except (ValueError, UnknownLocaleError):
        return Locale.parse("en_150")


def _say(language: str, phrase: str) -> str:
    """One phrase in the given language, in English where that language has no row yet."""
    return _PHRASES.get(locale_of(language).language, _PHRASES["en"])[phrase]


@lru_cache(maxsize=64)
def weekday(day: date, language: str = "en") -> str:
    """The short name of a day of the week: "Mon"."""
    return format_skeleton("E", day, locale=locale_of(language))


def duration(seconds: float, language: str = "en") -> str:
    """A length of time in at most two units: "45 s", "12 min", "1 h 52", "2 d 4 h", "9 d"."""
    whole = max(0, int(seconds))
    if whole < MINUTE:
        return _say(language, "s").format(whole)
    if whole < HOUR:
        return _say(language, "min").format(whole // MINUTE)
    if whole < DAY:
        hours, rest = divmod(whole, HOUR)
        return _say(language, "h_min").format(hours, rest // MINUTE)
    days, rest = divmod(whole, DAY)
    hours = rest // HOUR
    if hours == 0 or days >= WEEK_DAYS:
        return _say(language, "d").format(days)
    return _say(language, "d_h").format(days, hours)


def ago(at: datetime, now: datetime, zone: tzinfo, language: str = "en") -> str:
    """How old something is, for a narrow column: "just now", "18 min", "3 h", "4 d", "2 Sep", "Sep 2025"."""
    age = (now - at).total_seconds()
    if age < MINUTE:
        return _say(language, "now")
    if age < HOUR:
        return _say(language, "min").format(int(age // MINUTE))
    if age < DAY:
        return _say(language, "h").format(int(age // HOUR))
    if age < WEEK_DAYS * DAY:
        return _say(language, "d").format(int(age // DAY))
    return _day(at, now, zone, language)


def moment(at: datetime, now: datetime, zone: tzinfo, language: str = "en") -> str:
    """When something was or will be: "18 min ago", "08:41", "Yesterday 18:20", "Mon 18:20", "2 Sep"."""
    age = (now - at).total_seconds()
    if abs(age) < MINUTE:
        return _say(language, "now")
    if abs(age) < HOUR:
        minutes = _say(language, "min").format(int(abs(age) // MINUTE))
        return _say(language, "ago" if age > 0 else "in").format(minutes)
    here, today = at.astimezone(zone), now.astimezone(zone)
    time = clock(at, zone, language)
    days = (here.date() - today.date()).days
    if days == 0:
        return time
    if days in (-1, 1):
        return _say(language, "yesterday" if days < 0 else "tomorrow").format(time)
    if abs(days) < WEEK_DAYS:
        return f"{weekday(here.date(), language)} {time}"
    return _day(at, now, zone, language)


@lru_cache(maxsize=8192)  # lists show the same moments again and again, and CLDR patterns are slow
def full(at: datetime, zone: tzinfo, language: str = "en") -> str:
    """Everything there is to say: weekday, date, seconds and zone."""
    locale = locale_of(language)
    here = at.astimezone(zone)
    return _say(language, "full").format(
        date=format_date(here, "full", locale=locale),
        time=format_time(here, "medium", tzinfo=zone, locale=locale),
        zone=get_timezone_name(here, width="short", locale=locale),
    )


@lru_cache(maxsize=8192)
def clock(at: datetime, zone: tzinfo, language: str = "en") -> str:
    """The time of day, by the locale's clock."""
    return format_time(at.astimezone(zone), "short", tzinfo=zone, locale=locale_of(language))


def _day(at: datetime, now: datetime, zone: tzinfo, language: str) -> str:
    """A day of this year as "2 Sep", an older or later one as "Sep 2025"."""
    here = at.astimezone(zone)
    this_year = here.year == now.astimezone(zone).year
    if language == "en":
        return format_date(here, "d MMM" if this_year else "MMM y", locale="en")
    return format_skeleton("MMMd" if this_year else "yMMM", here, locale=locale_of(language))


def since(at: datetime, now: datetime) -> timedelta:
    """The time gone since, never below zero (a clock may have been set back)."""
    return max(now - at, timedelta(0))


_UNITS: Final = ("KB", "MB", "GB", "TB")


def file_size(size: int, language: str = "en") -> str:
    """A file's size: "812 B", "184 KB", "1.4 MB"; one decimal below ten of a unit."""
    if size < 1000:
        return f"{max(0, size)} B"
    value, power = size / 1000, 0
    while round(value, 1) >= 1000 and power < len(_UNITS) - 1:
        value, power = value / 1000, power + 1
    pattern = "#,##0.#" if round(value, 1) < 10 else "#,##0"
    return f"{format_decimal(value, format=pattern, locale=locale_of(language))} {_UNITS[power]}"


def initials(name: str) -> str:
    """One or two capital letters for an avatar; "?" when the name has none."""
    plain = name.split("@", 1)[0] if "@" in name else name
    words = [word for word in re.split(r"[\s._\-+]+", plain[:200]) if word]
    letters = [letter for word in words if (letter := _first_letter(word))]
    if not letters:
        return "?"
    return letters[0] if len(letters) == 1 else letters[0] + letters[-1]


def _first_letter(word: str) -> str:
    """The first letter or digit of a word, as one capital."""
    for character in unicodedata.normalize("NFC", word):
        if character.isalnum():
            return character.upper()[:1]
    return ""


TONES: Final = "abcdef"


def tone(key: str) -> str:
    """One of six avatar colours, the same one for the same key for ever."""
    return TONES[zlib.crc32(key.strip().casefold().encode("utf-8", "surrogatepass")) % len(TONES)]


@dataclass(frozen=True, slots=True)
class Piece:
    """A stretch of plain text; `href` is set where it is a link to show as one."""

    text: str
    href: str | None = None


_LINK: Final = re.compile(
    r"\b(?:https?://|www\.)[^\s<>\"'`{}|\\^\[\]\x00-\x1f\u200b-\u200f\u202a-\u202e\u2066-\u2069]{1,2000}"
)
_AFTER: Final = ".,;:!?*_~"


def pieces(text: str) -> Iterator[Piece]:
    """Split plain text into words and web links, in one pass; nothing but http and https becomes a link."""
    start = 0
    for found in _LINK.finditer(text):
        shown = _without_tail(found.group())
        href = shown if shown.startswith("http") else f"https://{shown}"
        if not _is_web_address(href):
            continue
        if found.start() > start:
            yield Piece(text[start : found.start()])
        yield Piece(shown, href)
        start = found.start() + len(shown)
    if start < len(text):
        yield Piece(text[start:])


Paragraph = tuple[Piece, ...]


def paragraphs(text: str) -> tuple[Paragraph, ...]:
    """Plain text by blank lines, each paragraph split into words and links; line ends inside one stay."""
    found: list[list[str]] = [[]]
    for line in text.replace("\r\n", "\n").split("\n"):
        if line.strip():
            found[-1].append(line.rstrip())
        elif found[-1]:
            found.append([])
    return tuple(tuple(pieces("\n".join(lines))) for lines in found if lines)


def _without_tail(link: str) -> str:
    """The link without the punctuation of the sentence around it."""
    shown = link.rstrip(_AFTER)
    if shown.endswith(")") and "(" not in shown:
        shown = shown.rstrip(")").rstrip(_AFTER)
    return shown


def _is_web_address(href: str) -> bool:
    """Whether a link has a host worth pointing at."""
    try:
        parts = urlsplit(href)
        host = parts.hostname
    except ValueError:
        return False
    return parts.scheme in ("http", "https") and bool(host) and "@" not in parts.netloc
