"""The desk's own fields, and what a ticket holds in them."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import sqlalchemy as sa

from helpdesk.core.db import session
from helpdesk.tickets.model import CustomField, Ticket


@dataclass(frozen=True, slots=True)
class FieldLine:
    """A field of the desk's own."""

    id: int
    key: str
    label: str
    kind: str
    options: list[str]
    required: bool
    team_id: int | None
    position: int
    active: bool


_FIELD: tuple[Any, ...] = (
    CustomField.id,
    CustomField.key,
    CustomField.label,
    CustomField.kind,
    CustomField.options,
    CustomField.required,
    CustomField.team_id,
    CustomField.position,
    CustomField.active,
)


def all_fields() -> list[FieldLine]:
    """Return every field, in the order they are shown; those put away last."""
    query = sa.select(*_FIELD).order_by(
        CustomField.active.desc(), CustomField.position, CustomField.label, CustomField.id
    )
    return [FieldLine(*row) for row in session().execute(query)]


def fields_of(ticket: Ticket) -> list[FieldLine]:
    """Return the fields a ticket shows: those of its team and of all, and what it holds from before."""
    return [
        f
        for f in all_fields()
        if (f.active and f.team_id in {None, ticket.team_id}) or ticket.fields.get(f.key) is not None
    ]


def missing_to_solve(ticket: Ticket) -> Sequence[str]:
    """Return the labels of fields that must be filled in before this ticket is resolved (L3)."""
    rows = session().execute(
        sa.select(CustomField.key, CustomField.label)
        .where(
            CustomField.active,
            CustomField.required,
            sa.or_(CustomField.team_id.is_(None), CustomField.team_id == ticket.team_id),
        )
        .order_by(CustomField.position, CustomField.label)
    )
    return [row.label for row in rows if ticket.fields.get(row.key) is None]
