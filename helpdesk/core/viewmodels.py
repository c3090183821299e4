"""What each page needs to be drawn, and nothing else.

Queries fill these, templates read them. Every page template receives one of the `...Page` classes under the
name `page`. Words that depend on data (who, how many, why) arrive translated; words that belong to the page
itself stand in the template. Times are aware datetimes; the templates turn them into words. URLs are
same-site paths.

The customers' classes at the end are an allow-list of their own: they share no class with the agents'
pages, so that a field added for agents never reaches a customer by accident.
"""

from dataclasses import dataclass, field
from datetime import datetime
from typing import Literal

from markupsafe import Markup

from helpdesk.core import words

Kind = Literal["late", "soon", "ok", "paused", "plain"]
"""How loud a time is: `late` red, `soon` amber, `ok` green, `paused` grey, `plain` quiet."""

State = Literal["new", "open", "pending", "on_hold", "solved", "closed", "merged", "spam", "trash"]


@dataclass(frozen=True, slots=True)
class Person:
    """Somebody to show with an avatar. `tone` is one of a..f, see words.tone."""

    id: int | None
    name: str
    initials: str
    tone: str

    @classmethod
    def named(cls, name: str, key: str = "", id: int | None = None) -> "Person":
        """A person by name; `key` (the address, an id) decides the colour and never changes."""
        return cls(id, name, words.initials(name), words.tone(key or name))


@dataclass(frozen=True, slots=True)
class Toast:
    """Feedback after an action: "Assigned to Mara." Agent pages receive a tuple of them as `toasts`."""

    words: str
    kind: Literal["plain", "bad"] = "plain"
    undo_url: str | None = None


@dataclass(frozen=True, slots=True)
class Choice:
    """One entry of a menu or select. `value` is posted; `url` is followed where the menu is made of links."""

    label: str
    value: str = ""
    current: bool = False
    url: str = ""
    person: Person | None = None
    icon: str = ""


@dataclass(frozen=True, slots=True)
class FieldErrors:
    """What is wrong with a form: field name to one sentence; `form` holds what belongs to no field."""

    fields: dict[str, str] = field(default_factory=dict)
    form: str = ""

    def __bool__(self) -> bool:
        return bool(self.fields or self.form)

    def get(self, name: str) -> str:
        """The sentence for one field, empty when it is fine."""
        return self.fields.get(name, "")


# ── the agents' frame ────────────────────────────────────────────────────────────────────────────


@dataclass(frozen=True, slots=True)
class NavItem:
    """One line of the sidebar. `count` None draws no number; `count_late` turns it red."""

    label: str
    url: str
    icon: str
    count: int | None = None
    count_late: bool = False
    current: bool = False
    key: str = ""
    """Go-to letter after G: q queue, u unassigned, a all, o outbox, w "where did my mail go"."""

    @property
    def shown(self) -> str:
        """The count as shown, capped."""
        return "" if self.count is None else str(self.count) if self.count < 1000 else "999+"


@dataclass(frozen=True, slots=True)
class Nav:
    """The sidebar: `main` (mine, unassigned, all), `teams`, `views`, `desk`. Empty groups vanish."""

    main: tuple[NavItem, ...] = ()
    teams: tuple[NavItem, ...] = ()
    views: tuple[NavItem, ...] = ()
    desk: tuple[NavItem, ...] = ()

    @property
    def everything(self) -> tuple[NavItem, ...]:
        """All items, for the rail and for the keyboard."""
        return self.main + self.teams + self.views + self.desk


# ── queue ────────────────────────────────────────────────────────────────────────────────────────


@dataclass(frozen=True, slots=True)
class Waiting:
    """The time column: two short lines beside a ring.

    headline: "2 h 10", "3 d", "Paused"; detail: "since 08:41".
    since: when set, the browser keeps the headline up to date as a duration from there.
    share: 0..100 of the ring, None draws no ring. Until due times exist: the share of a day waited.
    """

    headline: str
    detail: str
    kind: Kind
    share: int | None = None
    since: datetime | None = None


@dataclass(frozen=True, slots=True)
class QueueRow:
    """One ticket in a list. `snippet` is the last message in a line, `draft` the viewer's own unsent text."""

    number: int
    url: str
    subject: str
    customer: str
    snippet: str
    state: State
    priority: int
    waiting: Waiting
    updated_at: datetime
    draft: str | None = None
    unread: bool = False
    tags: tuple[str, ...] = ()
    assignee: Person | None = None
    """Shown as a small avatar; leave None in a person's own queue, where it says nothing."""
    held: bool = False
    """Something in it waits for a decision (a sender nobody knows, a failed delivery)."""


@dataclass(frozen=True, slots=True)
class QueueGroup:
    """A heading and its rows. `key` is stable ("day", "today", "hour", "paused"); late makes it red."""

    key: str
    title: str
    detail: str
    kind: Kind
    rows: tuple[QueueRow, ...]
    now_after: str = ""
    """Draws the line "Now 10:42" with these words below the group: only once groups are made of due times."""


