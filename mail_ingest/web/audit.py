"""Proof on a page: what each server's folder holds against what we hold, night by night."""

from flask import redirect, render_template, request, url_for
from werkzeug.wrappers import Response as AnyResponse

from helpdesk.core.errors import NotFoundError
from helpdesk.core.i18n import gettext as _
from helpdesk.core.web.numbers import whole
from helpdesk.core.web.rendering import toasts_for
from helpdesk.mailboxes.queries import sources_health
from helpdesk.people.access import current_viewer
from helpdesk.tickets.queries.navigation import nav_for
from mail_ingest import queries
from mail_ingest.auditing import ask_for_audit
from mail_ingest.pages import AuditFolder, AuditLine, AuditPage
from mail_ingest.web.blueprint import SAID, bp, tabs


@bp.get("/audit")
def audit_page() -> str:
    """Show the last comparisons of every folder that is fetched from."""
    folders = tuple(
        AuditFolder(
            source_id=health.id,
            address=health.address,
            place=_("%(folder)s at %(host)s", folder=health.folder, host=health.host),
            lines=tuple(_line(a) for a in queries.audits(health.id)),
            check_url=url_for("mail_ingest.audit_now", source_id=health.id),
            fetch_url=url_for("mail_ingest.audit_fetch", source_id=health.id),
        )
        for health in sources_health()
    )
    page = AuditPage(folders, tabs("audit_page"))
    toasts = toasts_for(SAID, request.args.get("said"))
    nav = nav_for(current_viewer(), "mail")
    return render_template("mail_ingest/audit.html", page=page, nav=nav, toasts=toasts)


@bp.post("/audit/<int:source_id>")
def audit_now(source_id: int) -> AnyResponse:
    """Compare a folder now."""
    ask_for_audit(source_id=_known(source_id))
    return redirect(url_for("mail_ingest.audit_page", said="comparing"))


@bp.post("/audit/<int:source_id>/fetch")
def audit_fetch(source_id: int) -> AnyResponse:
    """Fetch what the last comparison found missing."""
    ask_for_audit(source_id=_known(source_id), fetch=True)
    return redirect(url_for("mail_ingest.audit_page", said="fetching"))


def _known(source_id: int) -> int:
    if whole(str(source_id)) is None or source_id not in {h.id for h in sources_health()}:
        raise NotFoundError(_("There is no such folder."))
    return source_id


def _line(a: queries.AuditFacts) -> AuditLine:
    if a.error:
        return AuditLine(a.at, "bad", _("Could not be compared: %(why)s", why=a.error))
    server, held = f"{a.since:,}", f"{a.held:,}"
    notes = []
    if a.before_us:
        notes.append(_("%(count)s older ones were there before this desk began", count=f"{a.before_us:,}"))
    if a.waiting:
        notes.append(_("%(count)s are waiting to be fetched", count=f"{a.waiting:,}"))
    if a.missing:
        words = _("server %(server)s, held %(held)s", server=server, held=held)
        return AuditLine(a.at, "bad", words, tuple(notes), tuple(a.missing))
    if a.waiting:
        words = _("server %(server)s, held %(held)s, the rest on its way", server=server, held=held)
        return AuditLine(a.at, "warn", words, tuple(notes))
    return AuditLine(
        a.at, "good", _("server %(server)s = held %(held)s", server=server, held=held), tuple(notes)
    )
