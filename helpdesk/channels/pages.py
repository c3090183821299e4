"""What the outbox pages and outgoing mails need to be drawn."""

from dataclasses import dataclass, field
from datetime import datetime
from typing import Literal

from helpdesk.channels.texts import LINK, Block, blocks
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

    `text` is the agent's words (reply) or ours (an acknowledgement never repeats what a stranger typed); in
    it and in `footer` stands `texts.LINK` where `request_url` comes, this recipient's own signed link.
    `quoted` is the message answered.
    """

    desk_name: str
    language: str
    text: str
    request_url: str
    link_label: str
    signature: str = ""
    footer: str = ""
    quoted: str = ""
    quoted_intro: str = ""
    mark: str = ""
    """Signed, carried unseen in the HTML: finds the ticket when ids and addresses are lost (mail rule 6)."""

    @property
    def paragraphs(self) -> tuple[words.Paragraph, ...]:
        """The agent's words by blank lines, their web links told apart."""
        return words.paragraphs(self.text)

    @property
    def text_blocks(self) -> tuple[Block, ...]:
        """Our words, for HTML."""
        return blocks(self.text)

    @property
    def footer_blocks(self) -> tuple[Block, ...]:
        """The words below an answer, for HTML."""
        return blocks(self.footer)

    @property
    def plain_text(self) -> str:
        """Our words with the link in its place."""
        return self.text.replace(LINK, self.request_url)

    @property
    def plain_footer(self) -> str:
        """The words below an answer with the link in its place."""
        return self.footer.replace(LINK, self.request_url)


@dataclass(frozen=True, slots=True)
class NoticePage:
    """channels/mail/notice.html: a mail to somebody of the desk."""

    desk_name: str
    language: str
    text_blocks: tuple[Block, ...]
    request_url: str = ""
    link_label: str = ""
    mark: str = ""
