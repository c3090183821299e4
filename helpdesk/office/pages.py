"""What the settings pages of people and the desk, and one's own page, need to be drawn."""

from dataclasses import dataclass, field
from datetime import datetime

from helpdesk.core.pages import Choice, FieldErrors, Filter, SettingsLink


@dataclass(frozen=True, slots=True)
class SettingsGroup:
    """A group of the index."""

    title: str
    links: tuple[SettingsLink, ...]


@dataclass(frozen=True, slots=True)
class IndexPage:
    """office/index.html."""

    groups: tuple[SettingsGroup, ...]


@dataclass(frozen=True, slots=True)
class PersonLine:
    """Somebody of the desk in the list."""

    url: str
    name: str
    email: str
    role: str
    scope: str
    teams: str
    seen_at: datetime | None
    active: bool
    invited: bool
    two_factor: bool
    me: bool


@dataclass(frozen=True, slots=True)
class RoleColumn:
    """A role in the table of rights: its name, one sentence, and yes or no for each right."""

    label: str
    words: str
    may: tuple[bool, ...]


@dataclass(frozen=True, slots=True)
class PeoplePage:
    """office/people.html."""

    people: tuple[PersonLine, ...]
    former: tuple[PersonLine, ...]
    rights: tuple[str, ...]
    roles: tuple[RoleColumn, ...]


@dataclass(frozen=True, slots=True)
class PersonPage:
    """office/person.html: somebody to be changed, or to be invited (`id` None)."""

    id: int | None
    name: str
    email: str
    roles: tuple[Choice, ...]
    scopes: tuple[Choice, ...]
    teams: tuple[Choice, ...]
    line: PersonLine | None = None
    changes: tuple["ChangeLine", ...] = ()
    errors: FieldErrors = field(default_factory=FieldErrors)
    problem: str = ""


@dataclass(frozen=True, slots=True)
class InvitedPage:
    """office/invited.html: the link, shown this once."""

    name: str
    email: str
    link: str
    hours: int
    mailed: bool


@dataclass(frozen=True, slots=True)
class TeamRow:
    """A team in the list."""

    url: str
    name: str
    icon: str
    members: str
    count: int


@dataclass(frozen=True, slots=True)
class TeamsPage:
    """office/teams.html."""

    teams: tuple[TeamRow, ...]


@dataclass(frozen=True, slots=True)
class TeamPage:
    """office/team.html: a team to be changed or made (`id` None)."""

    id: int | None
    name: str
    icons: tuple[Choice, ...]
    members: tuple[Choice, ...]
    errors: FieldErrors = field(default_factory=FieldErrors)
    problem: str = ""


@dataclass(frozen=True, slots=True)
class DeskPage:
    """office/desk.html."""

    name: str
    zone: str
    zones: tuple[str, ...]
    languages: tuple[Choice, ...]
    undo_seconds: str
    undo_most: int
    errors: FieldErrors = field(default_factory=FieldErrors)


@dataclass(frozen=True, slots=True)
class ChangeLine:
    """A recorded change in words: `details` are "name: old, now new"."""

    at: datetime
    who: str
    words: str
    details: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class AuditPage:
    """office/audit.html."""

    rows: tuple[ChangeLine, ...]
    filters: tuple[Filter, ...]
    next_url: str | None


@dataclass(frozen=True, slots=True)
class SessionRow:
    """A session of one's own."""

    id: int
    words: str
    network: str
    since: datetime
    seen_at: datetime
    here: bool


@dataclass(frozen=True, slots=True)
class MePage:
    """office/me.html. `setting_up`: the QR code as a path and its size, and the secret to type instead."""

    name: str
    email: str
    role: str
    min_chars: int
    after: tuple[Choice, ...]
    sessions: tuple[SessionRow, ...]
    two_factor_since: datetime | None
    codes_left: int
    qr_path: str = ""
    qr_size: int = 0
    secret: str = ""
    errors: FieldErrors = field(default_factory=FieldErrors)


@dataclass(frozen=True, slots=True)
class CodesPage:
    """office/codes.html: recovery codes, shown this once."""

    codes: tuple[str, ...]
