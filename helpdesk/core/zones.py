"""Time zones by name: which there are, which one somebody meant, and which one this machine is in."""

import os
import zoneinfo
from functools import cache
from pathlib import Path

FALLBACK = "UTC"


@cache
def known() -> tuple[str, ...]:
    """Return the zones to choose from: places of the world, and UTC."""
    places = {
        z for z in zoneinfo.available_timezones() if "/" in z and not z.startswith(("Etc/", "SystemV/"))
    }
    return (FALLBACK, *sorted(places))


def meant(text: str) -> str | None:
    """Return the zone somebody typed, whatever the case and with spaces for underscores; None: no zone."""
    asked = text.strip().replace(" ", "_").lower()
    return next((zone for zone in known() if zone.lower() == asked), None)


def here() -> str:
    """Return the zone this machine is set to, as far as it can be told."""
    for guess in (os.environ.get("TZ", ""), _linked(Path("/etc/localtime")), _written(Path("/etc/timezone"))):
        if found := meant(guess):
            return found
    return FALLBACK


def _linked(path: Path) -> str:
    try:
        return str(path.readlink()).partition("zoneinfo/")[2]
    except OSError:
        return ""


def _written(path: Path) -> str:
    try:
        return path.read_text().strip()
    except (OSError, UnicodeDecodeError):
        return ""
