"""What happens to outgoing mail in the database; the network is in jobs.py."""

import secrets
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

import sqlalchemy as sa

from helpdesk.channels.letter import references_of
from helpdesk.channels.model import AgentSignature, Delivery, MailText, Notice, OutgoingMail
from helpdesk.channels.texts import LINK, TEXTS, ours, problem
from helpdesk.channels.transport import provider_id
from helpdesk.core.addresses import is_address, key_of
from helpdesk.core.audit import Who, record
from helpdesk.core.clock import now
from helpdesk.core.db import after_commit, command, insert_ignore, session
from helpdesk.core.desk import desk
from helpdesk.core.errors import InvalidError, NotFoundError, RefusedError, TemporaryError
from helpdesk.core.jobs import bells
from helpdesk.core.jobs.outbox import OutboxRow, enqueue
from helpdesk.core.keys import ring
from helpdesk.core.tables import Json
from helpdesk.mailboxes.addressing import link_token, message_id
from helpdesk.mailboxes.form import LANGUAGES
from helpdesk.mailboxes.queries import MailboxCard, is_ours
from helpdesk.people.commands import give_address, mark_bounced
from helpdesk.tickets.model import Message, Participant, Ticket

RETRY_S = (60, 300, 900, 3600, 7200, 14400, 28800, 43200, 43200)
"""Waits between tries of a delivery the server put off, in seconds: about 39 hours in all, then it failed."""

CRASH_WAIT = timedelta(minutes=15)
"""A delivery that died between hand-over and answer is sent again after this long, with the same id."""


COPY_WAIT = timedelta(minutes=2)
"""A delivery being sent for longer broke off; a copy seen sooner may be of an earlier try."""

WAITS = "waits: its mailbox cannot send now"
"""Why work in the outbox waits for a mailbox; it is woken when the mailbox may send again."""

SIGNATURE_CHARS = 1000

SERVER_WAIT_S = 60
"""How soon a delivery looks again whether its mailbox's server can be used, in seconds."""

SILENT_S = 30
"""How soon a delivery looks again whether the desk may speak, in seconds."""


@dataclass(frozen=True, slots=True)
class Recipient:
    """Who gets a copy: the participant and the address it goes to."""

    participant_id: int
    contact_id: int
    role: str
    link_version: int
    name: str
    email: str


@command
def freeze(
    *,
    kind: str,
    ticket: Ticket,
    mailbox: MailboxCard,
    recipients: Sequence[Recipient],
    from_name: str,
    subject: str,
    text: str,
    ticket_message_id: int | None = None,
    quoted: str = "",
    quoted_intro: str = "",
    signature: str = "",
    footer: str = "",
) -> int:
    """Write a mail down as it is now, with one queued delivery per recipient. Returns the mail's id.

    `text` (of an acknowledgement) and `footer` hold `texts.LINK` where each recipient's own link comes.

    In shadow mode nothing is queued: the deliveries say what would have been sent, and never are.
    """
    silent = desk().shadow
    earlier, last = _ids_of(ticket.id)
    root = message_id(ring(), mailbox.domain, ticket.number, "root")
    mail = OutgoingMail(
        kind=kind,
        ticket_id=ticket.id,
        ticket_message_id=ticket_message_id,
        mailbox_id=mailbox.id,
        message_id=message_id(ring(), mailbox.domain, ticket.number, secrets.token_hex(5)),
        subject=subject[:320],
        from_name=from_name[:200],
        from_address=mailbox.address,
        visible_to=_shown(r for r in recipients if r.role == "requester") or _shown(recipients),
        visible_cc=_shown(r for r in recipients if r.role != "requester"),
        in_reply_to=last,
        references=references_of(root, earlier, last),
        text=text,
        quoted=quoted,
        quoted_intro=quoted_intro[:300],
        signature=signature,
        footer=footer,
        created_at=now(),
    )
    session().add(mail)
    session().flush()
    for one in recipients:
        delivery = Delivery(
            mail_id=mail.id,
            participant_id=one.participant_id,
            recipient=one.email,
            recipient_key=key_of(one.email),
            link=link_token(ring(), ticket.number, one.participant_id, one.link_version),
            state="shadow" if silent else "queued",
            queued_at=now(),
        )
        session().add(delivery)
        session().flush()
        if not silent:
            enqueue("mail.send", {"delivery": delivery.id}, key=f"mail.send:{delivery.id}")
    return mail.id


