"""Attachments, original mails and HTML mails: children only through their ticket."""

from base64 import b64encode

from flask import Response, make_response, render_template, request

from helpdesk.core.errors import NotFoundError
from helpdesk.core.files import store
from helpdesk.core.html import sanitised
from helpdesk.core.web.files import send_bytes, send_stored, sniff
from helpdesk.core.web.headers import FRAME_POLICY
from helpdesk.people.access import current_viewer
from helpdesk.tickets.pages import MessageFramePage
from helpdesk.tickets.queries import ticket as reads
from helpdesk.tickets.web.blueprint import bp

PICTURE_BYTES = 1_500_000
"""Larger inline pictures are attachments only."""


@bp.get("/tickets/<int:number>/attachments/<int:attachment_id>")
def attachment(number: int, attachment_id: int) -> Response:
    """Send a file; `?show=1` opens pictures and PDFs in the browser."""
    ticket = reads.ticket_seen_by(current_viewer(), number)
    found = reads.attachment_of(ticket, attachment_id)
    return send_stored(found.digest, found.name, inline=request.args.get("show") == "1")


@bp.get("/tickets/<int:number>/messages/<int:message_id>/original")
def original(number: int, message_id: int) -> Response:
    """Send the mail as it came."""
    ticket = reads.ticket_seen_by(current_viewer(), number)
    message = reads.message_of(ticket, message_id)
    if message.raw_digest is None:
        raise NotFoundError("This message did not come by mail.")
    return send_bytes(store().get(message.raw_digest), f"{number}-{message_id}.eml")


@bp.get("/tickets/<int:number>/messages/<int:message_id>/html")
def message_html(number: int, message_id: int) -> Response:
    """Show an HTML mail, sanitised now, under a policy of its own, for a sandboxed frame."""
    ticket = reads.ticket_seen_by(current_viewer(), number)
    message = reads.message_of(ticket, message_id)
    if message.html is None:
        raise NotFoundError("This message has no HTML.")
    files = reads.files_of([message.id]).get(message.id, [])
    pictures = {f.content_id: data for f in files if f.content_id and (data := _as_data(f))}
    clean = sanitised(message.html, pictures)
    if clean is None:
        raise NotFoundError("This HTML is too deep to be shown safely. The text and the original are there.")
    page = MessageFramePage(ticket.subject, clean.html, clean.blocked_images)
    response = make_response(render_template("tickets/message_frame.html", page=page))
    response.headers["Content-Security-Policy"] = FRAME_POLICY
    return response


def _as_data(file: reads.FileLine) -> str | None:
    """Return an inline picture as a `data:` address: the sandboxed frame has no cookie to fetch it with."""
    if file.size > PICTURE_BYTES:
        return None
    content = store().get(file.digest)
    kind = sniff(content)
    if kind is None or not kind.startswith("image/"):
        return None
    return f"data:{kind};base64,{b64encode(content).decode()}"
