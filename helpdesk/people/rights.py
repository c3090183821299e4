"""Who may do what, in plain words. Pure: a role and a scope decide, nothing else."""

from dataclasses import dataclass
from enum import StrEnum


class Role(StrEnum):
    """What a person at the desk is."""

    ADMIN = "admin"
    LEAD = "lead"
    AGENT = "agent"
    LIGHT = "light"


class Scope(StrEnum):
    """Which tickets a person at the desk sees."""

    ALL = "all"
    TEAMS = "teams"
    ASSIGNED = "assigned"


class Right(StrEnum):
    """One thing a person may do with the tickets they see."""

    READ = "read tickets"
    NOTE = "write notes"
    REPLY = "answer customers"
    CHANGE = "change state, priority, team and assignee"
    MAIL = "see where mail went, and try again what failed"
    MANAGE = "manage people, mailboxes and settings"


_RIGHTS = {
    Role.ADMIN: frozenset(Right),
    Role.LEAD: frozenset({Right.READ, Right.NOTE, Right.REPLY, Right.CHANGE, Right.MAIL}),
    Role.AGENT: frozenset({Right.READ, Right.NOTE, Right.REPLY, Right.CHANGE}),
    Role.LIGHT: frozenset({Right.READ, Right.NOTE}),
}


def rights_of(role: Role) -> frozenset[Right]:
    """Return what a role may do."""
    return _RIGHTS[role]


@dataclass(frozen=True, slots=True)
class Viewer:
    """Who looks: an active agent with role, scope and teams, as every query and command gets it."""

    id: int
    name: str
    email: str
    role: Role
    scope: Scope
    team_ids: frozenset[int] = frozenset()
    after_reply: str = "pending"
    """The state their send button names by default (L1)."""

    def may(self, right: Right) -> bool:
        """Return whether the viewer has `right` over what they see."""
        return right in _RIGHTS[self.role]

    @property
    def sees_mail(self) -> bool:
        """Whether the desk's mail log is theirs to read: it holds mail of every team."""
        return self.may(Right.MAIL) and self.scope is Scope.ALL

    @property
    def can_reply(self) -> bool:
        """Whether they may answer customers (for templates)."""
        return self.may(Right.REPLY)

    @property
    def can_note(self) -> bool:
        """Whether they may write notes (for templates)."""
        return self.may(Right.NOTE)

    @property
    def can_change(self) -> bool:
        """Whether they may change tickets (for templates)."""
        return self.may(Right.CHANGE)

    @property
    def can_manage(self) -> bool:
        """Whether they manage the desk (for templates)."""
        return self.may(Right.MANAGE)
