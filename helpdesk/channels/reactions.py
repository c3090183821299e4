"""What outgoing mail does when others' events happen: replies go out, new requests are acknowledged."""

from dataclasses import replace
from datetime import timedelta

import sqlalchemy as sa
import structlog

from helpdesk.channels import texts
from helpdesk.channels.commands import Recipient, freeze, wake_waiting, write_notice
from helpdesk.channels.model import Delivery, OutgoingMail
from helpdesk.channels.queries import acks_cut_off, mail_text, signature_of
from helpdesk.core.addresses import key_of
from helpdesk.core.clock import now
from helpdesk.core.db import session
from helpdesk.core.desk import desk, set_desk
from helpdesk.core.keys import ring
from helpdesk.core.running import settings
from helpdesk.core.tables import Json
from helpdesk.mailboxes import queries as mailboxes
from helpdesk.mailboxes.events import (
    FetchingStopped,
    FetchingWorks,
    MailboxReady,
    NoticeWanted,
    SignInEnded,
)
from helpdesk.mailboxes.form import sender
from helpdesk.people.events import WayInGiven
from helpdesk.people.queries import administrators, contacts
from helpdesk.tickets.events import TeamReplied, TicketOpened
from helpdesk.tickets.model import Message, Ticket
from helpdesk.tickets.queries.ticket import first_subject, participants

log = structlog.get_logger(__name__)

ACK_PER_ADDRESS_HOUR = 1
ACK_PER_ADDRESS_DAY = 5
ACK_PER_DOMAIN_HOUR = 20
DESK_BUDGET = "the desk's hourly budget"
"""Whoever breaks this one trips the breaker: nobody is told until a person says so, or for six hours."""
QUOTED_CHARS = 4000


def send_reply(event: TeamReplied) -> None:
    """Freeze the reply for everybody who takes part."""
    if event.quiet:
        return
    ticket = session().get_one(Ticket, event.ticket_id)
    message = session().get_one(Message, event.message_id)
    box = _mailbox_of(ticket)
    people = recipients_of(ticket) if event.recipients is None else _frozen(event.recipients)
    if box is None or not people:
        log.warning("mail.nowhere", ticket=ticket.number, mailbox=box is not None, people=len(people))
        return
    quoted = _last_customer_message(ticket.id, message.seq)
    freeze(
        kind="reply",
        ticket=ticket,
        mailbox=box,
        recipients=people,
        from_name=sender(box.sender_style, message.author_name, box.sender_name),
        subject=_answer_subject(first_subject(ticket.id)),
        text=message.text,
        ticket_message_id=message.id,
        quoted=quoted[1] if quoted else "",
        quoted_intro=quoted[0] if quoted else "",
        signature=_signature(box, message),
        footer=_words("reply_footer", ticket, box),
    )


def _words(name: str, ticket: Ticket, box: mailboxes.MailboxCard) -> str:
    """Return a text of ours about a ticket, frozen; the link keeps its place: it differs by recipient."""
    values = {
        "number": str(ticket.number),
        "mailbox_name": texts.clean(box.sender_name),
        "desk_name": texts.clean(desk().name),
        "link": texts.LINK,
    }
    return texts.fill(mail_text(name, box.language).replace(texts.LINK, ""), values)


def _signature(box: mailboxes.MailboxCard, message: Message) -> str:
    """Return what stands below an answer: the agent's own words and the mailbox's."""
    own = signature_of(message.author_id if message.author_kind == "agent" else None)
    values = {
        "agent_first_name": message.author_name.split(" ")[0],
        "agent_name": message.author_name,
        "agent_signature": own,
        "mailbox_name": box.sender_name,
        "mailbox_address": box.address,
        "desk_name": desk().name,
    }
    return texts.signature(box.signature, values)


def acknowledge(event: TicketOpened) -> None:
    """Tell the requester once that we have their words, without repeating any of them (contracts 28)."""
    if event.quiet or not event.acknowledge:
        return
    ticket = session().get_one(Ticket, event.ticket_id)
    box = _mailbox_of(ticket)
    requester = [p for p in recipients_of(ticket) if p.role == "requester"]
    if box is None or not box.acknowledge or not requester:
        return
    held = "they are cut off" if acks_cut_off(now()) else _over_a_cap(requester[0].email)
    if held:
        log.warning("ack.held", why=held, ticket=ticket.number)
        if held == DESK_BUDGET and settings().ack_per_hour:
            set_desk(acks_paused_at=now().isoformat())
        return
    freeze(
        kind="acknowledgement",
        ticket=ticket,
        mailbox=box,
        recipients=[replace(requester[0], name="")],  # anybody may have typed the name
        from_name=box.sender_name,
        subject=_words("ack_subject", ticket, box).replace(texts.LINK, ""),
        text=_words("ack_body", ticket, box),
    )


def recipients_of(ticket: Ticket) -> list[Recipient]:
    """Return who gets public replies: everybody who takes part and has an address that is not ours."""
    parts = participants(ticket.id)
    cards = contacts(p.contact_id for p in parts)
    return [
        Recipient(p.id, p.contact_id, p.role, p.link_version, card.name, card.email)
        for p in parts
        if (card := cards.get(p.contact_id)) and card.email and not mailboxes.is_ours(card.email)
    ]


def _frozen(recipients: list[Json]) -> list[Recipient]:
    return [Recipient(**r) for r in recipients if not mailboxes.is_ours(r["email"])]


def _mailbox_of(ticket: Ticket) -> mailboxes.MailboxCard | None:
    """Return the mailbox a ticket is answered from; for an archived one the desk's first."""
    found = mailboxes.mailbox(ticket.mailbox_id) if ticket.mailbox_id is not None else None
    return found if found is not None and found.active else mailboxes.default_mailbox()


