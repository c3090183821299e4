"""Keeping a list under a name, and forgetting it."""

from flask import redirect, request, url_for
from werkzeug.wrappers import Response

from helpdesk.core.errors import InvalidError
from helpdesk.core.web.forms import text
from helpdesk.people.access import current_viewer
from helpdesk.tickets.commands import views
from helpdesk.tickets.web.blueprint import bp
from helpdesk.tickets.web.filters import list_args
from helpdesk.tickets.web.queue import wanted_list


@bp.post("/views")
def save_view() -> Response:
    """Keep the list of the address under a name."""
    args = list_args(wanted_list())
    try:
        made = views.save_view(
            viewer=current_viewer(),
            name=text("name", 60),
            args=args,
            shared=request.form.get("shared") == "1",
        )
    except InvalidError:
        return redirect(url_for("tickets.queue", **args, said="view-unnamed"))
    return redirect(url_for("tickets.queue", **(args | {"saved": made}), said="view-saved"))


@bp.post("/views/<int:view_id>/delete")
def delete_view(view_id: int) -> Response:
    """Forget a view; the list stays on the screen."""
    views.delete_view(viewer=current_viewer(), view_id=view_id)
    args = {k: v for k, v in list_args(wanted_list()).items() if k != "saved"}
    return redirect(url_for("tickets.queue", **args, said="view-gone"))
