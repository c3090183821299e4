"""Sending: the jobs that talk to outgoing servers."""

from collections.abc import Mapping
from typing import Any

import sqlalchemy as sa
from flask import render_template

from helpdesk.channels import texts
from helpdesk.channels.commands import (
    CRASH_WAIT,
    WAITS,
    begin,
    delivered,
    hold_back,
    notice_done,
    put_off,
    refused,
    server_away,
    unanswered,
)
from helpdesk.channels.letter import Letter, LetterFile, build
from helpdesk.channels.model import Delivery, Notice, OutgoingMail
from helpdesk.channels.pages import NoticePage
from helpdesk.channels.pages import OutgoingMail as MailPage
from helpdesk.channels.queries import mailbox_of
from helpdesk.channels.routes import NoRouteError, left_alone, send_for
from helpdesk.channels.transport import ServerTroubleError, UnansweredError
from helpdesk.core.addresses import on_the_wire
from helpdesk.core.clock import now
from helpdesk.core.crash import crash_point
from helpdesk.core.db import db, session
from helpdesk.core.desk import desk
from helpdesk.core.errors import NotFoundError, PermanentError, TemporaryError
from helpdesk.core.files import store
from helpdesk.core.keys import ring
from helpdesk.core.running import settings
from helpdesk.mailboxes.addressing import body_mark, reply_address, return_path
from helpdesk.mailboxes.queries import mailbox, smtp_server
from helpdesk.tickets.model import Attachment, Ticket

PAUSED_S = 300
NOTICE_S = 300
"""How soon a notice that could not be sent is tried again, in seconds."""


def send(payload: Mapping[str, Any]) -> None:
    """Send one delivery; safe to run twice: the second run finds it sent.

    Raises:
        TemporaryError: the server put it off; the outbox comes back.
    """
    delivery_id = int(payload["delivery"])
    mailbox_id = _may_go(delivery_id)
    if not begin(delivery_id=delivery_id):
        return
    sender, recipient, raw = letter_of(delivery_id)
    crash_point("before_hand_over")
    try:
        answer = send_for(mailbox_id, sender, recipient, raw)
    except NoRouteError:
        delivered(delivery_id=delivery_id, answer="kept here: no outgoing mail server is set", kept=True)
        return
    except UnansweredError as error:
        unanswered(delivery_id=delivery_id, answer=str(error))
        raise TemporaryError(str(error), retry_in_s=int(CRASH_WAIT.total_seconds()) + 1) from error
    except ServerTroubleError as error:
        own = smtp_server(mailbox_id) is not None
        wait = server_away(delivery_id=delivery_id, answer=str(error)) if own else None
        _later(delivery_id, error, wait)
        return
    except TemporaryError as error:
        _later(delivery_id, error, None)
        return
    except PermanentError as error:
        refused(delivery_id=delivery_id, answer=str(error))
        return
    crash_point("after_hand_over")
    delivered(delivery_id=delivery_id, answer=answer)
    crash_point("after_delivered")


def _later(delivery_id: int, error: TemporaryError, wait_s: int | None) -> None:
    """Come back: after `wait_s`, or as the tries of this delivery say; after the last it has failed."""
    wait = put_off(delivery_id=delivery_id, answer=str(error)) if wait_s is None else wait_s
    if wait is not None:
        raise TemporaryError(str(error), retry_in_s=wait) from error


def _may_go(delivery_id: int) -> int:
    """Return the mailbox a delivery leaves from.

    Raises:
        TemporaryError: the mailbox is paused, or its server is left alone for a while; not a try.
    """
    mailbox_id = mailbox_of(delivery_id)
    box, server = mailbox(mailbox_id), smtp_server(mailbox_id)
    db.session.rollback()
    if box is not None and box.paused:
        words = "This mailbox is paused. The mail waits until it is resumed."
        hold_back(delivery_id=delivery_id, answer=words, until=None)
        raise TemporaryError(WAITS, retry_in_s=PAUSED_S)
    if (resting := left_alone(server)) is not None:
        why, until = resting
        hold_back(delivery_id=delivery_id, answer=why, until=until)
        raise TemporaryError(WAITS, retry_in_s=int((until - now()).total_seconds()) + 1)
    return mailbox_id


