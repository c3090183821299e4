"""Mail that was set aside: why, what could be read, and what to do with it."""

from email.utils import parseaddr
from typing import Any

from flask import redirect, render_template, request, url_for
from werkzeug.wrappers import Response as AnyResponse

from helpdesk.channels.queries import trouble_count
from helpdesk.core.errors import InvalidError
from helpdesk.core.i18n import gettext as _
from helpdesk.core.pages import Choice, FieldErrors
from helpdesk.core.web import forms
from helpdesk.core.web.numbers import whole
from helpdesk.core.web.rendering import toasts_for
from helpdesk.people.access import current_viewer
from helpdesk.tickets.queries.navigation import nav_for
from mail_ingest import aside, queries
from mail_ingest.pages import AsideDetail, AsidePage, RetryProgress
from mail_ingest.web.blueprint import SAID, bp, tabs
from mail_ingest.web.inbound import facts_of
from mail_ingest.web.words import cause_words, row, verdicts


@bp.get("/aside")
def aside_list() -> str:
    """List what is set aside, and one of it in full."""
    return _page(whole(request.args.get("show", "")))


def _page(show: int | None, errors: FieldErrors | None = None) -> str:
    viewer = current_viewer()
    kept = request.args.get("kept") == "1"
    causes = queries.causes()
    cause = request.args.get("cause", "")
    cause = cause if cause in causes and not kept else ""
    before = whole(request.args.get("before", ""))
    found = queries.set_aside(cause=cause or None, kept=kept, before=before)
    shown = found[: queries.PAGE]
    narrowed = (("cause", cause), ("kept", "1" if kept else ""))
    rest: dict[str, Any] = {name: value for name, value in narrowed if value}
    chosen = next((f for f in shown if f.id == show), shown[0] if shown and show is None else None)
    if chosen is None and show is not None:
        one = queries.inbound_mail(show)
        chosen = one if one.outcome == "quarantined" else None
    retry = queries.last_retry()
    can_help = sum(n for c, n in causes.items() if c != aside.NOT_HERE and cause in ("", c))
    page = AsidePage(
        rows=tuple(row(f) for f in shown),
        urls=tuple(
            url_for("mail_ingest.aside_list", **rest, before=before, show=f.id, _anchor="detail")
            for f in shown
        ),
        need_a_look=sum(causes.values()),
        tabs=tabs("aside_list"),
        causes=_choices(causes, cause, kept=kept),
        cause=cause,
        detail=None if chosen is None else _detail(chosen, errors or FieldErrors()),
        retry_count=0 if kept else can_help,
        progress=None
        if retry is None or not retry.under_way
        else RetryProgress(retry.read, retry.total, retry.by, retry.started_at),
        failed_sends=trouble_count(viewer),
        next_url=url_for("mail_ingest.aside_list", **rest, before=shown[-1].id)
        if len(found) > queries.PAGE
        else None,
    )
    toasts = toasts_for(SAID, request.args.get("said"))
    nav = nav_for(viewer, "mail-aside")
    return render_template("mail_ingest/aside.html", page=page, nav=nav, toasts=toasts)


@bp.post("/aside/retry")
def retry_all() -> AnyResponse:
    """Read all mails of one cause again, or all there are."""
    cause = forms.text("cause", 40)
    aside.retry_all(cause=cause, viewer=current_viewer())
    return redirect(url_for("mail_ingest.aside_list", said="all-again"))


@bp.post("/<int:inbound_id>/keep")
def keep(inbound_id: int) -> AnyResponse:
    """Leave a mail as it is, out of the list."""
    aside.keep_as_is(inbound_id=inbound_id, viewer=current_viewer())
    return redirect(url_for("mail_ingest.aside_list", said="kept"))


@bp.post("/<int:inbound_id>/ticket")
def make_ticket(inbound_id: int) -> AnyResponse | tuple[str, int]:
    """Make a ticket of a mail as it is, the original attached."""
    viewer = current_viewer()
    try:
        aside.make_ticket(
            inbound_id=inbound_id, email=forms.text("email", 254), name=forms.text("name", 120), viewer=viewer
        )
    except InvalidError as error:
        return _page(inbound_id, FieldErrors(dict(error.fields), str(error))), 422
    return redirect(url_for("mail_ingest.inbound_one", inbound_id=inbound_id, said="ticket"))


def _detail(f: queries.InboundFacts, errors: FieldErrors) -> AsideDetail:
    name, email = parseaddr(f.sender)
    raw = url_for("mail_ingest.inbound_raw", inbound_id=f.id) if current_viewer().can_manage else ""
    return AsideDetail(
        row=row(f),
        preview=f.preview,
        kept=f.kept_at is not None,
        email=forms.text("email", 254) or email or f.envelope_from or "",
        name=forms.text("name", 120) or name,
        errors=errors,
        facts=facts_of(f),
        verdicts=verdicts(f.trace),
        raw_url=raw,
        keep_url=url_for("mail_ingest.keep", inbound_id=f.id),
        ticket_url=url_for("mail_ingest.make_ticket", inbound_id=f.id),
    )


def _choices(causes: dict[str, int], current: str, *, kept: bool) -> tuple[Choice, ...]:
    url = url_for("mail_ingest.aside_list")
    everything = Choice(_("Needs a look"), str(sum(causes.values())), not current and not kept, url)
    each = (
        Choice(cause_words(c), str(n), c == current, url_for("mail_ingest.aside_list", cause=c))
        for c, n in causes.items()
        if c
    )
    left = Choice(_("Left as it is"), "", kept, url_for("mail_ingest.aside_list", kept="1"))
    return (everything, *each, left)
