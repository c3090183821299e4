"""What the queue and the ticket page need to be drawn, and nothing else."""

from dataclasses import dataclass
from datetime import datetime
from typing import Literal

from markupsafe import Markup

from helpdesk.core import words
from helpdesk.core.pages import Badge, Banner, Choice, Empty, Fact, FieldErrors, Filter, Kind, Person

State = Literal["new", "open", "pending", "on_hold", "solved", "closed", "merged", "spam", "trash"]


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
class KeptView:
    """Keeping this list under a name; `name` is that of the view it was opened as, empty if it was none."""

    name: str
    save_url: str
    delete_url: str = ""
    may_share: bool = False


@dataclass(frozen=True, slots=True)
class BulkBar:
    """What can be done with the chosen rows; `all_count` is in words, empty if the page shows everything."""

    url: str
    agents: tuple[Choice, ...]
    teams: tuple[Choice, ...]
    snoozes: tuple[Choice, ...]
    all_count: str = ""


@dataclass(frozen=True, slots=True)
class BulkPage:
    """tickets/bulk.html: how far an act on many tickets is; `left` are (number, why)."""

    title: str
    total: int
    done: int
    waiting: int
    left: tuple[tuple[int, str], ...]
    running: bool
    undone: bool
    undo_url: str
    back_url: str
    live_url: str


@dataclass(frozen=True, slots=True)
class FilterAdd:
    """What "+ Filter" offers: choices by heading, and a form for a typed one that keeps `hidden`."""

    url: str
    hidden: tuple[tuple[str, str], ...]
    groups: tuple[tuple[str, tuple[Choice, ...]], ...]


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
    add: FilterAdd | None = None
    grouping: Filter | None = None
    next_url: str | None = None
    prev_url: str | None = None
    take_next_url: str | None = None
    bulk: BulkBar | None = None
    kept: KeptView | None = None
    late_words: str = ""
    """What the red chip beside the title says: "2 past due", until then "2 waiting over a day"."""


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
    elsewhere_url: str | None = None

    @property
    def loud(self) -> bool:
        """Whether the reader has to know without asking."""
        return self.state in ("deferred", "failed", "bounced")


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
    dismiss_url: str | None = None
    again_url: str | None = None
    held_words: str = ""
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
class PendingItem:
    """A reply that has not gone yet (`undo_url` for its writer), or could not go (`stopped` says why)."""

    id: int
    author: Person
    words: str
    files: tuple[str, ...]
    at: datetime
    later: bool
    undo_url: str = ""
    stopped: str = ""
    dismiss_url: str = ""


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
    pending: tuple[PendingItem, ...] = ()


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
    kept: tuple[tuple[str, str, int], ...] = ()
    """Files that came back with the draft: digest, name, size."""
    acts: tuple[tuple[str, str], ...] = ()
    """What a macro will do when this is sent: value and words."""
    canned_url: str = ""
    """Where canned replies are chosen; empty for those who do not answer customers."""
    doubts: tuple[str, ...] = ()
    later: tuple[Choice, ...] = ()
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
class EarlierTicket:
    """A ticket of the same customer."""

    number: int
    url: str
    subject: str
    state: State
    at: datetime


@dataclass(frozen=True, slots=True)
class OwnField:
    """A field of the desk's own on a ticket; `url` is where it is filled in, empty if it may not be."""

    key: str
    label: str
    kind: str
    value: str
    options: tuple[str, ...]
    required: bool
    url: str = ""


@dataclass(frozen=True, slots=True)
class FieldRow:
    """A field in the list of settings."""

    label: str
    kind: str
    team: str
    required: bool
    active: bool
    url: str


@dataclass(frozen=True, slots=True)
class FieldsPage:
    """tickets/fields.html."""

    rows: tuple[FieldRow, ...]
    new_url: str


@dataclass(frozen=True, slots=True)
class FieldForm:
    """tickets/field.html: one field, new or changed; `key` is fixed once there is one."""

    title: str
    key: str
    typed: dict[str, str]
    errors: FieldErrors | None
    kinds: tuple[Choice, ...]
    teams: tuple[Choice, ...]
    save_url: str
    back_url: str


@dataclass(frozen=True, slots=True)
class LinkedTicket:
    """A ticket tied to this one: "Duplicate of", "Child of"."""

    relation: str
    number: int
    url: str
    subject: str
    state: State
    remove_url: str = ""


@dataclass(frozen=True, slots=True)
class Relations:
    """Tags, links, followers and snooze of a ticket, with where their forms post."""

    tags_url: str = ""
    tag_names: tuple[str, ...] = ()
    tag_urls: tuple[tuple[str, str], ...] = ()
    """Each tag with the list of tickets that carry it."""
    links: tuple[LinkedTicket, ...] = ()
    links_url: str = ""
    link_kinds: tuple[Choice, ...] = ()
    follow_url: str = ""
    following: bool = False
    followers: tuple[str, ...] = ()
    snooze_url: str = ""
    snoozes: tuple[Choice, ...] = ()
    snoozed: str = ""
    """When it comes back, in words; empty if it is not snoozed."""
    trash_url: str = ""
    merge_url: str = ""
    split_url: str = ""


