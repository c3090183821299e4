"""What would happen to a mail if it came in now, and why; nothing is changed."""

from flask import render_template, request

from helpdesk.core.i18n import gettext as _
from helpdesk.core.pages import Choice, FieldErrors
from helpdesk.core.running import settings
from helpdesk.core.web.numbers import whole
from helpdesk.mailboxes.queries import MailboxCard, mailboxes
from helpdesk.people.access import current_viewer
from helpdesk.tickets.queries.navigation import nav_for
from mail_ingest.confined import Reader
from mail_ingest.explaining import explain
from mail_ingest.pages import Explained, ExplainPage, Piece
from mail_ingest.web.blueprint import bp, tabs
from mail_ingest.web.words import outcome_words, verdicts


@bp.get("/explain")
def explain_page() -> str:
    """Ask for a mail."""
    return _page(None, "", FieldErrors(), _box(""))


@bp.post("/explain")
def explain_mail() -> str | tuple[str, int]:
    """Say what would happen to the mail of the form. Read in the confined process, within its limits."""
    box = _box(request.form.get("mailbox", ""))
    pasted = request.form.get("source", "")
    upload = request.files.get("file")
    raw = upload.stream.read(settings().mail_max_bytes + 1) if upload and upload.filename else b""
    raw = raw or pasted.encode("utf-8", "replace")
    if not raw.strip():
        errors = FieldErrors({"file": _("Choose a file, or paste the source of a mail below.")})
        return _page(None, pasted, errors, box), 422
    with Reader() as reader:
        to = (box.address,) if box else ()
        found = explain(reader, raw, mailbox_id=box.id if box else None, envelope_to=to)
    explained = Explained(
        outcome=found.outcome,
        outcome_words=outcome_words(found.outcome),
        reason=found.reason,
        sender=found.sender or _("nobody named"),
        subject=found.subject or _("(no subject)"),
        verdicts=verdicts(found.trace),
        pieces=tuple(
            Piece(_kind(s.kind), s.text.strip("\n"), s.kind == "new")
            for s in found.segments
            if s.text.strip()
        ),
        files=tuple(found.files),
    )
    return _page(explained, pasted if len(pasted) < 20_000 else "", FieldErrors(), box)


def _kind(kind: str) -> str:
    return {
        "new": _("New"),
        "quote": _("Quoted"),
        "attribution": _("Who is quoted"),
        "signature": _("Signature"),
    }.get(kind, kind)


def _box(value: str) -> MailboxCard | None:
    boxes = mailboxes()
    wanted = whole(value)
    return next((b for b in boxes if b.id == wanted), boxes[0] if boxes else None)


def _page(explained: Explained | None, source: str, errors: FieldErrors, box: MailboxCard | None) -> str:
    choices = tuple(Choice(b.address, str(b.id), box is not None and b.id == box.id) for b in mailboxes())
    page = ExplainPage(tabs("explain_page"), choices, source, errors, explained)
    return render_template("mail_ingest/explain.html", page=page, nav=nav_for(current_viewer(), "mail"))
