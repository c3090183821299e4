"""What customers' pages show: an allow-list of its own.

It shares no class with the agents' pages, so a field added for agents never reaches a customer by accident.
"""

from dataclasses import dataclass, field
from datetime import datetime
from typing import Literal

from helpdesk.core import words
from helpdesk.core.pages import FieldErrors


@dataclass(frozen=True, slots=True)
class ContactPage:
    """portal/contact.html. Values come back as typed after an error; files have to be chosen again."""

    action_url: str
    form_token: str
    lead: str
    email: str = ""
    name: str = ""
    subject: str = ""
    body: str = ""
    errors: FieldErrors = field(default_factory=FieldErrors)
    had_files: bool = False
    max_files: int = 10
    max_file_size: int = 20_000_000
    known_email: bool = False
    """The visitor came by a signed link: the address is shown and not asked again."""


@dataclass(frozen=True, slots=True)
class ThanksPage:
    """portal/thanks.html: the number and the words just typed, never a link (that only travels by mail)."""

    number: int
    email: str
    subject: str
    body: str
    expect: str = ""
    """When to expect an answer, in words; empty says nothing about it."""


@dataclass(frozen=True, slots=True)
class RequestFile:
    """A file the customer may open."""

    name: str
    size: int
    url: str


@dataclass(frozen=True, slots=True)
class RequestItem:
    """One entry of the customer's timeline: their own words, ours, or one quiet line."""

    key: str
    kind: Literal["you", "them", "us", "line"]
    name: str
    initials: str
    tone: str
    at: datetime
    text: str
    quoted: str = ""
    files: tuple[RequestFile, ...] = ()

    @property
    def paragraphs(self) -> tuple[words.Paragraph, ...]:
        """The text by blank lines, its web links told apart."""
        return words.paragraphs(self.text)


@dataclass(frozen=True, slots=True)
class RequestPage:
    """portal/request.html: what the holder of one signed link sees.

    state_kind colours the chip: received, working, yours (we need something), done. Names are first names.
    """

    number: int
    subject: str
    state_kind: Literal["received", "working", "yours", "done"]
    state_words: str
    with_words: str
    items: tuple[RequestItem, ...]
    reply_url: str
    form_token: str
    form_key: str
    can_reply: bool = True
    can_close: bool = False
    promise_words: str | None = None
    """When the next answer comes, as one sentence; None while nothing is promised."""
    promise_share: int | None = None
    closed_words: str = ""
    """Why there is no box to answer in, and how to go on."""
    draft: str = ""
    errors: FieldErrors = field(default_factory=FieldErrors)
    notice: str = ""
    """Shown once after sending: "We have your message." """
    max_files: int = 10
    max_file_size: int = 20_000_000


@dataclass(frozen=True, slots=True)
class LinkExpiredPage:
    """portal/link_expired.html: one page for unknown, expired, revoked and foreign links alike."""

    contact_url: str
