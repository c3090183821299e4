"""What must always hold for tickets: the log is whole and says what the row says, and every file is there."""

from collections.abc import Iterator
from typing import Any

import sqlalchemy as sa

from helpdesk.core.db import session
from helpdesk.core.feature import Check
from helpdesk.core.files import store
from helpdesk.tickets.commands.indexing import not_indexed
from helpdesk.tickets.model import Attachment, Message, Ticket, TicketEvent
from helpdesk.tickets.queries.replaying import differences


def _replay(_deep: bool) -> Iterator[str]:
    for one in differences()[1]:
        yield f"ticket {one['number']}: {one['field']} is {one['row']}, the log says {one['log']}"


def _gaps(_deep: bool) -> Iterator[str]:
    rows = session().execute(
        sa.select(
            Ticket.number,
            Ticket.last_seq,
            sa.func.count(TicketEvent.id).label("held"),
            sa.func.max(TicketEvent.seq).label("top"),
        )
        .outerjoin(TicketEvent, TicketEvent.ticket_id == Ticket.id)
        .group_by(Ticket.id, Ticket.number, Ticket.last_seq)
        .having(
            sa.or_(
                sa.func.count(TicketEvent.id) != Ticket.last_seq,
                sa.func.coalesce(sa.func.max(TicketEvent.seq), 0) != Ticket.last_seq,
            )
        )
    )
    for row in rows:
        log = f"its log has {row.held} entries up to {row.top}"
        yield f"ticket {row.number}: {log}, the row says {row.last_seq}"


def _counts(_deep: bool) -> Iterator[str]:
    rows = session().execute(
        sa.select(Ticket.number, Ticket.message_count, sa.func.count(Message.id).label("held"))
        .outerjoin(Message, Message.ticket_id == Ticket.id)
        .group_by(Ticket.id, Ticket.number, Ticket.message_count)
        .having(sa.func.count(Message.id) != Ticket.message_count)
    )
    for row in rows:
        yield f"ticket {row.number}: {row.held} messages, the row says {row.message_count}"


def _searched(_deep: bool) -> Iterator[str]:
    if missing := not_indexed():
        yield f"{missing} tickets are not known to the search yet; the worker indexes them"


def _files(deep: bool) -> Iterator[str]:
    attached = sa.select(Attachment.digest, Ticket.number).join(Ticket, Ticket.id == Attachment.ticket_id)
    raw = (
        sa.select(Message.raw_digest, Ticket.number)
        .join(Ticket, Ticket.id == Message.ticket_id)
        .where(Message.raw_digest.is_not(None))
    )
    seen: set[str] = set()
    used: Any = session().execute(sa.union(attached, raw))
    for digest, number in used:
        if digest in seen:
            continue
        seen.add(digest)
        if not store().whole(digest, deep=deep):
            yield f"ticket {number}: the file {digest} is missing or damaged"


CHECKS = (
    Check("I4", "replaying its log gives every ticket's row", _replay),
    Check("I6", "no log has a gap", _gaps),
    Check("I7", "counts equal a recount", _counts),
    Check("I7", "the search knows every ticket", _searched),
    Check("I1", "every attachment and original mail is in the store", _files),
)
