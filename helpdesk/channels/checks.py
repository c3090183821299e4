"""What must always hold for outgoing mail: every public answer is on its way, and nothing hangs (I3, I5)."""

from collections.abc import Iterator
from datetime import timedelta

import sqlalchemy as sa

from helpdesk.channels.commands import CRASH_WAIT
from helpdesk.channels.model import Delivery, OutgoingMail
from helpdesk.core.clock import now
from helpdesk.core.db import session
from helpdesk.core.feature import Check
from helpdesk.core.jobs.outbox import OutboxRow


def _without_work(_deep: bool) -> Iterator[str]:
    open_work = {
        int(payload["delivery"])
        for payload in session().scalars(
            sa.select(OutboxRow.payload).where(
                OutboxRow.kind == "mail.send", OutboxRow.state.in_(("waiting", "running"))
            )
        )
    }
    rows = session().execute(
        sa.select(Delivery.id, Delivery.recipient, Delivery.state).where(
            Delivery.state.in_(("queued", "sending", "deferred"))
        )
    )
    for row in rows:
        if row.id not in open_work:
            yield f"delivery {row.id} to {row.recipient} is {row.state}, and no work would send it"


def _hanging(_deep: bool) -> Iterator[str]:
    rows = session().execute(
        sa.select(Delivery.id, Delivery.recipient).where(
            Delivery.state == "sending", Delivery.sending_at < now() - CRASH_WAIT - timedelta(minutes=15)
        )
    )
    for row in rows:
        yield f"delivery {row.id} to {row.recipient} hangs in the middle of sending"


def _nobody(_deep: bool) -> Iterator[str]:
    rows = session().scalars(
        sa.select(OutgoingMail.id).where(~sa.exists().where(Delivery.mail_id == OutgoingMail.id))
    )
    for mail_id in rows:
        yield f"outgoing mail {mail_id} has no recipient"


CHECKS = (
    Check("I3", "every queued delivery has work that sends it", _without_work),
    Check("I5", "no delivery hangs in the middle of sending", _hanging),
    Check("I3", "every outgoing mail has a recipient", _nobody),
)
