"""Lists somebody keeps."""

from datetime import datetime

import sqlalchemy as sa
from sqlalchemy.orm import Mapped, mapped_column

from helpdesk.core.tables import Base, Json


class SavedView(Base):
    """A list under a name: `args` is the address that shows it. Its owner's, or everyone's (`shared`)."""

    __tablename__ = "saved_views"

    id: Mapped[int] = mapped_column(primary_key=True)
    name: Mapped[str] = mapped_column(sa.String(60))
    owner_id: Mapped[int] = mapped_column(sa.ForeignKey("agents.id", ondelete="CASCADE"), index=True)
    shared: Mapped[bool]
    args: Mapped[Json]
    made_at: Mapped[datetime]