def _shown(recipients: Iterable[Recipient]) -> list[Json]:
    return [{"name": r.name, "email": r.email} for r in recipients]


def _ids_of(ticket_id: int) -> tuple[list[str], str | None]:
    """Return the Message-IDs of the thread so far, oldest first, and the customer's last."""
    theirs = [
        f"<{i.strip('<>')}>"
        for i in session().scalars(
            sa.select(Message.message_id)
            .where(
                Message.ticket_id == ticket_id, Message.kind == "customer", Message.message_id.is_not(None)
            )
            .order_by(Message.seq.desc())
            .limit(10)
        )
        if i
    ][::-1]
    ours = (
        session()
        .scalars(
            sa.select(OutgoingMail.message_id)
            .where(OutgoingMail.ticket_id == ticket_id)
            .order_by(OutgoingMail.id.desc())
            .limit(4)
        )
        .all()
    )
    return [*theirs[:1], *reversed(ours), *theirs[1:]], (theirs[-1] if theirs else None)


@command
def begin(*, delivery_id: int) -> bool:
    """Mark a delivery as being handed over; return False if it needs no sending any more.

    Raises:
        TemporaryError: an earlier try died between hand-over and answer; its copy may be out, so wait first.
    """
    delivery = _locked(delivery_id)
    if delivery.state not in {"queued", "deferred", "sending"}:
        return False
    if desk().held or desk().shadow:  # asked again inside the transaction: a page may just have switched it
        raise TemporaryError("This desk is silent.", retry_in_s=SILENT_S)
    if delivery.state == "sending" and delivery.sending_at is not None:
        ready = delivery.sending_at + CRASH_WAIT
        if now() < ready:
            raise TemporaryError(
                "An earlier try broke off.", retry_in_s=int((ready - now()).total_seconds()) + 1
            )
        delivery.unconfirmed = True
    delivery.state = "sending"
    delivery.sending_at = now()
    delivery.next_try_at = None
    delivery.tries += 1
    return True


@command
def delivered(*, delivery_id: int, answer: str, kept: bool = False) -> None:
    """The server took it (or, without a server, the local outbox keeps it)."""
    delivery = _locked(delivery_id)
    delivery.state = "kept" if kept else "sent"
    delivery.sent_at = now()
    delivery.next_try_at = None
    delivery.answer = answer
    own = session().scalar(sa.select(OutgoingMail.message_id).where(OutgoingMail.id == delivery.mail_id))
    delivery.provider_id = provider_id(answer, own or "")


@command
def unanswered(*, delivery_id: int, answer: str) -> None:
    """The server had the whole mail and did not say whether it took it: wait for a copy or a bounce first.

    It stays marked as being sent; after `CRASH_WAIT` it is sent once more with the same Message-ID.
    """
    delivery = _locked(delivery_id)
    delivery.unconfirmed = True
    delivery.answer = answer
    delivery.next_try_at = (delivery.sending_at or now()) + CRASH_WAIT


@command
def copy_seen(*, message_id: str) -> int:
    """A copy of a mail of ours came back, or an answer to it: what was unconfirmed got out, send it no more.

    Returns how many deliveries that settles.
    """
    rows = (
        session()
        .scalars(
            sa.select(Delivery)
            .join(OutgoingMail, OutgoingMail.id == Delivery.mail_id)
            .where(
                OutgoingMail.message_id == f"<{message_id.strip('<>')}>",
                Delivery.state == "sending",
                sa.or_(Delivery.unconfirmed, Delivery.sending_at < now() - COPY_WAIT),
            )
            .with_for_update(of=Delivery)
        )
        .all()
    )
    for delivery in rows:
        delivery.state, delivery.next_try_at = "sent", None
        delivery.sent_at = delivery.sending_at
        delivery.unconfirmed = False
        delivery.answer = "not answered, but a copy of it was seen"
    return len(rows)


