"""What became of an act on many tickets."""

from dataclasses import dataclass
from datetime import datetime

import sqlalchemy as sa

from helpdesk.core.db import session
from helpdesk.core.tables import Json
from helpdesk.people.rights import Viewer
from helpdesk.tickets.model import BulkAct


@dataclass(frozen=True, slots=True)
class ActLine:
    """An act of the viewer's."""

    id: int
    what: str
    value: str
    made_at: datetime
    state: str
    total: int
    rest: list[int]
    done: list[Json]
    left: list[Json]


def act_of(viewer: Viewer, act_id: int) -> ActLine | None:
    """Return an act, if it is the viewer's own."""
    row = (
        session()
        .execute(
            sa.select(
                BulkAct.id,
                BulkAct.what,
                BulkAct.value,
                BulkAct.made_at,
                BulkAct.state,
                BulkAct.total,
                BulkAct.rest,
                BulkAct.done,
                BulkAct.left,
            ).where(BulkAct.id == act_id, BulkAct.agent_id == viewer.id)
        )
        .one_or_none()
    )
    return None if row is None else ActLine(*row)
