"""Message-IDs, and the moments in Date and Received."""

import re
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime

_IN_BRACKETS = re.compile(r"<([^<>]{1,998})>")
_MAX_IDS = 50
_MAX_BYTES = 8 * 1024


def message_ids(value: str | None) -> tuple[str, ...]:
    """Return the Message-IDs in a header, without angle brackets, as sent.

    Ids that a mailer folded are joined again. At most 50 ids and 8 KiB: the first and the latest count,
    so the middle is left out.
    """
    if not value:
        return ()
    found = ["".join(part.split()) for part in _IN_BRACKETS.findall(value)]
    if not any(found):
        bare = value.split()
        found = [part.strip("<>,;") for part in [part for part in bare if "@" in part] or bare[:1]]
    return _capped([part for part in found if part])


def _capped(ids: list[str]) -> tuple[str, ...]:
    """Return the first id and as many of the last ones as the caps allow."""
    if len(ids) <= _MAX_IDS and sum(map(len, ids)) <= _MAX_BYTES:
        return tuple(ids)
    first, rest = ids[0], ids[1:]
    kept: list[str] = []
    room = _MAX_BYTES - len(first)
    for part in reversed(rest[-(_MAX_IDS - 1) :]):
        room -= len(part)
        if room < 0:
            break
        kept.append(part)
    return (first, *reversed(kept))


def moment(value: str | None) -> datetime | None:
    """Return the moment of a Date header in UTC, None when there is none to be read."""
    if not value:
        return None
    text = " ".join(value[:120].split())
    try:
        parsed = parsedate_to_datetime(text)
        if parsed.tzinfo is None:
            parsed = parsed.replace(tzinfo=UTC)
        return parsed.astimezone(UTC)
    except (ValueError, TypeError, IndexError, OverflowError):
        return _iso_moment(text)


def _iso_moment(text: str) -> datetime | None:
    """Return the moment of an ISO 8601 date, which some programs write."""
    try:
        parsed = datetime.fromisoformat(text)
        if parsed.tzinfo is None:
            parsed = parsed.replace(tzinfo=UTC)
        return parsed.astimezone(UTC)
    except (ValueError, OverflowError):
        return None
