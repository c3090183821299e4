"""The table of everything that ever came in by mail: one row a delivery, one outcome a row (contracts 27)."""

from datetime import datetime

import sqlalchemy as sa
from sqlalchemy.orm import Mapped, mapped_column

from helpdesk.core.tables import Base, Json


class Inbound(Base):
    """A mail we accepted. Its bytes are durable before this row; the row is before any understanding.

    `state`: stored (to be read), done, quarantined. `outcome`: new_ticket, added, automatic, duplicate,
    rejected, quarantined. `trace` holds what each stage decided and why. `cause` names in one word why it was
    set aside, `preview` what could be read of it, `kept_at` since when somebody wants it left as it is.
    `let_in`: a person decided that it may come in, so no list and no limit applies to it any more.
    """

    __tablename__ = "inbound_mails"
    __table_args__ = (
        sa.UniqueConstraint("mailbox_id", "imap_source_id", "folder", "uidvalidity", "uid"),
        sa.Index("ix_inbound_mails_same", "message_id", "sender_key"),
        sa.Index("ix_inbound_mails_outcome", "outcome", "id"),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    source: Mapped[str] = mapped_column(sa.String(10))
    mailbox_id: Mapped[int | None] = mapped_column(sa.ForeignKey("mailboxes.id"), index=True)
    imap_source_id: Mapped[int | None]
    folder: Mapped[str | None] = mapped_column(sa.String(200))
    uidvalidity: Mapped[int | None] = mapped_column(sa.BigInteger)
    uid: Mapped[int | None] = mapped_column(sa.BigInteger)
    digest: Mapped[str] = mapped_column(sa.String(64), index=True)
    size: Mapped[int]
    envelope_from: Mapped[str | None] = mapped_column(sa.String(998))
    envelope_to: Mapped[list[str]]
    quiet: Mapped[bool] = mapped_column(default=False)
    again: Mapped[bool] = mapped_column(default=False, server_default=sa.false())
    received_at: Mapped[datetime]
    recorded_at: Mapped[datetime]
    state: Mapped[str] = mapped_column(sa.String(12), default="stored")
    outcome: Mapped[str | None] = mapped_column(sa.String(12))
    reason: Mapped[str] = mapped_column(sa.Text, default="")
    tries: Mapped[int] = mapped_column(default=0)
    trace: Mapped[list[Json]]
    sender: Mapped[str] = mapped_column(sa.String(500), default="")
    sender_key: Mapped[str] = mapped_column(sa.String(254), default="")
    subject: Mapped[str] = mapped_column(sa.String(300), default="")
    message_id: Mapped[str | None] = mapped_column(sa.String(998))
    body_digest: Mapped[str | None] = mapped_column(sa.String(64))
    duplicate_of: Mapped[int | None] = mapped_column(sa.ForeignKey("inbound_mails.id"))
    ticket_id: Mapped[int | None] = mapped_column(
        sa.ForeignKey("tickets.id", ondelete="SET NULL"), index=True
    )
    ticket_message_id: Mapped[int | None]
    cause: Mapped[str] = mapped_column(sa.String(40), default="", server_default="")
    preview: Mapped[str] = mapped_column(sa.Text, default="", server_default="")
    kept_at: Mapped[datetime | None]
    retry_id: Mapped[int | None] = mapped_column(sa.ForeignKey("mail_retries.id"), index=True)
    let_in: Mapped[bool] = mapped_column(default=False, server_default=sa.false())
    alarmed_at: Mapped[datetime | None]


class SenderRule(Base):
    """What this desk decided about a sender (block, allow, relay) or about a host that vouches for senders.

    `kind`: block (an address or domain: spam, or rejected when `reject`), allow, relay (its Reply-To is the
    requester, contracts 23), host (an authserv-id, RFC 8601). `mailbox_id` None: for every mailbox.
    """

    __tablename__ = "sender_rules"
    __table_args__ = (sa.UniqueConstraint("kind", "key", "mailbox_id"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    kind: Mapped[str] = mapped_column(sa.String(8))
    key: Mapped[str] = mapped_column(sa.String(254), index=True)
    mailbox_id: Mapped[int | None] = mapped_column(sa.ForeignKey("mailboxes.id", ondelete="CASCADE"))
    reject: Mapped[bool] = mapped_column(default=False)
    note: Mapped[str] = mapped_column(sa.String(200), default="")
    added_by: Mapped[int | None] = mapped_column(sa.ForeignKey("agents.id"))
    added_at: Mapped[datetime]


class MailRetry(Base):
    """Many mails set aside for one cause, read again: which, how many there were, and who asked for it.

    How far it is, the mails themselves say (`Inbound.retry_id`); `upto_id` is the newest mail it covers.
    """

    __tablename__ = "mail_retries"

    id: Mapped[int] = mapped_column(primary_key=True)
    cause: Mapped[str] = mapped_column(sa.String(40))
    upto_id: Mapped[int]
    total: Mapped[int]
    agent_id: Mapped[int] = mapped_column(sa.ForeignKey("agents.id"))
    started_at: Mapped[datetime]


class MailAudit(Base):
    """One comparison of a folder with what we hold of it; `missing` are UIDs, `error` why there was none."""

    __tablename__ = "mail_audits"
    __table_args__ = (sa.Index("ix_mail_audits_newest", "source_id", "id"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    source_id: Mapped[int] = mapped_column(sa.ForeignKey("imap_sources.id", ondelete="CASCADE"))
    at: Mapped[datetime]
    uidvalidity: Mapped[int | None] = mapped_column(sa.BigInteger)
    on_server: Mapped[int] = mapped_column(default=0)
    before_us: Mapped[int] = mapped_column(default=0)
    held: Mapped[int] = mapped_column(default=0)
    waiting: Mapped[int] = mapped_column(default=0)
    missing: Mapped[list[int]]
    error: Mapped[str] = mapped_column(sa.Text, default="")


class ImapCursor(Base):
    """How far a folder was read, for one life of it (UIDVALIDITY): advanced with what it covers.

    Mail up to `quiet_uid` was there before the source: it is taken in without telling anybody.
    """

    __tablename__ = "imap_cursors"

    source_id: Mapped[int] = mapped_column(
        sa.ForeignKey("imap_sources.id", ondelete="CASCADE"), primary_key=True
    )
    folder: Mapped[str] = mapped_column(sa.String(200), primary_key=True)
    uidvalidity: Mapped[int] = mapped_column(sa.BigInteger, primary_key=True, autoincrement=False)
    first_uid: Mapped[int] = mapped_column(sa.BigInteger, default=1, server_default="1")
    last_uid: Mapped[int] = mapped_column(sa.BigInteger)
    seen_at: Mapped[datetime]
    quiet_uid: Mapped[int] = mapped_column(sa.BigInteger, default=0, server_default="0")
