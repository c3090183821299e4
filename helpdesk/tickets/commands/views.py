"""Lists that somebody keeps under a name, for themselves or for everyone."""

from typing import Any

import sqlalchemy as sa

from helpdesk.core.clock import now
from helpdesk.core.db import command, session
from helpdesk.core.errors import ForbiddenError, InvalidError, NotFoundError
from helpdesk.people.rights import Viewer
from helpdesk.tickets.model import SavedView
from helpdesk.tickets.queries.canned import may_share

MOST = 30


@command
def save_view(*, viewer: Viewer, name: str, args: dict[str, Any], shared: bool) -> int:
    """Keep a list under a name; return its id. A list of that name of the same owner is replaced.

    Raises:
        InvalidError: no name, or thirty views of one's own.
        ForbiddenError: shared with everyone by somebody who is neither lead nor administrator.
    """
    name = " ".join(name.split())[:60]
    if not name:
        raise InvalidError("A view needs a name.", name="Write a word or two.")
    if shared and not may_share(viewer):
        raise ForbiddenError("Views for everyone are kept by leads and administrators.")
    own = sa.select(SavedView).where(SavedView.owner_id == viewer.id)
    row = session().scalar(own.where(SavedView.name == name))
    if row is None:
        count = sa.select(sa.func.count()).select_from(own.subquery())
        if (session().scalar(count) or 0) >= MOST:
            raise InvalidError(f"You have {MOST} views. Delete one first.", name="Delete one first.")
        row = SavedView(name=name, owner_id=viewer.id, made_at=now())
        session().add(row)
    row.args, row.shared = {k: v for k, v in args.items() if k != "saved"}, shared
    session().flush()
    return row.id


@command
def delete_view(*, viewer: Viewer, view_id: int) -> None:
    """Forget a view of one's own; leads and administrators forget anybody's that is everyone's.

    Raises:
        NotFoundError: there is none the viewer may forget.
    """
    mine = SavedView.owner_id == viewer.id
    allowed = sa.or_(mine, SavedView.shared) if may_share(viewer) else mine
    gone = session().execute(
        sa.delete(SavedView).where(SavedView.id == view_id, allowed).returning(SavedView.id)
    )
    if gone.first() is None:
        raise NotFoundError("There is no such view of yours.")
