"""The request form and the page of one request. Everything shown is on an allow-list."""

from typing import Literal

from flask import Blueprint, Response, redirect, render_template, request, url_for
from werkzeug.wrappers import Response as AnyResponse

from helpdesk.core.clock import now
from helpdesk.core.errors import InvalidError, RefusedError
from helpdesk.core.i18n import gettext as _
from helpdesk.core.keys import ring
from helpdesk.core.pages import FieldErrors, Person
from helpdesk.core.running import settings
from helpdesk.core.web import forms
from helpdesk.core.web.files import send_stored
from helpdesk.core.web.uploads import uploads
from helpdesk.people.queries import agent_names, contacts
from helpdesk.portal.commands import send_request
from helpdesk.portal.pages import (
    ContactPage,
    LinkExpiredPage,
    RequestFile,
    RequestItem,
    RequestPage,
    ThanksPage,
)
from helpdesk.tickets.actor import Actor
from helpdesk.tickets.commands.changing import settle
from helpdesk.tickets.commands.writing import add_customer_message
from helpdesk.tickets.content import Content, FileIn
from helpdesk.tickets.lifecycle import PAUSED, State
from helpdesk.tickets.queries import customer as reads

bp = Blueprint("portal", __name__, template_folder="templates")
BODY_CHARS = 100_000


@bp.get("/")
def home() -> AnyResponse:
    """Lead to the request form."""
    return redirect(url_for("portal.contact"))


@bp.get("/contact")
def contact() -> str:
    """Show the request form."""
    return _contact_page(FieldErrors())


@bp.post("/contact")
def send() -> tuple[str, int]:
    """Take a request; whatever is missing comes back with all that was typed."""
    typed = _typed()
    try:
        if request.form.get(forms.HONEYPOT):
            raise InvalidError("This form could not be checked. Everything is kept: send it once more.")
        nonce = forms.check_form_token("contact", request.form.get("form_token", ""))
        if not forms.allowed(settings().form_limit, "contact", forms.remote()):
            words = _(
                "That was a lot in a short time. Your words are kept here: wait a little and send again."
            )
            return _contact_page(FieldErrors(form=words)), 429
        files = tuple(FileIn(f.name, f.content_type, f.digest, f.size) for f in uploads())
        number = send_request(**typed, files=files, form_key=nonce)
    except InvalidError as error:
        errors = FieldErrors(error.fields, "" if error.fields else str(error))
        return _contact_page(errors, had_files=bool(request.files.getlist("files"))), 422
    page = ThanksPage(number, typed["email"], typed["subject"], typed["body"])
    return render_template("portal/thanks.html", page=page), 200


@bp.get("/r/<token>")
def request_page(token: str) -> str | tuple[str, int]:
    """Show one request to the holder of its link."""
    opened = reads.opened_by_link(ring(), token)
    if opened is None:
        return _gone()
    return render_template("portal/request.html", page=_request_page(token, opened))


@bp.post("/r/<token>/messages")
def reply(token: str) -> AnyResponse | str | tuple[str, int]:
    """Add the customer's words, or settle the request."""
    opened = reads.opened_by_link(ring(), token)
    if opened is None:
        return _gone()
    body = forms.text("body", BODY_CHARS).strip()
    actor = Actor.contact(opened.contact_id, "web")
    try:
        nonce = forms.check_form_token(f"request {token}", request.form.get("form_token", ""))
        if not forms.allowed(settings().form_limit, "reply", token):
            words = _(
                "That was a lot in a short time. Your words are kept here: wait a little and send again."
            )
            return _again(token, opened, FieldErrors(form=words), body, 429)
        files = tuple(FileIn(f.name, f.content_type, f.digest, f.size) for f in uploads())
        sorted_now = request.form.get("sorted") == "1"
        if body or files or not sorted_now:
            card = contacts([opened.contact_id])[opened.contact_id]
            add_customer_message(
                ticket_id=opened.ticket.id,
                contact_id=opened.contact_id,
                author_name=card.shown,
                content=Content(text=body, files=files),
                actor=actor,
                form_key=nonce,
            )
        if sorted_now:
            settle(ticket_id=opened.ticket.id, actor=actor)
    except InvalidError as error:
        return _again(token, opened, FieldErrors(error.fields, "" if error.fields else str(error)), body, 422)
    except RefusedError as error:
        return _again(token, opened, FieldErrors(form=str(error)), body, 409)
    return redirect(url_for("portal.request_page", token=token, said="sorted" if sorted_now else "sent"))


