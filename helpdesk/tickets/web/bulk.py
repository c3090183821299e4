"""Acts on a selection of the queue, and the page that says what became of one."""

from flask import redirect, render_template, request, url_for
from werkzeug.wrappers import Response

from helpdesk.core.clock import now
from helpdesk.core.errors import InvalidError, NotFoundError
from helpdesk.core.web.numbers import whole
from helpdesk.core.web.rendering import zone
from helpdesk.people.access import current_viewer
from helpdesk.tickets import snoozing
from helpdesk.tickets.commands import bulk
from helpdesk.tickets.pages import BulkPage
from helpdesk.tickets.queries.bulk import act_of
from helpdesk.tickets.queries.navigation import nav_for
from helpdesk.tickets.web.blueprint import bp
from helpdesk.tickets.web.bulk_words import act_words, may_undo
from helpdesk.tickets.web.filters import list_args
from helpdesk.tickets.web.queue import wanted_list


@bp.post("/bulk")
def act_on_many() -> Response:
    """Do one act on the chosen tickets, or on all the list holds."""
    viewer, wanted = current_viewer(), wanted_list()
    what, _sep, value = request.form.get("act", "").partition(":")
    if what in {"tag", "untag"}:
        value = request.form.get("tag", "")[:60]
    if what == "snooze":
        moment = dict(snoozing.choices(now(), zone())).get(value)
        value = moment.isoformat() if moment else ""
    if value == "me":
        value = str(viewer.id)
    numbers = [n for v in request.form.getlist("n") if (n := whole(v))]
    try:
        act_id = bulk.act_on(
            viewer=viewer,
            what=what,
            value=value,
            numbers=numbers,
            everything=wanted if request.form.get("all") == "1" else None,
        )
    except InvalidError as error:
        if "numbers" in error.fields or "tag" in error.fields:
            return redirect(url_for("tickets.queue", **list_args(wanted), said="bulk-none"))
        raise
    act = act_of(viewer, act_id)
    if act is None or act.state == "running":
        return redirect(url_for("tickets.bulk_act", act_id=act_id, **list_args(wanted)))
    return redirect(url_for("tickets.queue", **list_args(wanted), bulk=act_id))


@bp.get("/bulk/<int:act_id>")
def bulk_act(act_id: int) -> str:
    """Show how far an act is, what it left out and why."""
    viewer = current_viewer()
    act = act_of(viewer, act_id)
    if act is None:
        raise NotFoundError("There is no such act of yours.")
    args = list_args(wanted_list())
    page = BulkPage(
        title=act_words(viewer, act),
        total=act.total,
        done=len(act.done),
        waiting=len(act.rest),
        left=tuple((one["number"], one["why"]) for one in act.left),
        running=act.state == "running",
        undone=act.state == "undone",
        undo_url=url_for("tickets.undo_bulk", act_id=act_id, **args) if may_undo(act) else "",
        back_url=url_for("tickets.queue", **args),
        live_url=url_for("tickets.bulk_act", act_id=act_id, **args),
    )
    return render_template("tickets/bulk.html", page=page, nav=nav_for(viewer, ""), toasts=())


@bp.post("/bulk/<int:act_id>/undo")
def undo_bulk(act_id: int) -> Response:
    """Put back what an act changed."""
    bulk.undo(viewer=current_viewer(), act_id=act_id)
    return redirect(url_for("tickets.queue", **list_args(wanted_list()), said="bulk-undone"))
