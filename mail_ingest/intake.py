"""From a stored mail to its one outcome: read outside any transaction, settle within one."""

from collections.abc import Mapping
from typing import Any

import sqlalchemy as sa
import structlog

from helpdesk.core.crash import crash_point
from helpdesk.core.db import command, db, session
from helpdesk.core.errors import NotFoundError, TemporaryError
from helpdesk.core.files import store
from helpdesk.core.jobs.outbox import enqueue
from helpdesk.tickets.content import FileIn
from mail_ingest.confined import ReadMail
from mail_ingest.limits import MailRefusedError
from mail_ingest.model import Inbound
from mail_ingest.reading import ReadsMail
from mail_ingest.settling import settle

log = structlog.get_logger(__name__)

TRIES = 3


def read_inbound(reader: ReadsMail, payload: Mapping[str, Any]) -> None:
    """Read one stored mail and settle it; safe to run twice: a settled mail stays as it is.

    Raises:
        TemporaryError: something unexpected; tried again, and after three tries the mail is quarantined.
    """
    inbound_id = int(payload["inbound"])
    row = session().get(Inbound, inbound_id)
    if row is None or row.state != "stored":
        return
    digest, sender = row.digest, row.envelope_from
    db.session.rollback()  # hold no snapshot while the mail is read
    crash_point("before_read")
    try:
        mail = reader.read(store().get(digest), sender)
        files = _keep_files(mail)
        crash_point("before_settle")
        settle(inbound_id=inbound_id, mail=mail, files=files)
        crash_point("after_settle")
    except MailRefusedError as error:
        quarantine(inbound_id=inbound_id, reason=str(error))
    except NotFoundError as error:
        quarantine(inbound_id=inbound_id, reason=str(error))
    except Exception as error:
        log.exception("mail.failed", inbound=inbound_id)
        if note_failure(inbound_id=inbound_id, error=f"{type(error).__name__}: {error}") >= TRIES:
            quarantine(inbound_id=inbound_id, reason=f"We could not process this mail: {error}")
            return
        raise TemporaryError(str(error), retry_in_s=20) from error


def _keep_files(mail: ReadMail) -> tuple[FileIn, ...]:
    return tuple(
        FileIn(
            name=a.filename,
            content_type=a.content_type,
            digest=store().put(a.data),
            size=len(a.data),
            content_id=a.content_id,
            inline=a.inline,
        )
        for a in mail.mail.attachments
    )


@command
def note_failure(*, inbound_id: int, error: str) -> int:
    """Count a failed try; return how many there were."""
    row = session().get_one(Inbound, inbound_id, with_for_update=True)
    row.tries += 1
    row.reason = error[:1000]
    return row.tries


@command
def quarantine(*, inbound_id: int, reason: str) -> None:
    """Set a mail aside, visibly, with its raw bytes; nothing behind it waits."""
    row = session().get_one(Inbound, inbound_id, with_for_update=True)
    if row.state != "stored":
        return
    row.state = row.outcome = "quarantined"
    row.reason = reason[:1000]
    row.trace = [*row.trace, {"step": "read", "verdict": "quarantined", "why": reason[:500]}]


@command
def retry(*, inbound_id: int) -> None:
    """Read a quarantined mail again with today's code; twice makes one ticket."""
    row = session().scalar(sa.select(Inbound).where(Inbound.id == inbound_id).with_for_update())
    if row is None:
        raise NotFoundError("There is no such mail.")
    if row.state == "quarantined":
        row.state, row.outcome, row.tries = "stored", None, 0
        enqueue("mail.read", {"inbound": inbound_id})
