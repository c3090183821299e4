"""An agent's own signature, below their answers."""

from flask import Blueprint, redirect, render_template, request, url_for
from werkzeug.wrappers import Response

from helpdesk.channels.commands import SIGNATURE_CHARS, sign_as
from helpdesk.channels.queries import signature_of
from helpdesk.core.errors import InvalidError
from helpdesk.core.i18n import gettext as _
from helpdesk.core.pages import FieldErrors
from helpdesk.core.web import forms
from helpdesk.core.web.rendering import toasts_for
from helpdesk.mailroom.pages import SignaturePage
from helpdesk.people.access import current_viewer, guard
from helpdesk.people.rights import Right
from helpdesk.tickets.queries.navigation import nav_for

own_bp = Blueprint("signature", __name__, template_folder="../templates", url_prefix="/a")
guard(own_bp, Right.REPLY)


@own_bp.get("/signature")
def show() -> str:
    """Show the viewer's own signature."""
    return _render(signature_of(current_viewer().id), FieldErrors())


@own_bp.post("/signature")
def save() -> Response | tuple[str, int]:
    """Keep it."""
    typed = forms.text("text", SIGNATURE_CHARS + 1)
    try:
        sign_as(agent_id=current_viewer().id, text=typed)
    except InvalidError as error:
        return _render(typed, FieldErrors(error.fields)), 422
    return redirect(url_for("signature.show", said="saved"))


def _render(text: str, errors: FieldErrors) -> str:
    said = {"saved": _("Saved. Your answers end with it from now on.")}
    return render_template(
        "mailroom/signature.html",
        page=SignaturePage(text, SIGNATURE_CHARS, errors),
        nav=nav_for(current_viewer()),
        toasts=toasts_for(said, request.args.get("said")),
    )