@dataclass(frozen=True, slots=True)
class Filter:
    """A filter as a sentence: "State not resolved" is label "State", value "not resolved"."""

    label: str
    value: str
    options: tuple[Choice, ...]


@dataclass(frozen=True, slots=True)
class Empty:
    """What an empty list says: one sentence, one next step."""

    words: str
    action_label: str = ""
    action_url: str = ""


@dataclass(frozen=True, slots=True)
class QueuePage:
    """tickets/queue.html and the fragment tickets/_rows.html (same context, so that both always agree).

    open_count is in words ("14 open"). rows_url is the fragment with the same query string; stamp its ETag.
    take_next_url None hides the button. empty is used when no group has rows.
    """

    title: str
    view: str
    open_count: str
    late_count: int
    groups: tuple[QueueGroup, ...]
    rows_url: str
    stamp: str
    empty: Empty
    filters: tuple[Filter, ...] = ()
    grouping: Filter | None = None
    next_url: str | None = None
    prev_url: str | None = None
    take_next_url: str | None = None
    late_words: str = ""
    """What the red chip beside the title says: "2 past due", until then "2 waiting over a day"."""


# ── ticket ───────────────────────────────────────────────────────────────────────────────────────


@dataclass(frozen=True, slots=True)
class AttachmentTile:
    """A file at a message. `previewable` when opening it in the browser is safe (decided by its bytes)."""

    id: int
    name: str
    size: int
    content_type: str
    url: str
    previewable: bool = False
    is_image: bool = False
    preview_url: str = ""
    """A small picture to show in the tile; empty draws an icon by type."""


@dataclass(frozen=True, slots=True)
class DeliveryLine:
    """How one recipient's copy fares. `words` is the whole sentence for everything but a plain "sent"."""

    recipient: str
    state: Literal["queued", "held", "sending", "sent", "deferred", "failed", "bounced"]
    words: str
    next_try: datetime | None = None
    retry_url: str | None = None

    @property
    def loud(self) -> bool:
        """Whether the reader has to know without asking."""
        return self.state in ("deferred", "failed", "bounced")


@dataclass(frozen=True, slots=True)
class Badge:
    """A small word beside a message: "not a participant", "automatic", "by API"."""

    label: str
    kind: Literal["plain", "late", "soon", "met", "new", "wait", "hold"] = "plain"
    title: str = ""


@dataclass(frozen=True, slots=True)
class MessageItem:
    """One message.

    kind: customer (from the customer), team (public, from us), note (only the team sees it), system
    (automatic), held (from somebody nobody knows yet, waiting for a decision). `original_url` is the raw
    mail; `html_url` the framed document; `accept_url` set only for held ones. `addressed_to` is "to Lena"
    or "to 3 people".
    """

    id: int
    kind: Literal["customer", "team", "note", "system", "held"]
    author: Person
    address: str
    at: datetime
    new_text: str
    quoted_text: str = ""
    has_html: bool = False
    html_url: str | None = None
    original_url: str | None = None
    attachments: tuple[AttachmentTile, ...] = ()
    deliveries: tuple[DeliveryLine, ...] = ()
    badges: tuple[Badge, ...] = ()
    accept_url: str | None = None
    addressed_to: str = ""
    remote_images_blocked: bool = False
    first_unread: bool = False
    """The page opens at this message."""

    @property
    def is_message(self) -> bool:
        return True

    @property
    def key(self) -> str:
        """A stable element id for live updates."""
        return f"m{self.id}"

    @property
    def paragraphs(self) -> tuple[words.Paragraph, ...]:
        """The text by blank lines, its web links told apart."""
        return words.paragraphs(self.new_text)


@dataclass(frozen=True, slots=True)
class EventItem:
    """One grey line: icon, words ("Mara set the priority to high"), when."""

    id: int
    icon: str
    words: str
    at: datetime
    folded: tuple["EventItem", ...] = ()
    """Further events of the same stretch, shown on demand; at most two lines stand open."""

    @property
    def is_message(self) -> bool:
        return False

    @property
    def key(self) -> str:
        """A stable element id for live updates."""
        return f"e{self.id}"


@dataclass(frozen=True, slots=True)
class Thread:
    """The conversation, oldest first. Long ones carry the first and the newest 30 and a hidden_count."""

    items: tuple[MessageItem | EventItem, ...]
    stamp: str
    last_seq: int
    hidden_count: int = 0
    show_all_url: str | None = None
    hidden_after: int = 0
    """The hidden ones stand after this many items."""


@dataclass(frozen=True, slots=True)
class SendChoice:
    """One way to send: the button's words and the state that follows ('' leaves it as it is)."""

    label: str
    then_state: str