def _answer_subject(subject: str) -> str:
    return subject if subject[:3].lower() == "re:" else f"Re: {subject}"


def _last_customer_message(ticket_id: int, before_seq: int) -> tuple[str, str] | None:
    row = (
        session()
        .execute(
            sa.select(Message.author_name, Message.at, Message.new_text)
            .where(Message.ticket_id == ticket_id, Message.kind == "customer", Message.seq < before_seq)
            .order_by(Message.seq.desc())
            .limit(1)
        )
        .one_or_none()
    )
    if row is None or not row.new_text.strip():
        return None
    return f"{row.author_name or 'You'}, {row.at:%Y-%m-%d %H:%M} UTC:", row.new_text[:QUOTED_CHARS]


def _over_a_cap(email: str) -> str:
    """Return which cap one more acknowledgement would break, or an empty string."""
    key = key_of(email)
    domain = key.rpartition("@")[2]
    hour, day = now() - timedelta(hours=1), now() - timedelta(days=1)

    def sent(part: sa.ColumnElement[bool], *where: sa.ColumnElement[bool]) -> tuple[int, int]:
        """Acknowledgements where `where` holds, and how many of them are also `part`."""
        row = (
            session()
            .execute(
                sa.select(sa.func.count(), sa.func.sum(sa.case((part, 1), else_=0)))
                .select_from(Delivery)
                .join(OutgoingMail, OutgoingMail.id == Delivery.mail_id)
                .where(OutgoingMail.kind == "acknowledgement", *where)
            )
            .one()
        )
        return row[0], row[1] or 0

    today, this_hour = sent(
        Delivery.queued_at > hour, Delivery.recipient_key == key, Delivery.queued_at > day
    )
    if this_hour >= ACK_PER_ADDRESS_HOUR:
        return "one an hour for an address"
    if today >= ACK_PER_ADDRESS_DAY:
        return "five a day for an address"
    of_domain = Delivery.recipient_key.endswith("@" + domain, autoescape=True)
    of_desk, domain_too = sent(of_domain, Delivery.queued_at > hour)
    if domain_too >= ACK_PER_DOMAIN_HOUR:
        return "twenty an hour for a domain"
    if of_desk >= settings().ack_per_hour:
        return DESK_BUDGET
    return ""


def tell_stopped(event: FetchingStopped) -> None:
    """Tell the administrators, once a stop, that fetching has stopped; an ended sign-in they know of."""
    found = mailboxes.source_of(event.source_id)
    if found is None:
        return
    granted = mailboxes.grant(found.mailbox_id) if found.auth == "oauth" else None
    if granted is not None and granted.state != "ok":
        return
    key = f"stopped:{event.source_id}:{event.at.isoformat()}"
    _tell("stopped", key, found.mailbox_id, found.address, event.why)


def tell_works(event: FetchingWorks) -> None:
    """Tell the administrators, once a stop, that fetching works again."""
    found = mailboxes.source_of(event.source_id)
    if found is not None:
        key = f"works:{event.source_id}:{event.since.isoformat()}"
        _tell("works", key, found.mailbox_id, found.address, "")


def tell_sign_in(event: SignInEnded) -> None:
    """Tell the administrators that somebody has to sign in at the provider again."""
    box = mailboxes.mailbox(event.mailbox_id)
    if box is not None:
        key = f"sign-in:{event.mailbox_id}:{event.at.isoformat()}"
        _tell("stopped", key, box.id, box.address, event.why)


def _tell(what: str, key: str, mailbox_id: int, address: str, why: str) -> None:
    sending = [m for m in mailboxes.mailboxes() if not m.paused]
    box = next((m for m in sending if m.id != mailbox_id), None) or next(iter(sending), None)
    if box is None:
        return
    values = {
        "mailbox": address,
        "why": why,
        "page": f"{settings().public_url}/a/settings/mailboxes/{mailbox_id}",
        "desk_name": desk().name,
    }
    for email in administrators():
        if not mailboxes.is_ours(email):
            write_notice(
                key=f"{key}:{email}",
                mailbox=box,
                recipient=email,
                subject=texts.fill(mail_text(f"{what}_subject", "en"), values),
                text=texts.fill(mail_text(f"{what}_body", "en"), values),
            )


def write_wanted(event: NoticeWanted) -> None:
    """Write what another feature wants to tell somebody of the desk."""
    box = mailboxes.mailbox(event.mailbox_id)
    if box is not None:
        write_notice(
            key=event.key,
            mailbox=box,
            recipient=event.recipient,
            subject=event.subject,
            text=event.text,
            reply_to=event.reply_to,
            thread=event.thread,
        )


def tell_way_in(event: WayInGiven) -> None:
    """Mail somebody of the desk their link; only sealed it is kept, until it went out (T22)."""
    box = next((m for m in mailboxes.mailboxes() if not m.paused), None)
    if box is None or mailboxes.is_ours(event.email):  # a mailbox would make a ticket of the link
        log.warning("way_in.nowhere", agent=event.agent_id, mailbox=box is not None)
        return
    values = {
        "name": texts.clean(event.name),
        "by": texts.clean(event.by),
        "hours": str(event.hours),
        "page": texts.LINK,
        "desk_name": texts.clean(desk().name),
    }
    write_notice(
        key=f"way-in:{event.token_id}",
        mailbox=box,
        recipient=event.email,
        subject=texts.fill(mail_text(f"{event.kind}_subject", "en"), values),
        text=texts.fill(mail_text(f"{event.kind}_body", "en").replace(texts.LINK, ""), values),
        sealed=ring().encrypt(event.link),
    )


def wake(_event: MailboxReady) -> None:
    """Let what waited for a mailbox go out."""
    wake_waiting()
