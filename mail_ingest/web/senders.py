"""What is decided about senders: lists to block and allow, relays, and the hosts that vouch."""

from flask import redirect, render_template, request, url_for
from werkzeug.wrappers import Response

from helpdesk.core.errors import ForbiddenError, InvalidError, RefusedError
from helpdesk.core.i18n import gettext as _
from helpdesk.core.pages import Choice, FieldErrors
from helpdesk.core.web import forms
from helpdesk.core.web.numbers import whole
from helpdesk.core.web.rendering import toasts_for
from helpdesk.mailboxes.queries import mailboxes
from helpdesk.people.access import current_viewer
from helpdesk.people.rights import Viewer
from helpdesk.tickets.queries.navigation import nav_for
from mail_ingest.judging import KINDS
from mail_ingest.senders import RuleLine, decide, rules_kept, take_back
from mail_ingest.verdict_pages import RuleList, RuleRow, SendersPage
from mail_ingest.web.verdicts import SAID, bp, tabs


@bp.get("/senders")
def senders() -> str:
    """Show every rule about senders and hosts."""
    return _page(_lead())


@bp.post("/senders")
def decide_now() -> Response | tuple[str, int]:
    """Add a rule; what is refused comes back with what was typed."""
    viewer = _lead()
    kind = forms.text("kind", 8)
    try:
        decide(
            viewer=viewer,
            kind=kind,
            key=forms.text("key", 254),
            mailbox_id=whole(forms.text("mailbox", 12)),
            reject=forms.text("reject", 3) == "yes",
            note=forms.text("note", 200),
        )
    except InvalidError as error:
        return _page(viewer, kind, FieldErrors(dict(error.fields), str(error))), 422
    except RefusedError as error:
        return _page(viewer, kind, FieldErrors({"key": str(error)}, str(error))), 409
    return redirect(url_for("verdicts.senders", said="decided"))


@bp.post("/senders/<int:rule_id>/remove")
def remove_rule(rule_id: int) -> Response:
    """Take a rule back."""
    take_back(viewer=_lead(), rule_id=rule_id)
    return redirect(url_for("verdicts.senders", said="removed"))


def _lead() -> Viewer:
    viewer = current_viewer()
    if not viewer.sees_mail:
        raise ForbiddenError(_("Only leads and administrators decide about senders."))
    return viewer


def _page(viewer: Viewer, kind: str = "", errors: FieldErrors | None = None) -> str:
    kept = rules_kept()
    page = SendersPage(
        lists=tuple(_list(viewer, k, [r for r in kept if r.kind == k]) for k in KINDS),
        mailboxes=(
            Choice(_("every mailbox"), ""),
            *(Choice(b.address, str(b.id), forms.text("mailbox", 12) == str(b.id)) for b in mailboxes()),
        ),
        tabs=tabs(viewer, "senders"),
        typed={"key": forms.text("key", 254), "note": forms.text("note", 200)} if errors else {},
        errors=errors or FieldErrors(),
        kind=kind,
    )
    toasts = toasts_for(SAID, request.args.get("said"))
    return render_template("mail_ingest/senders.html", page=page, nav=nav_for(viewer, "held"), toasts=toasts)


def _list(viewer: Viewer, kind: str, rules: list[RuleLine]) -> RuleList:
    address = _("An address such as ann@example.com, or a whole domain such as example.com.")
    title, words, label, hint, empty = {
        "block": (
            _("Blocked"),
            _("Mail from these senders is spam, or rejected. It is kept, and nobody is told."),
            _("Block an address or domain"),
            address,
            _("Nobody is blocked."),
        ),
        "allow": (
            _("Allowed"),
            _("Mail from these senders is never taken for spam, whatever the mail provider thinks of it."),
            _("Allow an address or domain"),
            address,
            _("Nobody is on this list. Everybody who is not blocked may write anyway."),
        ),
        "relay": (
            _("Relays"),
            _("A shop's contact form or a marketplace writes in its own name and gives the customer as the "
              "address to reply to. Of these, that customer is the requester, if the relay's domain vouches "
              "for the mail."),
            _("Trust an address or domain as a relay"),
            _("The address the form or marketplace sends from."),
            _("No relay is trusted."),
        ),
        "host": (
            _("Hosts that vouch for senders"),
            _("Your mail provider checks who sent a mail and writes it into the header "
              "Authentication-Results. Say by which name it does, and its word counts here; nobody else's "
              "does. The same hosts are believed about spam."),
            _("Trust a host"),
            _("The name at the start of that header, such as mx.google.com. Microsoft 365 writes none: "
              "give - for it."),
            _("No host is trusted, so no sender is verified."),
        ),
    }[kind]  # fmt: skip
    may = viewer.can_manage or kind in {"block", "allow"}
    return RuleList(kind, title, words, tuple(_row(r, may=may) for r in rules), label, hint, may, empty)


def _row(r: RuleLine, *, may: bool) -> RuleRow:
    details = [_("rejected") if r.reject else _("spam")] if r.kind == "block" else []
    if r.mailbox:
        details.append(_("only %(mailbox)s", mailbox=r.mailbox))
    return RuleRow(
        key=r.key,
        detail=", ".join(details),
        note=r.note,
        who=r.who or _("command line"),
        at=r.at,
        remove_url=url_for("verdicts.remove_rule", rule_id=r.id) if may else "",
    )
