"""What agents decide about held messages and spam on the ticket page."""

from flask import redirect, request, url_for
from werkzeug.wrappers import Response

from helpdesk.core.i18n import gettext as _
from helpdesk.core.web.forms import text
from helpdesk.people.access import current_viewer
from helpdesk.tickets.commands import holding
from helpdesk.tickets.commands.spam import set_spam
from helpdesk.tickets.web.blueprint import bp
from helpdesk.tickets.web.filters import list_args
from helpdesk.tickets.web.queue import wanted_list


@bp.post("/tickets/<int:number>/messages/<int:message_id>/dismiss")
def dismiss_held(number: int, message_id: int) -> Response:
    """Leave a held message as a note."""
    reason = text("reason", holding.REASON_CHARS)
    holding.dismiss_held(viewer=current_viewer(), number=number, message_id=message_id, reason=reason)
    return _back(number, "left")


@bp.post("/tickets/<int:number>/messages/<int:message_id>/hold")
def hold_again(number: int, message_id: int) -> Response:
    """Take a dismissal back."""
    holding.hold_again(viewer=current_viewer(), number=number, message_id=message_id)
    return _back(number, "held")


@bp.post("/tickets/<int:number>/spam")
def spam(number: int) -> Response:
    """Mark a ticket as spam, or bring it back as it was."""
    on = (request.form.get("on") or request.args.get("on", "1")) == "1"
    set_spam(viewer=current_viewer(), number=number, on=on, why=_("marked by hand"))
    return _back(number, "spam" if on else "not-spam")


def _back(number: int, said: str) -> Response:
    args = list_args(wanted_list())
    return redirect(url_for("tickets.ticket", number=number, **args, said=said))
