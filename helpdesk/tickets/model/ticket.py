"""The ticket, its log, and who takes part in it."""

from datetime import datetime

import sqlalchemy as sa
from sqlalchemy.orm import Mapped, mapped_column

from helpdesk.core.tables import Base, Json


class Ticket(Base):
    """A request and where it stands. Its columns follow from its log by `fold.apply`."""

    __tablename__ = "tickets"
    __table_args__ = (
        sa.Index("ix_tickets_queue", "open", "queue_at", "id"),
        sa.Index("ix_tickets_queue_team", "open", "team_id", "queue_at", "id"),
        sa.Index("ix_tickets_queue_assignee", "open", "assignee_id", "queue_at", "id"),
        sa.Index("ix_tickets_done", "open", "updated_at", "id"),
        sa.Index("ix_tickets_done_team", "open", "team_id", "updated_at", "id"),
        sa.Index("ix_tickets_done_assignee", "open", "assignee_id", "updated_at", "id"),
        sa.Index("ix_tickets_requester", "requester_id", "id"),
        sa.Index("ix_tickets_close_at", "close_at"),
        sa.Index("ix_tickets_spam_at", "spam_at"),
        sa.Index("ix_tickets_trashed_at", "trashed_at"),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    number: Mapped[int] = mapped_column(unique=True)
    subject: Mapped[str] = mapped_column(sa.String(300))
    state: Mapped[str] = mapped_column(sa.String(10))
    priority: Mapped[int]
    channel: Mapped[str] = mapped_column(sa.String(10))
    mailbox_id: Mapped[int | None] = mapped_column(sa.ForeignKey("mailboxes.id"), index=True)
    team_id: Mapped[int | None] = mapped_column(sa.ForeignKey("teams.id"))
    assignee_id: Mapped[int | None] = mapped_column(sa.ForeignKey("agents.id"))
    requester_id: Mapped[int] = mapped_column(sa.ForeignKey("contacts.id"))
    follow_up_of: Mapped[int | None] = mapped_column(sa.ForeignKey("tickets.id"), index=True)
    opened_at: Mapped[datetime]
    updated_at: Mapped[datetime]
    queue_at: Mapped[datetime]
    waiting_since: Mapped[datetime | None]
    open: Mapped[bool]
    solved_at: Mapped[datetime | None]
    closed_at: Mapped[datetime | None]
    close_at: Mapped[datetime | None]
    resolution_no: Mapped[int]
    message_count: Mapped[int]
    last_seq: Mapped[int]
    last_message_seq: Mapped[int]
    snippet: Mapped[str] = mapped_column(sa.String(200), default="")
    tags: Mapped[list[str]] = mapped_column(default=list, server_default="[]")
    fields: Mapped[Json] = mapped_column(default=dict, server_default="{}")
    merged_into_id: Mapped[int | None] = mapped_column(sa.ForeignKey("tickets.id"), index=True)
    snoozed_until: Mapped[datetime | None] = mapped_column(index=True)
    spam_at: Mapped[datetime | None]
    trashed_at: Mapped[datetime | None]


class TicketEvent(Base):
    """One fact about one ticket, written once, never changed (contracts 1).

    `at` is the true instant in whole seconds, `recorded_at` ours; order is (at, seq) for clocks and seq for
    the reader. `data` is a versioned value with old and new; bodies are referenced, never copied.
    """

    __tablename__ = "ticket_events"
    __table_args__ = (sa.UniqueConstraint("ticket_id", "seq"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    ticket_id: Mapped[int] = mapped_column(sa.ForeignKey("tickets.id", ondelete="CASCADE"))
    seq: Mapped[int]
    at: Mapped[datetime]
    recorded_at: Mapped[datetime]
    kind: Mapped[str] = mapped_column(sa.String(20))
    actor_kind: Mapped[str] = mapped_column(sa.String(10))
    actor_id: Mapped[int | None]
    via: Mapped[str] = mapped_column(sa.String(10))
    cause_id: Mapped[int | None]
    data: Mapped[Json]


class Participant(Base):
    """A contact who takes part in a ticket: the requester or a Cc. Their link and reply address name it."""

    __tablename__ = "participants"
    __table_args__ = (sa.UniqueConstraint("ticket_id", "contact_id"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    ticket_id: Mapped[int] = mapped_column(sa.ForeignKey("tickets.id", ondelete="CASCADE"))
    contact_id: Mapped[int] = mapped_column(sa.ForeignKey("contacts.id"), index=True)
    role: Mapped[str] = mapped_column(sa.String(10))
    link_version: Mapped[int] = mapped_column(default=1)
    link_revoked_at: Mapped[datetime | None]
    added_at: Mapped[datetime]
