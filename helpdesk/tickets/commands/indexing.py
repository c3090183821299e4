"""The search index: one row a ticket, written with what it says (contracts 5). Both engines hold folded text.

SQLite keeps it in FTS5, PostgreSQL in a table with a tsvector; neither is a mapped table. What has no row
(an older database, a copy moved over) is indexed by a timer.
"""

from typing import Any

import sqlalchemy as sa
from sqlalchemy.dialects import postgresql

from helpdesk.core.db import command, session
from helpdesk.people.model import Contact, ContactAddress
from helpdesk.tickets.model import Attachment, Message, Participant, Ticket
from helpdesk.tickets.searching import words_of

BODY_CHARS = 200_000
"""Of a ticket's words, so many are searched; the newest."""

FTS = sa.table("ticket_index", sa.column("rowid"), sa.column("head"), sa.column("body"), sa.column("files"))
TABLE = sa.table(
    "ticket_index", sa.column("ticket_id"), sa.column("head"), sa.column("body"), sa.column("files")
)


def index_ticket(ticket_id: int) -> None:
    """Write a ticket's row anew."""
    ticket = session().get(Ticket, ticket_id)
    if ticket is None:
        return
    people = session().execute(
        sa.select(Contact.name, ContactAddress.email)
        .join(Participant, Participant.contact_id == Contact.id)
        .outerjoin(ContactAddress, ContactAddress.contact_id == Contact.id)
        .where(Participant.ticket_id == ticket_id)
    )
    named = {word for row in people for word in row if word}
    said = session().scalars(
        sa.select(Message.new_text)
        .where(Message.ticket_id == ticket_id)
        .order_by(Message.at.desc(), Message.seq.desc())
    )
    body, length = [], 0
    for text in said:
        body.append(text)
        length += len(text)
        if length > BODY_CHARS:
            break
    names = session().scalars(sa.select(Attachment.name).where(Attachment.ticket_id == ticket_id).limit(200))
    of_desk = (*ticket.tags, *ticket.fields.values())
    _put(
        ticket_id,
        head=_flat(" ".join((ticket.subject, str(ticket.number), *of_desk, *sorted(named)))),
        body=_flat("\n".join(body)[:BODY_CHARS]),
        files=_flat(" ".join(names)),
    )


def _flat(text: str) -> str:
    """Return the words of a text as both engines take them apart: at spaces, and nowhere else."""
    return " ".join(words_of(text))


def _put(ticket_id: int, **columns: str) -> None:
    if session().get_bind().dialect.name == "sqlite":
        session().execute(sa.delete(FTS).where(FTS.c.rowid == ticket_id))
        session().execute(sa.insert(FTS).values(rowid=ticket_id, **columns))
        return
    values: dict[str, Any] = {"ticket_id": ticket_id, **columns}
    statement = postgresql.insert(TABLE).values(**values)
    session().execute(statement.on_conflict_do_update(index_elements=["ticket_id"], set_=columns))


def _missing() -> sa.Select[int]:
    key = FTS.c.rowid if session().get_bind().dialect.name == "sqlite" else TABLE.c.ticket_id
    return sa.select(Ticket.id).where(Ticket.id.not_in(sa.select(key)))


@command
def index_missing(*, limit: int = 200) -> int:
    """Index tickets that have no row yet; return how many."""
    ids = session().scalars(_missing().order_by(Ticket.id.desc()).limit(limit)).all()
    for ticket_id in ids:
        index_ticket(ticket_id)
    return len(ids)


def not_indexed() -> int:
    """Return how many tickets the search does not know yet."""
    return session().scalar(sa.select(sa.func.count()).select_from(_missing().subquery())) or 0
