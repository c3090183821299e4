"""Tables of people: contacts who write, agents who answer, teams, and the sessions of those signed in."""

from datetime import datetime

import sqlalchemy as sa
from sqlalchemy.orm import Mapped, mapped_column

from helpdesk.core.tables import Base


class Contact(Base):
    """A person who writes to us."""

    __tablename__ = "contacts"

    id: Mapped[int] = mapped_column(primary_key=True)
    name: Mapped[str] = mapped_column(sa.String(200))
    language: Mapped[str | None] = mapped_column(sa.String(16))
    created_at: Mapped[datetime]


class ContactAddress(Base):
    """A mail address of a contact; `key` says when two spellings are one.

    `bounced_at`: mail to it came back and nothing came from it since; `bounce_kind` hard or soft.
    """

    __tablename__ = "contact_addresses"

    id: Mapped[int] = mapped_column(primary_key=True)
    contact_id: Mapped[int] = mapped_column(sa.ForeignKey("contacts.id", ondelete="CASCADE"), index=True)
    email: Mapped[str] = mapped_column(sa.String(254))
    key: Mapped[str] = mapped_column(sa.String(254), unique=True)
    created_at: Mapped[datetime]
    bounced_at: Mapped[datetime | None]
    bounce_kind: Mapped[str] = mapped_column(sa.String(4), default="", server_default="")
    bounce_words: Mapped[str] = mapped_column(sa.String(300), default="", server_default="")


class Team(Base):
    """A group of agents that tickets belong to."""

    __tablename__ = "teams"

    id: Mapped[int] = mapped_column(primary_key=True)
    name: Mapped[str] = mapped_column(sa.String(80), unique=True)
    icon: Mapped[str] = mapped_column(sa.String(40), default="users")
    created_at: Mapped[datetime]


class Agent(Base):
    """A person at the desk. Inactive agents keep their history and lose every session.

    `totp_secret` is sealed with the key ring; codes are asked for from `totp_on_at` on (None: being set up).
    `totp_step` is the last half minute whose code was used, so that no code works twice.
    """

    __tablename__ = "agents"

    id: Mapped[int] = mapped_column(primary_key=True)
    name: Mapped[str] = mapped_column(sa.String(120))
    email: Mapped[str] = mapped_column(sa.String(254))
    email_key: Mapped[str] = mapped_column(sa.String(254), unique=True)
    password_hash: Mapped[str | None] = mapped_column(sa.String(200))
    role: Mapped[str] = mapped_column(sa.String(12))
    scope: Mapped[str] = mapped_column(sa.String(12))
    active: Mapped[bool] = mapped_column(default=True)
    after_reply: Mapped[str] = mapped_column(sa.String(12), default="pending")
    created_at: Mapped[datetime]
    totp_secret: Mapped[str | None] = mapped_column(sa.Text)
    totp_on_at: Mapped[datetime | None]
    totp_step: Mapped[int] = mapped_column(default=0, server_default="0")


class TeamMember(Base):
    """That an agent is in a team."""

    __tablename__ = "team_members"

    agent_id: Mapped[int] = mapped_column(sa.ForeignKey("agents.id", ondelete="CASCADE"), primary_key=True)
    team_id: Mapped[int] = mapped_column(
        sa.ForeignKey("teams.id", ondelete="CASCADE"), primary_key=True, index=True
    )


class AgentSession(Base):
    """A sign-in: the cookie carries a random id, the row its digest (contracts 10)."""

    __tablename__ = "agent_sessions"

    id: Mapped[int] = mapped_column(primary_key=True)
    digest: Mapped[str] = mapped_column(sa.String(64), unique=True)
    agent_id: Mapped[int] = mapped_column(sa.ForeignKey("agents.id", ondelete="CASCADE"), index=True)
    created_at: Mapped[datetime]
    seen_at: Mapped[datetime]
    ended_at: Mapped[datetime | None]
    network: Mapped[str] = mapped_column(sa.String(64), default="")
    browser: Mapped[str] = mapped_column(sa.String(200), default="")


class RecoveryCode(Base):
    """A code that stands in for the authenticator once; only its digest is kept."""

    __tablename__ = "agent_recovery_codes"

    id: Mapped[int] = mapped_column(primary_key=True)
    agent_id: Mapped[int] = mapped_column(sa.ForeignKey("agents.id", ondelete="CASCADE"), index=True)
    digest: Mapped[str] = mapped_column(sa.String(64), unique=True)
    used_at: Mapped[datetime | None]


class AgentToken(Base):
    """A mailed way in, `invite` or `reset`: used once, until it expires; only its digest is kept (T22)."""

    __tablename__ = "agent_tokens"

    id: Mapped[int] = mapped_column(primary_key=True)
    agent_id: Mapped[int] = mapped_column(sa.ForeignKey("agents.id", ondelete="CASCADE"), index=True)
    kind: Mapped[str] = mapped_column(sa.String(8))
    digest: Mapped[str] = mapped_column(sa.String(64), unique=True)
    created_at: Mapped[datetime]
    expires_at: Mapped[datetime]
    used_at: Mapped[datetime | None]


class SignInTry(Base):
    """How often something was tried since when: counted here, so that every process knows (T26)."""

    __tablename__ = "sign_in_tries"

    key: Mapped[str] = mapped_column(sa.String(100), primary_key=True)
    tries: Mapped[int]
    since: Mapped[datetime] = mapped_column(index=True)
