"""What the outbox pages and outgoing mails need to be drawn."""

from dataclasses import dataclass, field
from datetime import datetime
from typing import Literal

from helpdesk.core import words
from helpdesk.core.pages import FieldErrors, Filter
from helpdesk.tickets.pages import AttachmentTile


@dataclass(frozen=True, slots=True)
class OutboxRow:
    """One mail to one recipient."""

    id: int
    url: str
    recipient: str
    subject: str
    state: Literal["queued", "held", "sending", "sent", "deferred", "failed", "bounced", "kept"]
    state_words: str
    detail: str
    at: datetime
    ticket_number: int | None = None
    ticket_url: str = ""
    next_try: datetime | None = None
    retry_url: str | None = None


@dataclass(frozen=True, slots=True)
class OutboxPage:
    """channels/outbox.html. `local` is true while no mail server is set: mail stays here to be looked at."""

    rows: tuple[OutboxRow, ...]
    local: bool
    total: str
    trouble_count: int = 0
    filters: tuple[Filter, ...] = ()
    next_url: str | None = None
    prev_url: str | None = None


@dataclass(frozen=True, slots=True)
class MailHeader:
    """One header line as sent."""

    name: str
    value: str


@dataclass(frozen=True, slots=True)
class OutboxMailPage:
    """channels/outbox_mail.html: one mail with headers, text and HTML (in a frame of its own)."""

    row: OutboxRow
    sender: str
    headers: tuple[MailHeader, ...]
    text: str
    html_url: str | None
    raw_url: str
    attachments: tuple[AttachmentTile, ...] = ()
    back_url: str = ""
    elsewhere_url: str = ""
    """Where a copy that did not arrive is sent to another address; empty for all others."""
    elsewhere: str = ""
    errors: FieldErrors = field(default_factory=FieldErrors)

    @property
    def paragraphs(self) -> tuple[words.Paragraph, ...]:
        """The text with its web links told apart, so that a customer's link can be followed from here."""
        return words.paragraphs(self.text)


@dataclass(frozen=True, slots=True)
class OutgoingMail:
    """channels/mail/{reply,acknowledgement}.{html,txt}.

    `text` is the agent's words (reply) or empty (an acknowledgement never repeats what a stranger typed).
    `request_url` is this recipient's own signed link, or empty for people in Cc. `quoted` is the message
    answered.
    """

    number: int
    desk_name: str
    greeting: str
    text: str
    signature: str = ""
    request_url: str = ""
    expect: str = ""
    quoted: str = ""
    quoted_intro: str = ""
    footer: str = ""
    mark: str = ""
    """Signed, carried unseen in the HTML: finds the ticket when ids and addresses are lost (mail rule 6)."""

    @property
    def paragraphs(self) -> tuple[words.Paragraph, ...]:
        """The text by blank lines, its web links told apart."""
        return words.paragraphs(self.text)
