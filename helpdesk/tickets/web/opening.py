"""A ticket an agent opens: for a call, a visit, or a mail of our own."""

import secrets
from typing import Any

from flask import redirect, render_template, request, url_for
from werkzeug.wrappers import Response

from helpdesk.core.errors import InvalidError
from helpdesk.core.i18n import gettext as _
from helpdesk.core.pages import Choice, FieldErrors
from helpdesk.core.web.forms import text
from helpdesk.core.web.numbers import whole
from helpdesk.core.web.rendering import in_words
from helpdesk.core.web.uploads import uploads
from helpdesk.people.access import current_viewer
from helpdesk.people.queries import contacts, teams
from helpdesk.people.rights import Right, Viewer
from helpdesk.tickets.commands.opening import open_by_agent
from helpdesk.tickets.content import Content, FileIn
from helpdesk.tickets.lifecycle import Channel
from helpdesk.tickets.pages import CustomerChoice, NewTicketPage, OpenTicket
from helpdesk.tickets.queries.customers import find_customers, open_of
from helpdesk.tickets.queries.navigation import nav_for
from helpdesk.tickets.web.blueprint import bp
from helpdesk.tickets.web.words_for import priority_words, state_words

BODY_CHARS = 200_000
WAYS = ("mail", "phone", "visit")


@bp.get("/tickets/new")
def new_ticket() -> str:
    """Show the form; `q` looks customers up, `contact` is the one chosen."""
    return _page(dict(request.args))


@bp.post("/tickets/new")
def open_new() -> Response | tuple[str, int]:
    """Open the ticket: the first message goes out as a mail, or stays as a note."""
    viewer = current_viewer()
    typed = {name: text(name, BODY_CHARS if name == "body" else 320) for name in request.form}
    way = typed.get("way", "")
    try:
        if way not in WAYS:
            raise InvalidError(_("Say how it came about."), way=_("Choose one of the three."))
        files = tuple(FileIn(f.name, f.content_type, f.digest, f.size) for f in uploads())
        made = open_by_agent(
            viewer=viewer,
            email=typed.get("email", "").strip(),
            name=typed.get("name", "").strip(),
            subject=typed.get("subject", ""),
            content=Content(text=typed.get("body", "").strip(), files=files),
            channel=Channel.AGENT if way == "mail" else Channel(way),
            as_mail=way == "mail",
            team_id=whole(typed.get("team", "")),
            priority=whole(typed.get("priority", "")) or 2,
            mine=typed.get("mine") == "1",
            form_key=typed.get("form_key") or None,
        )
    except InvalidError as error:
        return _page(typed, FieldErrors(error.fields, str(error))), 422
    return redirect(url_for("tickets.ticket", number=made.number, view="all", said="opened"))


def _page(typed: dict[str, Any], errors: FieldErrors | None = None) -> str:
    viewer = current_viewer()
    chosen = whole(str(typed.get("contact", "")))
    card = _card(viewer, chosen)
    if card is not None:
        typed = {"email": card.email, "name": card.name} | {k: v for k, v in typed.items() if v}
    words = str(typed.get("q", ""))[:120]
    found = find_customers(viewer, words) if words else []
    all_teams = teams()
    page = NewTicketPage(
        typed={"form_key": secrets.token_urlsafe(12)} | {k: str(v) for k, v in typed.items()},
        errors=errors,
        q=words,
        found=tuple(
            CustomerChoice(
                c.name or c.email, c.email, c.open_count, url_for("tickets.new_ticket", contact=c.id)
            )
            for c in found
        ),
        looked=bool(words),
        open_tickets=tuple(
            OpenTicket(
                url_for("tickets.ticket", number=t.number, view="all"),
                t.number,
                t.subject,
                state_words(t.state),
                in_words(t.updated_at),
            )
            for t in (open_of(viewer, chosen) if card is not None and chosen else [])
        ),
        teams=tuple(Choice(t.name, str(t.id)) for t in all_teams),
        priorities=tuple(Choice(priority_words(p), str(p)) for p in (1, 2, 3, 4)),
        may=viewer.may(Right.REPLY),
    )
    return render_template("tickets/new.html", page=page, nav=nav_for(viewer, "new", all_teams), toasts=())


def _card(viewer: Viewer, contact_id: int | None) -> Any:
    """Return the chosen customer, if the viewer could have found them."""
    if contact_id is None:
        return None
    card = contacts([contact_id]).get(contact_id)
    if card is None:
        return None
    known = any(c.id == contact_id for c in find_customers(viewer, card.email or card.name))
    return card if known else None