@bp.get("/r/<token>/files/<int:attachment_id>")
def attachment(token: str, attachment_id: int) -> Response | tuple[str, int]:
    """Send a file of a public message of this request."""
    opened = reads.opened_by_link(ring(), token)
    found = None if opened is None else reads.file_of_public_message(opened.ticket.id, attachment_id)
    if found is None:
        return _gone()
    return send_stored(found.digest, found.name)


def _typed() -> dict[str, str]:
    return {
        "email": forms.text("email", 254).strip(),
        "name": " ".join(forms.text("name", 100).split()),
        "subject": " ".join(forms.text("subject", 200).split()),
        "body": forms.text("body", BODY_CHARS),
    }


def _contact_page(errors: FieldErrors, *, had_files: bool = False) -> str:
    typed = _typed()
    page = ContactPage(
        action_url=url_for("portal.send"),
        form_token=forms.form_token("contact"),
        lead=_("You get an answer by email, with a link to follow your request. No account needed."),
        email=typed["email"],
        name=typed["name"],
        subject=typed["subject"],
        body=typed["body"],
        errors=errors,
        had_files=had_files,
        max_files=settings().upload_max_files,
        max_file_size=settings().upload_max_bytes,
    )
    return render_template("portal/contact.html", page=page)


def _gone() -> tuple[str, int]:
    page = LinkExpiredPage(url_for("portal.contact"))
    return render_template("portal/link_expired.html", page=page), 404


def _again(token: str, opened: reads.Opened, errors: FieldErrors, draft: str, status: int) -> tuple[str, int]:
    page = _request_page(token, opened, errors, draft)
    return render_template("portal/request.html", page=page), status


def _request_page(
    token: str, opened: reads.Opened, errors: FieldErrors | None = None, draft: str = ""
) -> RequestPage:
    ticket = opened.ticket
    closed = ticket.state == State.CLOSED
    said = {"sent": _("We have your message."), "sorted": _("Thank you. Your request is settled.")}
    kind, words = _state(ticket.state)
    first = agent_names([ticket.assignee_id] if ticket.assignee_id else []).get(ticket.assignee_id or 0, "")
    first = first.split(" ")[0]
    return RequestPage(
        number=ticket.number,
        subject=ticket.subject,
        state_kind=kind,
        state_words=words,
        with_words=_("%(name)s has your request.", name=first) if first and kind == "working" else "",
        items=_items(token, opened),
        reply_url=url_for("portal.reply", token=token),
        form_token=forms.form_token(f"request {token}"),
        form_key="",
        can_reply=not closed,
        can_close=ticket.open,
        closed_words=_("This request is closed. Write to us again, and we look at it anew.")
        if closed
        else "",
        draft=draft,
        errors=errors or FieldErrors(),
        notice=said.get(request.args.get("said", ""), ""),
        max_files=settings().upload_max_files,
        max_file_size=settings().upload_max_bytes,
    )


def _state(state: str) -> tuple[Literal["received", "working", "yours", "done"], str]:
    if state == State.NEW:
        return "received", _("Received")
    if state == State.PENDING:
        return "yours", _("We need something from you")
    if state in PAUSED or state == State.OPEN:
        return "working", _("We are on it")
    return "done", _("Done")


def _items(token: str, opened: reads.Opened) -> tuple[RequestItem, ...]:
    messages = reads.public_messages(opened.ticket.id)
    files = reads.public_files(messages)
    items = []
    for m in messages:
        mine = not m.from_us and m.author_id == opened.contact_id
        first = m.author_name.split(" ")[0] if m.from_us else (m.author_name or _("Customer"))
        person = Person.named(m.author_name, f"{'agent' if m.from_us else 'contact'}-{m.author_id}")
        items.append(
            RequestItem(
                key=f"m{m.id}",
                kind="us" if m.from_us else "you" if mine else "them",
                name=first,
                initials=person.initials,
                tone=person.tone,
                at=m.at,
                text=m.new_text if m.new_text.strip() else m.text,
                files=tuple(
                    RequestFile(f.name, f.size, url_for("portal.attachment", token=token, attachment_id=f.id))
                    for f in files.get(m.id, [])
                ),
            )
        )
    done = opened.ticket.solved_at
    if done and done <= now() and not opened.ticket.open:
        items.append(RequestItem("done", "line", "", "", "a", done, _("Your request was settled.")))
    return tuple(items)
