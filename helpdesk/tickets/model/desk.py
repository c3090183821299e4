"""What belongs to an agent at a ticket: drafts and how far they have read."""

from datetime import datetime

import sqlalchemy as sa
from sqlalchemy.orm import Mapped, mapped_column

from helpdesk.core.tables import Base, Json


class Draft(Base):
    """What an agent is writing: one per ticket, agent and kind, kept until it is sent or discarded."""

    __tablename__ = "drafts"

    ticket_id: Mapped[int] = mapped_column(sa.ForeignKey("tickets.id", ondelete="CASCADE"), primary_key=True)
    agent_id: Mapped[int] = mapped_column(
        sa.ForeignKey("agents.id", ondelete="CASCADE"), primary_key=True, index=True
    )
    kind: Mapped[str] = mapped_column(sa.String(10), primary_key=True)
    body: Mapped[str] = mapped_column(sa.Text)
    files: Mapped[list[Json]] = mapped_column(default=list, server_default="[]")
    acts: Mapped[list[str]] = mapped_column(default=list, server_default="[]")
    updated_at: Mapped[datetime]


class TicketRead(Base):
    """Up to which event an agent has read a ticket."""

    __tablename__ = "ticket_reads"

    ticket_id: Mapped[int] = mapped_column(sa.ForeignKey("tickets.id", ondelete="CASCADE"), primary_key=True)
    agent_id: Mapped[int] = mapped_column(sa.ForeignKey("agents.id", ondelete="CASCADE"), primary_key=True)
    last_seq: Mapped[int]
