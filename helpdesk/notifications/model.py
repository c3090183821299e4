"""Tables: what somebody should hear, and how they want to."""

from datetime import datetime

import sqlalchemy as sa
from sqlalchemy.orm import Mapped, mapped_column

from helpdesk.core.tables import Base


class Notification(Base):
    """One thing about one ticket for one agent, written with its cause; `cause` and kind make it happen once.

    `cause` names what happened: "event:7", "message:9", "reply:3". `mail_at`: when it goes by mail if it is
    still unread then, with what else waits (`digest`: in the mail of the morning); None: not, or no more.
    """

    __tablename__ = "notifications"
    __table_args__ = (
        sa.UniqueConstraint("agent_id", "cause", "kind"),
        sa.Index("ix_notifications_agent_id_read_at", "agent_id", "read_at", "id"),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    agent_id: Mapped[int] = mapped_column(sa.ForeignKey("agents.id", ondelete="CASCADE"))
    ticket_id: Mapped[int] = mapped_column(sa.ForeignKey("tickets.id", ondelete="CASCADE"), index=True)
    message_id: Mapped[int | None] = mapped_column(
        sa.ForeignKey("messages.id", ondelete="CASCADE"), index=True
    )
    kind: Mapped[str] = mapped_column(sa.String(12))
    cause: Mapped[str] = mapped_column(sa.String(40))
    who: Mapped[str] = mapped_column(sa.String(200))
    at: Mapped[datetime]
    read_at: Mapped[datetime | None] = mapped_column(index=True)
    mail_at: Mapped[datetime | None] = mapped_column(index=True)
    digest: Mapped[bool] = mapped_column(default=False)
    mailed_at: Mapped[datetime | None]


class NotificationChoice(Base):
    """How an agent wants to hear of one kind: app, mail (and in the app), or none; no row: as we propose."""

    __tablename__ = "notification_choices"

    agent_id: Mapped[int] = mapped_column(sa.ForeignKey("agents.id", ondelete="CASCADE"), primary_key=True)
    kind: Mapped[str] = mapped_column(sa.String(12), primary_key=True)
    way: Mapped[str] = mapped_column(sa.String(6))
