"""The desk's own fields: filled in on a ticket, made on a settings page."""

from typing import Any

from flask import redirect, render_template, request, url_for
from werkzeug.wrappers import Response

from helpdesk.core.errors import ForbiddenError, InvalidError, NotFoundError
from helpdesk.core.i18n import gettext as _
from helpdesk.core.pages import Choice, FieldErrors, SettingsLink
from helpdesk.core.web.forms import text
from helpdesk.core.web.numbers import whole
from helpdesk.core.web.rendering import toasts_for
from helpdesk.people.access import current_viewer
from helpdesk.people.queries import teams
from helpdesk.people.rights import Right, Viewer
from helpdesk.tickets.commands import fields as commands
from helpdesk.tickets.fielding import KINDS
from helpdesk.tickets.pages import FieldForm, FieldRow, FieldsPage
from helpdesk.tickets.queries.fields import FieldLine, all_fields
from helpdesk.tickets.queries.navigation import nav_for
from helpdesk.tickets.web.acting import back_to
from helpdesk.tickets.web.blueprint import SAID, bp


@bp.post("/tickets/<int:number>/fields/<key>")
def set_field(number: int, key: str) -> Response:
    """Fill in a field of a ticket."""
    commands.set_field(viewer=current_viewer(), number=number, key=key, value=text("value", 600))
    return back_to(number, "field")


@bp.get("/settings/fields")
def fields_page() -> str:
    """Show the desk's own fields."""
    viewer = _manager()
    all_teams = teams()
    names = {t.id: t.name for t in all_teams}
    rows = tuple(
        FieldRow(
            f.label,
            kind_words(f.kind),
            names.get(f.team_id or 0, _("all teams")),
            f.required,
            f.active,
            url_for("tickets.field_form", field_id=f.id),
        )
        for f in all_fields()
    )
    return render_template(
        "tickets/fields.html",
        page=FieldsPage(rows, url_for("tickets.new_field")),
        nav=nav_for(viewer, "settings", all_teams),
        toasts=toasts_for(SAID, request.args.get("said")),
    )


@bp.get("/settings/fields/new")
def new_field() -> str:
    """Show the form of a new field."""
    return _form(None, {"position": "10", "active": "1", "kind": "text"})


@bp.get("/settings/fields/<int:field_id>")
def field_form(field_id: int) -> str:
    """Show the form of a field."""
    _manager()
    line = _line(field_id)
    values = {
        "label": line.label,
        "kind": line.kind,
        "options": "\n".join(line.options),
        "required": "1" if line.required else "",
        "team": str(line.team_id or ""),
        "position": str(line.position),
        "active": "1" if line.active else "",
    }
    return _form(line, values)


@bp.post("/settings/fields/new")
def add_field() -> Response | tuple[str, int]:
    """Make a field."""
    return _save(None)


@bp.post("/settings/fields/<int:field_id>")
def change_field(field_id: int) -> Response | tuple[str, int]:
    """Change a field."""
    _manager()
    return _save(_line(field_id))


def _save(line: FieldLine | None) -> Response | tuple[str, int]:
    typed = {name: text(name, 12_000 if name == "options" else 200) for name in request.form}
    try:
        commands.save_field(
            viewer=_manager(),
            field_id=line.id if line else None,
            label=typed.get("label", ""),
            kind=typed.get("kind", ""),
            options=typed.get("options", ""),
            required=typed.get("required") == "1",
            team_id=whole(typed.get("team", "")),
            position=whole(typed.get("position", "")) or 0,
            active=line is None or typed.get("active") == "1",
        )
    except InvalidError as error:
        return _form(line, typed, FieldErrors(error.fields, str(error))), 422
    return redirect(url_for("tickets.fields_page", said="saved"))


def _form(line: FieldLine | None, typed: dict[str, Any], errors: FieldErrors | None = None) -> str:
    viewer = _manager()
    all_teams = teams()
    save = url_for("tickets.change_field", field_id=line.id) if line else url_for("tickets.add_field")
    page = FieldForm(
        title=line.label if line else _("New field"),
        key=line.key if line else "",
        typed=typed,
        errors=errors,
        kinds=tuple(Choice(kind_words(k), k) for k in KINDS),
        teams=tuple(Choice(t.name, str(t.id)) for t in all_teams),
        save_url=save,
        back_url=url_for("tickets.fields_page"),
    )
    return render_template(
        "tickets/field.html", page=page, nav=nav_for(viewer, "settings", all_teams), toasts=()
    )


def settings_pages(viewer: Viewer) -> tuple[SettingsLink, ...]:
    """Return the pages of settings about tickets."""
    if not viewer.may(Right.MANAGE):
        return ()
    words = _("What your desk wants to know about a ticket beyond the usual")
    return (SettingsLink("tickets", _("Fields"), words, url_for("tickets.fields_page"), "sliders"),)


def kind_words(kind: str) -> str:
    """Return what a field takes, in words."""
    words = {
        "text": _("Text"),
        "number": _("Number"),
        "date": _("Day"),
        "choice": _("One of a list"),
        "check": _("Yes or nothing"),
    }
    return str(words[kind])


def _line(field_id: int) -> FieldLine:
    found = next((f for f in all_fields() if f.id == field_id), None)
    if found is None:
        raise NotFoundError("There is no such field.")
    return found


def _manager() -> Viewer:
    viewer = current_viewer()
    if not viewer.may(Right.MANAGE):
        raise ForbiddenError(f"Your role cannot {Right.MANAGE.value}.")
    return viewer
