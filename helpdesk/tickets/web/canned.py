"""Pages of canned replies, and how the composer gets them."""

from flask import Response, jsonify, redirect, render_template, request, url_for
from werkzeug.wrappers import Response as AnyResponse

from helpdesk.core.errors import InvalidError
from helpdesk.core.i18n import gettext as _
from helpdesk.core.i18n import ngettext
from helpdesk.core.pages import Choice, FieldErrors, NavItem
from helpdesk.core.web.forms import text
from helpdesk.core.web.numbers import whole
from helpdesk.core.web.rendering import in_words, toasts_for
from helpdesk.people.access import current_viewer
from helpdesk.people.queries import TeamLine, teams
from helpdesk.people.rights import Right, Scope, Viewer
from helpdesk.tickets import macros, placeholders
from helpdesk.tickets.commands import canned as verbs
from helpdesk.tickets.pages import CannedItem, CannedListPage, CannedPage, CannedPreview, PickPage
from helpdesk.tickets.queries import canned as reads
from helpdesk.tickets.queries import ticket as tickets
from helpdesk.tickets.queries.navigation import nav_for
from helpdesk.tickets.web.blueprint import SAID, bp
from helpdesk.tickets.web.canned_words import act_words, explained
from helpdesk.tickets.web.filters import list_args
from helpdesk.tickets.web.queue import wanted_list
from helpdesk.tickets.web.words_for import priority_words, state_words


def nav_desk(viewer: Viewer, current: str) -> tuple[NavItem, ...]:
    """Return the place of canned replies in the sidebar (panel `nav.desk`)."""
    if not viewer.may(Right.REPLY):
        return ()
    return (
        NavItem(_("Canned replies"), url_for("tickets.canned_list"), "bolt", current=current == "canned"),
    )


@bp.get("/canned")
def canned_list() -> str:
    """Show the canned replies the viewer may use."""
    viewer, all_teams = current_viewer(), teams()
    page = CannedListPage(tuple(_item(one, all_teams) for one in reads.canned_for(viewer)))
    toasts = toasts_for(SAID, request.args.get("said"))
    return render_template(
        "tickets/canned_list.html", page=page, nav=nav_for(viewer, "canned", all_teams), toasts=toasts
    )


@bp.get("/canned/new")
def new_canned() -> str:
    """Show an empty one."""
    reads.canned_for(current_viewer())  # says no to those who do not answer customers
    return _render(None, verbs.CannedForm("", ""))


@bp.post("/canned/new")
def add_canned() -> AnyResponse | tuple[str, int]:
    """Keep a new one."""
    return _save(None)


@bp.get("/canned/<int:canned_id>")
def canned_page(canned_id: int) -> str:
    """Show one to be changed."""
    found = reads.canned_one(current_viewer(), canned_id)
    form = verbs.CannedForm(found.name, found.text, found.shared, found.team_id, found.acts)
    return _render(canned_id, form)


@bp.post("/canned/<int:canned_id>")
def save_canned(canned_id: int) -> AnyResponse | tuple[str, int]:
    """Keep a changed one."""
    return _save(canned_id)


@bp.post("/canned/<int:canned_id>/delete")
def delete_canned(canned_id: int) -> AnyResponse:
    """Delete one."""
    verbs.delete_canned(viewer=current_viewer(), canned_id=canned_id)
    return redirect(url_for("tickets.canned_list", said="canned-deleted"))


@bp.post("/canned/preview")
def preview_canned() -> Response | str:
    """Show how what was typed reads in a ticket; keeps nothing."""
    viewer = current_viewer()
    reads.canned_for(viewer)
    form = _typed()
    if request.headers.get("X-Fragment"):
        return render_template("tickets/_canned_preview.html", preview=_preview(viewer, form.text))
    return _render(whole(request.form.get("canned", "")), form)


@bp.get("/tickets/<int:number>/canned")
def pick_canned(number: int) -> str:
    """Show what can be inserted in a ticket: a page, or the composer's menu."""
    viewer, all_teams = current_viewer(), teams()
    ticket = tickets.ticket_seen_by(viewer, number)
    page = PickPage(
        number=number,
        subject=ticket.subject,
        kind="note" if request.args.get("kind") == "note" else "reply",
        back_url=url_for("tickets.ticket", number=number, **list_args(wanted_list())),
        items=tuple(_item(one, all_teams) for one in reads.canned_for(viewer)),
    )
    if request.headers.get("X-Fragment"):
        return render_template("tickets/_canned_menu.html", page=page)
    return render_template("tickets/canned_pick.html", page=page, nav=nav_for(viewer, "", all_teams))


@bp.post("/tickets/<int:number>/canned/<int:canned_id>")
def put_canned(number: int, canned_id: int) -> AnyResponse:
    """Give a canned reply filled in; without scripts, put it into the draft."""
    viewer = current_viewer()
    if request.headers.get("X-Fragment"):
        said, acts = verbs.use_canned(viewer=viewer, number=number, canned_id=canned_id)
        all_teams = teams()
        chips = [{"value": act, "label": act_words(act, all_teams)} for act in acts]
        return jsonify(text=said, acts=chips)
    note = request.form.get("kind") == "note"
    verbs.put_canned(viewer=viewer, number=number, canned_id=canned_id, kind="note" if note else "reply")
    args = list_args(wanted_list())
    return redirect(url_for("tickets.ticket", number=number, **args, said="inserted") + "#editor")


