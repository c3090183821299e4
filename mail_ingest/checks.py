"""What must always hold for incoming mail: kept, one outcome each, one ticket a thread (I1, I2)."""

from collections.abc import Iterator

import sqlalchemy as sa

from helpdesk.core.db import session
from helpdesk.core.feature import Check
from helpdesk.core.files import store
from helpdesk.core.jobs.outbox import OutboxRow
from mail_ingest.model import Inbound


def _kept(deep: bool) -> Iterator[str]:
    for row in session().execute(sa.select(Inbound.id, Inbound.digest).order_by(Inbound.id)):
        if not store().whole(row.digest, deep=deep):
            yield f"inbound mail {row.id}: its raw bytes {row.digest} are missing or damaged"


def _outcomes(_deep: bool) -> Iterator[str]:
    open_work = {
        int(payload["inbound"])
        for payload in session().scalars(
            sa.select(OutboxRow.payload).where(
                OutboxRow.kind == "mail.read", OutboxRow.state.in_(("waiting", "running"))
            )
        )
    }
    rows = session().execute(
        sa.select(Inbound.id, Inbound.state, Inbound.outcome, Inbound.ticket_id).order_by(Inbound.id)
    )
    for row in rows:
        if row.state == "stored" and row.id not in open_work:
            yield f"inbound mail {row.id} waits to be read, and no work would read it"
        elif row.state != "stored" and row.outcome is None:
            yield f"inbound mail {row.id} is {row.state} without an outcome"
        elif row.outcome in {"new_ticket", "added"} and row.ticket_id is None:
            yield f"inbound mail {row.id} is {row.outcome}, but of no ticket"


def _threads(_deep: bool) -> Iterator[str]:
    twice = session().execute(
        sa.select(Inbound.ticket_id, sa.func.count())
        .where(Inbound.outcome == "new_ticket")
        .group_by(Inbound.ticket_id)
        .having(sa.func.count() > 1)
    )
    for row in twice:
        yield f"ticket id {row.ticket_id} was opened by {row[1]} mails"
    said_twice = session().execute(
        sa.select(Inbound.ticket_message_id, sa.func.count())
        .where(Inbound.outcome.in_(("new_ticket", "added")))
        .group_by(Inbound.ticket_message_id)
        .having(sa.func.count() > 1)
    )
    for row in said_twice:
        yield f"message {row.ticket_message_id} came of {row[1]} mails"


CHECKS = (
    Check("I1", "the raw bytes of every accepted mail are kept", _kept),
    Check("I1", "every accepted mail has one outcome, or work that gives it one", _outcomes),
    Check("I2", "one ticket a new thread, one message a mail", _threads),
)
