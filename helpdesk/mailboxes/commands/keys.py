"""Keys that mailboxes sign their mail with (DKIM)."""

import secrets

from helpdesk.core.audit import Who, record
from helpdesk.core.clock import now
from helpdesk.core.db import command, session
from helpdesk.core.errors import NotFoundError, RefusedError
from helpdesk.core.keys import ring
from helpdesk.mailboxes.commands.boxes import box_to_change
from helpdesk.mailboxes.model import DkimKey


@command
def keep_key(*, mailbox_id: int, private: str, public: str, who: Who) -> None:
    """Keep a fresh key for a mailbox; it signs nothing until `set_signing`."""
    box = box_to_change(mailbox_id)
    row = session().get(DkimKey, mailbox_id, with_for_update=True)
    if row is None:
        row = DkimKey(mailbox_id=mailbox_id)
        session().add(row)
    row.domain = box.address.rpartition("@")[2].lower()
    row.selector = f"desk-{now():%Y%m}-{secrets.token_hex(2)}"
    row.private_sealed, row.public = ring().encrypt(private), public
    row.signing, row.created_at, row.checked_at, row.published_at = False, now(), None, None
    record(
        who,
        "signing key made",
        about="mailbox",
        about_id=box.id,
        name=box.address,
        after={"selector": row.selector, "domain": row.domain},
    )


@command
def set_signing(*, mailbox_id: int, on: bool, who: Who) -> None:
    """Sign a mailbox's mail from now on, or no longer.

    Raises:
        RefusedError: its record was not seen in the DNS yet; mail signed so would fail everywhere.
    """
    box, row = box_to_change(mailbox_id), _key(mailbox_id)
    if on and row.published_at is None:
        raise RefusedError("The record is not in the DNS yet. Check it first.")
    if row.signing != on:
        row.signing = on
        what = "signing on" if on else "signing off"
        record(who, what, about="mailbox", about_id=box.id, name=box.address)


@command
def note_published(*, mailbox_id: int, published: bool) -> None:
    """Note whether the record of a mailbox's key is in the DNS."""
    row = _key(mailbox_id)
    row.checked_at = now()
    row.published_at = now() if published else None


def _key(mailbox_id: int) -> DkimKey:
    row = session().get(DkimKey, mailbox_id, with_for_update=True)
    if row is None:
        raise NotFoundError("This mailbox has no signing key.")
    return row
