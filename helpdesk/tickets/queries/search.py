"""Searching tickets: what the index finds, narrowed by chips, through the viewer (ui 6.3)."""

from dataclasses import dataclass
from datetime import UTC, datetime, time
from typing import Any

import sqlalchemy as sa

from helpdesk.core.clock import now
from helpdesk.core.db import session
from helpdesk.people.model import Agent, Contact, ContactAddress, Team
from helpdesk.people.rights import Viewer
from helpdesk.tickets.lifecycle import PAUSED, State
from helpdesk.tickets.model import Attachment, Message, Participant, Ticket, TicketTag
from helpdesk.tickets.queries.queue import LONG_WAIT
from helpdesk.tickets.queries.scope import visible_tickets
from helpdesk.tickets.searching import Search, best_line, day_of

PAGE = 25
COUNT_CAP = 1000
LINES_FROM = 12
"""Of each ticket found, so many newest messages are looked through for the line to show."""


@dataclass(frozen=True, slots=True)
class Hit:
    """A ticket found; `line` is the line of it that says most of what was asked for."""

    number: int
    subject: str
    state: str
    updated_at: datetime
    customer: str
    tags: list[str]
    line: str
    exact: bool


@dataclass(frozen=True, slots=True)
class Hits:
    """A page of hits, newest first; `before` is where the next page begins."""

    hits: tuple[Hit, ...]
    total: int
    before: tuple[datetime, int] | None


def search(viewer: Viewer, wanted: Search, before: tuple[datetime, int] | None = None) -> Hits:
    """Return the tickets found that the viewer may see; a ticket named by its number comes first."""
    if wanted.empty:
        return Hits((), 0, None)
    query = _narrowed(viewer, wanted)
    total = _count(query)
    page = query
    if before is not None:
        here = sa.tuple_(Ticket.updated_at, Ticket.id)
        page = page.where(
            here < sa.tuple_(sa.literal(before[0], Ticket.updated_at.type), sa.literal(before[1]))
        )
    rows = (
        session()
        .execute(
            page.join(Contact, Contact.id == Ticket.requester_id)
            .with_only_columns(
                Ticket.id,
                Ticket.number,
                Ticket.subject,
                Ticket.state,
                Ticket.updated_at,
                Contact.name,
                Ticket.tags,
                Ticket.snippet,
            )
            .order_by(Ticket.updated_at.desc(), Ticket.id.desc())
            .limit(PAGE + 1)
        )
        .all()
    )
    more, rows = len(rows) > PAGE, rows[:PAGE]
    lines = _lines([row.id for row in rows], wanted)
    hits = [
        Hit(
            row.number,
            row.subject,
            row.state,
            row.updated_at,
            row.name,
            row.tags,
            lines.get(row.id) or row.snippet,
            False,
        )
        for row in rows
        if before is not None or row.number != wanted.number
    ]
    if wanted.number is not None and before is None:
        hits = [*_exact(viewer, wanted.number), *hits]
    return Hits(tuple(hits), total, (rows[-1].updated_at, rows[-1].id) if more else None)


def _exact(viewer: Viewer, number: int) -> list[Hit]:
    rows = session().execute(
        visible_tickets(viewer)
        .join(Contact, Contact.id == Ticket.requester_id)
        .where(Ticket.number == number)
        .with_only_columns(
            Ticket.number,
            Ticket.subject,
            Ticket.state,
            Ticket.updated_at,
            Contact.name,
            Ticket.tags,
            Ticket.snippet,
        )
    )
    return [Hit(*row, True) for row in rows]


def _count(query: sa.Select[Any]) -> int:
    inner = query.with_only_columns(Ticket.id).limit(COUNT_CAP).subquery()
    return session().scalar(sa.select(sa.func.count()).select_from(inner)) or 0


def _narrowed(viewer: Viewer, wanted: Search) -> sa.Select[Any]:
    query = visible_tickets(viewer)
    if (ids := _matching(wanted)) is not None:
        query = query.where(Ticket.id.in_(ids))
    for name, value in wanted.chips:
        query = query.where(_chip(viewer, name, value))
    named = set(wanted.chip("is"))
    if "trash" not in named:
        query = query.where(Ticket.trashed_at.is_(None))
    if "spam" not in named:
        query = query.where(Ticket.spam_at.is_(None))
    return query.where(Ticket.merged_into_id.is_(None))


