"""The list of what the viewer should hear, and how they want to hear it."""

from collections.abc import Iterable

from flask import Blueprint, jsonify, redirect, render_template, request, url_for
from markupsafe import Markup
from werkzeug.wrappers import Response

from helpdesk.core.i18n import gettext as _
from helpdesk.core.pages import Choice, NavItem
from helpdesk.core.web.numbers import whole
from helpdesk.core.web.rendering import toasts_for
from helpdesk.notifications import queries
from helpdesk.notifications.commands import choose, read, read_ticket
from helpdesk.notifications.kinds import Kind, Way
from helpdesk.notifications.pages import ChoosePage, KindLine, NewsLine, NewsPage, NewsTicket
from helpdesk.notifications.queries import Line
from helpdesk.notifications.wording import happened, kind_words
from helpdesk.people.access import current_viewer, guard
from helpdesk.people.queries import agents
from helpdesk.people.rights import Right, Viewer
from helpdesk.tickets.queries.navigation import nav_for

bp = Blueprint("notifications", __name__, template_folder="templates", url_prefix="/a/notifications")
guard(bp)

ICONS = {
    Kind.ASSIGNED: "user",
    Kind.MENTIONED: "at",
    Kind.CUSTOMER: "message",
    Kind.COLLEAGUE: "users",
    Kind.WOKE: "clock",
    Kind.STOPPED: "warn",
}


@bp.get("")
def show() -> str:
    """List what the viewer should hear, the unread first, by ticket."""
    viewer = current_viewer()
    found = queries.lines(viewer)
    said = {"read": _("Marked as read."), "saved": _("Saved.")}
    page = NewsPage(
        unread=_by_ticket(one for one in found if one.unread),
        read=_by_ticket(one for one in found if not one.unread),
        unread_count=queries.unread_count(viewer),
        all_read_url=url_for("notifications.mark_read"),
        choose_url=url_for("notifications.preferences"),
    )
    return render_template(
        "notifications/list.html",
        page=page,
        nav=nav_for(viewer, "notifications"),
        toasts=toasts_for(said, request.args.get("said")),
    )


def _by_ticket(found: Iterable[Line]) -> tuple[NewsTicket, ...]:
    tickets: dict[int, list[Line]] = {}
    for one in found:
        tickets.setdefault(one.number, []).append(one)
    return tuple(
        NewsTicket(
            number,
            rows[0].subject,
            rows[0].state,
            url_for("tickets.ticket", number=number),
            tuple(NewsLine(happened(r.kind, r.who), r.words, r.at, ICONS[r.kind]) for r in rows),
            url_for("notifications.mark_read", ticket=number) if rows[0].unread else "",
        )
        for number, rows in tickets.items()
    )


@bp.post("/read")
def mark_read() -> Response:
    """Mark what is about a ticket as read, or, without one, everything."""
    number = whole(request.args.get("ticket", ""))
    if number is None:
        read(agent_id=current_viewer().id)
    else:
        read_ticket(viewer=current_viewer(), number=number)
    return redirect(url_for("notifications.show", said="read"))


@bp.get("/preferences")
def preferences() -> str:
    """Show how the viewer hears of things."""
    viewer = current_viewer()
    chosen = queries.choices_of([viewer.id])[viewer.id]
    labels = {Way.MAIL: _("Here and by mail"), Way.APP: _("Here"), Way.NONE: _("Not at all")}
    kinds = tuple(
        KindLine(k, kind_words(k), tuple(Choice(labels[w], w, chosen.way(k) is w) for w in Way)) for k in Kind
    )
    page = ChoosePage(
        kinds, tuple(labels.values()), chosen.daily, viewer.email, url_for("notifications.show")
    )
    return render_template(
        "notifications/choose.html", page=page, nav=nav_for(viewer, "notifications"), toasts=()
    )


@bp.post("/preferences")
def save_preferences() -> Response:
    """Keep how the viewer wants to hear of things."""
    ways = {kind.value: request.form[kind.value] for kind in Kind if kind.value in request.form}
    choose(viewer=current_viewer(), ways=ways, daily=request.form.get("when") == "daily")
    return redirect(url_for("notifications.show", said="saved"))


@bp.get("/people")
def people() -> Response:
    """Give the names of those who can be mentioned, for the list that @ opens in a note."""
    viewer = current_viewer()
    return jsonify([one.name for one in agents() if one.id != viewer.id])


def names_for_notes(viewer: Viewer, _ticket_id: int, _number: int) -> Markup:
    """Return the script that offers names behind an @ (panel `ticket.strips`)."""
    if not viewer.may(Right.NOTE):
        return Markup()
    return Markup(render_template("notifications/mentions.html"))  # noqa: S704 - a template of ours


def nav_desk(viewer: Viewer, current: str) -> tuple[NavItem, ...]:
    """Return the place of notifications in the sidebar, with the unread ones counted (panel `nav.desk`)."""
    count = queries.unread_count(viewer) or None
    url = url_for("notifications.show")
    return (NavItem(_("Notifications"), url, "bell", count, current=current == "notifications", key="n"),)
