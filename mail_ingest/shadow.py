"""Shadow mode: this desk runs beside another one on the same mailbox, and changes nothing outside.

Mail is fetched as ever (by PEEK) and settled as ever, but no flag is set, nothing is moved and nothing is
sent: what would have gone out is kept as deliveries in the state `shadow`, which are never sent later.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

import sqlalchemy as sa

from helpdesk.channels.model import Delivery, OutgoingMail
from helpdesk.core import audit
from helpdesk.core.clock import now
from helpdesk.core.db import command, session
from helpdesk.core.desk import desk, set_desk
from helpdesk.core.errors import ForbiddenError, InvalidError
from helpdesk.core.jobs.outbox import OutboxRow
from helpdesk.people.rights import Right, Viewer
from helpdesk.tickets.model import Ticket
from mail_ingest.model import Inbound

SHADOW = "shadow"


@command
def go_shadow(*, viewer: Viewer) -> None:
    """Fall silent: from now on nothing leaves this desk.

    Raises:
        ForbiddenError: only administrators decide this.
    """
    _may(viewer)
    if not desk().shadow:
        set_desk(shadow=True, shadow_since=now().isoformat())
        _tell(viewer, "shadow mode on", {})


@command
def go_live(*, viewer: Viewer, answer_from: datetime) -> None:
    """Speak from now on; mail that came before `answer_from` still tells nobody.

    Raises:
        ForbiddenError: only administrators decide this.
        InvalidError: `answer_from` is more than a day ahead.
    """
    _may(viewer)
    if (answer_from - now()).total_seconds() > 86_400:
        raise InvalidError("Choose a moment of today or before.", answer_from="At most a day from now.")
    if desk().shadow:
        set_desk(shadow=False, shadow_since="", answer_from=answer_from.isoformat())
        _tell(viewer, "live", {"answer_from": answer_from.isoformat()})


def _may(viewer: Viewer) -> None:
    if not viewer.may(Right.MANAGE):
        raise ForbiddenError("Only an administrator can switch this.")


def _tell(viewer: Viewer, what: str, after: Mapping[str, Any]) -> None:
    who = audit.Who(viewer.id, viewer.name)
    audit.record(who, what, about="desk", about_id=None, name=desk().name, after=after)


def since() -> datetime | None:
    """Return since when the desk is silent; None while it is live."""
    found = desk()
    return datetime.fromisoformat(found.shadow_since) if found.shadow and found.shadow_since else None


def before_answers(received_at: datetime) -> bool:
    """Return whether a mail came before the moment from which this desk answers."""
    start = desk().answer_from
    return bool(start) and received_at < datetime.fromisoformat(start)


@dataclass(frozen=True, slots=True)
class Would:
    """A mail that would have been sent."""

    delivery_id: int
    kind: str
    recipient: str
    subject: str
    at: datetime
    number: int


def would_have(*, limit: int = 50) -> list[Would]:
    """Return the newest mails that would have been sent."""
    rows: Any = session().execute(
        sa.select(
            Delivery.id,
            OutgoingMail.kind,
            Delivery.recipient,
            OutgoingMail.subject,
            Delivery.queued_at,
            Ticket.number,
        )
        .join(OutgoingMail, OutgoingMail.id == Delivery.mail_id)
        .join(Ticket, Ticket.id == OutgoingMail.ticket_id)
        .where(Delivery.state == SHADOW)
        .order_by(Delivery.id.desc())
        .limit(limit)
    )
    return [Would(*row) for row in rows]


@dataclass(frozen=True, slots=True)
class Counted:
    """What happened since a moment: mail by outcome, and mail that would have been sent by kind."""

    outcomes: dict[str, int]
    would: dict[str, int]
    waiting: int

    @property
    def received(self) -> int:
        """How many mails came in."""
        return sum(self.outcomes.values())


def counted(since: datetime) -> Counted:
    """Return the counts since a moment; `waiting` is outgoing mail from before, held for now."""
    outcomes = session().execute(
        sa.select(Inbound.outcome, sa.func.count())
        .where(Inbound.recorded_at >= since)
        .group_by(Inbound.outcome)
    )
    would = session().execute(
        sa.select(OutgoingMail.kind, sa.func.count())
        .select_from(Delivery)
        .join(OutgoingMail, OutgoingMail.id == Delivery.mail_id)
        .where(Delivery.state == SHADOW, Delivery.queued_at >= since)
        .group_by(OutgoingMail.kind)
    )
    waiting = session().scalar(
        sa.select(sa.func.count()).where(OutboxRow.kind == "mail.send", OutboxRow.state == "waiting")
    )
    return Counted(
        {str(row[0] or "waiting"): int(row[1]) for row in outcomes},
        {str(row[0]): int(row[1]) for row in would},
        waiting or 0,
    )
