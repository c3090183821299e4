"""The queue: one statement a page, keyset paging on one indexed column."""

from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any, Literal

import sqlalchemy as sa

from helpdesk.core.db import session
from helpdesk.core.tables import UtcDateTime
from helpdesk.people.model import Agent, Contact, ContactAddress
from helpdesk.people.rights import Viewer
from helpdesk.tickets import condition
from helpdesk.tickets.condition import Condition
from helpdesk.tickets.fold import PAUSED_AT
from helpdesk.tickets.lifecycle import PAUSED
from helpdesk.tickets.model import Draft, Message, Ticket, TicketEvent, TicketRead, TicketTag
from helpdesk.tickets.queries.scope import visible_tickets

PAGE = 50
COUNT_CAP = 1000
LONG_WAIT = timedelta(days=1)
LAST_MICROS = 253_402_300_799_000_000
"""The end of the year 9999, in microseconds since 1970."""

StateFilter = Literal["open", "waiting", "solved", "snoozed", "spam", "trash"]
NEWEST_FIRST = frozenset({"solved", "spam", "trash"})


@dataclass(frozen=True, slots=True)
class Cursor:
    """A place in the list: the sort instant and id of a row; `back` reads towards the start."""

    at: datetime
    id: int
    back: bool = False

    def __str__(self) -> str:
        return f"{'b' if self.back else 'a'}{round(self.at.timestamp() * 1_000_000)}-{self.id}"

    @classmethod
    def read(cls, text: str) -> "Cursor | None":
        """Return the cursor a URL carries, or None when it is none."""
        side, _, rest = text[:1], "", text[1:]
        micros, dash, row = rest.partition("-")
        if side not in ("a", "b") or not dash or not micros.isdecimal() or not row.isdecimal():
            return None
        if len(micros) > 18 or int(micros) > LAST_MICROS or len(row) > 9:
            return None
        at = datetime(1970, 1, 1, tzinfo=UTC) + timedelta(microseconds=int(micros))
        return cls(at, int(row), side == "b")


@dataclass(frozen=True, slots=True)
class QueueFilter:
    """Which tickets: `view` is mine, unassigned, all or team-<id>; `tag` and `more` narrow it.

    `saved` is the saved view this was opened as, 0 if it was none; it changes nothing in what is found.
    """

    view: str = "mine"
    state: StateFilter = "open"
    tag: str = ""
    more: tuple[Condition, ...] = ()
    saved: int = 0

    @property
    def team_id(self) -> int | None:
        """The team of a team view."""
        tail = self.view.removeprefix("team-")
        return int(tail) if tail != self.view and tail.isdecimal() and len(tail) < 10 else None


@dataclass(frozen=True, slots=True)
class QueueLine:
    """One row as the database gives it."""

    id: int
    number: int
    subject: str
    snippet: str
    state: str
    priority: int
    queue_at: datetime
    waiting_since: datetime | None
    updated_at: datetime
    assignee_id: int | None
    assignee_name: str | None
    contact_id: int
    contact_name: str
    contact_email: str | None
    draft: str | None
    unread: bool
    held: bool
    tags: list[str]
    snoozed_until: datetime | None


@dataclass(frozen=True, slots=True)
class QueueSlice:
    """One page of rows in shown order, with the cursors of its neighbours."""

    rows: tuple[QueueLine, ...]
    after: Cursor | None
    before: Cursor | None


def queue(viewer: Viewer, wanted: QueueFilter, cursor: Cursor | None = None, size: int = PAGE) -> QueueSlice:
    """Return a page of the queue: earliest first, paused last; solved ones newest first."""
    query = _columns(_filtered(viewer, wanted), viewer)
    newest_first = wanted.state in NEWEST_FIRST
    key = Ticket.updated_at if newest_first else Ticket.queue_at
    back = cursor is not None and cursor.back
    descending = newest_first != back
    if cursor is not None:
        here = sa.tuple_(key, Ticket.id)
        there = sa.tuple_(sa.literal(cursor.at, UtcDateTime), sa.literal(cursor.id))
        query = query.where(here < there if descending else here > there)
    order = (key.desc(), Ticket.id.desc()) if descending else (key, Ticket.id)
    rows = [QueueLine(*tuple(row)) for row in session().execute(query.order_by(*order).limit(size + 1))]
    more, rows = len(rows) > size, rows[:size]
    if back:
        rows.reverse()
    return _slice(rows, more, cursor, newest_first=newest_first)


