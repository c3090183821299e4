"""The outbox page: what went out, what did not, and, without a mail server, the mails themselves."""

from email import message_from_bytes
from email.policy import default as email_policy
from typing import Literal, cast

from flask import Blueprint, Response, make_response, redirect, render_template, request, url_for
from markupsafe import Markup
from werkzeug.wrappers import Response as AnyResponse

from helpdesk.channels import queries
from helpdesk.channels.commands import send_again, send_elsewhere
from helpdesk.channels.jobs import letter_of
from helpdesk.channels.pages import MailHeader, OutboxMailPage, OutboxPage, OutboxRow
from helpdesk.channels.queries import acks_cut_off
from helpdesk.core.clock import now
from helpdesk.core.desk import desk, set_desk
from helpdesk.core.errors import ForbiddenError, InvalidError, RefusedError
from helpdesk.core.html import sanitised
from helpdesk.core.i18n import gettext as _
from helpdesk.core.i18n import ngettext
from helpdesk.core.pages import Banner, Choice, FieldErrors, Filter, NavItem
from helpdesk.core.running import settings
from helpdesk.core.web import forms
from helpdesk.core.web.files import send_bytes
from helpdesk.core.web.headers import FRAME_POLICY
from helpdesk.core.web.numbers import whole
from helpdesk.core.web.rendering import in_words
from helpdesk.people.access import current_viewer, guard
from helpdesk.people.rights import Right, Viewer
from helpdesk.tickets.pages import DeliveryLine, MessageFramePage
from helpdesk.tickets.queries.navigation import nav_for

bp = Blueprint("channels", __name__, template_folder="templates", url_prefix="/a/outbox")
guard(bp, Right.REPLY)

Shown = Literal["queued", "held", "sending", "sent", "deferred", "failed", "bounced", "kept"]
HEADERS = (
    "From",
    "To",
    "Cc",
    "Reply-To",
    "Subject",
    "Date",
    "Message-ID",
    "In-Reply-To",
    "References",
    "Auto-Submitted",
)


@bp.get("")
def outbox() -> str:
    """List outgoing mail of the tickets the viewer sees."""
    viewer = current_viewer()
    trouble = request.args.get("show") == "trouble"
    before = request.args.get("before", "")
    found = queries.outbox(viewer, trouble=trouble, before=whole(before))
    rows = tuple(_row(d, viewer) for d in found[: queries.PAGE])
    more = len(found) > queries.PAGE
    page = OutboxPage(
        rows=rows,
        local=not settings().smtp_host,
        total=ngettext("%(num)s mail", "%(num)s mails", len(rows)),
        trouble_count=queries.trouble_count(viewer),
        filters=(_filter(trouble=trouble),),
        next_url=url_for("channels.outbox", before=rows[-1].id, show="trouble" if trouble else None)
        if more
        else None,
    )
    return render_template("channels/outbox.html", page=page, nav=nav_for(viewer, "outbox"))


@bp.get("/<int:delivery_id>")
def outbox_mail(delivery_id: int) -> str:
    """Show one mail as its recipient gets it."""
    return _mail(delivery_id)


def _mail(delivery_id: int, errors: FieldErrors | None = None) -> str:
    viewer = current_viewer()
    facts = queries.delivery(viewer, delivery_id)
    raw = letter_of(delivery_id)[2]
    mail = message_from_bytes(raw, policy=email_policy)
    text = mail.get_body(("plain",))
    page = OutboxMailPage(
        row=_row(facts, viewer),
        sender=str(mail["From"]),
        headers=tuple(MailHeader(name, str(mail[name])) for name in HEADERS if mail[name]),
        text=str(text.get_content()) if text is not None else "",
        html_url=url_for("channels.outbox_html", delivery_id=delivery_id),
        raw_url=url_for("channels.outbox_raw", delivery_id=delivery_id),
        back_url=url_for("channels.outbox"),
        elsewhere_url=url_for("channels.elsewhere", delivery_id=delivery_id) if facts.state in _AGAIN else "",
        elsewhere=forms.text("email", 254),
        errors=errors or FieldErrors(),
    )
    return render_template("channels/outbox_mail.html", page=page, nav=nav_for(viewer, "outbox"))


