"""What the pages of notifications show."""

from dataclasses import dataclass
from datetime import datetime

from helpdesk.core.pages import Choice


@dataclass(frozen=True, slots=True)
class NewsLine:
    """One thing that happened."""

    happened: str
    words: str
    at: datetime
    icon: str


@dataclass(frozen=True, slots=True)
class NewsTicket:
    """What happened in one ticket, newest first. `read_url` is empty where all of it is read."""

    number: int
    subject: str
    state: str
    url: str
    lines: tuple[NewsLine, ...]
    read_url: str = ""


@dataclass(frozen=True, slots=True)
class NewsPage:
    """notifications/list.html: the unread ones first."""

    unread: tuple[NewsTicket, ...]
    read: tuple[NewsTicket, ...]
    unread_count: int
    all_read_url: str
    choose_url: str


@dataclass(frozen=True, slots=True)
class KindLine:
    """One kind and the ways to hear of it."""

    kind: str
    label: str
    ways: tuple[Choice, ...]


@dataclass(frozen=True, slots=True)
class ChoosePage:
    """notifications/choose.html: how the viewer wants to hear of things."""

    kinds: tuple[KindLine, ...]
    way_labels: tuple[str, ...]
    daily: bool
    email: str
    back_url: str
