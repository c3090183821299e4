"""What was taken for spam and why; back with one press, and what else to decide about the sender."""

from datetime import UTC, datetime

from flask import redirect, render_template, request, url_for
from werkzeug.wrappers import Response

from helpdesk.core.addresses import is_address
from helpdesk.core.i18n import gettext as _
from helpdesk.core.pages import Person
from helpdesk.core.web import forms
from helpdesk.core.web.numbers import whole
from helpdesk.core.web.rendering import toasts_for
from helpdesk.people.access import current_viewer
from helpdesk.people.queries import agent_names
from helpdesk.tickets.commands.spam import set_spam
from helpdesk.tickets.queries import spam as reads
from helpdesk.tickets.queries.navigation import nav_for
from mail_ingest import senders
from mail_ingest.verdict_pages import SenderOffer, SpamPage, SpamRow
from mail_ingest.web.verdicts import SAID, bp, tabs


@bp.get("/spam")
def spam() -> str:
    """List what was taken for spam, newest first, each with its reason."""
    viewer = current_viewer()
    found = reads.spam_tickets(viewer, before=_before())
    shown = found[: reads.PAGE]
    names = agent_names(x.agent_id for x in shown if x.agent_id is not None)
    page = SpamPage(
        rows=tuple(_row(x, names, may_decide=viewer.sees_mail) for x in shown),
        tabs=tabs(viewer, "spam"),
        offer=_offer() if viewer.sees_mail else None,
        next_url=url_for("verdicts.spam", before=round(shown[-1].at.timestamp()))
        if len(found) > reads.PAGE
        else None,
    )
    toasts = toasts_for(SAID, request.args.get("said"))
    return render_template("mail_ingest/spam.html", page=page, nav=nav_for(viewer, "held"), toasts=toasts)


@bp.post("/spam/<int:number>/<any(yes, no):verdict>")
def decide_spam(number: int, verdict: str) -> Response:
    """Mark a ticket as spam, or bring it back as it was; then offer what else may be decided."""
    viewer = current_viewer()
    set_spam(viewer=viewer, number=number, on=verdict == "yes", why=_("marked by hand"))
    said = "spam" if verdict == "yes" else "not-spam"
    if request.args.get("back") == "ticket" and verdict == "no":
        return redirect(url_for("tickets.ticket", number=number))
    about = forms.text("about", 254)
    return redirect(url_for("verdicts.spam", said=said, about=about if is_address(about) else None))


@bp.post("/spam/sender")
def decide_sender() -> Response:
    """Block or allow a sender from the list of spam."""
    kind = "allow" if request.form.get("kind") == "allow" else "block"
    senders.decide(viewer=current_viewer(), kind=kind, key=forms.text("key", 254))
    return redirect(url_for("verdicts.spam", said="decided"))


def _before() -> datetime | None:
    stamp = whole(request.args.get("before", ""))
    return None if stamp is None or stamp > 253_402_300_000 else datetime.fromtimestamp(stamp, UTC)


def _offer() -> SenderOffer | None:
    """Return what else may be decided about the sender just judged; the address is checked, never trusted."""
    about, said = request.args.get("about", ""), request.args.get("said", "")
    if not is_address(about):
        return None
    if said == "spam":
        words = _("Should all mail from %(who)s be spam from now on?", who=about)
        return SenderOffer(words, about, "block", _("Block sender"))
    if said == "not-spam":
        words = _("Should mail from %(who)s never be taken for spam again?", who=about)
        return SenderOffer(words, about, "allow", _("Allow sender"))
    return None


def _row(x: reads.SpamLine, names: dict[int, str], *, may_decide: bool) -> SpamRow:
    why = x.why[:1].upper() + x.why[1:]
    if x.agent_id is not None:
        why = _("Marked by %(who)s", who=names.get(x.agent_id, _("somebody")))
    return SpamRow(
        number=x.number,
        url=url_for("tickets.ticket", number=x.number),
        author=Person.named(x.name or x.email, x.email),
        address=x.email,
        subject=x.subject,
        snippet=x.snippet,
        at=x.at,
        why=why,
        not_spam_url=url_for("verdicts.decide_spam", number=x.number, verdict="no"),
        may_decide=may_decide,
    )
