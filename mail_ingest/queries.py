"""Reads about incoming mail: the answer to "where did my mail go?"."""

from dataclasses import dataclass
from datetime import datetime

import sqlalchemy as sa

from helpdesk.core.db import session
from helpdesk.core.errors import NotFoundError
from helpdesk.core.tables import Json
from helpdesk.mailboxes.model import Mailbox
from helpdesk.tickets.model import Ticket
from mail_ingest.model import Inbound

PAGE = 50
OUTCOMES = ("new_ticket", "added", "automatic", "duplicate", "rejected", "quarantined")


@dataclass(frozen=True, slots=True)
class InboundFacts:
    """One accepted mail as pages need it."""

    id: int
    source: str
    state: str
    outcome: str | None
    reason: str
    sender: str
    subject: str
    mailbox: str | None
    received_at: datetime
    recorded_at: datetime
    size: int
    digest: str
    tries: int
    message_id: str | None
    envelope_from: str | None
    envelope_to: list[str]
    trace: list[Json]
    duplicate_of: int | None
    number: int | None


def _select() -> sa.Select[*tuple[object, ...]]:
    return (
        sa.select(
            Inbound.id,
            Inbound.source,
            Inbound.state,
            Inbound.outcome,
            Inbound.reason,
            Inbound.sender,
            Inbound.subject,
            Mailbox.address,
            Inbound.received_at,
            Inbound.recorded_at,
            Inbound.size,
            Inbound.digest,
            Inbound.tries,
            Inbound.message_id,
            Inbound.envelope_from,
            Inbound.envelope_to,
            Inbound.trace,
            Inbound.duplicate_of,
            Ticket.number,
        )
        .outerjoin(Mailbox, Mailbox.id == Inbound.mailbox_id)
        .outerjoin(Ticket, Ticket.id == Inbound.ticket_id)
    )


def inbound_mails(
    *, outcome: str | None = None, words: str = "", before: int | None = None
) -> list[InboundFacts]:
    """Return accepted mails, newest first, one more than a page; `words` in sender, subject or Message-ID."""
    query = _select()
    if outcome in OUTCOMES:
        query = query.where(Inbound.outcome == outcome)
    elif outcome == "waiting":
        query = query.where(Inbound.state == "stored")
    if words:
        fields = (Inbound.sender, Inbound.subject, Inbound.message_id)
        query = query.where(sa.or_(*(f.icontains(words, autoescape=True) for f in fields)))
    if before is not None:
        query = query.where(Inbound.id < before)
    rows = session().execute(query.order_by(Inbound.id.desc()).limit(PAGE + 1))
    return [_facts(row) for row in rows]


def inbound_mail(inbound_id: int) -> InboundFacts:
    """Return one accepted mail.

    Raises:
        NotFoundError: there is none.
    """
    row = session().execute(_select().where(Inbound.id == inbound_id)).one_or_none()
    if row is None:
        raise NotFoundError("There is no such mail.")
    return _facts(row)


def _facts(row: object) -> InboundFacts:
    return InboundFacts(*tuple(row))  # type: ignore[arg-type] # a row of _select, in the order of the fields


def quarantined_count() -> int:
    """Return how many mails are set aside, up to 1,000."""
    inner = sa.select(Inbound.id).where(Inbound.outcome == "quarantined").limit(1000).subquery()
    return session().scalar(sa.select(sa.func.count()).select_from(inner)) or 0
