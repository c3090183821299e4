"""What the pages about incoming mail need to be drawn."""

from dataclasses import dataclass
from datetime import datetime
from typing import Literal

from helpdesk.channels.pages import MailHeader
from helpdesk.core.pages import Choice, Fact


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


@dataclass(frozen=True, slots=True)
class InboundPage:
    """mail_ingest/inbound.html, "Where did my mail go?". `query` is what was typed into the search field."""

    rows: tuple[InboundRow, ...]
    total: str
    quarantined_count: int
    outcomes: tuple[Choice, ...]
    """Links: all, then one per outcome, the current one marked."""
    query: str = ""
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
    preview: str = ""
    """What could be read of the text, shortened."""
    size: int = 0
    headers: tuple[MailHeader, ...] = ()
    back_url: str = ""
