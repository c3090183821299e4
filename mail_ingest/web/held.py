"""Everything that is held, on one page: what people wrote and nobody has decided about (contracts 22)."""

from dataclasses import replace
from email.utils import parseaddr
from typing import Any

from flask import redirect, render_template, request, url_for
from werkzeug.wrappers import Response

from helpdesk.core import words
from helpdesk.core.clock import now
from helpdesk.core.desk import desk
from helpdesk.core.i18n import gettext as _
from helpdesk.core.pages import Badge, Person, Toast
from helpdesk.core.web import forms
from helpdesk.core.web.numbers import whole
from helpdesk.core.web.rendering import toasts_for
from helpdesk.people.access import current_viewer
from helpdesk.tickets.commands import holding
from helpdesk.tickets.holding import due_of
from helpdesk.tickets.queries import held as reads
from helpdesk.tickets.queries.navigation import nav_for
from mail_ingest import queries
from mail_ingest.verdict_pages import HeldPage, HeldRow
from mail_ingest.web.verdicts import SAID, bp, tabs
from mail_ingest.web.words import cause_words

SHOWN = 50


@bp.get("/held")
def held() -> str:
    """List held messages and mail set aside, what is due first first."""
    viewer = current_viewer()
    rows = [_of_message(line) for line in reads.held_messages(viewer, limit=SHOWN + 1)]
    if viewer.sees_mail:
        rows += [_of_mail(f) for f in queries.longest_set_aside(SHOWN + 1)]
    rows.sort(key=lambda row: (row.due_at, row.key))
    shown = tuple(rows[:SHOWN])
    page = HeldPage(
        rows=shown,
        waiting=len(shown),
        late=sum(row.late for row in shown),
        tabs=tabs(viewer, "held"),
        more=len(rows) - len(shown),
    )
    nav = nav_for(viewer, "held")
    return render_template("mail_ingest/held.html", page=page, nav=nav, toasts=_toasts())


def _toasts() -> tuple[Toast, ...]:
    found = toasts_for(SAID, request.args.get("said"))
    number, message = whole(request.args.get("of", "")), whole(request.args.get("message", ""))
    if request.args.get("said") == "dismissed" and number and message:
        url = url_for("verdicts.hold_again", number=number, message_id=message)
        return tuple(replace(t, undo_url=url) for t in found)
    return found


@bp.post("/held/<int:number>/<int:message_id>/accept")
def accept(number: int, message_id: int) -> Response:
    """Let the sender take part; in a closed ticket their words begin a follow-up."""
    now_in = holding.accept_held(viewer=current_viewer(), number=number, message_id=message_id)
    if request.args.get("back") == "ticket":
        return redirect(url_for("tickets.ticket", number=now_in, said="accepted"))
    return redirect(url_for("verdicts.held", said="accepted"))


@bp.post("/held/<int:number>/<int:message_id>/dismiss")
def dismiss(number: int, message_id: int) -> Response:
    """Leave a held message as a note, with the reason if one was given."""
    reason = forms.text("reason", holding.REASON_CHARS)
    holding.dismiss_held(viewer=current_viewer(), number=number, message_id=message_id, reason=reason)
    return redirect(url_for("verdicts.held", said="dismissed", of=number, message=message_id))


@bp.post("/held/<int:number>/<int:message_id>/again")
def hold_again(number: int, message_id: int) -> Response:
    """Take a dismissal back."""
    holding.hold_again(viewer=current_viewer(), number=number, message_id=message_id)
    return redirect(url_for("verdicts.held", said="again"))


@bp.post("/held/<int:number>/<int:message_id>/ticket")
def own_ticket(number: int, message_id: int) -> Response:
    """Make a new ticket of a held message and open it."""
    made = holding.ticket_of_held(viewer=current_viewer(), number=number, message_id=message_id)
    return redirect(url_for("tickets.ticket", number=made))


def _of_message(line: reads.HeldLine) -> HeldRow:
    ids: dict[str, Any] = {"number": line.number, "message_id": line.message_id}
    agent = line.why == "agent"
    badges = [Badge(_("not verified") if agent else _("not a participant"), "soon")]
    if line.sender_check == "fail":
        badges.append(Badge(_("sender disowned"), "late", _("The sender's domain says this is not from it.")))
    why = _("An address of your team, but nothing proves that they sent it.")
    if not agent:
        why = _("Somebody who has not taken part in this ticket.")
    closed = line.state == "closed"
    return HeldRow(
        key=f"m{line.message_id}",
        author=Person.named(line.author_name or line.author_email, line.author_email),
        address=line.author_email,
        at=line.at,
        due_at=line.due_at,
        late=line.due_at < now(),
        due_words=_due_words(line.due_at.timestamp() - now().timestamp()),
        why=why,
        text=line.text,
        subject=line.subject,
        badges=tuple(badges),
        ticket_number=line.number,
        open_url=url_for("tickets.ticket", number=line.number, _anchor=f"m{line.message_id}"),
        accept_url="" if agent else url_for("verdicts.accept", **ids),
        accept_words=_("Accept, as a follow-up") if closed else _("Accept sender"),
        dismiss_url=url_for("verdicts.dismiss", **ids),
        ticket_url="" if agent else url_for("verdicts.own_ticket", **ids),
    )


def _of_mail(f: queries.InboundFacts) -> HeldRow:
    name, address = parseaddr(f.sender)
    due = due_of(f.recorded_at)
    return HeldRow(
        key=f"i{f.id}",
        author=Person.named(name or address or _("Nobody named"), address),
        address=address,
        at=f.received_at,
        due_at=due,
        late=due < now(),
        due_words=_due_words(due.timestamp() - now().timestamp()),
        why=f.reason,
        text=f.preview[:600],
        subject=f.subject or _("(no subject)"),
        badges=(Badge(_("set aside"), "late"), Badge(cause_words(f.cause), "plain")),
        open_url=url_for("mail_ingest.aside_list", show=f.id, _anchor="detail"),
        retry_url=url_for("mail_ingest.retry", inbound_id=f.id),
        keep_url=url_for("mail_ingest.keep", inbound_id=f.id),
    )


def _due_words(left_s: float) -> str:
    length = words.duration(abs(left_s), desk().language)
    return _("%(time)s over", time=length) if left_s < 0 else _("%(time)s left", time=length)
