"""What the first-run pages need to be drawn."""

from dataclasses import dataclass, field
from typing import Literal

from helpdesk.core.pages import Choice, Fact, FieldErrors


@dataclass(frozen=True, slots=True)
class Step:
    """One step in the line above the form; `url` where one can go back to it."""

    label: str
    state: Literal["done", "current", "coming"]
    url: str = ""


@dataclass(frozen=True, slots=True)
class CodePage:
    """setup/code.html."""

    code: str = ""
    errors: FieldErrors = field(default_factory=FieldErrors)


@dataclass(frozen=True, slots=True)
class YouPage:
    """setup/you.html. `form_token` carries the entered code; without one the administrator exists already."""

    steps: tuple[Step, ...]
    action_url: str
    form_token: str = ""
    name: str = ""
    email: str = ""
    kept: str = ""
    """The password typed before, sealed, so that a mistake elsewhere does not lose it."""
    min_chars: int = 10
    skip_url: str = ""
    errors: FieldErrors = field(default_factory=FieldErrors)


@dataclass(frozen=True, slots=True)
class DeskPage:
    """setup/desk.html."""

    steps: tuple[Step, ...]
    name: str
    zone: str
    zones: tuple[str, ...]
    languages: tuple[Choice, ...]
    back_url: str
    skip_url: str
    errors: FieldErrors = field(default_factory=FieldErrors)


@dataclass(frozen=True, slots=True)
class TrialLine:
    """One step of the connection test in words, with what to do about it when it failed."""

    label: str
    state: Literal["ok", "bad", "not reached"]
    words: str
    remedy: str = ""


@dataclass(frozen=True, slots=True)
class MailboxPage:
    """setup/mailbox.html. `doors` are the addresses of our mail listeners."""

    steps: tuple[Step, ...]
    address: str
    sender_name: str
    incoming: Literal["imap", "handover"]
    host: str
    port: str
    user: str
    folder: str
    securities: tuple[Choice, ...]
    doors: tuple[str, ...]
    out_words: str
    back_url: str
    skip_url: str
    kept: str = ""
    trial: tuple[TrialLine, ...] = ()
    trial_words: str = ""
    errors: FieldErrors = field(default_factory=FieldErrors)


@dataclass(frozen=True, slots=True)
class TeamPage:
    """setup/team.html."""

    steps: tuple[Step, ...]
    name: str
    back_url: str
    skip_url: str
    note: str = ""
    errors: FieldErrors = field(default_factory=FieldErrors)


@dataclass(frozen=True, slots=True)
class DonePage:
    """setup/done.html."""

    steps: tuple[Step, ...]
    facts: tuple[Fact, ...]
    address: str
    contact_url: str
    back_url: str
    note: str = ""