def _slice(rows: list[QueueLine], more: bool, cursor: Cursor | None, *, newest_first: bool) -> QueueSlice:
    if not rows:
        return QueueSlice((), None, None)

    def place(row: QueueLine, *, back: bool) -> Cursor:
        return Cursor(row.updated_at if newest_first else row.queue_at, row.id, back)

    back = cursor is not None and cursor.back
    after = place(rows[-1], back=False) if (more or back) else None
    before = place(rows[0], back=True) if (more if back else cursor is not None) else None
    return QueueSlice(tuple(rows), after, before)


def _filtered(viewer: Viewer, wanted: QueueFilter) -> sa.Select[Ticket]:
    query = visible_tickets(viewer).where(*_standing(wanted.state), *condition.sql(wanted.more, viewer.id))
    if wanted.tag:
        query = query.join(TicketTag, TicketTag.ticket_id == Ticket.id).where(TicketTag.tag == wanted.tag)
    if wanted.state == "waiting":
        # Paused tickets stand at one place of the index: found there, not by looking at every open one.
        query = query.where(Ticket.queue_at >= PAUSED_AT, Ticket.state.in_(sorted(PAUSED)))
    if wanted.view == "mine":
        return query.where(Ticket.assignee_id == viewer.id)
    if wanted.view == "unassigned":
        return query.where(Ticket.assignee_id.is_(None))
    if wanted.team_id is not None:
        return query.where(Ticket.team_id == wanted.team_id)
    return query


def _standing(state: StateFilter) -> tuple[Any, ...]:
    if state == "spam":
        return Ticket.spam_at.is_not(None), Ticket.trashed_at.is_(None)
    if state == "trash":
        return (Ticket.trashed_at.is_not(None),)
    if state == "snoozed":
        return Ticket.open, Ticket.snoozed_until.is_not(None)
    if state == "solved":
        aside = (Ticket.spam_at.is_(None), Ticket.trashed_at.is_(None), Ticket.merged_into_id.is_(None))
        return ~Ticket.open, *aside
    return Ticket.open, Ticket.snoozed_until.is_(None)


def _columns(query: sa.Select[Ticket], viewer: Viewer) -> sa.Select[*tuple[Any, ...]]:
    address = (
        sa.select(sa.func.min(ContactAddress.email))
        .where(ContactAddress.contact_id == Ticket.requester_id)
        .scalar_subquery()
    )
    held = sa.exists().where(Message.ticket_id == Ticket.id, Message.held_due_at.is_not(None))
    return (
        query.join(Contact, Contact.id == Ticket.requester_id)
        .outerjoin(Agent, Agent.id == Ticket.assignee_id)
        .outerjoin(
            Draft,
            sa.and_(Draft.ticket_id == Ticket.id, Draft.agent_id == viewer.id, Draft.kind == "reply"),
        )
        .outerjoin(TicketRead, sa.and_(TicketRead.ticket_id == Ticket.id, TicketRead.agent_id == viewer.id))
        .with_only_columns(
            Ticket.id,
            Ticket.number,
            Ticket.subject,
            Ticket.snippet,
            Ticket.state,
            Ticket.priority,
            Ticket.queue_at,
            Ticket.waiting_since,
            Ticket.updated_at,
            Ticket.assignee_id,
            Agent.name,
            Contact.id,
            Contact.name,
            sa.case((Contact.name == "", address)),
            sa.func.substr(Draft.body, 1, 140),
            Ticket.last_message_seq > sa.func.coalesce(TicketRead.last_seq, 0),
            held,
            Ticket.tags,
            Ticket.snoozed_until,
        )
    )


