"""Canned replies: texts to insert, with what shall be done when they are sent."""

from datetime import datetime

import sqlalchemy as sa
from sqlalchemy.orm import Mapped, mapped_column

from helpdesk.core.tables import Base


class Canned(Base):
    """A canned reply. `shared`: everyone, team (then `team_id`), mine (`owner_id` alone).

    `acts` are done when a reply with it is said ("priority:4", "tag:late parcel"): what makes it a macro.
    """

    __tablename__ = "canned"

    id: Mapped[int] = mapped_column(primary_key=True)
    name: Mapped[str] = mapped_column(sa.String(80))
    shared: Mapped[str] = mapped_column(sa.String(10))
    team_id: Mapped[int | None] = mapped_column(sa.ForeignKey("teams.id", ondelete="SET NULL"), index=True)
    owner_id: Mapped[int] = mapped_column(sa.ForeignKey("agents.id"), index=True)
    text: Mapped[str] = mapped_column(sa.Text)
    acts: Mapped[list[str]]
    position: Mapped[int] = mapped_column(default=0)
    used: Mapped[int] = mapped_column(default=0)
    last_used_at: Mapped[datetime | None]
