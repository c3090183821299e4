"""Reads about outgoing mail, always through what the viewer may see."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

import sqlalchemy as sa

from helpdesk.channels.model import AgentSignature, Delivery, MailText, OutgoingMail
from helpdesk.channels.texts import ours
from helpdesk.core.addresses import key_of
from helpdesk.core.db import session
from helpdesk.core.desk import desk
from helpdesk.core.errors import NotFoundError
from helpdesk.people.rights import Viewer
from helpdesk.tickets.model import Ticket
from helpdesk.tickets.queries.scope import visible_tickets

TROUBLE = ("failed", "bounced", "deferred")
PAGE = 50


@dataclass(frozen=True, slots=True)
class DeliveryFacts:
    """One delivery as pages need it."""

    id: int
    mail_id: int
    kind: str
    recipient: str
    subject: str
    state: str
    answer: str
    queued_at: datetime
    next_try_at: datetime | None
    unconfirmed: bool
    number: int
    ticket_message_id: int | None


_COLUMNS = (
    Delivery.id,
    Delivery.mail_id,
    OutgoingMail.kind,
    Delivery.recipient,
    OutgoingMail.subject,
    Delivery.state,
    Delivery.answer,
    Delivery.queued_at,
    Delivery.next_try_at,
    Delivery.unconfirmed,
    Ticket.number,
    OutgoingMail.ticket_message_id,
)


def _select(viewer: Viewer) -> sa.Select[*tuple[Any, ...]]:
    seen = visible_tickets(viewer).with_only_columns(Ticket.id)
    return (
        sa.select(*_COLUMNS)
        .join(OutgoingMail, OutgoingMail.id == Delivery.mail_id)
        .join(Ticket, Ticket.id == OutgoingMail.ticket_id)
        .where(Ticket.id.in_(seen))
    )


def outbox(viewer: Viewer, *, trouble: bool = False, before: int | None = None) -> list[DeliveryFacts]:
    """Return deliveries of visible tickets, newest first, one more than a page."""
    query = _select(viewer)
    if trouble:
        query = query.where(Delivery.state.in_(TROUBLE))
    if before is not None:
        query = query.where(Delivery.id < before)
    rows = session().execute(query.order_by(Delivery.id.desc()).limit(PAGE + 1))
    return [DeliveryFacts(*tuple(row)) for row in rows]


def trouble_count(viewer: Viewer) -> int:
    """Return how many deliveries of visible tickets need somebody, up to 1,000."""
    inner = _select(viewer).where(Delivery.state.in_(TROUBLE)).with_only_columns(Delivery.id).limit(1000)
    return session().scalar(sa.select(sa.func.count()).select_from(inner.subquery())) or 0


def delivery(viewer: Viewer, delivery_id: int) -> DeliveryFacts:
    """Return one delivery of a visible ticket.

    Raises:
        NotFoundError: there is none the viewer may see.
    """
    row = session().execute(_select(viewer).where(Delivery.id == delivery_id)).one_or_none()
    if row is None:
        raise NotFoundError("There is no such mail.")
    return DeliveryFacts(*tuple(row))


def deliveries_of(message_ids: Iterable[int]) -> dict[int, list[DeliveryFacts]]:
    """Return the deliveries of messages the caller has loaded through a ticket, by message."""
    rows = session().execute(
        sa.select(*_COLUMNS)
        .join(OutgoingMail, OutgoingMail.id == Delivery.mail_id)
        .join(Ticket, Ticket.id == OutgoingMail.ticket_id)
        .where(OutgoingMail.ticket_message_id.in_(list(message_ids)))
        .order_by(Delivery.id)
    )
    found: dict[int, list[DeliveryFacts]] = {}
    for row in rows:
        facts = DeliveryFacts(*tuple(row))
        if facts.ticket_message_id is not None:
            found.setdefault(facts.ticket_message_id, []).append(facts)
    return found


def mailbox_of(delivery_id: int) -> int:
    """Return the mailbox a delivery leaves from.

    Raises:
        NotFoundError: there is no such delivery.
    """
    found = session().scalar(
        sa.select(OutgoingMail.mailbox_id)
        .join(Delivery, Delivery.mail_id == OutgoingMail.id)
        .where(Delivery.id == delivery_id)
    )
    if found is None:
        raise NotFoundError("There is no such delivery.")
    return found


def ticket_of_provider_id(message_id: str, mailbox_id: int) -> int | None:
    """Return the ticket of a mail of ours that a provider gave this Message-ID, sent from this mailbox.

    Amazon SES tells only the part before the @ and puts a domain of its own behind it.
    """
    whole = message_id.strip("<> ")
    local, _, domain = whole.rpartition("@")
    known = [whole, local] if domain.lower().endswith("amazonses.com") else [whole]
    return session().scalar(
        sa.select(OutgoingMail.ticket_id)
        .join(Delivery, Delivery.mail_id == OutgoingMail.id)
        .where(Delivery.provider_id.in_(known), OutgoingMail.mailbox_id == mailbox_id)
        .order_by(Delivery.id.desc())
        .limit(1)
    )


def ticket_of_delivery(delivery_id: int) -> int | None:
    """Return the ticket a copy belongs to."""
    return session().scalar(
        sa.select(OutgoingMail.ticket_id)
        .join(Delivery, Delivery.mail_id == OutgoingMail.id)
        .where(Delivery.id == delivery_id)
    )


CUT_OFF = timedelta(hours=6)
"""How long acknowledgements stay cut off when nobody lets them go on."""


def acks_cut_off(moment: datetime) -> bool:
    """Return whether acknowledgements are cut off: more than the desk's hourly budget wanted to go out."""
    since = desk().acks_paused_at
    return bool(since) and moment < datetime.fromisoformat(since) + CUT_OFF


