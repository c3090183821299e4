"""What an invitation says in one line (RFC 5545): what, when, where, by whom."""

import re

from mail_ingest.parse.charsets import clean
from mail_ingest.parse.words import one_line

_LOOK_BYTES = 64 * 1024
_DAY = re.compile(r"(\d{4})(\d\d)(\d\d)(?:T(\d\d)(\d\d)\d\d(Z)?)?$")
_ZONE = re.compile(r"TZID=\"?([^\";:]{1,80})", re.IGNORECASE)
_KINDS = {"REQUEST": "Invitation", "CANCEL": "Cancelled", "REPLY": "Answer to an invitation"}


def summary(data: bytes) -> str:
    """Return the first event of a calendar in one line, empty when there is none."""
    found = _fields(data)
    if "SUMMARY" not in found and "DTSTART" not in found:
        return ""
    kind = _KINDS.get(found.get("METHOD", ("", ""))[1].strip().upper(), "Appointment")
    parts = [
        _plain(found, "SUMMARY") or "(no title)",
        _moment(found),
        _plain(found, "LOCATION"),
        re.sub(r"^mailto:", "", _plain(found, "ORGANIZER"), flags=re.IGNORECASE),
    ]
    return f"{kind}: {', '.join(part for part in parts if part)}"


def file_name(data: bytes) -> str:
    """Return a name for a calendar that came without one: its title and day; empty when it says neither."""
    found = _fields(data)
    title, day = _plain(found, "SUMMARY")[:80], _moment(found)[:10]
    return f"{' '.join(part for part in (title, day) if part)}.ics" if title else ""


def _fields(data: bytes) -> dict[str, tuple[str, str]]:
    """Return parameters and value of each property of the first event, and of the calendar's method."""
    text = data[:_LOOK_BYTES].decode("utf-8", "replace").replace("\r\n", "\n").replace("\r", "\n")
    text = clean(text).replace("\n ", "").replace("\n\t", "")
    found: dict[str, tuple[str, str]] = {}
    within = ""
    for line in text.split("\n"):
        head, colon, value = line.partition(":")
        name, _, params = head.partition(";")
        name = name.strip().upper()
        if name == "BEGIN":
            within = value.strip().upper() or within
        elif name == "END" and value.strip().upper() == "VEVENT":
            break
        elif colon and (within == "VEVENT" or name == "METHOD"):
            found.setdefault(name, (params, value))
    return found


def _plain(found: dict[str, tuple[str, str]], name: str) -> str:
    """Return a property as one line of plain text."""
    value = found.get(name, ("", ""))[1]
    for marked, plain in (("\\n", " "), ("\\N", " "), ("\\,", ","), ("\\;", ";"), ("\\\\", "\\")):
        value = value.replace(marked, plain)
    return " ".join(one_line(value).split())[:200]


def _moment(found: dict[str, tuple[str, str]]) -> str:
    """Return when the event begins and ends: "2025-03-03 10:00 to 11:00 (Europe/Berlin)"."""
    params, begin = found.get("DTSTART", ("", ""))
    start = _DAY.match(begin.strip())
    if start is None:
        return ""
    words = f"{start[1]}-{start[2]}-{start[3]}"
    if start[4] is None:
        return words
    words += f" {start[4]}:{start[5]}"
    end = _DAY.match(found.get("DTEND", ("", ""))[1].strip())
    if end is not None and end[4] is not None:
        same_day = end.group(1, 2, 3) == start.group(1, 2, 3)
        words += f" to {end[4]}:{end[5]}" if same_day else f" to {end[1]}-{end[2]}-{end[3]} {end[4]}:{end[5]}"
    zone = "UTC" if start[6] else (named[1] if (named := _ZONE.search(params)) else "")
    return f"{words} ({zone})" if zone else words
