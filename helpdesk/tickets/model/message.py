"""Messages and their attachments."""

from datetime import datetime

import sqlalchemy as sa
from sqlalchemy.orm import Mapped, deferred, mapped_column

from helpdesk.core.tables import Base


class Message(Base):
    """Something said in a ticket.

    `kind`: customer (public, from a participant), team (public, from an agent), note (internal),
    held (internal: a sender who is no participant, contracts 21), auto (internal: a machine wrote it).
    `held_why`: stranger, agent (an agent's address that nothing verifies); `held_due_at` while it waits for a
    decision. `sender_check`: what the sender's domain says of the mail (pass, fail, none; empty: not asked).
    `forwarded_by`: the agent who forwarded this customer's mail to us.
    """

    __tablename__ = "messages"
    __table_args__ = (sa.UniqueConstraint("ticket_id", "seq"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    ticket_id: Mapped[int] = mapped_column(sa.ForeignKey("tickets.id", ondelete="CASCADE"))
    seq: Mapped[int]
    kind: Mapped[str] = mapped_column(sa.String(10))
    author_kind: Mapped[str] = mapped_column(sa.String(10))
    author_id: Mapped[int | None]
    author_name: Mapped[str] = mapped_column(sa.String(200))
    author_email: Mapped[str] = mapped_column(sa.String(254), default="")
    via: Mapped[str] = mapped_column(sa.String(10))
    at: Mapped[datetime]
    recorded_at: Mapped[datetime]
    held_due_at: Mapped[datetime | None] = mapped_column(index=True)
    held_why: Mapped[str] = mapped_column(sa.String(16), default="", server_default="")
    held_alarmed_at: Mapped[datetime | None]
    sender_check: Mapped[str] = mapped_column(sa.String(4), default="", server_default="")
    forwarded_by: Mapped[int | None]
    thanks: Mapped[bool] = mapped_column(default=False, server_default=sa.false())
    message_id: Mapped[str | None] = mapped_column(sa.String(998), index=True)
    raw_digest: Mapped[str | None] = mapped_column(sa.String(64))
    new_text: Mapped[str] = mapped_column(sa.Text)
    text: Mapped[str] = mapped_column(sa.Text)
    has_html: Mapped[bool] = mapped_column(default=False)
    html: Mapped[str | None] = deferred(mapped_column(sa.Text))


class Attachment(Base):
    """A file of a message; the bytes are in the file store under `digest`."""

    __tablename__ = "attachments"

    id: Mapped[int] = mapped_column(primary_key=True)
    ticket_id: Mapped[int] = mapped_column(sa.ForeignKey("tickets.id", ondelete="CASCADE"), index=True)
    message_id: Mapped[int] = mapped_column(sa.ForeignKey("messages.id", ondelete="CASCADE"), index=True)
    name: Mapped[str] = mapped_column(sa.String(255))
    content_type: Mapped[str] = mapped_column(sa.String(120))
    size: Mapped[int]
    digest: Mapped[str] = mapped_column(sa.String(64), index=True)
    content_id: Mapped[str | None] = mapped_column(sa.String(250))
    inline: Mapped[bool] = mapped_column(default=False)
