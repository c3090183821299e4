"""Tables of mailboxes."""

from datetime import datetime

import sqlalchemy as sa
from sqlalchemy.orm import Mapped, mapped_column

from helpdesk.core.tables import Base, Json


class Mailbox(Base):
    """An address customers write to, and how answers from it look.

    Paused: nothing is fetched, answers wait. Archived (and not `active`): it takes and sends nothing more.
    `version` grows with every change on its page, so that two people do not undo each other unseen.
    """

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
    sender_style: Mapped[str] = mapped_column(sa.String(20), default="first", server_default="first")
    version: Mapped[int] = mapped_column(default=1, server_default="1")
    paused_at: Mapped[datetime | None]
    archived_at: Mapped[datetime | None]


class ImapSource(Base):
    """A folder on an IMAP server that a mailbox's mail is fetched from, and how fetching fares.

    `auth` is password or oauth; the password is sealed with the key ring. `stopped_at`: since when fetching
    counts as stopped and the administrators know. `ended_at`: another source took its place. One worker
    fetches at a time: it holds the lease, and its fence is checked in every transaction that stores mail.
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
    auth: Mapped[str] = mapped_column(sa.String(10), default="password", server_default="password")
    stopped_at: Mapped[datetime | None]
    ended_at: Mapped[datetime | None]


class SmtpServer(Base):
    """Where a mailbox's mail is handed over, and how that fares; without one the desk's own server sends.

    After failures it is left alone until `next_try_at`, so that waiting for it holds nothing else up.
    """

    __tablename__ = "smtp_servers"

    mailbox_id: Mapped[int] = mapped_column(
        sa.ForeignKey("mailboxes.id"), primary_key=True, autoincrement=False
    )
    host: Mapped[str] = mapped_column(sa.String(253))
    port: Mapped[int]
    security: Mapped[str] = mapped_column(sa.String(10))
    auth: Mapped[str] = mapped_column(sa.String(10), default="password")
    user: Mapped[str] = mapped_column(sa.String(254), default="")
    password_sealed: Mapped[str] = mapped_column(sa.Text, default="")
    state: Mapped[str] = mapped_column(sa.String(10), default="new")
    error: Mapped[str] = mapped_column(sa.Text, default="")
    fails: Mapped[int] = mapped_column(default=0)
    next_try_at: Mapped[datetime | None]
    last_ok_at: Mapped[datetime | None]
    created_at: Mapped[datetime]


class DkimKey(Base):
    """The key a mailbox's mail is signed with; `published_at`: when its DNS record was last right."""

    __tablename__ = "dkim_keys"

    mailbox_id: Mapped[int] = mapped_column(
        sa.ForeignKey("mailboxes.id"), primary_key=True, autoincrement=False
    )
    domain: Mapped[str] = mapped_column(sa.String(253))
    selector: Mapped[str] = mapped_column(sa.String(63))
    private_sealed: Mapped[str] = mapped_column(sa.Text)
    public: Mapped[str] = mapped_column(sa.Text)
    signing: Mapped[bool] = mapped_column(default=False)
    created_at: Mapped[datetime]
    checked_at: Mapped[datetime | None]
    published_at: Mapped[datetime | None]


class OauthProvider(Base):
    """Who signs us in (Google, Microsoft 365, any other by address), and our id and secret there."""

    __tablename__ = "oauth_providers"

    id: Mapped[int] = mapped_column(primary_key=True)
    kind: Mapped[str] = mapped_column(sa.String(20))
    name: Mapped[str] = mapped_column(sa.String(80), unique=True)
    authorize_url: Mapped[str] = mapped_column(sa.String(500))
    token_url: Mapped[str] = mapped_column(sa.String(500))
    scopes: Mapped[str] = mapped_column(sa.String(1000))
    client_id: Mapped[str] = mapped_column(sa.String(300))
    secret_sealed: Mapped[str] = mapped_column(sa.Text)
    created_at: Mapped[datetime]


class OauthGrant(Base):
    """What a provider let us do for one mailbox: tokens, sealed; one process renews them at a time (fence).

    `state`: ok, or again (somebody has to sign in again; `error` says why).
    """

    __tablename__ = "oauth_grants"

    mailbox_id: Mapped[int] = mapped_column(
        sa.ForeignKey("mailboxes.id"), primary_key=True, autoincrement=False
    )
    provider_id: Mapped[int] = mapped_column(sa.ForeignKey("oauth_providers.id"), index=True)
    refresh_sealed: Mapped[str] = mapped_column(sa.Text)
    access_sealed: Mapped[str] = mapped_column(sa.Text)
    expires_at: Mapped[datetime]
    state: Mapped[str] = mapped_column(sa.String(10), default="ok")
    error: Mapped[str] = mapped_column(sa.Text, default="")
    lease_until: Mapped[datetime | None]
    fence: Mapped[int] = mapped_column(default=0)
    granted_at: Mapped[datetime]
    renewed_at: Mapped[datetime | None]


class ConnectionTest(Base):
    """One try of a mailbox, step by step: `steps` are names with state, words, remedy and milliseconds.

    It has ended when `ended_at` is set; until then its page looks again every few seconds.
    """

    __tablename__ = "connection_tests"

    id: Mapped[int] = mapped_column(primary_key=True)
    mailbox_id: Mapped[int] = mapped_column(sa.ForeignKey("mailboxes.id"), index=True)
    asked_at: Mapped[datetime]
    sent_at: Mapped[datetime | None]
    ended_at: Mapped[datetime | None]
    mails: Mapped[int | None]
    steps: Mapped[list[Json]]