Marked = tuple[tuple[str, bool], ...]
"""Text in pieces, each with whether the search asked for it."""


@dataclass(frozen=True, slots=True)
class FoundTicket:
    """A ticket found; `exact` when its number was typed."""

    number: int
    url: str
    subject: Marked
    line: Marked
    state: State
    customer: Marked
    tags: tuple[str, ...]
    updated_at: datetime
    exact: bool


@dataclass(frozen=True, slots=True)
class SearchPage:
    """tickets/search.html. `asked` is False before anything was typed; `unknown` are chips that are none."""

    q: str
    asked: bool
    total: str
    hits: tuple[FoundTicket, ...]
    next_url: str | None
    unknown: tuple[str, ...]
    examples: tuple[tuple[str, str], ...]


@dataclass(frozen=True, slots=True)
class CustomerChoice:
    """A customer found by name or address."""

    name: str
    email: str
    open_count: int
    url: str


@dataclass(frozen=True, slots=True)
class OpenTicket:
    """An unresolved ticket of the chosen customer."""

    url: str
    number: int
    subject: str
    state: str
    at: str


@dataclass(frozen=True, slots=True)
class NewTicketPage:
    """tickets/new.html: look the customer up, see what is open, write."""

    typed: dict[str, str]
    errors: FieldErrors | None
    q: str
    found: tuple[CustomerChoice, ...]
    looked: bool
    open_tickets: tuple[OpenTicket, ...]
    teams: tuple[Choice, ...]
    priorities: tuple[Choice, ...]
    may: bool


@dataclass(frozen=True, slots=True)
class MergeChoice:
    """A ticket to merge with."""

    number: int
    subject: str
    state: str
    customer: str
    opened: str
    messages: int


@dataclass(frozen=True, slots=True)
class MergePage:
    """tickets/merge.html: where this ticket goes. Merging is offered once `into` was chosen."""

    number: int
    subject: str
    back_url: str
    look_url: str
    merge_url: str
    choices: tuple[MergeChoice, ...]
    typed: str
    error: str
    into: MergeChoice | None
    here: MergeChoice
    other_people: bool
    may: bool


@dataclass(frozen=True, slots=True)
class SplitChoice:
    """A message that may move."""

    id: int
    author: str
    at: str
    words: str
    chosen: bool


@dataclass(frozen=True, slots=True)
class SplitPage:
    """tickets/split.html: which messages become a ticket of their own."""

    number: int
    back_url: str
    split_url: str
    subject: str
    error: str
    choices: tuple[SplitChoice, ...]
    may: bool


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
    spam_url: str = ""
    """Where a ticket is marked as spam; empty where it cannot be."""
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
    relations: Relations = Relations()
    own_fields: tuple[OwnField, ...] = ()
    cc: tuple[tuple[str, str, int], ...] = ()
    """Who is in copy: name, address, contact."""
    cc_url: str = ""
    uncc_url: str = ""
    subject_url: str = ""
    panels_aside: tuple[Markup, ...] = ()
    panels_strips: tuple[Markup, ...] = ()
    """Ready sections other features put beside the conversation."""


@dataclass(frozen=True, slots=True)
class CannedItem:
    """A canned reply in a list; `used` in words."""

    id: int
    name: str
    url: str
    text: str
    shared: str
    acts: tuple[str, ...]
    used: str


@dataclass(frozen=True, slots=True)
class CannedListPage:
    """tickets/canned_list.html."""

    items: tuple[CannedItem, ...]


@dataclass(frozen=True, slots=True)
class CannedPreview:
    """How a canned reply reads in a ticket (`number` empty: none); `wrong` says what is not known."""

    number: str
    subject: str
    text: str
    wrong: str


@dataclass(frozen=True, slots=True)
class CannedPage:
    """tickets/canned.html: one canned reply. `delete_url` empty where it cannot be deleted."""

    id: int | None
    title: str
    save_url: str
    delete_url: str
    name: str
    text: str
    shares: tuple[Choice, ...]
    states: tuple[Choice, ...]
    priorities: tuple[Choice, ...]
    teams: tuple[Choice, ...]
    assign: bool
    tags: str
    may_change: bool
    placeholders: tuple[tuple[str, str], ...]
    preview: CannedPreview
    errors: FieldErrors


@dataclass(frozen=True, slots=True)
class PickPage:
    """tickets/canned_pick.html and the composer's menu: what can be inserted."""

    number: int
    subject: str
    kind: str
    back_url: str
    items: tuple[CannedItem, ...]


@dataclass(frozen=True, slots=True)
class MessageFramePage:
    """tickets/message_frame.html: the document in the sandboxed frame. `body` is already sanitised."""

    subject: str
    body: Markup
    blocked_images: int = 0
    show_images_url: str = ""
    """A link inside the frame that loads the pictures through this desk; empty offers none."""
