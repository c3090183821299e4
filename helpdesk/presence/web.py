"""Pages say that they are open; the others see it above the conversation, and may read along."""

from flask import Blueprint, g, render_template, request, url_for
from markupsafe import Markup

from helpdesk.core.i18n import gettext as _
from helpdesk.core.pages import Person
from helpdesk.people.access import current_viewer, guard
from helpdesk.people.rights import Viewer
from helpdesk.presence.commands import be_at, leave
from helpdesk.presence.pages import DraftPage, DraftPart, HereLine, StripPage
from helpdesk.presence.queries import Here, drafts_there, here
from helpdesk.tickets.queries.navigation import nav_for

bp = Blueprint("presence", __name__, template_folder="templates", url_prefix="/a/tickets/<int:number>")
guard(bp)


@bp.post("/presence")
def beat(number: int) -> tuple[str, int]:
    """Note that the viewer is at a ticket (`is`: looking or writing), or has left it (`gone`)."""
    what = request.form.get("is", "looking")
    if what == "gone":
        leave(viewer=current_viewer(), number=number)
    else:
        be_at(viewer=current_viewer(), number=number, writing=what == "writing")
    return "", 204


@bp.get("/drafts/<int:writer_id>")
def draft(number: int, writer_id: int) -> str:
    """Show what somebody at the ticket is writing; reading changes nothing."""
    viewer = current_viewer()
    found = drafts_there(viewer, number, writer_id)
    labels = {"reply": _("Reply to the customer"), "note": _("Note, only your team sees this")}
    page = DraftPage(
        number=number,
        subject=found.subject,
        person=Person.named(found.name, f"agent-{writer_id}", writer_id),
        drafts=tuple(DraftPart(labels[d.kind], d.body, d.updated_at) for d in found.drafts),
        back_url=url_for("tickets.ticket", number=number),
    )
    return render_template("presence/draft.html", page=page, nav=nav_for(viewer))


def strip(viewer: Viewer, ticket_id: int, number: int) -> Markup:
    """Return who else is at the ticket (panel `ticket.strips`)."""
    others = tuple(_line(one, number) for one in _here(ticket_id) if one.agent_id != viewer.id)
    page = StripPage(url_for("presence.beat", number=number), others)
    return Markup(render_template("presence/strip.html", page=page))  # noqa: S704 - a template of ours


def stamp(ticket_id: int) -> str:
    """Return a text that changes when somebody comes, goes or begins to write (panel `ticket.stamp`)."""
    return ",".join(f"{one.agent_id}{one.writing:d}{one.drafted:d}" for one in _here(ticket_id))


def _here(ticket_id: int) -> list[Here]:
    """Return who is at the ticket, asked once a request: the stamp and the strip agree."""
    asked: dict[int, list[Here]] = g.setdefault("here", {})
    if ticket_id not in asked:
        asked[ticket_id] = here([ticket_id])
    return asked[ticket_id]


def _line(one: Here, number: int) -> HereLine:
    words = (
        _("%(name)s is writing", name=one.name) if one.writing else _("%(name)s is looking", name=one.name)
    )
    url = url_for("presence.draft", number=number, writer_id=one.agent_id) if one.drafted else ""
    return HereLine(Person.named(one.name, f"agent-{one.agent_id}", one.agent_id), words, one.writing, url)
