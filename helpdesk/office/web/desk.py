"""What the desk is called, where it is, and how long a reply can be undone."""

from flask import redirect, url_for
from werkzeug.wrappers import Response

from helpdesk.core.desk import desk
from helpdesk.core.errors import InvalidError
from helpdesk.core.i18n import gettext as _
from helpdesk.core.pages import Choice, FieldErrors
from helpdesk.core.zones import known
from helpdesk.office.commands import UNDO_MOST_S, save_desk
from helpdesk.office.pages import DeskPage
from helpdesk.office.web.blueprint import bp, draw, line, who


@bp.get("/desk")
def desk_page() -> str:
    """Show the facts of the desk."""
    here = desk()
    return _render(here.name, here.zone, str(here.undo_seconds))


@bp.post("/desk")
def save_desk_page() -> Response | tuple[str, int]:
    """Keep them."""
    name, zone, undo = line("name", 80), line("zone", 60), line("undo_seconds", 10)
    try:
        save_desk(name=name, zone=zone, language=line("language", 16), undo_seconds=undo, who=who())
    except InvalidError as error:
        return _render(name, zone, undo, FieldErrors(error.fields, _("Not saved yet."))), 422
    return redirect(url_for("office.desk_page", said="saved"))


def _render(name: str, zone: str, undo: str, errors: FieldErrors | None = None) -> str:
    page = DeskPage(
        name=name,
        zone=zone,
        zones=known(),
        languages=(Choice(_("English"), "en", current=True),),
        undo_seconds=undo,
        undo_most=UNDO_MOST_S,
        errors=errors or FieldErrors(),
    )
    return draw("desk", page, {"saved": _("Saved.")})