@command
def hold_back(*, delivery_id: int, answer: str, until: datetime | None) -> None:
    """Note why a delivery waits although it is due: its mailbox cannot send now. This is no try."""
    delivery = _locked(delivery_id)
    if delivery.state in {"queued", "deferred"}:
        delivery.answer, delivery.next_try_at = answer, until
        delivery.state = "deferred" if until is not None else "queued"


@command
def server_away(*, delivery_id: int, answer: str) -> int:
    """The mailbox's server cannot be used at all: no try, so it never fails; return the wait in seconds."""
    delivery = _locked(delivery_id)
    delivery.tries = max(0, delivery.tries - 1)
    delivery.answer = answer
    delivery.state = "deferred"
    delivery.next_try_at = now() + timedelta(seconds=SERVER_WAIT_S)
    return SERVER_WAIT_S


@command
def put_off(*, delivery_id: int, answer: str) -> int | None:
    """The server wants us to come back; return the wait in seconds, or None when tries are used up."""
    delivery = _locked(delivery_id)
    delivery.answer = answer
    if delivery.tries > len(RETRY_S):
        delivery.state = "failed"
        delivery.next_try_at = None
        return None
    wait = RETRY_S[delivery.tries - 1]
    delivery.state = "deferred"
    delivery.next_try_at = now() + timedelta(seconds=wait)
    return wait


@command
def refused(*, delivery_id: int, answer: str, bounced: bool = False) -> None:
    """The server refused it for good, or a bounce came back later."""
    delivery = _locked(delivery_id)
    delivery.state = "bounced" if bounced else "failed"
    delivery.next_try_at = None
    delivery.answer = answer[:2000]


@command
def returned(*, delivery_id: int, answer: str, hard: bool) -> None:
    """A bounce came back: told at the delivery, and the address is marked until somebody writes from it.

    `hard`: trying again is of no use. A delivery a person has sent again since stays as it is.
    """
    delivery = _locked(delivery_id)
    if delivery.state in {"sent", "sending", "kept", "bounced"}:
        refused(delivery_id=delivery_id, answer=answer, bounced=True)
        mark_bounced(email=delivery.recipient, hard=hard, words=answer)


@command
def note_delay(*, delivery_id: int, answer: str) -> None:
    """A mail server still tries to deliver a copy: told at the delivery, nothing else."""
    delivery = _locked(delivery_id)
    if delivery.state == "sent":
        delivery.answer = answer[:2000]


@command
def send_elsewhere(*, delivery_id: int, email: str) -> int:
    """Send a copy that did not arrive to another address of the same person; return the new delivery.

    The address is theirs from now on, so what they answer from it is theirs, too.

    Raises:
        InvalidError: not an address, or one of ours.
        RefusedError: the copy did arrive, or the address belongs to somebody else.
    """
    old = _locked(delivery_id)
    if old.state not in {"failed", "bounced"}:
        raise RefusedError("This copy is on its way or has arrived.")
    email = email.strip()
    if not is_address(email) or is_ours(email):
        raise InvalidError("Give the address to send to.", email="Give one address, like ann@example.com.")
    part = session().get_one(Participant, old.participant_id)
    give_address(contact_id=part.contact_id, email=email)
    fresh = Delivery(
        mail_id=old.mail_id,
        participant_id=old.participant_id,
        recipient=email,
        recipient_key=key_of(email),
        link=old.link,
        state="shadow" if desk().shadow else "queued",
        queued_at=now(),
    )
    session().add(fresh)
    session().flush()
    if fresh.state == "queued":
        enqueue("mail.send", {"delivery": fresh.id}, key=f"mail.send:{fresh.id}")
    return fresh.id


@command
def send_again(*, delivery_id: int) -> None:
    """Queue a delivery once more by hand, with the same Message-ID."""
    delivery = _locked(delivery_id)
    if delivery.state in {"failed", "bounced", "deferred"}:
        delivery.state = "queued"
        delivery.tries = 0
        delivery.next_try_at = None
        delivery.queued_at = now()
        enqueue("mail.send", {"delivery": delivery.id})


