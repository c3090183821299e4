"""Where did my mail go? Every accepted mail, its one outcome, and what each stage decided."""

from typing import Literal, cast

from flask import Response, redirect, render_template, request, url_for
from werkzeug.wrappers import Response as AnyResponse

from helpdesk.core.files import store
from helpdesk.core.i18n import gettext as _
from helpdesk.core.i18n import ngettext
from helpdesk.core.pages import Choice, Fact, NavItem
from helpdesk.core.web import forms
from helpdesk.core.web.files import send_bytes
from helpdesk.core.web.numbers import whole
from helpdesk.people.access import current_viewer
from helpdesk.people.rights import Viewer
from helpdesk.tickets.queries.navigation import nav_for
from mail_ingest import intake, queries
from mail_ingest.pages import InboundOnePage, InboundPage, InboundRow, Verdict
from mail_ingest.web.blueprint import bp

Outcome = Literal["new_ticket", "added", "automatic", "duplicate", "rejected", "quarantined", "waiting"]
KINDS: dict[str, Literal["good", "bad", "warn", "plain"]] = {
    "quarantined": "bad",
    "unclear": "bad",
    "held": "warn",
    "participant": "good",
}


@bp.get("")
def inbound() -> str:
    """List what came in, newest first."""
    viewer = current_viewer()
    outcome, words = request.args.get("outcome", ""), forms.clean(request.args.get("q", "")).strip()[:200]
    before = request.args.get("before", "")
    found = queries.inbound_mails(outcome=outcome or None, words=words, before=whole(before))
    rows = tuple(_row(f) for f in found[: queries.PAGE])
    more = len(found) > queries.PAGE
    page = InboundPage(
        rows=rows,
        total=ngettext("%(num)s mail", "%(num)s mails", len(rows)),
        quarantined_count=queries.quarantined_count(),
        outcomes=_choices(outcome),
        query=words,
        next_url=url_for("mail_ingest.inbound", before=rows[-1].id, outcome=outcome or None, q=words or None)
        if more
        else None,
    )
    return render_template("mail_ingest/inbound.html", page=page, nav=nav_for(viewer, "mail"))


@bp.get("/<int:inbound_id>")
def inbound_one(inbound_id: int) -> str:
    """Show the way one mail took."""
    found = queries.inbound_mail(inbound_id)
    facts = [
        Fact(_("Handed in for"), ", ".join(found.envelope_to) or (found.mailbox or "")),
        Fact(_("By"), found.source),
        Fact("SHA-256", found.digest),
    ]
    if found.message_id:
        facts.append(Fact("Message-ID", found.message_id))
    if found.duplicate_of:
        url = url_for("mail_ingest.inbound_one", inbound_id=found.duplicate_of)
        facts.append(Fact(_("The same as"), str(found.duplicate_of), url))
    verdicts = [
        Verdict(
            str(s["step"]).capitalize(),
            str(s["verdict"]),
            KINDS.get(str(s["verdict"]), "plain"),
            str(s.get("why", "")),
            decided=n == len(found.trace) - 1,
        )
        for n, s in enumerate(found.trace)
    ]
    page = InboundOnePage(
        row=_row(found),
        facts=tuple(facts),
        verdicts=tuple(verdicts),
        raw_url=url_for("mail_ingest.inbound_raw", inbound_id=inbound_id),
        size=found.size,
        back_url=url_for("mail_ingest.inbound"),
    )
    return render_template("mail_ingest/inbound_one.html", page=page, nav=nav_for(current_viewer(), "mail"))


@bp.get("/<int:inbound_id>/raw")
def inbound_raw(inbound_id: int) -> Response:
    """Send the mail as it came."""
    found = queries.inbound_mail(inbound_id)
    return send_bytes(store().get(found.digest), f"inbound-{inbound_id}.eml")


@bp.post("/<int:inbound_id>/retry")
def retry(inbound_id: int) -> AnyResponse:
    """Read a quarantined mail again."""
    queries.inbound_mail(inbound_id)
    intake.retry(inbound_id=inbound_id)
    return redirect(url_for("mail_ingest.inbound_one", inbound_id=inbound_id))


def nav_desk(viewer: Viewer, current: str) -> tuple[NavItem, ...]:
    """Return this page's place in the sidebar (panel `nav.desk`)."""
    if not viewer.sees_mail:
        return ()
    aside = queries.quarantined_count()
    url = url_for("mail_ingest.inbound")
    return (NavItem(_("Mail that came in"), url, "route", aside or None, aside > 0, current == "mail", "w"),)


def _outcome_words(outcome: str) -> str:
    return {
        "new_ticket": _("New ticket"),
        "added": _("Added to a ticket"),
        "automatic": _("Automatic"),
        "duplicate": _("Duplicate"),
        "rejected": _("Rejected"),
        "quarantined": _("Set aside"),
        "waiting": _("Being read"),
    }[outcome]


def _choices(current: str) -> tuple[Choice, ...]:
    everything = Choice(_("Everything"), "", not current, url_for("mail_ingest.inbound"))
    return (
        everything,
        *(
            Choice(_outcome_words(o), o, o == current, url_for("mail_ingest.inbound", outcome=o))
            for o in queries.OUTCOMES
            if o != "rejected"
        ),
    )


def _row(f: queries.InboundFacts) -> InboundRow:
    outcome = f.outcome or "waiting"
    return InboundRow(
        id=f.id,
        url=url_for("mail_ingest.inbound_one", inbound_id=f.id),
        outcome=cast("Outcome", outcome),
        outcome_words=_outcome_words(outcome),
        sender=f.sender or (f.envelope_from or ""),
        subject=f.subject,
        mailbox=f.mailbox or "",
        at=f.received_at,
        reason=f.reason,
        ticket_number=f.number,
        ticket_url=url_for("tickets.ticket", number=f.number) if f.number else "",
        retry_url=url_for("mail_ingest.retry", inbound_id=f.id) if outcome == "quarantined" else None,
    )