def delivery_returned(
    *, message_id: str | None, recipient: str | None, since: datetime
) -> tuple[int, str] | None:
    """Return the delivery a bounce without a return path of ours is about, and what tells so.

    By the Message-ID of what came back, ours or a provider's; else by the address it could not reach, when
    something was sent there since a moment.
    """
    key = key_of(recipient) if recipient else ""
    newest = sa.select(Delivery.id).where(Delivery.state != "shadow").order_by(Delivery.id.desc()).limit(2)
    if message_id:
        own = f"<{message_id.strip('<> ')}>"
        theirs = [own.strip("<>"), own.strip("<>").rpartition("@")[0]]
        named = newest.join(OutgoingMail, OutgoingMail.id == Delivery.mail_id).where(
            sa.or_(OutgoingMail.message_id == own, Delivery.provider_id.in_(theirs))
        )
        if key and (found := session().scalar(named.where(Delivery.recipient_key == key))) is not None:
            return found, "by the Message-ID that came back"
        ids = session().scalars(named).all()
        if len(ids) == 1 and not key:
            return ids[0], "by the Message-ID that came back"
    if key:
        sent = newest.where(
            Delivery.recipient_key == key, Delivery.queued_at > since, Delivery.sent_at.is_not(None)
        )
        if (found := session().scalar(sent)) is not None:
            return found, "by the address it could not reach"
    return None


def sending_stamp(ticket_id: int) -> str:
    """Return what changes whenever a delivery of this ticket does (panel `ticket.stamp`)."""
    rows = session().execute(
        sa.select(Delivery.state, Delivery.tries, Delivery.unconfirmed)
        .join(OutgoingMail, OutgoingMail.id == Delivery.mail_id)
        .where(OutgoingMail.ticket_id == ticket_id)
        .order_by(Delivery.id)
    )
    return ",".join(f"{row.state}{row.tries}{row.unconfirmed:d}" for row in rows)


def mail_text(name: str, language: str) -> str:
    """Return the words of a text in a language: those an administrator wrote, else ours."""
    written = session().scalar(
        sa.select(MailText.text).where(MailText.name == name, MailText.language == language)
    )
    return written if written is not None else ours(name, language)


def written_texts() -> dict[tuple[str, str], datetime]:
    """Return which texts an administrator wrote, by name and language, and when."""
    rows = session().execute(sa.select(MailText.name, MailText.language, MailText.changed_at))
    return {(row.name, row.language): row.changed_at for row in rows}


def signature_of(agent_id: int | None) -> str:
    """Return the own signature of an agent, empty when there is none."""
    if agent_id is None:
        return ""
    return session().scalar(sa.select(AgentSignature.text).where(AgentSignature.agent_id == agent_id)) or ""
