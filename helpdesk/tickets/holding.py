"""How long what a person wrote may wait for a decision (contracts 22). Pure."""

from datetime import datetime, timedelta

HELD_DUE = timedelta(hours=1)


def due_of(at: datetime) -> datetime:
    """Return when somebody must have looked at a message held since `at`.

    One business hour: until a desk has opening hours every hour counts, so it is the plain hour.
    """
    return at + HELD_DUE
