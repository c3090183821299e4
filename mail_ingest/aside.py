"""What people do with mail that was set aside: read it again, make a ticket of it as it is, leave it be."""

from collections.abc import Mapping
from typing import Any

import sqlalchemy as sa

from helpdesk.core.addresses import is_address
from helpdesk.core.audit import Who, record
from helpdesk.core.clock import now
from helpdesk.core.db import command, session
from helpdesk.core.errors import InvalidError, NotFoundError
from helpdesk.core.jobs.outbox import enqueue
from helpdesk.mailboxes import queries as mailboxes
from helpdesk.people.commands import contact_for
from helpdesk.people.rights import Viewer
from helpdesk.tickets.actor import Actor
from helpdesk.tickets.commands.opening import open_ticket
from helpdesk.tickets.content import Content, FileIn, MailFacts
from helpdesk.tickets.lifecycle import Channel
from mail_ingest.model import Inbound, MailRetry

AT_ONCE = 100
NOT_HERE = "too_big_to_fetch"
"""Only the headers of such a mail are here: reading it again could not help."""


@command
def retry(
    *, inbound_id: int, by: str = "", retry_id: int | None = None, viewer: Viewer | None = None
) -> None:
    """Read a quarantined mail again with today's code, or let a rejected one in; twice makes one ticket.

    `by` says in its trace who asked for it; a `viewer` is noted in the audit of the desk, too.

    Raises:
        NotFoundError: there is no such mail.
    """
    row = _row(inbound_id)
    if row.outcome == "rejected" or (row.state == "quarantined" and row.cause != NOT_HERE):
        # whoever asks for these has looked: no list and no limit keeps them out again
        row.let_in = row.let_in or row.outcome == "rejected" or row.cause == "too_many_new"
        row.state, row.outcome, row.tries, row.cause, row.kept_at = "stored", None, 0, "", None
        row.retry_id = retry_id
        row.trace = [*row.trace, _step("retry", "again", viewer.name if viewer else by)]
        if viewer is not None:
            _audited(viewer, "read again", row)
        enqueue("mail.read", {"inbound": inbound_id})


@command
def retry_all(*, cause: str, viewer: Viewer) -> int | None:
    """Read every mail that is set aside for `cause` again ("": for any), as a job; return its id, if any."""
    newest, total = (
        session().execute(sa.select(sa.func.max(Inbound.id), sa.func.count()).where(*_set_aside(cause))).one()
    )
    if not total:
        return None
    row = MailRetry(cause=cause, upto_id=newest, total=total, agent_id=viewer.id, started_at=now())
    session().add(row)
    session().flush()
    enqueue("mail.retry", {"retry": row.id, "by": viewer.name}, key=f"mail.retry:{row.id}:0")
    who = Who(viewer.id, viewer.name)
    record(
        who, "read all again", about="mail", about_id=None, name=cause or "any cause", after={"mails": total}
    )
    return row.id


def retry_some(payload: Mapping[str, Any]) -> None:
    """Read the next hundred mails of a retry again; a mail is read once in it, whatever comes of it."""
    retry_id, by, turn = int(payload["retry"]), str(payload.get("by", "")), int(payload.get("turn", 0))
    asked = session().get(MailRetry, retry_id)
    if asked is None:
        return
    ids = session().scalars(
        sa.select(Inbound.id)
        .where(
            *_set_aside(asked.cause),
            Inbound.id <= asked.upto_id,
            sa.func.coalesce(Inbound.retry_id, 0) != retry_id,
        )
        .order_by(Inbound.id)
        .limit(AT_ONCE)
    )
    found = list(ids)
    for inbound_id in found:
        retry(inbound_id=inbound_id, by=by, retry_id=retry_id)
    if len(found) == AT_ONCE:
        key = f"mail.retry:{retry_id}:{turn + 1}"
        enqueue("mail.retry", {"retry": retry_id, "by": by, "turn": turn + 1}, key=key)


@command
def keep_as_is(*, inbound_id: int, viewer: Viewer) -> None:
    """Leave a mail set aside, out of the list of what needs a look. It is never thrown away."""
    row = _row(inbound_id)
    if row.state == "quarantined" and row.kept_at is None:
        row.kept_at = now()
        row.trace = [*row.trace, _step("kept", "as it is", viewer.name)]
        _audited(viewer, "left as it is", row)


@command
def make_ticket(*, inbound_id: int, email: str, name: str, viewer: Viewer) -> int | None:
    """Make a ticket of a mail that is set aside, its original attached; return its id.

    None when somebody was quicker: twice makes one ticket. Nobody is told of it by mail.

    Raises:
        InvalidError: `email` is no address, or one of our own mailboxes.
    """
    email = email.strip()
    row = _row(inbound_id)
    if row.state != "quarantined":
        return row.ticket_id
    if not is_address(email):
        raise InvalidError("Say who wrote this mail.", email="Give one address, like ann@example.com.")
    if mailboxes.is_ours(email):
        raise InvalidError("Say who wrote this mail.", email="This is an address of this desk.")
    box = mailboxes.mailbox(row.mailbox_id) if row.mailbox_id is not None else None
    original = FileIn("original.eml", "message/rfc822", row.digest, row.size)
    made = open_ticket(
        requester_id=contact_for(email=email, name=name.strip()),
        author_name=name.strip() or email,
        subject=row.subject,
        content=Content(
            text=row.preview or "This mail could not be read. It is attached.", files=(original,)
        ),
        channel=Channel.EMAIL,
        actor=Actor.agent(viewer.id),
        mailbox_id=row.mailbox_id,
        team_id=box.team_id if box else None,
        mail=MailFacts(row.message_id, row.digest, email, name.strip()),
        at=row.received_at,
        acknowledge=False,
        quiet=True,
    )
    row.state, row.outcome, row.kept_at = "done", "new_ticket", None
    row.ticket_id, row.ticket_message_id = made.ticket_id, made.message_id
    row.reason = f"Made into ticket {made.number} as it is, by {viewer.name}."
    row.trace = [*row.trace, _step("ticket", f"{made.number}", f"as it is, by {viewer.name}")]
    _audited(viewer, "made into a ticket", row)
    return made.ticket_id


def _audited(viewer: Viewer, what: str, row: Inbound) -> None:
    """Note a choice in the audit of the desk."""
    who = Who(viewer.id, viewer.name)
    record(who, what, about="mail", about_id=row.id, name=row.subject, after={"reason": row.reason[:200]})


def _row(inbound_id: int) -> Inbound:
    row = session().scalar(sa.select(Inbound).where(Inbound.id == inbound_id).with_for_update())
    if row is None:
        raise NotFoundError("There is no such mail.")
    return row


def _set_aside(cause: str) -> tuple[sa.ColumnElement[bool], ...]:
    found = (Inbound.outcome == "quarantined", Inbound.kept_at.is_(None), Inbound.cause != NOT_HERE)
    return (*found, Inbound.cause == cause) if cause else found


def _step(step: str, verdict: str, who: str) -> dict[str, Any]:
    return {"step": step, "verdict": verdict, "why": who}
