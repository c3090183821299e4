"""What the pages about held mail, spam, senders and shadow mode need to be drawn."""

from dataclasses import dataclass, field
from datetime import datetime

from helpdesk.core.pages import Badge, Choice, FieldErrors, Person


@dataclass(frozen=True, slots=True)
class HeldRow:
    """What a person wrote and nobody has decided about: in a ticket, or set aside before there is one.

    The addresses say what may be done; an empty one offers nothing.
    """

    key: str
    author: Person
    address: str
    at: datetime
    due_at: datetime
    late: bool
    due_words: str
    why: str
    text: str
    subject: str
    badges: tuple[Badge, ...] = ()
    ticket_number: int | None = None
    open_url: str = ""
    accept_url: str = ""
    accept_words: str = ""
    dismiss_url: str = ""
    ticket_url: str = ""
    retry_url: str = ""
    keep_url: str = ""


@dataclass(frozen=True, slots=True)
class HeldPage:
    """mail_ingest/held.html: everything held that the viewer may decide about, what is due first first."""

    rows: tuple[HeldRow, ...]
    waiting: int
    late: int
    tabs: tuple[Choice, ...]
    more: int = 0


@dataclass(frozen=True, slots=True)
class SpamRow:
    """A ticket marked as spam, and why. `allow_url` and `block_url` are empty for who may not decide."""

    number: int
    url: str
    author: Person
    address: str
    subject: str
    snippet: str
    at: datetime
    why: str
    not_spam_url: str
    may_decide: bool


@dataclass(frozen=True, slots=True)
class SenderOffer:
    """After "spam" or "not spam": what else may be decided about the sender."""

    words: str
    key: str
    kind: str
    label: str


@dataclass(frozen=True, slots=True)
class SpamPage:
    """mail_ingest/spam.html."""

    rows: tuple[SpamRow, ...]
    tabs: tuple[Choice, ...]
    offer: SenderOffer | None = None
    next_url: str | None = None


@dataclass(frozen=True, slots=True)
class RuleRow:
    """A rule about a sender or a host."""

    key: str
    detail: str
    note: str
    who: str
    at: datetime
    remove_url: str


@dataclass(frozen=True, slots=True)
class RuleList:
    """The rules of one kind, with the form that adds one; `form` is off for who may not decide."""

    kind: str
    title: str
    words: str
    rows: tuple[RuleRow, ...]
    label: str
    hint: str
    may_add: bool
    empty: str


@dataclass(frozen=True, slots=True)
class SendersPage:
    """mail_ingest/senders.html. `typed` and `errors` belong to the form `kind` that came back."""

    lists: tuple[RuleList, ...]
    mailboxes: tuple[Choice, ...]
    tabs: tuple[Choice, ...]
    typed: dict[str, str] = field(default_factory=dict)
    errors: FieldErrors = field(default_factory=FieldErrors)
    kind: str = ""


@dataclass(frozen=True, slots=True)
class Figure:
    """One count with what it counts."""

    value: str
    label: str


@dataclass(frozen=True, slots=True)
class WouldRow:
    """A mail that would have been sent."""

    url: str
    kind: str
    recipient: str
    subject: str
    at: datetime
    ticket_number: int
    ticket_url: str


@dataclass(frozen=True, slots=True)
class ShadowPage:
    """mail_ingest/shadow.html. `since` is None while the desk is live."""

    on: bool
    since: datetime | None
    figures: tuple[Figure, ...]
    rows: tuple[WouldRow, ...]
    waiting: int
    tabs: tuple[Choice, ...]
    answer_from: str = ""
    zone: str = ""
    error: str = ""
