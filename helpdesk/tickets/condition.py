"""Conditions on tickets: one contract for views, and later for rules and SLA policies (contracts 6).

A condition is a field, an operator and a value, written "assignee:is:me". Each field has a label, its
operators, one form in SQL and one in Python that agree. Values are texts:
ids, "me" (who asks), "none", words.
"""

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from typing import Any

import sqlalchemy as sa

from helpdesk.core.i18n import lazy_gettext as _l
from helpdesk.people.model import ContactAddress
from helpdesk.tickets.model import Ticket, TicketTag

MOST = 8
VALUE_CHARS = 80


@dataclass(frozen=True, slots=True)
class Condition:
    """One condition; `str` is how addresses and the database write it."""

    field: str
    op: str
    value: str

    def __str__(self) -> str:
        return f"{self.field}:{self.op}:{self.value}"

    @classmethod
    def read(cls, text: str) -> "Condition | None":
        """Return the condition a text writes, or None when it is none."""
        field, _first, rest = text.partition(":")
        op, _second, value = rest.partition(":")
        value = " ".join(value.split()).lower()
        known = FIELDS.get(field)
        if known is None or op not in known.ops or len(value) > VALUE_CHARS or not known.good(value):
            return None
        return cls(field, op, value)


@dataclass(frozen=True, slots=True)
class Facts:
    """What conditions look at in a ticket, when they are asked in Python. Addresses are in lower case."""

    assignee_id: int | None
    team_id: int | None
    priority: int
    tags: frozenset[str]
    emails: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Field:
    """A field conditions can ask about: both forms get operator, value and the id of who asks."""

    label: Any
    ops: Mapping[str, Any]
    good: Callable[[str], bool]
    sql: Callable[[str, str, int], sa.ColumnElement[bool]]
    holds: Callable[[Facts, str, str, int], bool]


def read_all(texts: Iterable[str]) -> tuple[Condition, ...]:
    """Return the conditions among `texts`, each once, at most eight."""
    found = (Condition.read(text) for text in texts)
    return tuple(dict.fromkeys(one for one in found if one is not None))[:MOST]


def sql(conditions: Iterable[Condition], asker_id: int) -> list[sa.ColumnElement[bool]]:
    """Return the conditions as SQL on `Ticket`: all of them hold."""
    return [FIELDS[one.field].sql(one.op, one.value, asker_id) for one in conditions]


def holds(conditions: Iterable[Condition], facts: Facts, asker_id: int) -> bool:
    """Return whether all conditions hold of a ticket."""
    return all(FIELDS[one.field].holds(facts, one.op, one.value, asker_id) for one in conditions)


def _is_id(value: str) -> bool:
    return value.isascii() and value.isdecimal() and len(value) < 10


def _id(value: str, asker_id: int) -> int | None:
    return None if value == "none" else asker_id if value == "me" else int(value)


def _id_sql(column: Any) -> Callable[[str, str, int], sa.ColumnElement[bool]]:
    def form(op: str, value: str, asker_id: int) -> sa.ColumnElement[bool]:
        same: sa.ColumnElement[bool] = column.is_not_distinct_from(_id(value, asker_id))
        return same if op == "is" else ~same

    return form


def _priority_sql(op: str, value: str, _asker_id: int) -> sa.ColumnElement[bool]:
    return Ticket.priority >= int(value) if op == "at_least" else Ticket.priority == int(value)


def _tag_sql(op: str, value: str, _asker_id: int) -> sa.ColumnElement[bool]:
    carries = sa.exists().where(TicketTag.ticket_id == Ticket.id, TicketTag.tag == value)
    return carries if op == "has" else ~carries


def _customer_sql(op: str, value: str, _asker_id: int) -> sa.ColumnElement[bool]:
    writes = sa.exists().where(
        ContactAddress.contact_id == Ticket.requester_id,
        ContactAddress.email.contains(value, autoescape=True),
    )
    return writes if op == "has" else ~writes


IS = {"is": _l("is"), "is_not": _l("is not")}
HAS = {"has": _l("has"), "has_not": _l("has not")}

FIELDS: dict[str, Field] = {
    "assignee": Field(
        _l("Assignee"),
        IS,
        lambda value: value in {"me", "none"} or _is_id(value),
        _id_sql(Ticket.assignee_id),
        lambda facts, op, value, asker: (facts.assignee_id == _id(value, asker)) == (op == "is"),
    ),
    "team": Field(
        _l("Team"),
        IS,
        lambda value: value == "none" or _is_id(value),
        _id_sql(Ticket.team_id),
        lambda facts, op, value, asker: (facts.team_id == _id(value, asker)) == (op == "is"),
    ),
    "priority": Field(
        _l("Priority"),
        {"is": _l("is"), "at_least": _l("at least")},
        lambda value: value in {"1", "2", "3", "4"},
        _priority_sql,
        lambda facts, op, value, _asker: (
            facts.priority >= int(value) if op == "at_least" else facts.priority == int(value)
        ),
    ),
    "tag": Field(
        _l("Tag"),
        HAS,
        lambda value: 0 < len(value) <= 40,
        _tag_sql,
        lambda facts, op, value, _asker: (value in facts.tags) == (op == "has"),
    ),
    "customer": Field(
        _l("Customer's address"),
        HAS,
        lambda value: len(value) > 1 and value.isascii(),
        _customer_sql,
        lambda facts, op, value, _asker: any(value in email for email in facts.emails) == (op == "has"),
    ),
}
"""Every field a condition can ask about, by its key."""
