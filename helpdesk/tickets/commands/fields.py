"""Fields of the desk's own: made on a settings page, filled in on tickets."""

import sqlalchemy as sa

from helpdesk.core.audit import Who
from helpdesk.core.audit import record as audit
from helpdesk.core.clock import now
from helpdesk.core.db import command, insert_ignore, session
from helpdesk.core.errors import ForbiddenError, InvalidError, NotFoundError
from helpdesk.core.events import emit
from helpdesk.people.model import Team
from helpdesk.people.rights import Right, Viewer
from helpdesk.tickets.actor import Actor
from helpdesk.tickets.commands.changing import visible
from helpdesk.tickets.events import FieldChanged
from helpdesk.tickets.fielding import KINDS, key_of_label, options_of, value_of
from helpdesk.tickets.history import record
from helpdesk.tickets.model import CustomField, Ticket, TicketField

MOST = 60


@command
def save_field(
    *,
    viewer: Viewer,
    field_id: int | None,
    label: str,
    kind: str,
    options: str,
    required: bool,
    team_id: int | None,
    position: int,
    active: bool,
) -> int:
    """Make a field, or change one; its key and kind never change. Returns its id.

    Raises:
        ForbiddenError: the viewer manages nothing.
        InvalidError: no label, no such kind or team, a choice without options, too many fields.
        NotFoundError: there is no such field.
    """
    if not viewer.may(Right.MANAGE):
        raise ForbiddenError(f"Your role cannot {Right.MANAGE.value}.")
    label, found = " ".join(label.split())[:80], options_of(options)
    row = session().get(CustomField, field_id) if field_id is not None else None
    if field_id is not None and row is None:
        raise NotFoundError("There is no such field.")
    kind = row.kind if row is not None else kind
    wrong = {}
    if not label:
        wrong["label"] = "Give it a name."
    if kind not in KINDS:
        wrong["kind"] = "Choose one of the list."
    if kind == "choice" and len(found) < 2:
        wrong["options"] = "Write at least two options, one a line."
    if team_id is not None and session().get(Team, team_id) is None:
        wrong["team"] = "Choose another team."
    if row is None and (session().scalar(sa.select(sa.func.count()).select_from(CustomField)) or 0) >= MOST:
        wrong["label"] = f"A desk has at most {MOST} fields."
    if wrong:
        raise InvalidError("Not saved yet. Everything you wrote is still here.", **wrong)
    before = _told(row) if row is not None else {}
    if row is None:
        row = CustomField(key=_free_key(label), kind=kind, made_at=now())
        session().add(row)
    row.label, row.options, row.required, row.team_id = label, found, required, team_id
    row.position, row.active = max(0, min(position, 999)), active
    session().flush()
    what = "changed" if before else "added"
    who = Who(viewer.id, viewer.name)
    audit(who, what, about="field", about_id=row.id, name=label, before=before, after=_told(row))
    return row.id


def _told(row: CustomField) -> dict[str, object]:
    return {
        "label": row.label,
        "kind": row.kind,
        "options": row.options,
        "required": row.required,
        "team_id": row.team_id,
        "position": row.position,
        "active": row.active,
    }


def _free_key(label: str) -> str:
    taken = set(session().scalars(sa.select(CustomField.key)))
    key = key_of_label(label)
    tries = (key, *(f"{key[:36]}_{n}" for n in range(2, MOST + 3)))
    return next(k for k in tries if k not in taken)


@command
def set_field(*, viewer: Viewer, number: int, key: str, value: str) -> None:
    """Fill in a field of a ticket, or empty it.

    Raises:
        InvalidError: the field does not take this.
        NotFoundError: there is no such field, or no such ticket the viewer sees.
    """
    ticket = visible(viewer, number, Right.CHANGE)
    row = session().scalar(sa.select(CustomField).where(CustomField.key == key, CustomField.active))
    if row is None:
        raise NotFoundError("There is no such field.")
    try:
        kept = value_of(row.kind, value, row.options)
    except ValueError as error:
        raise InvalidError(f"{row.label}: {error}", value=str(error)) from error
    put_field(ticket, key, kept, actor=Actor.agent(viewer.id))


def put_field(ticket: Ticket, key: str, value: str | None, *, actor: Actor) -> None:
    """Set a field of a locked ticket, with its event, if the value is another."""
    old = ticket.fields.get(key)
    if old == value:
        return
    mine = (TicketField.ticket_id == ticket.id, TicketField.key == key)
    if value is None:
        session().execute(sa.delete(TicketField).where(*mine))
    elif not insert_ignore(TicketField, {"ticket_id": ticket.id, "key": key, "value": value}):
        session().execute(sa.update(TicketField).where(*mine).values(value=value))
    entry = record(ticket, "field", {"key": key, "from": old, "to": value}, actor=actor)
    emit(FieldChanged(ticket_id=ticket.id, event_id=entry.id, field=f"field:{key}"))
