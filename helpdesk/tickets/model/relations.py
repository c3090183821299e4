"""What ties tickets to words, to each other and to the people of the desk who follow them."""

from datetime import datetime

import sqlalchemy as sa
from sqlalchemy.orm import Mapped, mapped_column

from helpdesk.core.tables import Base


class Tag(Base):
    """A word tickets can carry. Its name is what it is: lower case, no spaces at the ends."""

    __tablename__ = "tags"

    name: Mapped[str] = mapped_column(sa.String(40), primary_key=True)
    made_at: Mapped[datetime]


class TicketTag(Base):
    """The index of `tickets.tags`: which tickets carry a tag."""

    __tablename__ = "ticket_tags"
    __table_args__ = (sa.Index("ix_ticket_tags_tag_ticket_id", "tag", "ticket_id"),)

    ticket_id: Mapped[int] = mapped_column(sa.ForeignKey("tickets.id", ondelete="CASCADE"), primary_key=True)
    tag: Mapped[str] = mapped_column(sa.ForeignKey("tags.name"), primary_key=True)


class TicketLink(Base):
    """Two tickets that have to do with each other (L10); `kind` reads from the first to the second.

    related, duplicate (of), child (of), incident (of a problem), split (from).
    """

    __tablename__ = "ticket_links"
    __table_args__ = (sa.UniqueConstraint("ticket_id", "other_id", "kind"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    ticket_id: Mapped[int] = mapped_column(sa.ForeignKey("tickets.id", ondelete="CASCADE"))
    other_id: Mapped[int] = mapped_column(sa.ForeignKey("tickets.id", ondelete="CASCADE"), index=True)
    kind: Mapped[str] = mapped_column(sa.String(12))
    made_at: Mapped[datetime]


class Follower(Base):
    """An agent who follows a ticket: hears of public and internal messages, unseen by customers (L11)."""

    __tablename__ = "followers"

    ticket_id: Mapped[int] = mapped_column(sa.ForeignKey("tickets.id", ondelete="CASCADE"), primary_key=True)
    agent_id: Mapped[int] = mapped_column(
        sa.ForeignKey("agents.id", ondelete="CASCADE"), primary_key=True, index=True
    )
    added_at: Mapped[datetime]