def letter_of(delivery_id: int) -> tuple[str, str, bytes]:
    """Return envelope sender, recipient and bytes of a delivery; the same bytes each time.

    Raises:
        NotFoundError: there is no such delivery.
    """
    row = (
        session()
        .execute(
            sa.select(Delivery, OutgoingMail, Ticket.number)
            .join(OutgoingMail, OutgoingMail.id == Delivery.mail_id)
            .join(Ticket, Ticket.id == OutgoingMail.ticket_id)
            .where(Delivery.id == delivery_id)
        )
        .one_or_none()
    )
    if row is None:
        raise NotFoundError("There is no such delivery.")
    delivery, mail, number = row
    page = _page(delivery, mail, number)
    files = (
        session()
        .execute(
            sa.select(Attachment.name, Attachment.content_type, Attachment.digest)
            .where(Attachment.message_id == mail.ticket_message_id)
            .order_by(Attachment.id)
        )
        .all()
    )
    letter = Letter(
        kind=mail.kind,
        message_id=mail.message_id,
        subject=mail.subject,
        from_name=mail.from_name,
        from_address=mail.from_address,
        to=[(x["name"], x["email"]) for x in mail.visible_to],
        cc=[(x["name"], x["email"]) for x in mail.visible_cc],
        reply_to=reply_address(ring(), mail.from_address, number, delivery.participant_id),
        at=mail.created_at,
        text=render_template(f"channels/mail/{mail.kind}.txt", page=page),
        html=render_template(f"channels/mail/{mail.kind}.html", page=page),
        in_reply_to=mail.in_reply_to,
        references=mail.references,
        instance=ring().sign("instance", mail.message_id),
        files=[LetterFile(f.name, f.content_type, store().get(f.digest)) for f in files],
    )
    sender = return_path(ring(), mail.from_address, delivery.id) if mail.kind == "reply" else ""
    recipient = on_the_wire(delivery.recipient)
    db.session.rollback()  # hold no snapshot while the network is slow
    return sender, recipient, build(letter)


def _page(delivery: Delivery, mail: OutgoingMail, number: int) -> MailPage:
    box = mailbox(mail.mailbox_id)
    language = box.language if box else "en"
    values = {"number": str(number), "desk_name": texts.clean(desk().name), "link": texts.LINK}
    text, footer = mail.text, mail.footer
    if mail.kind == "reply":
        footer = footer or texts.fill(texts.ours("reply_footer", "en"), values)  # of an earlier release
    else:
        text = text or texts.fill(texts.ours("ack_body", "en"), values)
    return MailPage(
        desk_name=desk().name,
        language=language,
        text=text,
        footer=footer,
        link_label=texts.LINK_LABEL.get(language, texts.LINK_LABEL["en"]),
        signature=mail.signature,
        request_url=f"{settings().public_url}/r/{delivery.link}",
        quoted=mail.quoted,
        quoted_intro=mail.quoted_intro,
        mark=body_mark(ring(), number, delivery.participant_id),
    )


def send_notice(payload: Mapping[str, Any]) -> None:
    """Send a notice to somebody of the desk; a second run finds it sent.

    Raises:
        TemporaryError: it cannot be sent now; the outbox comes back.
    """
    notice = session().get(Notice, int(payload["notice"]), populate_existing=True)
    if notice is None or notice.state != "queued":
        return
    notice_id, mailbox_id, recipient = notice.id, notice.mailbox_id, notice.recipient
    raw = _notice(notice)
    db.session.rollback()
    try:
        answer = send_for(mailbox_id, "", recipient, raw)
    except NoRouteError:
        notice_done(notice_id=notice_id, state="kept", answer="kept here: no outgoing mail server is set")
    except TemporaryError as error:
        raise TemporaryError(str(error), retry_in_s=NOTICE_S) from error
    except PermanentError as error:
        notice_done(notice_id=notice_id, state="failed", answer=str(error))
    else:
        notice_done(notice_id=notice_id, state="sent", answer=answer)


def _notice(notice: Notice) -> bytes:
    box = mailbox(notice.mailbox_id)
    address = box.address if box else ""
    text = notice.text
    if notice.sealed:
        text = text.replace(texts.LINK, ring().decrypt(notice.sealed))
    page = NoticePage(desk().name, desk().language, texts.blocks(text))
    return build(
        Letter(
            kind="notice",
            message_id=notice.message_id,
            subject=notice.subject,
            from_name=desk().name,
            from_address=address,
            to=[("", notice.recipient)],
            cc=[],
            reply_to=notice.reply_to or address,
            at=notice.created_at,
            text=text.strip() + "\n",
            html=render_template("channels/mail/notice.html", page=page),
            in_reply_to=notice.thread or None,
            references=[notice.thread] if notice.thread else [],
            instance=ring().sign("instance", notice.message_id),
        )
    )
