"""Outgoing mail and its deliveries: one message, one delivery per recipient (contracts 17)."""

from datetime import datetime

import sqlalchemy as sa
from sqlalchemy.orm import Mapped, mapped_column

from helpdesk.core.tables import Base, Json


class OutgoingMail(Base):
    """A mail as it was when somebody pressed send: its words, visible recipients and threading are frozen."""

    __tablename__ = "outgoing_mails"

    id: Mapped[int] = mapped_column(primary_key=True)
    kind: Mapped[str] = mapped_column(sa.String(20))
    ticket_id: Mapped[int] = mapped_column(sa.ForeignKey("tickets.id", ondelete="CASCADE"), index=True)
    ticket_message_id: Mapped[int | None] = mapped_column(
        sa.ForeignKey("messages.id", ondelete="CASCADE"), index=True
    )
    mailbox_id: Mapped[int] = mapped_column(sa.ForeignKey("mailboxes.id"))
    message_id: Mapped[str] = mapped_column(sa.String(250), unique=True)
    subject: Mapped[str] = mapped_column(sa.String(320))
    from_name: Mapped[str] = mapped_column(sa.String(200))
    from_address: Mapped[str] = mapped_column(sa.String(254))
    visible_to: Mapped[list[Json]]
    visible_cc: Mapped[list[Json]]
    in_reply_to: Mapped[str | None] = mapped_column(sa.String(998))
    references: Mapped[list[str]] = mapped_column("refs")
    text: Mapped[str] = mapped_column(sa.Text)
    quoted: Mapped[str] = mapped_column(sa.Text, default="")
    quoted_intro: Mapped[str] = mapped_column(sa.String(300), default="")
    signature: Mapped[str] = mapped_column(sa.Text, default="")
    created_at: Mapped[datetime]
    footer: Mapped[str] = mapped_column(sa.Text, default="", server_default="")


class Delivery(Base):
    """A recipient's copy: queued, sending, sent, deferred, failed, bounced, kept (the local outbox), shadow.

    What is in the state shadow would have been sent, and never is.
    """

    __tablename__ = "deliveries"
    __table_args__ = (
        sa.Index("ix_deliveries_recipient", "recipient_key", "queued_at"),
        sa.Index("ix_deliveries_state", "state", "id"),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    mail_id: Mapped[int] = mapped_column(sa.ForeignKey("outgoing_mails.id", ondelete="CASCADE"), index=True)
    participant_id: Mapped[int] = mapped_column(sa.ForeignKey("participants.id", ondelete="CASCADE"))
    recipient: Mapped[str] = mapped_column(sa.String(254))
    recipient_key: Mapped[str] = mapped_column(sa.String(254))
    link: Mapped[str] = mapped_column(sa.String(120))
    state: Mapped[str] = mapped_column(sa.String(10), default="queued")
    tries: Mapped[int] = mapped_column(default=0)
    queued_at: Mapped[datetime]
    sending_at: Mapped[datetime | None]
    sent_at: Mapped[datetime | None]
    next_try_at: Mapped[datetime | None]
    answer: Mapped[str] = mapped_column(sa.Text, default="")
    unconfirmed: Mapped[bool] = mapped_column(default=False)
    provider_id: Mapped[str | None] = mapped_column(sa.String(250), index=True)


class MailText(Base):
    """Words of our mails as an administrator wrote them, by text and language; no row: ours."""

    __tablename__ = "mail_texts"

    name: Mapped[str] = mapped_column(sa.String(40), primary_key=True)
    language: Mapped[str] = mapped_column(sa.String(16), primary_key=True)
    text: Mapped[str] = mapped_column(sa.Text)
    changed_at: Mapped[datetime]


class AgentSignature(Base):
    """What an agent puts below their answers."""

    __tablename__ = "agent_signatures"

    agent_id: Mapped[int] = mapped_column(
        sa.ForeignKey("agents.id", ondelete="CASCADE"), primary_key=True, autoincrement=False
    )
    text: Mapped[str] = mapped_column(sa.Text)


class Notice(Base):
    """A mail to somebody of the desk about the desk; `key` makes each one of its kind.

    `sealed`: a secret link that stands in its text, sealed with the key ring until the mail has gone.
    `reply_to`: where an answer goes; empty: to the mailbox. `thread`: the Message-ID it is filed under.
    """

    __tablename__ = "notices"

    id: Mapped[int] = mapped_column(primary_key=True)
    key: Mapped[str] = mapped_column(sa.String(200), unique=True)
    mailbox_id: Mapped[int] = mapped_column(sa.ForeignKey("mailboxes.id"))
    recipient: Mapped[str] = mapped_column(sa.String(254))
    message_id: Mapped[str] = mapped_column(sa.String(250), unique=True)
    subject: Mapped[str] = mapped_column(sa.String(320))
    text: Mapped[str] = mapped_column(sa.Text)
    sealed: Mapped[str] = mapped_column(sa.Text, default="", server_default="")
    state: Mapped[str] = mapped_column(sa.String(10), default="queued")
    answer: Mapped[str] = mapped_column(sa.Text, default="")
    created_at: Mapped[datetime]
    sent_at: Mapped[datetime | None]
    reply_to: Mapped[str] = mapped_column(sa.String(320), default="", server_default="")
    thread: Mapped[str] = mapped_column(sa.String(250), default="", server_default="")