def _item(one: reads.CannedLine, all_teams: list[TeamLine]) -> CannedItem:
    used = ngettext("Used once", "Used %(num)s times", one.used) if one.used else _("Not used yet")
    if one.last_used_at:
        used = _("%(used)s, last %(when)s", used=used, when=in_words(one.last_used_at))
    names = {t.id: t.name for t in all_teams}
    shared = {"everyone": _("Everyone"), "mine": _("Only me")}
    return CannedItem(
        id=one.id,
        name=one.name,
        url=url_for("tickets.canned_page", canned_id=one.id),
        text=" ".join(one.text.split())[:160],
        shared=shared.get(one.shared) or names.get(one.team_id or 0, _("Team")),
        acts=tuple(act_words(act, all_teams) for act in one.acts),
        used=used,
    )


def _typed() -> verbs.CannedForm:
    """Return the form as it was sent."""
    shared = request.form.get("shared", "mine")
    chosen = {kind: request.form.get(f"do_{kind}", "") for kind in ("state", "priority", "team", "assign")}
    tags = (" ".join(tag.split()).lower() for tag in text("do_tags", 400).replace("#", " ").split(","))
    acts = [f"{kind}:{value}" for kind, value in chosen.items() if value] + [f"tag:{t}" for t in tags if t]
    team = shared.removeprefix("team:")
    return verbs.CannedForm(
        name=" ".join(text("name", 200).split()),
        text=text("text", verbs.TEXT_CHARS + 1),
        shared="team" if shared.startswith("team:") else shared,
        team_id=whole(team) if shared.startswith("team:") else None,
        acts=tuple(acts),
    )


def _save(canned_id: int | None) -> AnyResponse | tuple[str, int]:
    form = _typed()
    try:
        verbs.save_canned(viewer=current_viewer(), canned_id=canned_id, form=form)
    except InvalidError as error:
        return _render(canned_id, form, FieldErrors(error.fields, _("Not saved yet."))), 422
    return redirect(url_for("tickets.canned_list", said="canned-saved"))


def _preview(viewer: Viewer, typed: str) -> CannedPreview:
    ticket = reads.example_ticket(viewer, whole(request.form.get("on", "")))
    strange = placeholders.unknown(typed)
    wrong = _("There is no placeholder {%(name)s}.", name=strange[0]) if strange else ""
    if strange and strange[1]:
        wrong += " " + _("Did you mean {%(near)s}?", near=strange[1])
    if ticket is None:
        return CannedPreview("", "", typed, wrong)
    filled = placeholders.fill(typed, reads.values_for(viewer, ticket))
    return CannedPreview(str(ticket.number), ticket.subject, filled, wrong)


def _render(canned_id: int | None, form: verbs.CannedForm, errors: FieldErrors | None = None) -> str:
    viewer, all_teams = current_viewer(), teams()
    may_change = canned_id is None or reads.canned_one(viewer, canned_id).may_change
    acts = dict(macros.split(act) for act in form.acts if not act.startswith("tag:"))
    tags = [macros.split(act)[1] or act.removeprefix("tag:") for act in form.acts if act.startswith("tag:")]
    page = CannedPage(
        id=canned_id,
        title=form.name or _("New canned reply"),
        save_url=(
            url_for("tickets.save_canned", canned_id=canned_id)
            if canned_id
            else url_for("tickets.add_canned")
        ),
        delete_url=url_for("tickets.delete_canned", canned_id=canned_id) if canned_id and may_change else "",
        name=form.name,
        text=form.text,
        shares=_shares(viewer, form, all_teams),
        states=_chosen(acts.get("state"), [(s, state_words(s)) for s in macros.STATES]),
        priorities=_chosen(acts.get("priority"), [(str(n), priority_words(n)) for n in (4, 3, 2, 1)]),
        teams=_chosen(acts.get("team"), [(str(t.id), t.name) for t in all_teams]),
        assign="assign" in acts,
        tags=", ".join(tags),
        may_change=may_change,
        placeholders=explained(),
        preview=_preview(viewer, form.text),
        errors=errors or FieldErrors(),
    )
    return render_template("tickets/canned.html", page=page, nav=nav_for(viewer, "canned", all_teams))


def _chosen(value: str | None, options: list[tuple[str, str]]) -> tuple[Choice, ...]:
    first = Choice(_("Leave as it is"), "", not value)
    return (first, *(Choice(label, key, key == value) for key, label in options))


def _shares(viewer: Viewer, form: verbs.CannedForm, all_teams: list[TeamLine]) -> tuple[Choice, ...]:
    found = [Choice(_("Only me"), "mine", form.shared == "mine")]
    if reads.may_share(viewer) or form.shared != "mine":
        found.append(Choice(_("Everyone"), "everyone", form.shared == "everyone"))
        for t in all_teams:
            if viewer.scope is Scope.ALL or t.id in viewer.team_ids:
                here = form.shared == "team" and form.team_id == t.id
                found.append(Choice(_("Team %(team)s", team=t.name), f"team:{t.id}", here))
    return tuple(found)
