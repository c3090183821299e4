"""Replies go through here: at once, after the moment in which they can be undone, or later.

Until its moment nothing was said: no event, no state, no clock. At its moment the reply is written like any
other, by the agent who pressed the button, to the recipients of then.
"""

from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime, timedelta
from typing import Any

import sqlalchemy as sa

from helpdesk.core.clock import now, whole
from helpdesk.core.db import command, insert_ignore, session
from helpdesk.core.desk import desk
from helpdesk.core.errors import HelpdeskError, InvalidError, NotFoundError, RefusedError
from helpdesk.core.events import emit
from helpdesk.core.jobs.outbox import enqueue
from helpdesk.core.once import remember, seen_before
from helpdesk.core.tables import Json
from helpdesk.people.queries import contacts, viewer_of_agent
from helpdesk.people.rights import Right, Viewer
from helpdesk.tickets import macros
from helpdesk.tickets.commands.changing import stop_if_missing, visible
from helpdesk.tickets.commands.desk import answer_key
from helpdesk.tickets.commands.writing import answer, stop_if_newer
from helpdesk.tickets.content import Content, FileIn
from helpdesk.tickets.events import ReplyStopped
from helpdesk.tickets.lifecycle import State
from helpdesk.tickets.model import Draft, ScheduledReply, Ticket
from helpdesk.tickets.queries.ticket import participants

LATEST = timedelta(days=366)


@command
def send_reply(
    *,
    viewer: Viewer,
    number: int,
    content: Content,
    then: State | None,
    seen_seq: int | None,
    form_key: str | None,
    at: datetime | None = None,
    acts: Iterable[str] = (),
) -> int | None:
    """Send a public reply; return the id of the row that can be undone, None when it went at once.

    `at`: not before this moment; None: after the desk's seconds to undo (none: at once). `acts` are those of
    a macro, done when the reply is said.

    Raises:
        NotFoundError, ForbiddenError, InvalidError, NewerMessageError, RefusedError: as `answer`.
    """
    wait = desk().undo_seconds
    if at is None and not wait:
        answer(
            viewer=viewer,
            number=number,
            kind="reply",
            content=content,
            then=then,
            seen_seq=seen_seq,
            form_key=form_key,
            acts=acts,
        )
        return None
    key = answer_key(viewer.id, form_key) if form_key else None
    if key is not None and (earlier := seen_before(key)) is not None:
        return earlier
    ticket = visible(viewer, number, Right.REPLY)
    if not content.text.strip() and not content.files:
        raise InvalidError("There is nothing to send yet.", body="Write a few words first.")
    if seen_seq is not None:
        stop_if_newer(ticket.id, seen_seq)
    if then is State.SOLVED:
        stop_if_missing(ticket)
    if at is not None and not now() < at < now() + LATEST:
        raise InvalidError("Choose a moment within the next year.", send_at="Choose a later moment.")
    row = ScheduledReply(
        ticket_id=ticket.id,
        agent_id=viewer.id,
        body=content.text,
        files=[_plain(f) for f in content.files],
        recipients=recipients_now(ticket.id),
        acts=macros.tidy(acts),
        then_state=then,
        seen_seq=seen_seq if seen_seq is not None else ticket.last_seq,
        later=at is not None,
        made_at=now(),
        send_at=whole(at) if at is not None else now() + timedelta(seconds=wait),
        state="waiting",
    )
    session().add(row)
    session().flush()
    _drop_draft(ticket.id, viewer.id)
    enqueue("reply.send", {"reply": row.id}, key=f"reply.send:{row.id}", not_before=row.send_at)
    if key is not None:
        remember(key, row.id)
    return row.id


def recipients_now(ticket_id: int) -> list[Json]:
    """Return who takes part, with the addresses of this moment."""
    parts = participants(ticket_id)
    cards = contacts(p.contact_id for p in parts)
    return [
        {
            "participant_id": p.id,
            "contact_id": p.contact_id,
            "role": p.role,
            "link_version": p.link_version,
            "name": cards[p.contact_id].name,
            "email": cards[p.contact_id].email,
        }
        for p in parts
        if p.contact_id in cards and cards[p.contact_id].email
    ]


