"""What agents do on ticket pages: every route one command, then back to the page."""

from datetime import datetime
from typing import Literal

from flask import redirect, request, url_for
from werkzeug.wrappers import Response

from helpdesk.core.clock import now
from helpdesk.core.errors import InvalidError, RefusedError
from helpdesk.core.web.forms import text
from helpdesk.core.web.numbers import whole
from helpdesk.core.web.rendering import zone
from helpdesk.core.web.uploads import uploads
from helpdesk.people.access import current_viewer
from helpdesk.people.commands import remember_after_reply
from helpdesk.people.rights import Viewer
from helpdesk.tickets import snoozing
from helpdesk.tickets.commands import changing, desk, holding, sending, writing
from helpdesk.tickets.content import Content, FileIn
from helpdesk.tickets.doubts import doubts_about
from helpdesk.tickets.lifecycle import State
from helpdesk.tickets.queries import ticket as reads
from helpdesk.tickets.web.blueprint import bp
from helpdesk.tickets.web.filters import list_args
from helpdesk.tickets.web.queue import wanted_list
from helpdesk.tickets.web.ticket import show

BODY_CHARS = 200_000


@bp.post("/tickets/<int:number>/messages")
def add_message(number: int) -> Response | tuple[str, int]:
    """Send a reply or keep a note; whatever is refused comes back with all that was typed."""
    viewer = current_viewer()
    kind: Literal["reply", "note"] = "note" if request.form.get("kind") == "note" else "reply"
    body = text("body", BODY_CHARS)
    then = _state(request.form.get("then_state", ""))
    try:
        files = tuple(FileIn(f.name, f.content_type, f.digest, f.size) for f in uploads())
        content = Content(text=body.strip(), files=(*_kept(viewer, number), *files))
        if kind == "reply" and request.form.get("sure") != "1":
            doubts = doubts_about(content.text, files=bool(content.files))
            if doubts:
                return show(number, kind=kind, typed=body, doubts=doubts), 409
        reply_id = _say(viewer, number, kind, content, then)
    except writing.NewerMessageError as error:
        return show(number, kind=kind, typed=body, stopped=str(error)), 409
    except InvalidError as error:
        words = next(iter(error.fields.values()), str(error))
        return show(number, kind=kind, typed=body, error=words), 422
    except RefusedError as error:
        return show(number, kind=kind, typed=body, error=str(error)), 409
    if kind == "reply" and then is not None:
        remember_after_reply(agent_id=viewer.id, state=then)
    if reply_id is None:
        return back_to(number, "sent" if kind == "reply" else "noted")
    return back_to(number, "later" if request.form.get("send_at") else "sending", undo=reply_id)


def _say(
    viewer: Viewer, number: int, kind: Literal["reply", "note"], content: Content, then: State | None
) -> int | None:
    """Send or keep; return what can be undone."""
    form_key, seen = text("form_key", 60) or None, whole(request.form.get("last_seq", ""))
    if kind == "note":
        writing.answer(
            viewer=viewer,
            number=number,
            kind="note",
            content=content,
            then=then,
            seen_seq=seen,
            form_key=form_key,
            acts=request.form.getlist("do")[:20],
        )
        return None
    return sending.send_reply(
        viewer=viewer,
        number=number,
        content=content,
        then=then,
        seen_seq=seen,
        form_key=form_key,
        at=_moment(request.form.get("send_at", "")),
        acts=request.form.getlist("do")[:20],
    )


def _moment(value: str) -> datetime | None:
    if not value:
        return None
    found = dict(snoozing.choices(now(), zone())).get(value) or snoozing.typed(value, zone())
    if found is None:
        raise InvalidError("Choose when it shall go.", send_at="Choose a day and a time.")
    return found


def _kept(viewer: Viewer, number: int) -> tuple[FileIn, ...]:
    """Return the files that came back with the draft and are still wanted."""
    wanted = request.form.getlist("keep")
    if not wanted:
        return ()
    ticket = reads.ticket_seen_by(viewer, number)
    draft = reads.drafts_of(viewer, ticket.id).get("reply")
    return sending.kept_files(draft.files, wanted) if draft else ()


