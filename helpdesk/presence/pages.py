"""What the strip above a conversation and the page of somebody's draft show."""

from dataclasses import dataclass
from datetime import datetime

from helpdesk.core.pages import Person


@dataclass(frozen=True, slots=True)
class HereLine:
    """Somebody at the ticket; `draft_url` is empty where there is nothing to read."""

    person: Person
    words: str
    writing: bool
    draft_url: str = ""


@dataclass(frozen=True, slots=True)
class StripPage:
    """presence/strip.html: who else is here; `url` is where this page says that it is open."""

    url: str
    people: tuple[HereLine, ...]


@dataclass(frozen=True, slots=True)
class DraftPart:
    """One draft as it is now; `label` says what it will be."""

    label: str
    body: str
    at: datetime


@dataclass(frozen=True, slots=True)
class DraftPage:
    """presence/draft.html: what somebody is writing, to be read only."""

    number: int
    subject: str
    person: Person
    drafts: tuple[DraftPart, ...]
    back_url: str
