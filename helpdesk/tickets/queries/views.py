"""The lists a viewer keeps, and what each shows."""

from dataclasses import dataclass
from typing import Any, cast

import sqlalchemy as sa

from helpdesk.core.db import session
from helpdesk.people.rights import Viewer
from helpdesk.tickets import condition
from helpdesk.tickets.model import SavedView
from helpdesk.tickets.queries.canned import may_share
from helpdesk.tickets.queries.queue import QueueFilter, StateFilter

SHOWN = 15
"""So many views stand in the sidebar."""


@dataclass(frozen=True, slots=True)
class ViewLine:
    """A kept list; `may_delete` is whether this viewer may forget it."""

    id: int
    name: str
    shared: bool
    args: dict[str, Any]
    may_delete: bool

    @property
    def filter(self) -> QueueFilter:
        """What it shows."""
        state = cast("StateFilter", self.args.get("state", "open"))
        more = condition.read_all(self.args.get("f", []))
        return QueueFilter(self.args.get("view", "mine"), state, self.args.get("tag", ""), more, self.id)


def views_of(viewer: Viewer) -> list[ViewLine]:
    """Return the viewer's own views and everyone's, by name."""
    rows = session().execute(
        sa.select(SavedView.id, SavedView.name, SavedView.shared, SavedView.args, SavedView.owner_id)
        .where(sa.or_(SavedView.owner_id == viewer.id, SavedView.shared))
        .order_by(sa.func.lower(SavedView.name), SavedView.id)
        .limit(SHOWN)
    )
    shares = may_share(viewer)
    return [
        ViewLine(row[0], row[1], row[2], row[3], row[4] == viewer.id or (row[2] and shares)) for row in rows
    ]