@dataclass(frozen=True, slots=True)
class Counts:
    """How many open tickets each view holds, counted up to a cap; those snoozed apart."""

    mine: int
    unassigned: int
    all: int
    by_team: dict[int, int]
    mine_long: int
    unassigned_long: int
    snoozed: int
    by_view: dict[int, int]


def counts(
    viewer: Viewer,
    team_ids: tuple[int, ...],
    moment: datetime,
    kept: tuple[QueueFilter, ...] = (),
) -> Counts:
    """Return the counts of the sidebar in one statement; each stops at the cap whatever the desk holds."""

    def capped(query: sa.Select[Ticket]) -> sa.ScalarSelect[int]:
        inner = query.where(Ticket.open).with_only_columns(Ticket.id).limit(COUNT_CAP).subquery()
        return sa.select(sa.func.count()).select_from(inner).scalar_subquery()

    def listed(query: sa.Select[Ticket]) -> sa.ScalarSelect[int]:
        inner = query.with_only_columns(Ticket.id).limit(COUNT_CAP).subquery()
        return sa.select(sa.func.count()).select_from(inner).scalar_subquery()

    everything = visible_tickets(viewer)
    seen = everything.where(Ticket.snoozed_until.is_(None))
    snoozed = everything.where(Ticket.snoozed_until.is_not(None), Ticket.assignee_id == viewer.id)
    mine = seen.where(Ticket.assignee_id == viewer.id)
    unassigned = seen.where(Ticket.assignee_id.is_(None))
    long_ago = Ticket.queue_at < moment - LONG_WAIT
    row = (
        session()
        .execute(
            sa.select(
                capped(mine),
                capped(unassigned),
                capped(seen),
                capped(mine.where(long_ago)),
                capped(unassigned.where(long_ago)),
                capped(snoozed),
                *(capped(seen.where(Ticket.team_id == team_id)) for team_id in team_ids),
                *(listed(_filtered(viewer, wanted)) for wanted in kept),
            )
        )
        .one()
    )
    by_team = dict(zip(team_ids, row[6 : 6 + len(team_ids)], strict=True))
    by_view = {wanted.saved: count for wanted, count in zip(kept, row[6 + len(team_ids) :], strict=True)}
    return Counts(row[0], row[1], row[2], by_team, row[3], row[4], row[5], by_view)


def ids_of(viewer: Viewer, wanted: QueueFilter, limit: int) -> list[int]:
    """Return the tickets a list holds, up to `limit`."""
    return list(session().scalars(_filtered(viewer, wanted).with_only_columns(Ticket.id).limit(limit)))


def count_of(viewer: Viewer, wanted: QueueFilter, moment: datetime) -> tuple[int, int]:
    """Return how many tickets a list holds and how many of them wait for over a day, up to the cap."""
    base = _filtered(viewer, wanted)

    def capped(query: sa.Select[Ticket]) -> sa.ScalarSelect[int]:
        inner = query.with_only_columns(Ticket.id).limit(COUNT_CAP).subquery()
        return sa.select(sa.func.count()).select_from(inner).scalar_subquery()

    long_ago = base.where(Ticket.queue_at < moment - LONG_WAIT)
    row = session().execute(sa.select(capped(base), capped(long_ago))).one()
    return row[0], row[1]


STAMPED = 100
"""How many events a transaction may be overtaken by and still be noticed."""


def stamp() -> int:
    """Return a number that grows with every event of the whole desk: lists are refetched when it moves.

    The sum of the newest ids, not the newest alone: on PostgreSQL a later id may be committed first. It says
    only that something happened somewhere; what is shown then goes through the viewer's rights.
    """
    newest = sa.select(TicketEvent.id).order_by(TicketEvent.id.desc()).limit(STAMPED).subquery()
    return int(session().scalar(sa.select(sa.func.sum(newest.c.id))) or 0)