@bp.get("/<int:delivery_id>/html")
def outbox_html(delivery_id: int) -> Response:
    """Show the HTML part in its frame, without anything remote."""
    facts = queries.delivery(current_viewer(), delivery_id)
    mail = message_from_bytes(letter_of(delivery_id)[2], policy=email_policy)
    body = mail.get_body(("html",))
    clean = sanitised(str(body.get_content()) if body is not None else "", {})
    page = MessageFramePage(facts.subject, clean.html if clean else Markup())
    response = make_response(render_template("tickets/message_frame.html", page=page))
    response.headers["Content-Security-Policy"] = FRAME_POLICY
    return response


@bp.get("/<int:delivery_id>/raw")
def outbox_raw(delivery_id: int) -> Response:
    """Send the mail's bytes."""
    queries.delivery(current_viewer(), delivery_id)
    return send_bytes(letter_of(delivery_id)[2], f"outgoing-{delivery_id}.eml")


@bp.post("/release")
def release() -> AnyResponse:
    """Let a restored desk send and fetch again."""
    if not current_viewer().may(Right.MANAGE):
        raise ForbiddenError(_("Only an administrator can release the desk."))
    set_desk(held=False)
    return redirect(url_for("channels.outbox"))


@bp.post("/acknowledge-again")
def acknowledge_again() -> AnyResponse:
    """Let acknowledgements go out again after they were cut off."""
    if not current_viewer().may(Right.MANAGE):
        raise ForbiddenError(_("Only an administrator can switch this."))
    set_desk(acks_paused_at="")
    return redirect(url_for("channels.outbox"))


@bp.post("/<int:delivery_id>/again")
def retry(delivery_id: int) -> AnyResponse:
    """Queue a failed delivery once more."""
    facts = queries.delivery(current_viewer(), delivery_id)
    send_again(delivery_id=delivery_id)
    if request.args.get("back") == "ticket":
        return redirect(url_for("tickets.ticket", number=facts.number))
    return redirect(url_for("channels.outbox_mail", delivery_id=delivery_id))


@bp.post("/<int:delivery_id>/elsewhere")
def elsewhere(delivery_id: int) -> AnyResponse | tuple[str, int]:
    """Send a copy that did not arrive to another address of the same person."""
    facts = queries.delivery(current_viewer(), delivery_id)
    if facts.state not in _AGAIN:
        raise RefusedError(_("This copy is on its way or has arrived."))
    try:
        send_elsewhere(delivery_id=delivery_id, email=forms.text("email", 254))
    except InvalidError as error:
        return _mail(delivery_id, FieldErrors(dict(error.fields), str(error))), 422
    except RefusedError as error:
        return _mail(delivery_id, FieldErrors({"email": str(error)}, str(error))), 409
    return redirect(url_for("tickets.ticket", number=facts.number))


def message_foot(message_ids: list[int]) -> dict[int, tuple[DeliveryLine, ...]]:
    """Return how each recipient's copy of each message fares (panel `message.foot`)."""
    found = queries.deliveries_of(message_ids) if message_ids else {}
    return {
        message_id: tuple(
            DeliveryLine(
                d.recipient,
                cast(
                    "Literal['queued', 'sent']",
                    "sent" if d.state == "kept" else _SHOWN_AS.get(d.state, d.state),
                ),
                _words(d),
                d.next_try_at,
                url_for("channels.retry", delivery_id=d.id, back="ticket") if d.state in _AGAIN else None,
                url_for("channels.outbox_mail", delivery_id=d.id, _anchor="elsewhere")
                if d.state in _AGAIN
                else None,
            )
            for d in lines
        )
        for message_id, lines in found.items()
    }


