"""What every page is made of: people, menus, filters, notices; filled by views, read by templates.

Words that depend on data arrive translated; words of the page itself stand in the template. Times are aware
datetimes, addresses are same-site paths. Each feature keeps its own pages' values in its `pages.py`.
"""

from dataclasses import dataclass, field
from typing import Literal

from helpdesk.core import words

Kind = Literal["late", "soon", "ok", "paused", "plain"]
"""How loud a time is: `late` red, `soon` amber, `ok` green, `paused` grey, `plain` quiet."""


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
    whole_page: bool = False
    """Undoing brings back what was typed, so the page is loaded anew."""


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
class Badge:
    """A small word beside a message: "not a participant", "automatic", "by API"."""

    label: str
    kind: Literal["plain", "late", "soon", "met", "new", "wait", "hold"] = "plain"
    title: str = ""


@dataclass(frozen=True, slots=True)
class Fact:
    """One line of the details: label and plain value."""

    label: str
    value: str
    url: str = ""


@dataclass(frozen=True, slots=True)
class Banner:
    """A notice above the conversation: held mail, demo hints, a copy merged away. With at most one button."""

    words: str
    kind: Literal["info", "good", "warn", "bad"] = "info"
    action_label: str = ""
    action_url: str = ""
    post: bool = False
    act: str = ""
    """What a key does on the button, as `data-act` names it."""


@dataclass(frozen=True, slots=True)
class SettingsLink:
    """A page of settings, as the index lists it: `group` is people, mail, tickets or desk."""

    group: Literal["people", "mail", "tickets", "desk"]
    label: str
    words: str
    url: str
    icon: str


@dataclass(frozen=True, slots=True)
class ErrorPage:
    """errors/error.html. Says what happened, what is safe and what to do; `reference` finds it in the log."""

    status: int
    title: str
    detail: str
    reference: str = ""
    action_label: str = ""
    action_url: str = ""
