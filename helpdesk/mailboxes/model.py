"""Tables of mailboxes."""

from datetime import datetime

import sqlalchemy as sa
from sqlalchemy.orm import Mapped, mapped_column

from helpdesk.core.tables import Base


class Mailbox(Base):
    """An address customers write to, and how answers from it look."""

    __tablename__ = "mailboxes"

    id: Mapped[int] = mapped_column(primary_key=True)
    address: Mapped[str] = mapped_column(sa.String(254))
    key: Mapped[str] = mapped_column(sa.String(254), unique=True)
    sender_name: Mapped[str] = mapped_column(sa.String(120))
    team_id: Mapped[int | None] = mapped_column(sa.ForeignKey("teams.id"), index=True)
    signature: Mapped[str] = mapped_column(sa.Text, default="")
    language: Mapped[str] = mapped_column(sa.String(16), default="en")
    acknowledge: Mapped[bool] = mapped_column(default=True)
    active: Mapped[bool] = mapped_column(default=True)
    created_at: Mapped[datetime]


class ImapSource(Base):
    """A folder on an IMAP server that a mailbox's mail is fetched from, and how fetching fares.

    The password is sealed with the key ring. One worker fetches at a time: it holds the lease, and its fence
    is checked in every transaction that stores what it fetched.
    """

    __tablename__ = "imap_sources"

    id: Mapped[int] = mapped_column(primary_key=True)
    mailbox_id: Mapped[int] = mapped_column(sa.ForeignKey("mailboxes.id"), index=True)
    host: Mapped[str] = mapped_column(sa.String(253))
    port: Mapped[int]
    security: Mapped[str] = mapped_column(sa.String(10))
    user: Mapped[str] = mapped_column(sa.String(254))
    password_sealed: Mapped[str] = mapped_column(sa.Text)
    folder: Mapped[str] = mapped_column(sa.String(200), default="INBOX")
    first_import: Mapped[str] = mapped_column(sa.String(10), default="now")
    afterwards: Mapped[str] = mapped_column(sa.String(10), default="leave")
    move_to: Mapped[str] = mapped_column(sa.String(200), default="")
    active: Mapped[bool] = mapped_column(default=True)
    created_at: Mapped[datetime]
    state: Mapped[str] = mapped_column(sa.String(10), default="new")
    last_ok_at: Mapped[datetime | None]
    error: Mapped[str] = mapped_column(sa.Text, default="")
    fails: Mapped[int] = mapped_column(default=0)
    next_try_at: Mapped[datetime | None]
    lease_owner: Mapped[str | None] = mapped_column(sa.String(80))
    lease_until: Mapped[datetime | None]
    fence: Mapped[int] = mapped_column(default=0)