@bp.post("/tickets/<int:number>/replies/<int:reply_id>/undo")
def undo_reply(number: int, reply_id: int) -> Response:
    """Take a reply back before it goes; its text is in the box again."""
    sending.undo_reply(viewer=current_viewer(), number=number, reply_id=reply_id)
    return redirect(back_to(number, "undone").location + "#editor")


@bp.post("/tickets/<int:number>/replies/<int:reply_id>/dismiss")
def dismiss_reply(number: int, reply_id: int) -> Response:
    """Put away the notice of a reply that could not go."""
    sending.dismiss_stopped(viewer=current_viewer(), number=number, reply_id=reply_id)
    return back_to(number, "dismissed")


@bp.post("/tickets/<int:number>/draft")
def save_draft(number: int) -> tuple[str, int]:
    """Keep what is being written."""
    kind: Literal["reply", "note"] = "note" if request.form.get("kind") == "note" else "reply"
    desk.save_draft(
        viewer=current_viewer(),
        number=number,
        kind=kind,
        body=text("body", desk.DRAFT_CHARS + 1),
        acts=request.form.getlist("do")[:20],
        form_key=text("form_key", 60),
    )
    return "", 204


@bp.post("/tickets/<int:number>/read")
def mark_read(number: int) -> tuple[str, int]:
    """Note how far the viewer has read."""
    seq = whole(request.values.get("seq", ""))
    desk.mark_read(viewer=current_viewer(), number=number, seq=seq or 0)
    return "", 204


@bp.post("/tickets/<int:number>/assignee")
def assign(number: int) -> Response:
    """Give the ticket to somebody, or nobody; `me` is the viewer."""
    viewer = current_viewer()
    wanted = request.form.get("assignee", "")
    agent_id = viewer.id if wanted == "me" else _chosen(wanted)
    changing.assign(viewer=viewer, number=number, agent_id=agent_id)
    return back_to(number, "assigned" if agent_id is not None else "unassigned")


@bp.post("/tickets/<int:number>/team")
def move(number: int) -> Response:
    """Give the ticket to another team."""
    changing.move(viewer=current_viewer(), number=number, team_id=_chosen(request.form.get("team", "")))
    return back_to(number, "moved")


@bp.post("/tickets/<int:number>/state")
def set_state(number: int) -> Response:
    """Set the state by hand."""
    state = _state(request.form.get("state", ""))
    if state is None:
        raise InvalidError("There is no such state.", state="Choose one of the list.")
    changing.set_state(viewer=current_viewer(), number=number, state=state)
    return back_to(number, "solved" if state is State.SOLVED else "state")


@bp.post("/tickets/<int:number>/keep-solved")
def keep_solved(number: int) -> Response:
    """Solve again what only a thank-you had opened."""
    changing.keep_solved(viewer=current_viewer(), number=number)
    return back_to(number, "solved")


@bp.post("/tickets/<int:number>/priority")
def set_priority(number: int) -> Response:
    """Set the priority."""
    wanted = whole(request.form.get("priority", "")) or 0
    changing.set_priority(viewer=current_viewer(), number=number, priority=wanted)
    return back_to(number, "priority")


@bp.post("/tickets/<int:number>/messages/<int:message_id>/accept")
def accept_sender(number: int, message_id: int) -> Response:
    """Let the sender of a held message take part; in a closed ticket their words begin a follow-up."""
    now_in = holding.accept_held(viewer=current_viewer(), number=number, message_id=message_id)
    return back_to(now_in, "accepted")


@bp.post("/take-next")
def take_next() -> Response:
    """Take what waits longest and open it."""
    number = changing.take_next(viewer=current_viewer())
    if number is None:
        return redirect(url_for("tickets.queue", said="nothing-next"))
    return redirect(url_for("tickets.ticket", number=number))


def back_to(number: int, said: str, undo: int | None = None) -> Response:
    """Lead back to the ticket, saying what was done and what of it can be undone."""
    args = list_args(wanted_list())
    return redirect(url_for("tickets.ticket", number=number, **args, said=said, undo=undo))


def _state(value: str) -> State | None:
    return State(value) if value in set(State) else None


def _chosen(value: str) -> int | None:
    """Return the id chosen from a list; empty is nobody and no team."""
    found = whole(value)
    if found is None and value:
        raise InvalidError("There is no such choice in the list.")
    return found