@dataclass(frozen=True, slots=True)
class Composer:
    """The box for a reply or a note.

    recipient is "Lena Hartmann <lena@example.de>"; form_key is the idempotency key, new at every rendering
    that is not an answer to a failed send; last_seq is the thread the writer has seen. `stopped` is set
    when somebody was faster: "Mara replied 20 s ago", and sending again with the new last_seq goes through.
    send[0] is the default. draft_key names the draft in the browser ("d-<viewer>-<ticket>"); drafts come
    with the moment they were saved.
    """

    add_url: str
    draft_url: str
    form_key: str
    last_seq: int
    recipient: str
    recipient_name: str
    send: tuple[SendChoice, ...]
    kind: Literal["reply", "note"] = "reply"
    draft_reply: str = ""
    draft_note: str = ""
    draft_saved_at: datetime | None = None
    draft_key: str = ""
    can_reply: bool = True
    can_note: bool = True
    why_not: str = ""
    """Shown in place of the box, or above it when only notes are allowed: who can give the right."""
    stopped: str = ""
    error: str = ""
    cc: tuple[str, ...] = ()
    max_upload: int = 25_000_000


@dataclass(frozen=True, slots=True)
class MiniRow:
    """One ticket of the narrow list beside the conversation."""

    number: int
    url: str
    subject: str
    customer: str
    waiting: Waiting
    current: bool = False
    unread: bool = False


@dataclass(frozen=True, slots=True)
class Fact:
    """One line of the details: label and plain value."""

    label: str
    value: str
    url: str = ""


@dataclass(frozen=True, slots=True)
class EarlierTicket:
    """A ticket of the same customer."""

    number: int
    url: str
    subject: str
    state: State
    at: datetime


@dataclass(frozen=True, slots=True)
class Banner:
    """A notice above the conversation: held mail, demo hints, a copy merged away. With at most one button."""

    words: str
    kind: Literal["info", "good", "warn", "bad"] = "info"
    action_label: str = ""
    action_url: str = ""
    post: bool = False


@dataclass(frozen=True, slots=True)
class TicketPage:
    """tickets/ticket.html and the fragment tickets/_thread.html (same context).

    The four choice lists are what this viewer may choose; an empty one shows the value without a menu.
    The `..._url` fields are where the forms post; `thread_url` is the live fragment.
    """

    number: int
    subject: str
    state: State
    priority: int
    channel_words: str
    thread: Thread
    thread_url: str
    composer: Composer
    requester: Person
    requester_address: str
    assignee: Person | None = None
    team: str = ""
    waiting: Waiting | None = None
    states: tuple[Choice, ...] = ()
    teams: tuple[Choice, ...] = ()
    agents: tuple[Choice, ...] = ()
    priorities: tuple[Choice, ...] = ()
    state_url: str = ""
    team_url: str = ""
    assign_url: str = ""
    priority_url: str = ""
    read_url: str = ""
    can_solve: bool = False
    banners: tuple[Banner, ...] = ()
    mini_title: str = ""
    mini: tuple[MiniRow, ...] = ()
    back_url: str = ""
    next_url: str | None = None
    prev_url: str | None = None
    customer_facts: tuple[Fact, ...] = ()
    details: tuple[Fact, ...] = ()
    tags: tuple[str, ...] = ()
    earlier: tuple[EarlierTicket, ...] = ()
    earlier_count: int = 0
    panels_aside: tuple[Markup, ...] = ()
    """Ready sections other features put beside the conversation."""


@dataclass(frozen=True, slots=True)
class MessageFramePage:
    """tickets/message_frame.html: the document in the sandboxed frame. `body` is already sanitised."""

    subject: str
    body: Markup
    blocked_images: int = 0
    show_images_url: str = ""
    """A link inside the frame that loads the pictures through this desk; empty offers none."""


# ── mail: going out, coming in ───────────────────────────────────────────────────────────────────


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

    @property
    def paragraphs(self) -> tuple[words.Paragraph, ...]:
        """The text with its web links told apart, so that a customer's link can be followed from here."""
        return words.paragraphs(self.text)


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


# ── sign-in and errors ───────────────────────────────────────────────────────────────────────────


@dataclass(frozen=True, slots=True)
class DemoAccount:
    """Somebody to sign in as on a demonstration desk."""

    email: str
    password: str
    words: str


@dataclass(frozen=True, slots=True)
class SignInPage:
    """people/sign_in.html. `form_token` guards the form before there is a session."""

    email: str = ""
    next_url: str = ""
    errors: FieldErrors = field(default_factory=FieldErrors)
    form_token: str = ""
    notice: str = ""
    demo_accounts: tuple[DemoAccount, ...] = ()


@dataclass(frozen=True, slots=True)
class ErrorPage:
    """errors/error.html. Says what happened, what is safe and what to do; `reference` finds it in the log."""

    status: int
    title: str
    detail: str
    reference: str = ""
    action_label: str = ""
    action_url: str = ""


# ── customers: an allow-list of its own ──────────────────────────────────────────────────────────


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


# ── mail we send ─────────────────────────────────────────────────────────────────────────────────


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

    @property
    def paragraphs(self) -> tuple[words.Paragraph, ...]:
        """The text by blank lines, its web links told apart."""
        return words.paragraphs(self.text)
