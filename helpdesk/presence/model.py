"""Who is at which ticket."""

from datetime import datetime

import sqlalchemy as sa
from sqlalchemy.orm import Mapped, mapped_column

from helpdesk.core.tables import Base


class Presence(Base):
    """An agent's page showed this ticket at `at`; `writing`: something was typed there shortly before."""

    __tablename__ = "presences"

    ticket_id: Mapped[int] = mapped_column(sa.ForeignKey("tickets.id", ondelete="CASCADE"), primary_key=True)
    agent_id: Mapped[int] = mapped_column(
        sa.ForeignKey("agents.id", ondelete="CASCADE"), primary_key=True, index=True
    )
    at: Mapped[datetime]
    writing: Mapped[bool]