def _matching(wanted: Search) -> Any:
    """Return the ids the index finds, as a select; None when no words were asked for."""
    if not wanted.terms and not wanted.phrases:
        return None
    if session().get_bind().dialect.name == "sqlite":
        parts = [f'"{t}"' for t in wanted.terms[:-1]] + [f'"{t}"*' for t in wanted.terms[-1:]]
        parts += [f'"{p}"' for p in wanted.phrases]
        words = " AND ".join(parts) + "".join(f' NOT "{w}"' for w in wanted.without)
        return sa.text("SELECT rowid FROM ticket_index WHERE ticket_index MATCH :words").bindparams(
            words=words
        )
    parts = [f"'{t}'" for t in wanted.terms[:-1]] + [f"'{t}':*" for t in wanted.terms[-1:]]
    parts += ["(" + " <-> ".join(f"'{w}'" for w in p.split(" ")) + ")" for p in wanted.phrases]
    parts += [f"!'{w}'" for w in wanted.without]
    query = "SELECT ticket_id FROM ticket_index WHERE words @@ to_tsquery('simple', :words)"
    return sa.text(query).bindparams(words=" & ".join(parts))


def _chip(viewer: Viewer, name: str, value: str) -> sa.ColumnElement[bool]:
    flat = value.lower()
    if name == "is":
        return _is(viewer, flat)
    if name == "tag":
        return sa.exists().where(TicketTag.ticket_id == Ticket.id, TicketTag.tag == flat)
    if name in {"before", "after"}:
        moment = datetime.combine(day_of(value) or now().date(), time(), UTC)
        return Ticket.opened_at < moment if name == "before" else Ticket.opened_at >= moment
    if name == "subject":
        return sa.func.lower(Ticket.subject).contains(flat, autoescape=True)
    if name == "has":
        return sa.exists().where(Attachment.ticket_id == Ticket.id)
    if name == "number":
        return Ticket.number == (
            int(flat.lstrip("#")) if flat.lstrip("#").isdecimal() and len(flat) < 10 else -1
        )
    if name == "team":
        return Ticket.team_id.in_(
            sa.select(Team.id).where(sa.func.lower(Team.name).contains(flat, autoescape=True))
        )
    if name == "assignee":
        if flat == "me":
            return Ticket.assignee_id == viewer.id
        named = sa.func.lower(Agent.name).contains(flat, autoescape=True)
        return Ticket.assignee_id.in_(sa.select(Agent.id).where(named))
    wrote = sa.or_(
        sa.func.lower(Contact.name).contains(flat, autoescape=True),
        ContactAddress.key.contains(flat, autoescape=True),
    )
    return sa.exists(
        sa.select(Participant.id)
        .join(Contact, Contact.id == Participant.contact_id)
        .outerjoin(ContactAddress, ContactAddress.contact_id == Contact.id)
        .where(Participant.ticket_id == Ticket.id, wrote)
    )


def _is(viewer: Viewer, word: str) -> sa.ColumnElement[bool]:
    states = {
        "new": State.NEW,
        "pending": State.PENDING,
        "hold": State.ON_HOLD,
        "solved": State.SOLVED,
        "resolved": State.SOLVED,
        "closed": State.CLOSED,
    }
    if word in states:
        return Ticket.state == states[word]
    table: dict[str, Any] = {
        "open": Ticket.state == State.OPEN,
        "waiting": Ticket.state.in_(sorted(PAUSED)),
        "unresolved": Ticket.open,
        "unassigned": Ticket.assignee_id.is_(None),
        "mine": Ticket.assignee_id == viewer.id,
        "snoozed": Ticket.snoozed_until.is_not(None),
        "spam": Ticket.spam_at.is_not(None),
        "trash": Ticket.trashed_at.is_not(None),
        "late": sa.and_(Ticket.open, Ticket.queue_at < now() - LONG_WAIT),
    }
    return sa.and_(table[word])


def _lines(ids: list[int], wanted: Search) -> dict[int, str]:
    if not ids or not (wanted.terms or wanted.phrases):
        return {}
    newest = sa.func.row_number().over(partition_by=Message.ticket_id, order_by=Message.seq.desc())
    inner = (
        sa.select(
            Message.ticket_id, sa.func.substr(Message.new_text, 1, 4000).label("words"), newest.label("n")
        )
        .where(Message.ticket_id.in_(ids))
        .subquery()
    )
    texts: dict[int, list[str]] = {}
    for ticket_id, words in session().execute(
        sa.select(inner.c.ticket_id, inner.c.words).where(inner.c.n <= LINES_FROM).order_by(inner.c.n)
    ):
        texts.setdefault(ticket_id, []).append(words)
    return {ticket_id: best_line(found, wanted) for ticket_id, found in texts.items()}
