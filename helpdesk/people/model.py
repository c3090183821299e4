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
    """A person at the desk. Inactive agents keep their history and lose every session."""

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
