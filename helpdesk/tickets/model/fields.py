"""Fields a desk adds to its tickets."""

from datetime import datetime

import sqlalchemy as sa
from sqlalchemy.orm import Mapped, mapped_column

from helpdesk.core.tables import Base


class CustomField(Base):
    """A field of the desk's own: what it is called, what it takes, and when it must be filled in.

    `kind`: text, number, date, choice or check. `required`: must be filled in before a ticket is resolved.
    `team_id`: only on tickets of this team; None: on all. Its `key` is fixed for ever.
    """

    __tablename__ = "custom_fields"

    id: Mapped[int] = mapped_column(primary_key=True)
    key: Mapped[str] = mapped_column(sa.String(40), unique=True)
    label: Mapped[str] = mapped_column(sa.String(80))
    kind: Mapped[str] = mapped_column(sa.String(10))
    options: Mapped[list[str]]
    required: Mapped[bool]
    team_id: Mapped[int | None] = mapped_column(sa.ForeignKey("teams.id", ondelete="SET NULL"))
    position: Mapped[int]
    active: Mapped[bool]
    made_at: Mapped[datetime]


class TicketField(Base):
    """The index of `tickets.fields`: which tickets hold which value."""

    __tablename__ = "ticket_fields"
    __table_args__ = (sa.Index("ix_ticket_fields_key_value", "key", "value", "ticket_id"),)

    ticket_id: Mapped[int] = mapped_column(sa.ForeignKey("tickets.id", ondelete="CASCADE"), primary_key=True)
    key: Mapped[str] = mapped_column(sa.String(40), primary_key=True)
    value: Mapped[str] = mapped_column(sa.String(500))
