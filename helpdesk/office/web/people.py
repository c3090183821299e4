"""People of the desk: listed, invited, changed, deactivated."""

from flask import redirect, request, url_for
from werkzeug.wrappers import Response

from helpdesk.core.audit import changes
from helpdesk.core.errors import InvalidError, RefusedError
from helpdesk.core.i18n import gettext as _
from helpdesk.core.pages import Choice, FieldErrors
from helpdesk.mailboxes.queries import is_ours, mailboxes
from helpdesk.office.commands import invite
from helpdesk.office.pages import InvitedPage, PeoplePage, PersonLine, PersonPage, RoleColumn
from helpdesk.office.web.blueprint import bp, draw, ids, line, told, who
from helpdesk.people.access import current_viewer
from helpdesk.people.commands import Person, give_way_in, save_agent, stop_two_factor, switch_agent
from helpdesk.people.queries import AgentRow, people_at_desk, person_at_desk, teams
from helpdesk.people.rights import Right, Role, Scope, rights_of
from helpdesk.people.tokens import LIVES


def role_words() -> dict[Role, tuple[str, str]]:
    """Return what each role is called, and one sentence about it."""
    return {
        Role.ADMIN: (_("Administrator"), _("Runs the desk")),
        Role.LEAD: (_("Lead"), _("Looks after the work of others")),
        Role.AGENT: (_("Agent"), _("Answers customers")),
        Role.LIGHT: (_("Light agent"), _("Helps with notes")),
    }


def scope_words() -> dict[Scope, str]:
    """Return which tickets a scope shows."""
    return {
        Scope.ALL: _("All tickets"),
        Scope.TEAMS: _("Tickets of their teams"),
        Scope.ASSIGNED: _("Tickets assigned to them"),
    }


def right_words() -> dict[Right, str]:
    """Return each right in words."""
    return {
        Right.READ: _("Read the tickets they see"),
        Right.NOTE: _("Write notes"),
        Right.REPLY: _("Answer customers"),
        Right.CHANGE: _("Change state, priority, team and assignee"),
        Right.MAIL: _("See where mail went, and try again what failed"),
        Right.MANAGE: _("Manage people, mailboxes and settings"),
    }


@bp.get("/people")
def people() -> str:
    """List everybody, and what each role may do."""
    lines = [_line(one) for one in people_at_desk()]
    words = right_words()
    page = PeoplePage(
        tuple(one for one in lines if one.active),
        tuple(one for one in lines if not one.active),
        tuple(words[right] for right in Right),
        tuple(
            RoleColumn(label, about, tuple(right in rights_of(role) for right in Right))
            for role, (label, about) in role_words().items()
        ),
    )
    return draw("people", page, {"saved": _("Saved."), "out": _("They are signed out everywhere.")})


@bp.get("/people/new")
def new_person() -> str:
    """Ask who is invited."""
    return draw("person", _page(None, Person("", "", Role.AGENT, Scope.ALL, ())))


@bp.post("/people/new")
def invite_person() -> str | tuple[str, int]:
    """Invite somebody; show the link once, for where no mail goes out."""
    typed = _typed()
    try:
        agent_id, link = invite(person=typed, who=who())
    except InvalidError as error:
        return draw("person", _page(None, typed, FieldErrors(error.fields, _("Not invited yet.")))), 422
    except RefusedError as error:
        return draw(
            "person", _page(None, typed, FieldErrors({"email": str(error)}, _("Not invited yet.")))
        ), 422
    return _invited(person_at_desk(agent_id), link)


@bp.get("/people/<int:agent_id>")
def person(agent_id: int) -> str:
    """Show somebody to be changed."""
    one = person_at_desk(agent_id)
    said = {
        "saved": _("Saved."),
        "two-factor": _("Their password alone opens the desk until they set it up again."),
        "in": _("They can sign in again."),
    }
    return draw("person", _page(one, _kept(one)), said)


