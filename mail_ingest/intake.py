"""From a stored mail to its one outcome: read outside any transaction, settle within one."""

import contextlib
from collections.abc import Mapping
from typing import Any

import structlog

from helpdesk.core.addresses import key_of
from helpdesk.core.crash import crash_point
from helpdesk.core.db import command, db, session
from helpdesk.core.errors import InvalidError, NotFoundError, TemporaryError
from helpdesk.core.files import store
from helpdesk.tickets.content import FileIn
from mail_ingest.confined import ReadMail
from mail_ingest.limits import READER_DIED, MailRefusedError
from mail_ingest.model import Inbound
from mail_ingest.parse.glance import Glimpse
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
    if row is not None and row.cause == "too_big_to_fetch" and not row.sender:
        _look_at_head(reader, inbound_id, row.digest)
        return
    if row is None or row.state != "stored":
        return
    digest, sender = row.digest, row.envelope_from
    db.session.rollback()  # hold no snapshot while the mail is read
    crash_point("before_read")
    raw = b""
    try:
        raw = store().get(digest)
        mail = reader.read(raw, sender)
        files = _keep_files(mail)
        crash_point("before_settle")
        settle(inbound_id=inbound_id, mail=mail, files=files)
        crash_point("after_settle")
    except MailRefusedError as error:
        if error.reason == READER_DIED and note_failure(inbound_id=inbound_id, error=str(error)) < TRIES:
            # Somebody may have killed the reading process: only a mail that ends it every time is to blame.
            raise TemporaryError(str(error), retry_in_s=5) from error
        _set_aside(reader, raw, inbound_id, str(error), error.reason)
    except InvalidError:
        _set_aside(reader, raw, inbound_id, "There is nothing in this mail: no text and no file.", "empty")
    except NotFoundError as error:
        _set_aside(reader, raw, inbound_id, str(error), "missing")
    except Exception as error:
        log.exception("mail.failed", inbound=inbound_id)
        if note_failure(inbound_id=inbound_id, error=f"{type(error).__name__}: {error}") >= TRIES:
            _set_aside(reader, raw, inbound_id, f"We could not process this mail: {error}", "failed")
            return
        raise TemporaryError(str(error), retry_in_s=20) from error


def _look_at_head(reader: ReadsMail, inbound_id: int, digest: str) -> None:
    """Note who wrote a mail of which we have the headers only."""
    db.session.rollback()
    note_seen(inbound_id=inbound_id, seen=reader.glance(store().get(digest)))


def _set_aside(reader: ReadsMail, raw: bytes, inbound_id: int, reason: str, cause: str) -> None:
    """Set a mail aside with what can be read of it; that nothing can be read never stops us."""
    seen = Glimpse()
    with contextlib.suppress(Exception):
        seen = reader.glance(raw)
    quarantine(inbound_id=inbound_id, reason=reason, cause=cause, seen=seen)


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
def quarantine(*, inbound_id: int, reason: str, cause: str = "", seen: Glimpse | None = None) -> None:
    """Set a mail aside, visibly, with its raw bytes; nothing behind it waits.

    `cause` is one word for machines, `seen` what could be read of it.
    """
    row = session().get_one(Inbound, inbound_id, with_for_update=True)
    if row.state != "stored":
        return
    row.state = row.outcome = "quarantined"
    row.reason = reason[:1000]
    row.cause = cause[:40]
    if seen is not None:
        _put_down(row, seen)
    row.trace = [*row.trace, {"step": "read", "verdict": "quarantined", "why": reason[:500]}]


@command
def note_seen(*, inbound_id: int, seen: Glimpse) -> None:
    """Note what could be read of a mail that is set aside."""
    _put_down(session().get_one(Inbound, inbound_id, with_for_update=True), seen)


def _put_down(row: Inbound, seen: Glimpse) -> None:
    row.sender = (f"{seen.name} <{seen.email}>" if seen.name else seen.email)[:500]
    row.sender_key = key_of(seen.email)[:254]
    row.subject = seen.subject[:300]
    row.message_id = seen.message_id[:998] if seen.message_id else None
    row.preview = seen.text