_AGAIN = frozenset({"failed", "bounced"})
_SHOWN_AS = {"shadow": "held"}


def strips(viewer: Viewer) -> tuple[Banner, ...]:
    """Return what everybody should know about a restored desk (panel `desk.strips`)."""
    if viewer.can_manage and acks_cut_off(now()):
        words = _("Acknowledgements are cut off: more than the desk's hourly budget wanted to go out.")
        url = url_for("channels.acknowledge_again")
        return (*_restored(viewer), Banner(words, "bad", _("Acknowledge again"), url, post=True))
    return _restored(viewer)


def _restored(viewer: Viewer) -> tuple[Banner, ...]:
    if not desk().held:
        return ()
    words = _("This desk was restored from a backup. Nothing is sent or fetched until it is released.")
    if not viewer.can_manage:
        return (Banner(words, "warn"),)
    return (Banner(words, "warn", _("Release it"), url_for("channels.release"), post=True),)


def nav_desk(viewer: Viewer, current: str) -> tuple[NavItem, ...]:
    """Return the outbox's place in the sidebar (panel `nav.desk`)."""
    if not viewer.may(Right.REPLY):
        return ()
    return (NavItem(_("Outbox"), url_for("channels.outbox"), "send", current=current == "outbox", key="o"),)


def _words(d: queries.DeliveryFacts) -> str:
    words = {
        "queued": _("On its way to %(who)s", who=d.recipient),
        "sending": _("Being handed to the mail server for %(who)s", who=d.recipient),
        "sent": _("Sent to %(who)s", who=d.recipient),
        "kept": _("In the local outbox, for %(who)s", who=d.recipient),
        "deferred": _("The mail server put off %(who)s: %(why)s", who=d.recipient, why=d.answer),
        "failed": _("Could not be sent to %(who)s: %(why)s", who=d.recipient, why=d.answer),
        "bounced": _("Came back from %(who)s: %(why)s", who=d.recipient, why=d.answer),
        "shadow": _("Would have been sent to %(who)s; this desk is in shadow mode", who=d.recipient),
    }[d.state]
    if d.unconfirmed and d.state == "sending" and d.next_try_at is not None:
        return _(
            "It may have reached %(who)s: the mail server went away before it said so. "
            "Unless a copy or a bounce shows up, it is sent again %(when)s, with the same id.",
            who=d.recipient,
            when=in_words(d.next_try_at),
        )
    if d.unconfirmed and d.state == "sent":
        return _("%(words)s, perhaps twice: an earlier try broke off", words=words)
    return words


def _row(d: queries.DeliveryFacts, viewer: Viewer) -> OutboxRow:
    states = {
        "queued": _("Waiting"),
        "sending": _("Sending"),
        "sent": _("Sent"),
        "kept": _("Kept here"),
        "deferred": _("Put off"),
        "failed": _("Failed"),
        "bounced": _("Came back"),
        "shadow": _("Not sent: shadow mode"),
    }
    return OutboxRow(
        id=d.id,
        url=url_for("channels.outbox_mail", delivery_id=d.id),
        recipient=d.recipient,
        subject=d.subject,
        state=cast("Shown", _SHOWN_AS.get(d.state, d.state)),
        state_words=states[d.state],
        detail=d.answer[:1].upper() + d.answer[1:],
        at=d.queued_at,
        ticket_number=d.number,
        ticket_url=url_for("tickets.ticket", number=d.number),
        next_try=d.next_try_at,
        retry_url=(
            url_for("channels.retry", delivery_id=d.id)
            if d.state in _AGAIN and viewer.may(Right.REPLY)
            else None
        ),
    )


def _filter(*, trouble: bool) -> Filter:
    options = (
        Choice(_("everything"), "", not trouble, url_for("channels.outbox")),
        Choice(_("what needs somebody"), "trouble", trouble, url_for("channels.outbox", show="trouble")),
    )
    return Filter(_("Show"), options[1 if trouble else 0].label, options)
