"""Store first: raw bytes durable, then a row, then the sender is told (mail rule 4)."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Literal

import sqlalchemy as sa

from helpdesk.core.clock import now, whole
from helpdesk.core.crash import crash_point
from helpdesk.core.db import command, insert_ignore, session
from helpdesk.core.files import store
from helpdesk.core.jobs.outbox import enqueue
from mail_ingest.model import Inbound

Source = Literal["smtp", "lmtp", "import", "imap", "pipe", "http"]


@dataclass(frozen=True, slots=True)
class Place:
    """Where on an IMAP server a mail was found: accepted once per place."""

    source_id: int
    folder: str
    uidvalidity: int
    uid: int


def accept(
    raw: bytes,
    *,
    source: Source,
    mailbox_id: int | None,
    envelope_from: str | None = None,
    envelope_to: Sequence[str] = (),
    received_at: datetime | None = None,
    quiet: bool = False,
    again: bool = False,
) -> int:
    """Keep a mail and queue its reading; return its id. When this returns, losing us loses nothing.

    `received_at` is when the receiving server took it; None: now. `quiet` tells nobody about it. `again`: we
    may have it already, from however long ago.
    """
    crash_point("before_store")
    digest = store().put(raw)
    crash_point("after_store")
    inbound_id = note(
        source=source,
        mailbox_id=mailbox_id,
        digest=digest,
        size=len(raw),
        envelope_from=envelope_from,
        envelope_to=tuple(envelope_to),
        received_at=whole(min(received_at or now(), now())),
        quiet=quiet,
        place=None,
        again=again,
    )
    crash_point("after_note")
    return inbound_id


@command
def note(
    *,
    source: Source,
    mailbox_id: int | None,
    digest: str,
    size: int,
    envelope_from: str | None,
    envelope_to: tuple[str, ...],
    received_at: datetime,
    quiet: bool,
    place: Place | None,
    again: bool = False,
) -> int:
    """Note a mail whose bytes are in the store, and queue its reading; return its id.

    `again`: the server gave the folder a new life, so we may have this mail from the one before.
    """
    values = {
        "source": source,
        "mailbox_id": mailbox_id,
        "imap_source_id": place.source_id if place else None,
        "folder": place.folder if place else None,
        "uidvalidity": place.uidvalidity if place else None,
        "uid": place.uid if place else None,
        "digest": digest,
        "size": size,
        "envelope_from": envelope_from,
        "envelope_to": list(envelope_to),
        "quiet": quiet,
        "again": again,
        "received_at": received_at,
        "recorded_at": now(),
        "state": "stored",
        "reason": "",
        "tries": 0,
        "trace": [],
        "sender": "",
        "sender_key": "",
        "subject": "",
    }
    if place is None:
        row = Inbound(**values)
        session().add(row)
        session().flush()
        inbound_id = row.id
    else:
        fresh = insert_ignore(Inbound, values)
        inbound_id = (
            session()
            .execute(
                sa.select(Inbound.id).where(
                    Inbound.mailbox_id == mailbox_id,
                    Inbound.imap_source_id == place.source_id,
                    Inbound.folder == place.folder,
                    Inbound.uidvalidity == place.uidvalidity,
                    Inbound.uid == place.uid,
                )
            )
            .scalar_one()
        )
        if not fresh:
            return inbound_id
    enqueue("mail.read", {"inbound": inbound_id}, key=f"mail.read:{inbound_id}")
    crash_point("within_note")
    return inbound_id
