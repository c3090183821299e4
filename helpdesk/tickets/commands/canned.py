"""Canned replies are kept, changed, deleted and used here."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal

import sqlalchemy as sa

from helpdesk.core import audit
from helpdesk.core.clock import now
from helpdesk.core.db import command, session
from helpdesk.core.errors import ForbiddenError, InvalidError, NotFoundError, RefusedError
from helpdesk.core.tables import Json
from helpdesk.people.model import Team
from helpdesk.people.rights import Right, Scope, Viewer
from helpdesk.tickets import macros, placeholders
from helpdesk.tickets.commands.changing import visible
from helpdesk.tickets.commands.desk import save_draft
from helpdesk.tickets.model import Canned, Draft
from helpdesk.tickets.queries.canned import canned_one, may_share, values_for

TEXT_CHARS = 20_000
NAME_CHARS = 80
MOST = 500
SHARED = ("everyone", "team", "mine")


@dataclass(frozen=True, slots=True)
class CannedForm:
    """A canned reply as it was typed. `shared` is one of everyone, team, mine; `acts` as in `macros`."""

    name: str
    text: str
    shared: str = "mine"
    team_id: int | None = None
    acts: Sequence[str] = ()


@command
def save_canned(*, viewer: Viewer, canned_id: int | None, form: CannedForm) -> int:
    """Keep a canned reply, new if `canned_id` is None; return its id.

    Raises:
        ForbiddenError: the role does not answer customers, or shares without being a lead or administrator.
        NotFoundError: there is no such reply the viewer may use.
        InvalidError: a field is wrong; an unknown placeholder is named.
        RefusedError: there are 500 already.
    """
    row = _changeable(viewer, canned_id) if canned_id is not None else None
    _right(viewer)
    name = " ".join(form.name.split())[:NAME_CHARS]
    wrong = _problems(viewer, form, name)
    if wrong:
        raise InvalidError("Not saved yet.", **wrong)
    if form.shared != "mine" and not may_share(viewer):
        raise ForbiddenError("Leads and administrators share canned replies.")
    if row is None:
        if (session().scalar(sa.select(sa.func.count()).select_from(Canned)) or 0) >= MOST:
            raise RefusedError(f"There are {MOST} canned replies. Delete some first.")
        row = Canned(owner_id=viewer.id, used=0, position=0)
        before = None
    else:
        before = _told(row)
    row.name, row.text, row.shared = name, form.text.strip("\n"), form.shared
    row.team_id = form.team_id if form.shared == "team" else None
    if form.shared == "mine":
        row.owner_id = viewer.id
    row.acts = macros.tidy(form.acts)
    session().add(row)
    session().flush()
    what = "canned.added" if before is None else "canned.changed"
    _note(viewer, what, row, before, _told(row))
    return row.id


@command
def delete_canned(*, viewer: Viewer, canned_id: int) -> None:
    """Delete a canned reply; what was written with it stays as it is.

    Raises:
        ForbiddenError, NotFoundError: as `save_canned`.
    """
    row = _changeable(viewer, canned_id)
    _note(viewer, "canned.deleted", row, _told(row), None)
    session().delete(row)


@command
def use_canned(*, viewer: Viewer, number: int, canned_id: int) -> tuple[str, list[str]]:
    """Return a canned reply filled in for a ticket, and its acts; it counts as used.

    Raises:
        NotFoundError: the viewer does not see the ticket, or may not use the reply.
        ForbiddenError: the role does not answer customers.
        RefusedError: the ticket is closed.
    """
    ticket = visible(viewer, number, Right.REPLY)
    found = canned_one(viewer, canned_id)
    session().execute(
        sa.update(Canned).where(Canned.id == canned_id).values(used=Canned.used + 1, last_used_at=now())
    )
    return placeholders.fill(found.text, values_for(viewer, ticket)), found.acts


@command
def put_canned(
    *, viewer: Viewer, number: int, canned_id: int, kind: Literal["reply", "note"] = "reply"
) -> None:
    """Put a canned reply below what the viewer's draft holds.

    Raises:
        NotFoundError, ForbiddenError, RefusedError: as `use_canned`.
    """
    text, acts = use_canned(viewer=viewer, number=number, canned_id=canned_id)
    ticket = visible(viewer, number, Right.REPLY)
    draft = session().get(Draft, (ticket.id, viewer.id, kind))
    body = f"{draft.body.rstrip()}\n\n{text}".strip() if draft else text
    both = [*(draft.acts if draft else ()), *acts]
    save_draft(viewer=viewer, number=number, kind=kind, body=body, acts=both)


def _right(viewer: Viewer) -> None:
    if not viewer.may(Right.REPLY):
        raise ForbiddenError(f"Your role cannot {Right.REPLY.value}.")


def _changeable(viewer: Viewer, canned_id: int) -> Canned:
    if not canned_one(viewer, canned_id).may_change:
        raise ForbiddenError("Leads and administrators change what is shared.")
    row = session().get(Canned, canned_id, with_for_update=True)
    if row is None:
        raise NotFoundError("There is no such canned reply.")
    return row


def _problems(viewer: Viewer, form: CannedForm, name: str) -> dict[str, str]:
    wrong: dict[str, str] = {}
    if not name:
        wrong["name"] = "Give it a name to find it by."
    if not form.text.strip():
        wrong["text"] = "Write the text it inserts."
    elif len(form.text) > TEXT_CHARS:
        wrong["text"] = f"This is too long: {TEXT_CHARS} characters at most."
    elif (strange := placeholders.unknown(form.text)) is not None:
        near = f" Did you mean {{{strange[1]}}}?" if strange[1] else ""
        wrong["text"] = f"There is no placeholder {{{strange[0]}}}.{near}"
    if form.shared not in SHARED:
        wrong["shared"] = "Choose one of the list."
    elif form.shared == "team":
        mine = viewer.scope is Scope.ALL or form.team_id in viewer.team_ids
        if form.team_id is None or not mine or session().get(Team, form.team_id) is None:
            wrong["team"] = "Choose a team of yours."
    for act in form.acts:
        kind, value = macros.split(act)
        if not kind or (kind == "team" and session().get(Team, int(value)) is None):
            wrong["acts"] = "Choose what shall be done from the lists."
    return wrong


def _told(row: Canned) -> Json:
    return {
        "name": row.name,
        "text": row.text,
        "shared": row.shared,
        "team_id": row.team_id,
        "acts": list(row.acts),
    }


def _note(viewer: Viewer, what: str, row: Canned, before: Json | None, after: Json | None) -> None:
    who = audit.Who(viewer.id, viewer.name)
    name = row.name
    audit.record(who, what, about="canned", about_id=row.id, name=name, before=before, after=after)
