"""The moments a ticket can be set aside until. Pure."""

from datetime import datetime, time, timedelta
from zoneinfo import ZoneInfo

EVENING = time(18)
MORNING = time(9)


def choices(at: datetime, zone: ZoneInfo) -> list[tuple[str, datetime]]:
    """Return (key, moment) of what can be chosen at `at`, soonest first, on the wall clock of `zone`.

    Keys: tonight (before 17:00 only), tomorrow, monday (not on Sundays, when it is tomorrow), week.
    """
    here = at.astimezone(zone)
    today = here.date()
    found = []
    if here.hour < EVENING.hour - 1:
        found.append(("tonight", today, EVENING))
    found.append(("tomorrow", today + timedelta(days=1), MORNING))
    to_monday = 7 - today.weekday()
    if to_monday > 1:
        found.append(("monday", today + timedelta(days=to_monday), MORNING))
    found.append(("week", today + timedelta(days=7), MORNING))
    return [(key, datetime.combine(day, hour, zone)) for key, day, hour in found]


def typed(text: str, zone: ZoneInfo) -> datetime | None:
    """Return the moment a `datetime-local` field holds, read on the wall clock of `zone`; None if none."""
    try:
        return datetime.fromisoformat(text).replace(tzinfo=zone)
    except ValueError:
        return None
