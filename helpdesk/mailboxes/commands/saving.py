"""Saving a mailbox's page: everything on it in one step, audited, and never over somebody else's change."""

from typing import Any

import sqlalchemy as sa

from helpdesk.core.addresses import key_of
from helpdesk.core.audit import SECRET, Who, record
from helpdesk.core.clock import now
from helpdesk.core.db import command, session
from helpdesk.core.errors import InvalidError, RefusedError
from helpdesk.mailboxes.commands.boxes import box_to_change, check_address
from helpdesk.mailboxes.commands.servers import set_smtp_server
from helpdesk.mailboxes.commands.sources import current_source, set_incoming
from helpdesk.mailboxes.form import MailboxForm
from helpdesk.mailboxes.model import Mailbox, SmtpServer


class ChangedMeanwhileError(RefusedError):
    """Somebody else saved the same page after it was opened."""


@command
def save_mailbox(*, mailbox_id: int | None, version: int, form: MailboxForm, who: Who) -> int:
    """Keep what was typed on a mailbox's page (None: a new one); return its id.

    `version` is the one the page was opened with.

    Raises:
        InvalidError: not a plain mail address, or there is no such team.
        RefusedError: another mailbox has the address, or this one is archived.
        ChangedMeanwhileError: somebody saved it since the page was opened.
    """
    check_address(form.address, mailbox_id=mailbox_id)
    before: dict[str, Any] | None = None
    if mailbox_id is None:
        box = Mailbox(address=form.address, key=key_of(form.address), sender_name="", created_at=now())
        session().add(box)
    else:
        box = box_to_change(mailbox_id)
        if box.version != version:
            raise ChangedMeanwhileError("Somebody else saved this mailbox while you were at it.")
        before = _facts(box)
        box.version += 1
    box.address, box.key = form.address, key_of(form.address)
    box.sender_name, box.sender_style = form.sender_name[:120], form.sender_style
    box.signature, box.language = form.signature, form.language
    box.acknowledge, box.team_id = form.acknowledge, form.team_id
    try:
        session().flush()
    except sa.exc.IntegrityError as error:
        raise InvalidError("There is no such team.", team="Choose a team of the list.") from error
    set_incoming(mailbox_id=box.id, imap=form.imap)
    set_smtp_server(mailbox_id=box.id, smtp=form.smtp)
    session().flush()
    after = _facts(box)
    for name, part in (("incoming password", form.imap), ("outgoing password", form.smtp)):
        if part is not None and part.password:
            after[name] = f"{SECRET}, set"
            if before is not None:
                before[name] = SECRET
    record(
        who,
        "added" if before is None else "changed",
        about="mailbox",
        about_id=box.id,
        name=box.address,
        before=before,
        after=after,
    )
    return box.id


def _facts(box: Mailbox) -> dict[str, Any]:
    """Return what the audit says about a mailbox: everything but secrets."""
    facts: dict[str, Any] = {
        name: getattr(box, name)
        for name in (
            "address",
            "sender_name",
            "sender_style",
            "signature",
            "language",
            "acknowledge",
            "team_id",
        )
    }
    source = current_source(box.id)
    if source is not None:
        facts["incoming"] = (
            f"{source.user} at {source.host}:{source.port}, {source.security}, {source.folder}"
        )
        facts["incoming sign-in"] = source.auth
        facts["afterwards"] = f"{source.afterwards} {source.move_to}".strip()
    server = session().get(SmtpServer, box.id)
    if server is not None:
        facts["outgoing"] = f"{server.user} at {server.host}:{server.port}, {server.security}"
        facts["outgoing sign-in"] = server.auth
    return facts
