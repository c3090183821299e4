"""What a fetcher needs to know, and how long it waits after failures. Pure."""

from dataclasses import dataclass
from datetime import datetime

LEASE_S = 60
"""How long a fetcher holds its source without saying so again, in seconds."""

FIRST_WAIT_S = 5
LONGEST_WAIT_S = 15 * 60
ALARM_AFTER = 3
"""So many failures in a row, and fetching counts as stopped."""

STALE_S = 15 * 60 + 300
"""Nothing fetched for so long, in seconds: more than the longest wait; nobody is at it."""

NOT_STARTED = "Not started yet."
"""Why nothing is fetched from a source that was just set up."""


@dataclass(frozen=True, slots=True)
class SourceCard:
    """An IMAP source as a fetcher needs it; the password is open and never leaves memory."""

    id: int
    mailbox_id: int
    host: str
    port: int
    security: str
    user: str
    password: str
    folder: str
    first_import: str
    afterwards: str
    move_to: str
    auth: str = "password"
    next_try_at: datetime | None = None


def wait_after(fails: int) -> int:
    """Return the wait after so many failures in a row, in seconds: 5, 10, 20 ... up to 15 minutes."""
    return int(min(LONGEST_WAIT_S, FIRST_WAIT_S * 2 ** min(max(fails - 1, 0), 20)))
