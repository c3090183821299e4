"""Where did my mail go? Every accepted mail, its one outcome, and what each stage decided."""

from datetime import date, datetime, time, timedelta
from typing import Any

from flask import Response, redirect, render_template, request, url_for
from werkzeug.wrappers import Response as AnyResponse

from helpdesk.core.errors import ForbiddenError
from helpdesk.core.files import store
from helpdesk.core.i18n import gettext as _
from helpdesk.core.i18n import ngettext
from helpdesk.core.pages import Choice, Fact
from helpdesk.core.web import forms
from helpdesk.core.web.files import send_bytes
from helpdesk.core.web.numbers import whole
from helpdesk.core.web.rendering import toasts_for, zone
from helpdesk.mailboxes.queries import mailboxes
from helpdesk.people.access import current_viewer
from helpdesk.tickets.queries.navigation import nav_for
from mail_ingest import aside, queries
from mail_ingest.pages import InboundOnePage, InboundPage
from mail_ingest.queries import Search
from mail_ingest.web.blueprint import SAID, bp, tabs
from mail_ingest.web.waiting import waiting_mail
from mail_ingest.web.words import outcome_words, row, verdicts


@bp.get("")
def inbound() -> str:
    """List what came in, newest first."""
    asked = _asked()
    search = Search(
        words=asked.get("q", ""),
        mailbox_id=whole(asked.get("mailbox", "")),
        since=_day(asked.get("from", "")),
        until=_day(asked.get("to", ""), after=1),
    )
    outcome = asked.get("outcome", "")
    before, after = whole(request.args.get("before", "")), whole(request.args.get("after", ""))
    found = queries.inbound_mails(search, outcome=outcome or None, before=before, after=after)
    more = len(found) > queries.PAGE
    shown = found[1:] if more and after is not None else found[: queries.PAGE]
    older = more if after is None else bool(shown)
    newer = (after is not None and more) or (before is not None and bool(shown))
    held = queries.counts(search)
    total = held.get(outcome, 0) if outcome else sum(held.values())
    page = InboundPage(
        rows=tuple(row(f) for f in shown),
        total=ngettext("%(num)s mail", "%(num)s mails", total),
        quarantined_count=waiting_mail(current_viewer()).aside,
        outcomes=_choices(asked, held),
        tabs=tabs("inbound"),
        mailboxes=_mailboxes(search.mailbox_id),
        query=search.words,
        since=asked.get("from", ""),
        until=asked.get("to", ""),
        outcome=outcome,
        searching=bool(asked),
        next_url=url_for("mail_ingest.inbound", **asked, before=shown[-1].id) if older and shown else None,
        prev_url=url_for("mail_ingest.inbound", **asked, after=shown[0].id) if newer and shown else None,
    )
    return render_template("mail_ingest/inbound.html", page=page, nav=nav_for(current_viewer(), "mail"))


@bp.get("/<int:inbound_id>")
def inbound_one(inbound_id: int) -> str:
    """Show the way one mail took."""
    found = queries.inbound_mail(inbound_id)
    viewer = current_viewer()
    page = InboundOnePage(
        row=row(found),
        facts=facts_of(found),
        verdicts=verdicts(found.trace),
        raw_url=url_for("mail_ingest.inbound_raw", inbound_id=inbound_id) if viewer.can_manage else "",
        preview=found.preview,
        size=found.size,
        back_url=url_for("mail_ingest.inbound"),
        aside_url=url_for("mail_ingest.aside_list", show=inbound_id, _anchor="detail")
        if found.outcome == "quarantined"
        else "",
    )
    toasts = toasts_for(SAID, request.args.get("said"))
    nav = nav_for(viewer, "mail")
    return render_template("mail_ingest/inbound_one.html", page=page, nav=nav, toasts=toasts)


def facts_of(found: queries.InboundFacts) -> tuple[Fact, ...]:
    """Return what is known about how a mail came."""
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
    return tuple(facts)


@bp.get("/<int:inbound_id>/raw")
def inbound_raw(inbound_id: int) -> Response:
    """Send the mail as it came, to an administrator."""
    if not current_viewer().can_manage:
        raise ForbiddenError(_("Only an administrator can download the original of a mail."))
    found = queries.inbound_mail(inbound_id)
    return send_bytes(store().get(found.digest), f"inbound-{inbound_id}.eml")


@bp.post("/<int:inbound_id>/retry")
def retry(inbound_id: int) -> AnyResponse:
    """Read a quarantined mail again."""
    aside.retry(inbound_id=inbound_id, viewer=current_viewer())
    return redirect(url_for("mail_ingest.inbound_one", inbound_id=inbound_id, said="again"))


def _asked() -> dict[str, Any]:
    """Return the filters of the address, cleaned, empty and unknown ones left out."""
    found: dict[str, Any] = {}
    for name in ("q", "outcome", "mailbox", "from", "to"):
        value = forms.clean(request.args.get(name, "")).strip()[:200]
        if value and (name != "outcome" or value in (*queries.OUTCOMES, "waiting")):
            found[name] = value
    return found


def _day(value: str, after: int = 0) -> datetime | None:
    """Return the beginning of a day of the desk's zone, or of so many days after it; None for no day."""
    try:
        day = date.fromisoformat(value) + timedelta(days=after)
        return datetime.combine(day, time.min, tzinfo=zone())
    except (ValueError, OverflowError):
        return None


def _mailboxes(chosen: int | None) -> tuple[Choice, ...]:
    boxes = mailboxes()
    if len(boxes) < 2:
        return ()
    everyone = Choice(_("All mailboxes"), "", chosen is None)
    return (everyone, *(Choice(b.address, str(b.id), b.id == chosen) for b in boxes))


def _choices(asked: dict[str, Any], held: dict[str, int]) -> tuple[Choice, ...]:
    rest = {name: value for name, value in asked.items() if name != "outcome"}
    current = asked.get("outcome", "")
    everything = Choice(
        _("Everything"), str(sum(held.values())), not current, url_for("mail_ingest.inbound", **rest)
    )
    shown = [
        o for o in (*queries.OUTCOMES, "waiting") if held.get(o) or o in {current, *queries.OUTCOMES[:3]}
    ]
    return (
        everything,
        *(
            Choice(
                outcome_words(o),
                str(held.get(o, 0)),
                o == current,
                url_for("mail_ingest.inbound", **rest, outcome=o),
            )
            for o in shown
        ),
    )