@command
def undo_reply(*, viewer: Viewer, number: int, reply_id: int) -> None:
    """Take a reply back before it went: its exact text and files are the draft again.

    Raises:
        NotFoundError: there is no such reply of the viewer in a ticket they see.
        RefusedError: it is out already.
    """
    ticket = visible(viewer, number, Right.READ, closed_too=True)
    row = session().scalar(
        sa.select(ScheduledReply)
        .where(
            ScheduledReply.id == reply_id,
            ScheduledReply.ticket_id == ticket.id,
            ScheduledReply.agent_id == viewer.id,
        )
        .with_for_update()
    )
    if row is None:
        raise NotFoundError("There is no such reply of yours.")
    if row.state != "waiting":
        raise RefusedError("It is out already." if row.state == "sent" else "It was taken back before.")
    row.state = "undone"
    _back_to_draft(row)


def send_due(payload: Mapping[str, Any]) -> None:
    """Say a reply whose moment has come; what cannot go any more becomes a draft again, and says why."""
    row = session().scalar(
        sa.select(ScheduledReply).where(ScheduledReply.id == int(payload["reply"])).with_for_update()
    )
    if row is None or row.state != "waiting":
        return
    viewer = viewer_of_agent(row.agent_id)
    ticket = session().get_one(Ticket, row.ticket_id)
    if viewer is None:
        _stop(row, "Its writer no longer works here.")
        return
    try:
        row.message_id = answer(
            viewer=viewer,
            number=ticket.number,
            kind="reply",
            content=Content(text=row.body, files=tuple(FileIn(**f) for f in row.files)),
            then=State(row.then_state) if row.then_state else None,
            seen_seq=row.seen_seq if row.later else None,
            recipients=row.recipients,
            acts=row.acts,
        )
    except HelpdeskError as error:
        _stop(row, str(error))
    else:
        row.state = "sent"


def _stop(row: ScheduledReply, why: str) -> None:
    row.state, row.why = "stopped", why[:300]
    _back_to_draft(row)
    emit(ReplyStopped(ticket_id=row.ticket_id, reply_id=row.id, agent_id=row.agent_id))


@command
def dismiss_stopped(*, viewer: Viewer, number: int, reply_id: int) -> None:
    """Put away the notice of a reply that could not go; its text stays in the draft."""
    ticket = visible(viewer, number, Right.READ, closed_too=True)
    session().execute(
        sa.update(ScheduledReply)
        .where(
            ScheduledReply.id == reply_id,
            ScheduledReply.ticket_id == ticket.id,
            ScheduledReply.agent_id == viewer.id,
            ScheduledReply.state == "stopped",
        )
        .values(state="undone")
    )


def _back_to_draft(row: ScheduledReply) -> None:
    keys = {"ticket_id": row.ticket_id, "agent_id": row.agent_id, "kind": "reply"}
    values = {"body": row.body, "files": row.files, "acts": row.acts, "updated_at": now()}
    if insert_ignore(Draft, keys | values):
        return
    draft = session().get_one(Draft, tuple(keys.values()), with_for_update=True)
    draft.body = (
        f"{row.body}\n\n{draft.body}".strip() if draft.body.strip() != row.body.strip() else draft.body
    )
    draft.files = [*row.files, *draft.files]
    draft.acts = macros.tidy([*row.acts, *draft.acts])
    draft.updated_at = now()


def _drop_draft(ticket_id: int, agent_id: int) -> None:
    mine = (Draft.ticket_id == ticket_id, Draft.agent_id == agent_id, Draft.kind == "reply")
    session().execute(sa.delete(Draft).where(*mine))


def _plain(file: FileIn) -> Json:
    return {"name": file.name, "content_type": file.content_type, "digest": file.digest, "size": file.size}


def kept_files(files: Sequence[Json], wanted: Sequence[str]) -> tuple[FileIn, ...]:
    """Return the files of a draft whose digests are wanted."""
    return tuple(FileIn(**f) for f in files if f["digest"] in wanted)