def _locked(delivery_id: int) -> Delivery:
    delivery = session().scalar(sa.select(Delivery).where(Delivery.id == delivery_id).with_for_update())
    if delivery is None:
        raise NotFoundError("There is no such delivery.")
    return delivery


@command
def write_notice(
    *,
    key: str,
    mailbox: MailboxCard,
    recipient: str,
    subject: str,
    text: str,
    reply_to: str = "",
    thread: str = "",
    sealed: str = "",
) -> bool:
    """Write a mail to somebody of the desk, from `mailbox`; once for a `key`. Return whether it is new.

    `sealed`: what comes where the text says LINK, sealed with the key ring; forgotten once it went out.
    """
    fresh = insert_ignore(
        Notice,
        {
            "key": key[:200],
            "mailbox_id": mailbox.id,
            "recipient": recipient,
            "message_id": f"<N.{secrets.token_hex(8)}.notice@{mailbox.domain}>",
            "subject": subject[:320],
            "text": text,
            "reply_to": reply_to,
            "thread": thread,
            "sealed": sealed,
            "state": "queued",
            "answer": "",
            "created_at": now(),
        },
    )
    if fresh:
        made = session().scalars(sa.select(Notice.id).where(Notice.key == key[:200])).one()
        enqueue("notice.send", {"notice": made}, key=f"notice.send:{made}")
    return fresh


@command
def notice_done(*, notice_id: int, state: str, answer: str) -> None:
    """Note what became of a notice: sent, kept, or failed."""
    row = session().get_one(Notice, notice_id, with_for_update=True)
    row.state, row.answer, row.sent_at, row.sealed = state, answer[:2000], now(), ""


@command
def wake_waiting() -> None:
    """Let deliveries that waited for a mailbox to be able to send look again, now."""
    session().execute(
        sa.update(OutboxRow)
        .where(OutboxRow.kind == "mail.send", OutboxRow.state == "waiting", OutboxRow.error == WAITS)
        .values(not_before=now())
    )
    after_commit(bells.ring)


@command
def write_text(*, name: str, language: str, text: str, who: Who) -> None:
    """Use an administrator's words for a text in a language from now on.

    Raises:
        NotFoundError: there is no such text.
        InvalidError: an unknown or missing placeholder, empty, or too long.
    """
    known = TEXTS.get(name)
    if known is None or language not in LANGUAGES:
        raise NotFoundError("There is no such text.")
    text = text.replace("\r\n", "\n").replace(LINK, "").strip("\n")
    if known.one_line:
        text = " ".join(text.split())
    if wrong := problem(text, known.placeholders, known.needs, known.most_chars):
        raise InvalidError(wrong, text=wrong)
    row = session().get(MailText, (name, language), with_for_update=True)
    before = row.text if row is not None else ours(name, language)
    if row is None:
        row = MailText(name=name, language=language, text=text, changed_at=now())
        session().add(row)
    row.text, row.changed_at = text, now()
    record(
        who,
        "changed",
        about="mail text",
        about_id=None,
        name=f"{name} {language}",
        before={"text": before},
        after={"text": text},
    )


@command
def reset_text(*, name: str, language: str, who: Who) -> None:
    """Use our own words for a text in a language again."""
    row = session().get(MailText, (name, language), with_for_update=True)
    if row is not None:
        old = {"text": row.text}
        session().delete(row)
        record(
            who, "reset", about="mail text", about_id=None, name=f"{name} {language}", before=old, after={}
        )


@command
def sign_as(*, agent_id: int, text: str) -> None:
    """Keep an agent's own signature; empty removes it.

    Raises:
        InvalidError: it is too long.
    """
    text = text.replace("\r\n", "\n").strip()
    if len(text) > SIGNATURE_CHARS:
        words = f"At most {SIGNATURE_CHARS} characters."
        raise InvalidError(words, text=words)
    row = session().get(AgentSignature, agent_id, with_for_update=True)
    if row is not None and not text:
        session().delete(row)
    elif row is not None:
        row.text = text
    elif text:
        session().add(AgentSignature(agent_id=agent_id, text=text))