@bp.post("/people/<int:agent_id>")
def save_person(agent_id: int) -> Response | tuple[str, int]:
    """Change who they are and what they may do."""
    one, typed = person_at_desk(agent_id), _typed()
    try:
        save_agent(agent_id=agent_id, person=typed, who=who())
    except InvalidError as error:
        return draw("person", _page(one, typed, FieldErrors(error.fields, _("Not saved yet.")))), 422
    except RefusedError as error:
        name = "email" if "address" in str(error) else "role"
        return draw("person", _page(one, typed, FieldErrors({name: str(error)}, _("Not saved yet.")))), 422
    return redirect(url_for("office.person", agent_id=agent_id, said="saved"))


@bp.post("/people/<int:agent_id>/active")
def switch_person(agent_id: int) -> Response | tuple[str, int]:
    """Deactivate somebody, or let them in again."""
    one, active = person_at_desk(agent_id), request.form.get("active") == "yes"
    try:
        switch_agent(agent_id=agent_id, active=active, who=who())
    except RefusedError as error:
        return draw("person", _page(one, _kept(one), problem=str(error))), 409
    if active:
        return redirect(url_for("office.person", agent_id=agent_id, said="in"))
    return redirect(url_for("office.people", said="out"))


@bp.post("/people/<int:agent_id>/invite")
def invite_again(agent_id: int) -> str | tuple[str, int]:
    """Mail a fresh link to somebody who has no password yet."""
    one = person_at_desk(agent_id)
    if one.has_password or not one.active:
        words = _("They have a password already. If they forgot it, the sign-in page mails them a link.")
        return draw("person", _page(one, _kept(one), problem=words)), 409
    return _invited(one, give_way_in(agent_id=agent_id, kind="invite", by=who().name))


@bp.post("/people/<int:agent_id>/two-factor")
def reset_two_factor(agent_id: int) -> Response:
    """Ask somebody for no code any more: they lost what makes them."""
    person_at_desk(agent_id)
    stop_two_factor(agent_id=agent_id, who=who())
    return redirect(url_for("office.person", agent_id=agent_id, said="two-factor"))


def _typed() -> Person:
    role, scope = request.form.get("role", ""), request.form.get("scope", "")
    return Person(
        line("name", 120),
        line("email", 254),
        Role(role) if role in set(Role) else Role.AGENT,
        Scope(scope) if scope in set(Scope) else Scope.ALL,
        ids("teams"),
    )


def _kept(one: AgentRow) -> Person:
    return Person(one.name, one.email, one.role, one.scope, tuple(team.id for team in one.teams))


def _page(
    one: AgentRow | None, typed: Person, errors: FieldErrors | None = None, problem: str = ""
) -> PersonPage:
    return PersonPage(
        id=one.id if one else None,
        name=typed.name,
        email=typed.email,
        roles=tuple(
            Choice(f"{label}: {about}", role, current=role == typed.role)
            for role, (label, about) in role_words().items()
        ),
        scopes=tuple(
            Choice(words, scope, current=scope == typed.scope) for scope, words in scope_words().items()
        ),
        teams=tuple(
            Choice(team.name, str(team.id), current=team.id in typed.team_ids, icon=team.icon)
            for team in teams()
        ),
        line=_line(one) if one else None,
        changes=told(changes("agent", one.id)) if one else (),
        errors=errors or FieldErrors(),
        problem=problem,
    )


def _line(one: AgentRow) -> PersonLine:
    return PersonLine(
        url_for("office.person", agent_id=one.id),
        one.name,
        one.email,
        role_words()[one.role][0],
        scope_words()[one.scope],
        ", ".join(team.name for team in one.teams),
        one.seen_at,
        one.active,
        not one.has_password,
        one.two_factor,
        one.id == current_viewer().id,
    )


def _invited(one: AgentRow, link: str) -> str:
    mailed = any(not box.paused for box in mailboxes()) and not is_ours(one.email)
    hours = int(LIVES["invite"].total_seconds() // 3600)
    return draw("invited", InvitedPage(one.name, one.email, link, hours, mailed))
