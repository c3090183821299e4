"""Where a mailbox's mail is handed over, and how that fares; a failing one is left alone a while."""

from datetime import timedelta

import sqlalchemy as sa

from helpdesk.core.clock import now
from helpdesk.core.db import command, session
from helpdesk.core.events import emit
from helpdesk.core.keys import ring
from helpdesk.mailboxes.events import MailboxReady
from helpdesk.mailboxes.fetching import ALARM_AFTER, wait_after
from helpdesk.mailboxes.model import SmtpServer
from helpdesk.mailboxes.outgoing import Smtp


@command
def set_smtp_server(*, mailbox_id: int, smtp: Smtp | None) -> None:
    """Let a mailbox send through a server of its own; None: through the desk's.

    An empty password keeps the one there is.
    """
    row = session().get(SmtpServer, mailbox_id, with_for_update=True)
    if smtp is None:
        if row is not None:
            session().delete(row)
        return
    if row is None:
        row = SmtpServer(mailbox_id=mailbox_id, created_at=now())
        session().add(row)
    row.host, row.port, row.security = smtp.host, smtp.port, smtp.security
    row.auth, row.user = smtp.auth, smtp.user
    if smtp.password:
        row.password_sealed = ring().encrypt(smtp.password)
    row.state, row.error, row.fails, row.next_try_at = "new", "", 0, None
    emit(MailboxReady(mailbox_id=mailbox_id))


@command
def server_answered(*, mailbox_id: int) -> None:
    """Note that a mailbox's server took or refused a mail: it works."""
    session().execute(
        sa.update(SmtpServer)
        .where(SmtpServer.mailbox_id == mailbox_id)
        .values(state="ok", error="", fails=0, next_try_at=None, last_ok_at=now())
    )


@command
def server_failed(*, mailbox_id: int, error: str) -> int:
    """Note that a mailbox's server could not be used; return the wait before it is asked again, in seconds.

    A single failure is only noted; after several in a row the server is left alone for that wait.
    """
    row = session().get(SmtpServer, mailbox_id, with_for_update=True)
    if row is None:
        return 0
    row.fails += 1
    row.state, row.error = "failing", error[:1000]
    if row.fails < ALARM_AFTER:
        return 0
    wait = max(30, wait_after(row.fails))
    row.next_try_at = now() + timedelta(seconds=wait)
    return wait
