"""Replies on their way: pressed, not yet said."""

from datetime import datetime

import sqlalchemy as sa
from sqlalchemy.orm import Mapped, mapped_column

from helpdesk.core.tables import Base, Json


class ScheduledReply(Base):
    """A reply that goes out at `send_at`: in a few seconds (undo) or later. Until then nothing was said.

    Text, files and recipients are frozen as they were when the button was pressed. `state`: waiting, sent,
    undone, stopped (it could not go: `why`, and the text is a draft again).
    """

    __tablename__ = "scheduled_replies"
    __table_args__ = (sa.Index("ix_scheduled_replies_ticket_id_state", "ticket_id", "state"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    ticket_id: Mapped[int] = mapped_column(sa.ForeignKey("tickets.id", ondelete="CASCADE"))
    agent_id: Mapped[int] = mapped_column(sa.ForeignKey("agents.id"), index=True)
    body: Mapped[str] = mapped_column(sa.Text)
    files: Mapped[list[Json]]
    recipients: Mapped[list[Json]]
    acts: Mapped[list[str]] = mapped_column(default=list, server_default="[]")
    """What is done to the ticket when the reply is said, as `Canned.acts`."""
    then_state: Mapped[str | None] = mapped_column(sa.String(10))
    seen_seq: Mapped[int | None]
    later: Mapped[bool]
    made_at: Mapped[datetime]
    send_at: Mapped[datetime]
    state: Mapped[str] = mapped_column(sa.String(10))
    why: Mapped[str] = mapped_column(sa.String(300), default="")
    message_id: Mapped[int | None]
