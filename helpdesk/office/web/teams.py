"""Teams: listed, made, changed, removed."""

from flask import redirect, url_for
from werkzeug.wrappers import Response

from helpdesk.core.errors import InvalidError, RefusedError
from helpdesk.core.i18n import gettext as _
from helpdesk.core.pages import Choice, FieldErrors
from helpdesk.office.commands import remove_team
from helpdesk.office.pages import TeamPage, TeamRow, TeamsPage
from helpdesk.office.web.blueprint import bp, draw, ids, line, who
from helpdesk.people.commands import ICONS, save_team
from helpdesk.people.queries import agents, members
from helpdesk.people.queries import team as team_of
from helpdesk.people.queries import teams as all_teams


@bp.get("/teams")
def teams() -> str:
    """List the teams and who is in them."""
    inside = members()
    rows = tuple(
        TeamRow(
            url_for("office.team", team_id=team.id),
            team.name,
            team.icon,
            ", ".join(one.name for one in inside.get(team.id, ()) if one.active),
            sum(one.active for one in inside.get(team.id, ())),
        )
        for team in all_teams()
    )
    return draw("teams", TeamsPage(rows), {"saved": _("Saved."), "removed": _("The team is gone.")})


@bp.get("/teams/new")
def new_team() -> str:
    """Ask for a new team."""
    return draw("team", _page(None, "", "users", ()))


@bp.post("/teams/new")
def add_team() -> Response | tuple[str, int]:
    """Make a team."""
    return _save(None)


@bp.get("/teams/<int:team_id>")
def team(team_id: int) -> str:
    """Show a team to be changed."""
    return _shown(team_id)


@bp.post("/teams/<int:team_id>")
def change_team(team_id: int) -> Response | tuple[str, int]:
    """Change a team and who is in it."""
    return _save(team_of(team_id).id)


@bp.post("/teams/<int:team_id>/remove")
def drop(team_id: int) -> Response | tuple[str, int]:
    """Remove a team nothing belongs to."""
    try:
        remove_team(team_id=team_id, who=who())
    except RefusedError as error:
        return _shown(team_id, str(error)), 409
    return redirect(url_for("office.teams", said="removed"))


def _save(team_id: int | None) -> Response | tuple[str, int]:
    name, icon, chosen = line("name", 80), line("icon", 40), ids("members")
    try:
        save_team(team_id=team_id, name=name, icon=icon, member_ids=chosen, who=who())
    except InvalidError as error:
        return draw("team", _page(team_id, name, icon, chosen, FieldErrors(error.fields))), 422
    except RefusedError as error:
        return draw("team", _page(team_id, name, icon, chosen, FieldErrors({"name": str(error)}))), 422
    return redirect(url_for("office.teams", said="saved"))


def _shown(team_id: int, problem: str = "") -> str:
    found = team_of(team_id)
    inside = tuple(one.id for one in members().get(team_id, ()))
    return draw("team", _page(found.id, found.name, found.icon, inside, problem=problem))


def _page(
    team_id: int | None,
    name: str,
    icon: str,
    chosen: tuple[int, ...],
    errors: FieldErrors | None = None,
    problem: str = "",
) -> TeamPage:
    return TeamPage(
        team_id,
        name,
        tuple(Choice(words, key, current=key == icon, icon=key) for key, words in _icons().items()),
        tuple(Choice(one.name, str(one.id), current=one.id in chosen) for one in agents()),
        errors or FieldErrors(),
        problem,
    )


def _icons() -> dict[str, str]:
    words = {
        "users": _("People"),
        "box": _("Parcel"),
        "truck": _("Truck"),
        "retry": _("Return"),
        "tag": _("Tag"),
        "globe": _("Globe"),
        "message": _("Message"),
        "bolt": _("Lightning"),
        "shield": _("Shield"),
        "book": _("Book"),
        "desk": _("Bell"),
    }
    return {key: words[key] for key in ICONS}
