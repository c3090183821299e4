"""The search page: one field, and what it found."""

from datetime import datetime
from typing import cast

from flask import redirect, render_template, request, url_for
from werkzeug.wrappers import Response

from helpdesk.core.i18n import gettext as _
from helpdesk.people.access import current_viewer
from helpdesk.tickets import searching
from helpdesk.tickets.pages import FoundTicket, SearchPage, State
from helpdesk.tickets.queries.navigation import nav_for
from helpdesk.tickets.queries.queue import Cursor
from helpdesk.tickets.queries.search import COUNT_CAP, Hit, search
from helpdesk.tickets.web.blueprint import bp


@bp.get("/search")
def search_page() -> str | Response:
    """Find tickets; a number alone that is a ticket opens it."""
    viewer = current_viewer()
    typed = request.args.get("q", "")[:400]
    wanted = searching.read(typed)
    cursor = Cursor.read(request.args.get("after", ""))
    found = search(viewer, wanted, (cursor.at, cursor.id) if cursor else None)
    if wanted.number is not None and request.args.get("go") and found.hits and found.hits[0].exact:
        return redirect(url_for("tickets.ticket", number=wanted.number, view="all"))
    total = str(found.total) if found.total < COUNT_CAP else f"{COUNT_CAP - 1}+"
    page = SearchPage(
        q=typed,
        asked=not wanted.empty,
        total=total,
        hits=tuple(_found(hit, wanted) for hit in found.hits),
        next_url=url_for("tickets.search_page", q=typed, after=_place(found.before))
        if found.before
        else None,
        unknown=wanted.unknown,
        examples=(
            ("tag:refund is:open", _("open tickets with a tag")),
            ("from:lena after:2026-10", _("what somebody wrote since October")),
            ('"torn zip" -tent', _("words side by side, and one that must not occur")),
            ("assignee:me is:waiting", _("mine that wait on someone else")),
        ),
    )
    return render_template("tickets/search.html", page=page, nav=nav_for(viewer, "search"), toasts=())


def _place(before: tuple[datetime, int]) -> str:
    return str(Cursor(before[0], before[1]))


def _found(hit: Hit, wanted: searching.Search) -> FoundTicket:
    return FoundTicket(
        number=hit.number,
        url=url_for("tickets.ticket", number=hit.number, view="all"),
        subject=tuple(searching.marks(hit.subject, wanted)),
        line=tuple(searching.marks(hit.line, wanted)),
        state=cast("State", hit.state),
        customer=tuple(searching.marks(hit.customer, wanted)),
        tags=tuple(hit.tags),
        updated_at=hit.updated_at,
        exact=hit.exact,
    )
