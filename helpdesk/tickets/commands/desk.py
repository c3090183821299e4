"""Drafts and read marks: an agent's own, never an event of the ticket."""

from collections.abc import Iterable
from typing import Literal

import sqlalchemy as sa

from helpdesk.core.clock import now
from helpdesk.core.db import command, insert_ignore, session
from helpdesk.core.errors import InvalidError, NotFoundError
from helpdesk.core.events import emit
from helpdesk.core.once import was_used
from helpdesk.people.rights import Viewer
from helpdesk.tickets import macros
from helpdesk.tickets.events import TicketSeen
from helpdesk.tickets.model import Draft, Ticket, TicketRead
from helpdesk.tickets.queries.scope import ticket_id_of

DRAFT_CHARS = 200_000


def answer_key(agent_id: int, form_key: str) -> str:
    """Return what makes one showing of the composer one message."""
    return f"answer:{agent_id}:{form_key}"


@command
def save_draft(
    *,
    viewer: Viewer,
    number: int,
    kind: Literal["reply", "note"],
    body: str,
    form_key: str = "",
    acts: Iterable[str] = (),
) -> None:
    """Keep what an agent is writing, with what a macro will do; an empty text discards the draft.

    A save that arrives after the form `form_key` was sent comes too late and keeps nothing.

    Raises:
        NotFoundError: the viewer does not see such a ticket.
        InvalidError: longer than 200,000 characters.
    """
    if len(body) > DRAFT_CHARS:
        raise InvalidError("This draft is too long to keep.", body="Shorten the text.")
    ticket_id = _id(viewer, number)
    if form_key and was_used(answer_key(viewer.id, form_key)):
        return
    mine = (Draft.ticket_id == ticket_id, Draft.agent_id == viewer.id, Draft.kind == kind)
    if not body.strip():
        empty = Draft.files == []  # files of a reply that was taken back stay until it is sent or discarded
        gone = session().execute(sa.delete(Draft).where(*mine, empty).returning(Draft.agent_id)).first()
        if gone is None:
            session().execute(sa.update(Draft).where(*mine).values(body="", acts=[], updated_at=now()))
        return
    values = {"body": body, "acts": macros.tidy(acts), "updated_at": now()}
    keys = {"ticket_id": ticket_id, "agent_id": viewer.id, "kind": kind}
    if not insert_ignore(Draft, keys | values):
        session().execute(sa.update(Draft).where(*mine).values(**values))


@command
def mark_read(*, viewer: Viewer, number: int, seq: int) -> None:
    """Note up to which event the viewer has read; never backwards, never beyond the last."""
    ticket_id = _id(viewer, number)
    seq = min(seq, session().execute(sa.select(Ticket.last_seq).where(Ticket.id == ticket_id)).scalar_one())
    keys = {"ticket_id": ticket_id, "agent_id": viewer.id}
    if not insert_ignore(TicketRead, keys | {"last_seq": seq}):
        session().execute(
            sa.update(TicketRead)
            .where(
                TicketRead.ticket_id == ticket_id,
                TicketRead.agent_id == viewer.id,
                TicketRead.last_seq < seq,
            )
            .values(last_seq=seq)
        )
    emit(TicketSeen(ticket_id=ticket_id, agent_id=viewer.id))


def _id(viewer: Viewer, number: int) -> int:
    ticket_id = ticket_id_of(viewer, number)
    if ticket_id is None:
        raise NotFoundError("There is no such ticket.")
    return ticket_id
