"""What the pages about incoming mail need to be drawn."""

from dataclasses import dataclass
from datetime import datetime
from typing import Literal

from helpdesk.channels.pages import MailHeader
from helpdesk.core.pages import Choice, Fact, FieldErrors


@dataclass(frozen=True, slots=True)
class InboundRow:
    """One mail that arrived and its one outcome."""

    id: int
    url: str
    outcome: Literal["new_ticket", "added", "automatic", "duplicate", "rejected", "quarantined", "waiting"]
    outcome_words: str
    sender: str
    subject: str
    mailbox: str
    at: datetime
    reason: str = ""
    ticket_number: int | None = None
    ticket_url: str = ""
    retry_url: str | None = None
    cause_words: str = ""
    """For mail set aside: why, in two or three words."""
    tries: int = 0


@dataclass(frozen=True, slots=True)
class InboundPage:
    """mail_ingest/inbound.html, "Where did my mail go?". `query` is what was typed into the search field.

    `since` and `until` are days as typed (2026-11-22), `searching` whether anything narrows the list.
    """

    rows: tuple[InboundRow, ...]
    total: str
    quarantined_count: int
    outcomes: tuple[Choice, ...]
    """Links: all, then one per outcome with its count as value, the current one marked."""
    tabs: tuple[Choice, ...] = ()
    mailboxes: tuple[Choice, ...] = ()
    query: str = ""
    since: str = ""
    until: str = ""
    outcome: str = ""
    searching: bool = False
    next_url: str | None = None
    prev_url: str | None = None


@dataclass(frozen=True, slots=True)
class Verdict:
    """One step of the way a mail took: what was asked, what came out, why."""

    name: str
    outcome: str
    kind: Literal["good", "bad", "warn", "plain"] = "plain"
    detail: str = ""
    decided: bool = False
    """The step that settled the outcome."""


@dataclass(frozen=True, slots=True)
class InboundOnePage:
    """mail_ingest/inbound_one.html: the trace of one mail."""

    row: InboundRow
    facts: tuple[Fact, ...]
    verdicts: tuple[Verdict, ...]
    raw_url: str
    """Where its original is, for those who may have it."""
    preview: str = ""
    """What could be read of the text, shortened."""
    size: int = 0
    headers: tuple[MailHeader, ...] = ()
    back_url: str = ""
    aside_url: str = ""
    """Where it can be dealt with, when it was set aside."""


@dataclass(frozen=True, slots=True)
class AsideDetail:
    """One mail that is set aside, in full, with what can be done about it."""

    row: InboundRow
    preview: str
    kept: bool
    email: str
    name: str
    errors: FieldErrors
    facts: tuple[Fact, ...]
    verdicts: tuple[Verdict, ...]
    raw_url: str
    keep_url: str
    ticket_url: str


@dataclass(frozen=True, slots=True)
class RetryProgress:
    """Reading many mails again: how many of how many are read, who asked for it and when."""

    read: int
    total: int
    by: str
    started_at: datetime


@dataclass(frozen=True, slots=True)
class AsidePage:
    """mail_ingest/aside.html. `urls` open the rows beside the list; `retry_count` may be read again."""

    rows: tuple[InboundRow, ...]
    urls: tuple[str, ...]
    need_a_look: int
    tabs: tuple[Choice, ...]
    causes: tuple[Choice, ...]
    cause: str
    detail: AsideDetail | None
    retry_count: int
    progress: RetryProgress | None
    failed_sends: int
    next_url: str | None


@dataclass(frozen=True, slots=True)
class AuditLine:
    """One comparison in words; `missing` are the numbers (UIDs) of mails on the server that we lack."""

    at: datetime
    kind: Literal["good", "bad", "warn"]
    words: str
    notes: tuple[str, ...] = ()
    missing: tuple[int, ...] = ()


@dataclass(frozen=True, slots=True)
class AuditFolder:
    """A folder that is fetched from and its comparisons, newest first."""

    source_id: int
    address: str
    place: str
    lines: tuple[AuditLine, ...]
    check_url: str
    fetch_url: str


@dataclass(frozen=True, slots=True)
class AuditPage:
    """mail_ingest/audit.html."""

    folders: tuple[AuditFolder, ...]
    tabs: tuple[Choice, ...]


@dataclass(frozen=True, slots=True)
class Piece:
    """A stretch of a mail's text: what it is, and whether it is shown first."""

    kind: str
    text: str
    new: bool


@dataclass(frozen=True, slots=True)
class Explained:
    """What would happen to a mail and why. `files`: name, type and size of each attachment."""

    outcome: str
    outcome_words: str
    reason: str
    sender: str
    subject: str
    verdicts: tuple[Verdict, ...]
    pieces: tuple[Piece, ...]
    files: tuple[tuple[str, str, int], ...]


@dataclass(frozen=True, slots=True)
class ExplainPage:
    """mail_ingest/explain.html: the form, and below it the answer."""

    tabs: tuple[Choice, ...]
    mailboxes: tuple[Choice, ...]
    source: str
    errors: FieldErrors
    explained: Explained | None
