"""The sidebar: views and teams with their counts, and what other features put below them."""

from flask import url_for

from helpdesk.core.clock import now
from helpdesk.core.feature import panels
from helpdesk.core.i18n import gettext as _
from helpdesk.core.pages import Nav, NavItem
from helpdesk.people.queries import TeamLine, teams
from helpdesk.people.rights import Scope, Viewer
from helpdesk.tickets.queries.queue import counts
from helpdesk.tickets.queries.views import views_of


def nav_for(viewer: Viewer, current: str = "", all_teams: list[TeamLine] | None = None) -> Nav:
    """Return the sidebar of `viewer` with the item `current` (a view's or a page's key) marked.

    `all_teams`: the teams by name, if the page has asked for them already.
    """
    mine = [
        t
        for t in (teams() if all_teams is None else all_teams)
        if viewer.scope is Scope.ALL or t.id in viewer.team_ids
    ]
    kept = views_of(viewer)
    held = counts(viewer, tuple(t.id for t in mine), now(), tuple(v.filter for v in kept))

    def view(key: str, label: str, icon: str, count: int, *, late: bool = False, letter: str = "") -> NavItem:
        url = url_for("tickets.queue", view=key)
        return NavItem(label, url, icon, count, late, current == key, letter)

    main = [view("mine", _("My queue"), "inbox", held.mine, late=held.mine_long > 0, letter="q")]
    if viewer.scope is not Scope.ASSIGNED:
        late = held.unassigned_long > 0
        main.append(view("unassigned", _("Unassigned"), "users", held.unassigned, late=late, letter="u"))
        main.append(view("all", _("All tickets"), "list", held.all, letter="a"))
    if held.snoozed or current == "snoozed":
        url = url_for("tickets.queue", view="mine", state="snoozed")
        main.append(NavItem(_("Snoozed"), url, "clock", held.snoozed, False, current == "snoozed", "z"))
    team_items = tuple(view(f"team-{t.id}", t.name, t.icon, held.by_team[t.id]) for t in mine)
    desk_items = [item for items in panels().values("nav.desk", viewer, current) for item in items]
    views = tuple(
        NavItem(
            v.name,
            url_for("tickets.queue", **v.args, saved=v.id),
            "list",
            held.by_view[v.id],
            False,
            current == f"saved-{v.id}",
        )
        for v in kept
    )
    return Nav(tuple(main), team_items, views, tuple(desk_items))
