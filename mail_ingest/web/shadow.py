"""Shadow mode: what this desk would have done, and the switch that lets it."""

from datetime import datetime

from flask import redirect, render_template, request, url_for
from werkzeug.wrappers import Response

from helpdesk.core.clock import now
from helpdesk.core.desk import desk
from helpdesk.core.errors import ForbiddenError, InvalidError
from helpdesk.core.i18n import gettext as _
from helpdesk.core.web import forms
from helpdesk.core.web.rendering import toasts_for, zone
from helpdesk.people.access import current_viewer
from helpdesk.people.rights import Viewer
from helpdesk.tickets.queries.navigation import nav_for
from mail_ingest import shadow as shadowing
from mail_ingest.verdict_pages import Figure, ShadowPage, WouldRow
from mail_ingest.web.verdicts import SAID, bp, tabs

LOCAL = "%Y-%m-%dT%H:%M"


@bp.get("/shadow")
def shadow() -> str:
    """Show what this desk would have done since it fell silent."""
    return _page(_admin())


@bp.post("/shadow/on")
def shadow_on() -> Response:
    """Fall silent."""
    shadowing.go_shadow(viewer=_admin())
    return redirect(url_for("verdicts.shadow", said="shadow"))


@bp.post("/shadow/off")
def shadow_off() -> Response | tuple[str, int]:
    """Go live; mail from before the chosen moment tells nobody."""
    viewer = _admin()
    try:
        moment = datetime.strptime(forms.text("answer_from", 20), LOCAL).replace(tzinfo=zone())
        shadowing.go_live(viewer=viewer, answer_from=moment)
    except ValueError:
        return _page(viewer, _("Give a day and a time.")), 422
    except InvalidError as error:
        return _page(viewer, next(iter(error.fields.values()), str(error))), 422
    return redirect(url_for("verdicts.shadow", said="live"))


def _admin() -> Viewer:
    viewer = current_viewer()
    if not viewer.can_manage:
        raise ForbiddenError(_("Only an administrator can switch this."))
    return viewer


def _page(viewer: Viewer, error: str = "") -> str:
    since = shadowing.since()
    found = shadowing.counted(since) if since else None
    page = ShadowPage(
        on=desk().shadow,
        since=since,
        figures=_figures(found) if found else (),
        rows=tuple(_row(w) for w in shadowing.would_have()),
        waiting=found.waiting if found else 0,
        tabs=tabs(viewer, "shadow"),
        answer_from=forms.text("answer_from", 20) or now().astimezone(zone()).strftime(LOCAL),
        zone=desk().zone,
        error=error,
    )
    toasts = toasts_for(SAID, request.args.get("said"))
    return render_template("mail_ingest/shadow.html", page=page, nav=nav_for(viewer, "held"), toasts=toasts)


def _figures(found: shadowing.Counted) -> tuple[Figure, ...]:
    outcomes = found.outcomes
    rest = outcomes.get("automatic", 0) + outcomes.get("duplicate", 0) + outcomes.get("rejected", 0)
    return (
        Figure(str(found.received), _("mails came in")),
        Figure(str(outcomes.get("new_ticket", 0)), _("became tickets")),
        Figure(str(outcomes.get("added", 0)), _("joined tickets")),
        Figure(str(rest), _("automatic, duplicate or rejected")),
        Figure(str(outcomes.get("quarantined", 0)), _("set aside")),
        Figure(str(found.would.get("acknowledgement", 0)), _("acknowledgements it would have sent")),
        Figure(str(found.would.get("reply", 0)), _("answers it would have sent")),
    )


def _row(w: shadowing.Would) -> WouldRow:
    kinds = {"acknowledgement": _("Acknowledgement"), "reply": _("Answer")}
    return WouldRow(
        url=url_for("channels.outbox_mail", delivery_id=w.delivery_id),
        kind=kinds.get(w.kind, _("Notice")),
        recipient=w.recipient,
        subject=w.subject,
        at=w.at,
        ticket_number=w.number,
        ticket_url=url_for("tickets.ticket", number=w.number),
    )
