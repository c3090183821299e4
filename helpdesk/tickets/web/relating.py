"""Tags, links, followers, snooze and trash on the ticket page; merge and split on pages of their own."""

from flask import redirect, render_template, request, url_for
from werkzeug.wrappers import Response

from helpdesk.core.clock import now
from helpdesk.core.errors import InvalidError, NotFoundError, RefusedError
from helpdesk.core.i18n import gettext as _
from helpdesk.core.web.forms import text
from helpdesk.core.web.numbers import whole
from helpdesk.core.web.rendering import in_words, zone
from helpdesk.people.access import current_viewer
from helpdesk.people.rights import Right, Viewer
from helpdesk.tickets import snoozing
from helpdesk.tickets.commands import changing, merging, participants, relating
from helpdesk.tickets.model import Ticket
from helpdesk.tickets.pages import MergeChoice, MergePage, SplitChoice, SplitPage
from helpdesk.tickets.queries import ticket as reads
from helpdesk.tickets.queries.navigation import nav_for
from helpdesk.tickets.queries.relations import MergeCandidate, merge_candidate, merge_candidates
from helpdesk.tickets.web.acting import back_to
from helpdesk.tickets.web.blueprint import bp
from helpdesk.tickets.web.filters import list_args
from helpdesk.tickets.web.queue import wanted_list
from helpdesk.tickets.web.words_for import state_words

SPLIT_CHARS = 200


@bp.post("/tickets/<int:number>/tags")
def change_tags(number: int) -> Response:
    """Add tags (words between commas) or take one off."""
    add = [t for t in text("add", 400).split(",") if t.strip()]
    relating.change_tags(
        viewer=current_viewer(), number=number, add=add, remove=request.form.getlist("remove")
    )
    return back_to(number, "tags")


@bp.post("/tickets/<int:number>/subject")
def set_subject(number: int) -> Response:
    """Give the ticket another subject; mails keep theirs, so that threads stay together."""
    changing.set_subject(viewer=current_viewer(), number=number, subject=text("subject", 300))
    return back_to(number, "subject")


@bp.post("/tickets/<int:number>/cc")
def add_cc(number: int) -> Response:
    """Put somebody in copy."""
    participants.add_cc(viewer=current_viewer(), number=number, email=text("email", 254))
    return back_to(number, "cc")


@bp.post("/tickets/<int:number>/cc/remove")
def remove_cc(number: int) -> Response:
    """Take somebody out of copy."""
    contact_id = whole(request.form.get("contact", "")) or 0
    participants.remove_cc(viewer=current_viewer(), number=number, contact_id=contact_id)
    return back_to(number, "uncc")


@bp.post("/tickets/<int:number>/links")
def add_link(number: int) -> Response:
    """Tie another ticket to this one."""
    other = whole(text("other", 12).lstrip("#").strip()) or 0
    relating.link(viewer=current_viewer(), number=number, other=other, kind=text("kind", 12))
    return back_to(number, "linked")


@bp.post("/tickets/<int:number>/links/<int:link_id>/remove")
def remove_link(number: int, link_id: int) -> Response:
    """Remove a link."""
    relating.unlink(viewer=current_viewer(), number=number, link_id=link_id)
    return back_to(number, "unlinked")


@bp.post("/tickets/<int:number>/follow")
def follow(number: int) -> Response:
    """Follow the ticket, or no more."""
    on = request.form.get("on") == "1"
    relating.follow(viewer=current_viewer(), number=number, on=on)
    return back_to(number, "followed" if on else "unfollowed")


@bp.post("/tickets/<int:number>/snooze")
def snooze(number: int) -> Response:
    """Set the ticket aside until a moment of the list or one typed; `off` brings it back."""
    wanted = request.values.get("until", "")
    if wanted == "off":
        relating.snooze(viewer=current_viewer(), number=number, until=None)
        return back_to(number, "awake")
    until = dict(snoozing.choices(now(), zone())).get(wanted) or snoozing.typed(wanted, zone())
    if until is None:
        raise InvalidError("Choose when it shall come back.", until="Choose a day and a time.")
    relating.snooze(viewer=current_viewer(), number=number, until=until)
    return back_to(number, "snoozed")


@bp.post("/tickets/<int:number>/trash")
def trash(number: int) -> Response:
    """Put the ticket in the trash, or take it out as it was."""
    on = request.values.get("on") == "1"
    relating.set_trash(viewer=current_viewer(), number=number, on=on)
    return back_to(number, "trashed" if on else "restored")


@bp.get("/tickets/<int:number>/merge")
def merge_page(number: int) -> str:
    """Choose where the ticket goes, and see what would happen."""
    into = text_arg("into")
    return _merge_page(number, into)


