"""Acts on many tickets at once."""

from datetime import datetime

import sqlalchemy as sa
from sqlalchemy.orm import Mapped, mapped_column

from helpdesk.core.tables import Base, Json


class BulkAct(Base):
    """One act on many tickets: what waits, what was done (with what was before), what was left out and why.

    `state`: running, done, undone. `rest` are ticket ids still to do; `done` [{id, number, before}];
    `left` [{number, why}].
    """

    __tablename__ = "bulk_acts"

    id: Mapped[int] = mapped_column(primary_key=True)
    agent_id: Mapped[int] = mapped_column(sa.ForeignKey("agents.id"), index=True)
    what: Mapped[str] = mapped_column(sa.String(12))
    value: Mapped[str] = mapped_column(sa.String(200))
    made_at: Mapped[datetime]
    state: Mapped[str] = mapped_column(sa.String(10))
    total: Mapped[int]
    rest: Mapped[list[int]]
    done: Mapped[list[Json]]
    left: Mapped[list[Json]]
