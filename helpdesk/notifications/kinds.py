"""What agents can hear of, and how they hear of it unless they choose otherwise. Pure."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime, time, timedelta
from enum import StrEnum
from zoneinfo import ZoneInfo

MORNING = time(8)
"""When the daily mail goes, in the desk's zone."""

WAIT = timedelta(minutes=2)
"""How long a mail waits for its reader to come by, and for more about the same ticket."""


class Kind(StrEnum):
    """What happened, seen by the one who hears of it."""

    ASSIGNED = "assigned"
    MENTIONED = "mentioned"
    CUSTOMER = "customer"
    COLLEAGUE = "colleague"
    WOKE = "woke"
    STOPPED = "stopped"


class Way(StrEnum):
    """How somebody hears of a kind: in the app and by mail, in the app, or not at all."""

    MAIL = "mail"
    APP = "app"
    NONE = "none"


KINDS, WAYS = frozenset(k.value for k in Kind), frozenset(w.value for w in Way)

PROPOSED: Mapping[Kind, Way] = {
    Kind.ASSIGNED: Way.MAIL,
    Kind.MENTIONED: Way.MAIL,
    Kind.CUSTOMER: Way.APP,
    Kind.COLLEAGUE: Way.APP,
    Kind.WOKE: Way.APP,
    Kind.STOPPED: Way.MAIL,
}


@dataclass(frozen=True, slots=True)
class Choices:
    """How one agent wants to hear: what differs from the proposal, and whether mails wait for the morning."""

    ways: Mapping[Kind, Way] = field(default_factory=dict)
    daily: bool = False

    def way(self, kind: Kind) -> Way:
        """Return how they hear of `kind`."""
        return self.ways.get(kind, PROPOSED[kind])

    def mail_at(self, moment: datetime, zone: ZoneInfo) -> datetime:
        """Return when a mail about something that happened at `moment` is due, if it is still unread."""
        return next_morning(moment, zone) if self.daily else moment + WAIT


def next_morning(moment: datetime, zone: ZoneInfo) -> datetime:
    """Return the first eight o'clock of `zone` after `moment`, in UTC."""
    local = moment.astimezone(zone)
    day = local.date()
    due = datetime.combine(day, MORNING, zone)
    if due.astimezone(UTC) <= moment:
        due = datetime.combine(day + timedelta(days=1), MORNING, zone)
    return due.astimezone(UTC)