@bp.post("/tickets/<int:number>/merge")
def merge(number: int) -> Response | tuple[str, int]:
    """Move everything said here into another ticket and go there."""
    viewer, typed = current_viewer(), text("into", 12).lstrip("#").strip()
    into = whole(typed) or 0
    if merge_candidate(viewer, into) is None:
        return _merge_page(number, typed or "?"), 422
    try:
        event_id = merging.merge(
            viewer=viewer, numbers=[number], into=into, other_people=request.form.get("other_people") == "1"
        )
    except (InvalidError, RefusedError) as error:
        return _merge_page(number, typed, str(error)), error.status
    args = list_args(wanted_list())
    return redirect(url_for("tickets.ticket", number=into, **args, said="merged", undo=event_id))


@bp.post("/tickets/<int:number>/unmerge")
def unmerge(number: int) -> Response:
    """Undo a merge."""
    merging.unmerge(
        viewer=current_viewer(), number=number, event_id=whole(request.values.get("event", "")) or 0
    )
    return back_to(number, "unmerged")


@bp.get("/tickets/<int:number>/split")
def split_page(number: int) -> str:
    """Choose the messages that become a ticket of their own."""
    return _split_page(number, [whole(text_arg("message")) or 0], "")


@bp.post("/tickets/<int:number>/split")
def split(number: int) -> Response | tuple[str, int]:
    """Move the chosen messages into a new ticket and go there."""
    chosen = [n for value in request.form.getlist("messages") if (n := whole(value))]
    subject = text("subject", 300)
    try:
        made = merging.split(viewer=current_viewer(), number=number, message_ids=chosen, subject=subject)
    except InvalidError as error:
        return _split_page(number, chosen, subject, str(error)), 422
    return back_to(made, "split")


def text_arg(name: str) -> str:
    """Return a short value of the address, trimmed."""
    return request.args.get(name, "")[:12].lstrip("#").strip()


def _merge_page(number: int, typed: str, error: str = "") -> str:
    viewer = current_viewer()
    ticket = reads.ticket_seen_by(viewer, number)
    into = merge_candidate(viewer, whole(typed) or 0) if typed else None
    if typed and into is None and not error:
        error = _("There is no ticket %(number)s that you can see.", number=typed)
    if "closed" in {ticket.state, into.state if into else ""}:
        into, error = (
            None,
            error or _("Closed tickets do not change, so they cannot be merged. Link them instead."),
        )
    if into is not None and into.id == ticket.id:
        into, error = None, _("A ticket cannot be merged into itself.")
    args = list_args(wanted_list())
    page = MergePage(
        number=number,
        subject=ticket.subject,
        back_url=url_for("tickets.ticket", number=number, **args),
        look_url=url_for("tickets.merge_page", number=number, **args),
        merge_url=url_for("tickets.merge", number=number, **args),
        choices=tuple(_choice(c) for c in merge_candidates(viewer, ticket)),
        typed=typed,
        error=error,
        into=_choice(into) if into else None,
        here=_choice(merge_candidate(viewer, number)),
        other_people=into is not None and into.requester_id != ticket.requester_id,
        may=viewer.may(Right.CHANGE),
    )
    return _render(viewer, "tickets/merge.html", page)


def _choice(c: MergeCandidate | None) -> MergeChoice:
    if c is None:
        raise NotFoundError("There is no such ticket.")
    return MergeChoice(
        c.number, c.subject, state_words(c.state), c.customer, in_words(c.opened_at), c.message_count
    )


def _split_page(number: int, chosen: list[int], subject: str, error: str = "") -> str:
    viewer = current_viewer()
    ticket: Ticket = reads.ticket_seen_by(viewer, number)
    said = reads.conversation(ticket, whole=True)
    args = list_args(wanted_list())
    page = SplitPage(
        number=number,
        back_url=url_for("tickets.ticket", number=number, **args),
        split_url=url_for("tickets.split", number=number, **args),
        subject=subject or ticket.subject,
        error=error,
        choices=tuple(
            SplitChoice(
                m.id,
                m.author_name or m.author_email,
                in_words(m.at),
                m.new_text[:SPLIT_CHARS],
                m.id in chosen,
            )
            for m in said.messages
        ),
        may=viewer.may(Right.CHANGE),
    )
    return _render(viewer, "tickets/split.html", page)


def _render(viewer: Viewer, template: str, page: MergePage | SplitPage) -> str:
    return render_template(template, page=page, nav=nav_for(viewer, wanted_list().view), toasts=())
