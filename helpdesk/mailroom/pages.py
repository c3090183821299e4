"""What the pages about mailboxes need to be drawn."""

from dataclasses import dataclass, field
from datetime import datetime
from typing import Literal

from helpdesk.channels.texts import Block
from helpdesk.core.pages import Choice, FieldErrors

Tone = Literal["met", "soon", "late", "wait", "hold", "plain"]


@dataclass(frozen=True, slots=True)
class Standing:
    """One line about mail in or mail out: how loud, in two or three words, and a sentence."""

    tone: Tone
    words: str
    detail: str = ""
    since: datetime | None = None
    next_try: datetime | None = None


@dataclass(frozen=True, slots=True)
class Tab:
    """One of the settings pages about mail."""

    label: str
    url: str
    current: bool


@dataclass(frozen=True, slots=True)
class MailboxLine:
    """A mailbox in the list."""

    id: int
    url: str
    address: str
    sender_name: str
    team: str
    incoming: Standing
    outgoing: Standing


@dataclass(frozen=True, slots=True)
class MailboxesPage:
    """mailroom/mailboxes.html."""

    tabs: tuple[Tab, ...]
    lines: tuple[MailboxLine, ...]
    archived: tuple[MailboxLine, ...]
    live_url: str
    stamp: str


@dataclass(frozen=True, slots=True)
class StepLine:
    """One step of a connection test."""

    label: str
    state: str
    words: str
    remedy: str
    took: str


@dataclass(frozen=True, slots=True)
class TestCard:
    """The connection test beside the form. `mails`: how many the folder holds, once known."""

    steps: tuple[StepLine, ...]
    running: bool
    asked_at: datetime | None
    failed: bool
    mails: int | None


@dataclass(frozen=True, slots=True)
class SigningCard:
    """Signing: the record to publish, and whether it was seen."""

    record_name: str
    record_value: str
    signing: bool
    checked_at: datetime | None
    published: bool


@dataclass(frozen=True, slots=True)
class GrantCard:
    """The sign-in at a provider."""

    provider: str
    state: str
    words: str
    granted_at: datetime | None


@dataclass(frozen=True, slots=True)
class CountLine:
    """One count of the last day."""

    label: str
    count: int
    url: str = ""


@dataclass(frozen=True, slots=True)
class ChangeLine:
    """One recorded change."""

    at: datetime
    who: str
    what: str


@dataclass(frozen=True, slots=True)
class Around:
    """What stands beside the form of a mailbox that exists."""

    incoming: Standing
    outgoing: Standing
    test: TestCard
    can_start: bool
    paused: bool
    day: tuple[CountLine, ...]
    bars: tuple[int, ...]
    last_mail: datetime | None
    changes: tuple[ChangeLine, ...]
    signing: SigningCard | None
    grant: GrantCard | None
    providers: tuple[Choice, ...]
    uses_provider: bool
    live_url: str
    stamp: str


@dataclass(frozen=True, slots=True)
class MailboxPage:
    """mailroom/mailbox.html: `typed` are the fields by name; `around` None while it is being made."""

    id: int | None
    title: str
    typed: dict[str, str]
    version: int
    archived: bool
    securities: tuple[Choice, ...]
    out_securities: tuple[Choice, ...]
    auths: tuple[Choice, ...]
    out_auths: tuple[Choice, ...]
    afterwards: tuple[Choice, ...]
    styles: tuple[Choice, ...]
    languages: tuple[Choice, ...]
    teams: tuple[Choice, ...]
    doors: tuple[str, ...]
    desk_server: str
    has_password: bool = False
    has_out_password: bool = False
    kept: str = ""
    out_kept: str = ""
    signature_preview: str = ""
    placeholders: tuple[tuple[str, str, str], ...] = ()
    conflict: str = ""
    around: Around | None = None
    errors: FieldErrors = field(default_factory=FieldErrors)


@dataclass(frozen=True, slots=True)
class ProviderLine:
    """A provider in the list."""

    name: str
    url: str
    mailboxes: int


@dataclass(frozen=True, slots=True)
class ProvidersPage:
    """mailroom/providers.html. `presets` are kinds and names to begin with."""

    tabs: tuple[Tab, ...]
    lines: tuple[ProviderLine, ...]
    presets: tuple[tuple[str, str], ...]


@dataclass(frozen=True, slots=True)
class ProviderPage:
    """mailroom/provider.html. `back_url` is what the provider wants to know as redirect address."""

    id: int | None
    kind: str
    typed: dict[str, str]
    back_url: str
    errors: FieldErrors = field(default_factory=FieldErrors)


@dataclass(frozen=True, slots=True)
class ConsentPage:
    """mailroom/consent.html: on the way to the provider, back from there, or what went wrong."""

    address: str
    provider: str
    code: str
    state: str
    problem: str
    back_url: str
    there_url: str = ""


@dataclass(frozen=True, slots=True)
class TextLine:
    """A text in the list."""

    title: str
    when: str
    url: str
    written: bool
    text: str


@dataclass(frozen=True, slots=True)
class TextsPage:
    """mailroom/texts.html."""

    tabs: tuple[Tab, ...]
    lines: tuple[TextLine, ...]
    languages: tuple[Choice, ...]


@dataclass(frozen=True, slots=True)
class PlaceholderLine:
    """What may stand in a text: its name, what it stands for, and an example."""

    name: str
    words: str
    example: str
    needed: bool


@dataclass(frozen=True, slots=True)
class Preview:
    """How a text looks with examples filled in; `wrong` is why it could not be saved."""

    wrong: str
    blocks: tuple[Block, ...]
    plain: str
    link_label: str


@dataclass(frozen=True, slots=True)
class TextPage:
    """mailroom/text.html."""

    name: str
    language: str
    language_words: str
    title: str
    when: str
    text: str
    ours: str
    one_line: bool
    most_chars: int
    written: bool
    placeholders: tuple[PlaceholderLine, ...]
    preview: Preview
    errors: FieldErrors = field(default_factory=FieldErrors)


@dataclass(frozen=True, slots=True)
class SignaturePage:
    """mailroom/signature.html."""

    text: str
    most_chars: int
    errors: FieldErrors
