"""Tags, links, followers, snooze, spam and trash: what a ticket carries and where it stands aside."""

import re
from collections.abc import Iterable
from datetime import datetime

import sqlalchemy as sa

from helpdesk.core.clock import now, whole
from helpdesk.core.db import command, insert_ignore, session
from helpdesk.core.errors import InvalidError, NotFoundError, RefusedError
from helpdesk.core.events import emit
from helpdesk.people.model import Agent
from helpdesk.people.rights import Right, Viewer
from helpdesk.tickets.actor import Actor
from helpdesk.tickets.commands.changing import change_state, visible
from helpdesk.tickets.events import FieldChanged
from helpdesk.tickets.history import locked, record
from helpdesk.tickets.lifecycle import State
from helpdesk.tickets.model import Follower, Tag, Ticket, TicketLink, TicketTag
from helpdesk.tickets.queries.scope import ticket_id_of

TAG_CHARS = 40
TAGS_EACH = 30
LINK_KINDS = ("related", "duplicate", "child", "incident", "split")
BY_HAND = LINK_KINDS[:4]


def tag_name(text: str) -> str:
    """Return what a tag is called: lower case, one space between words, at most 40 characters.

    Raises:
        InvalidError: nothing is left, or it is too long.
    """
    name = " ".join(re.sub(r"[,#\"]", " ", text).split()).lower()
    if not name:
        raise InvalidError("A tag needs letters.", tag="Write a word.")
    if len(name) > TAG_CHARS:
        raise InvalidError("This tag is too long.", tag=f"At most {TAG_CHARS} characters.")
    return name


def tag_ticket(ticket: Ticket, *, add: Iterable[str] = (), remove: Iterable[str] = (), actor: Actor) -> bool:
    """Give a locked ticket tags and take others off; return whether anything changed.

    Raises:
        InvalidError: not a tag's name, or more than 30 on one ticket.
    """
    has = set(ticket.tags)
    gone = sorted({tag_name(t) for t in remove} & has)
    fresh = sorted({tag_name(t) for t in add} - has)
    if not gone and not fresh:
        return False
    if len(has) + len(fresh) - len(gone) > TAGS_EACH:
        raise InvalidError("A ticket carries thirty tags at most.", tag="Take one off first.")
    for name in fresh:
        insert_ignore(Tag, {"name": name, "made_at": now()})
        insert_ignore(TicketTag, {"ticket_id": ticket.id, "tag": name})
    if gone:
        session().execute(
            sa.delete(TicketTag).where(TicketTag.ticket_id == ticket.id, TicketTag.tag.in_(gone))
        )
    entry = record(ticket, "tags", {"added": fresh, "removed": gone}, actor=actor)
    emit(FieldChanged(ticket_id=ticket.id, event_id=entry.id, field="tags"))
    return True


@command
def change_tags(*, viewer: Viewer, number: int, add: Iterable[str] = (), remove: Iterable[str] = ()) -> None:
    """Give a ticket tags and take others off by hand."""
    ticket = visible(viewer, number, Right.CHANGE)
    tag_ticket(ticket, add=add, remove=remove, actor=Actor.agent(viewer.id))


@command
def link(*, viewer: Viewer, number: int, other: int, kind: str) -> None:
    """Tie two tickets together; `kind` reads from the first to the second. Twice is once.

    Raises:
        NotFoundError: the viewer does not see one of them.
        InvalidError: not a kind, or a ticket with itself, or a child that is the parent's parent.
    """
    if kind not in BY_HAND:
        raise InvalidError("There is no such kind of link.", kind="Choose one of the list.")
    ticket = visible(viewer, number, Right.CHANGE, closed_too=True)
    other_id = ticket_id_of(viewer, other)
    if other_id is None:
        raise InvalidError(f"There is no ticket {other} that you can see.", other="Check the number.")
    if other_id == ticket.id:
        raise InvalidError("A ticket cannot be linked with itself.", other="Choose another ticket.")
    back = sa.exists().where(
        TicketLink.ticket_id == other_id, TicketLink.other_id == ticket.id, TicketLink.kind == kind
    )
    if session().scalar(sa.select(back)):
        if kind == "related":
            return
        raise InvalidError("They are linked the other way round.", kind="Remove that link first.")
    put_link(ticket, locked(other_id, closed_too=True), kind, actor=Actor.agent(viewer.id))


def put_link(ticket: Ticket, other: Ticket, kind: str, *, actor: Actor) -> None:
    """Tie two locked tickets together, told in the logs of both."""
    values = {"ticket_id": ticket.id, "other_id": other.id, "kind": kind, "made_at": now()}
    if insert_ignore(TicketLink, values):
        _told(ticket, other, kind, "linked", actor)


@command
def unlink(*, viewer: Viewer, number: int, link_id: int) -> None:
    """Remove a link of a ticket; the tickets stay."""
    ticket = visible(viewer, number, Right.CHANGE, closed_too=True)
    row = session().scalar(
        sa.select(TicketLink).where(
            TicketLink.id == link_id,
            sa.or_(TicketLink.ticket_id == ticket.id, TicketLink.other_id == ticket.id),
        )
    )
    if row is None:
        raise NotFoundError("There is no such link.")
    ends = (locked(row.ticket_id, closed_too=True), locked(row.other_id, closed_too=True))
    session().delete(row)
    _told(ends[0], ends[1], row.kind, "unlinked", Actor.agent(viewer.id))


def _told(ticket: Ticket, other: Ticket, kind: str, what: str, actor: Actor) -> None:
    for one, two, side in ((ticket, other, "from"), (other, ticket, "to")):
        data = {"other": two.number, "kind": kind, "side": side}
        entry = record(one, what, data, actor=actor)
        emit(FieldChanged(ticket_id=one.id, event_id=entry.id, field="link"))


@command
def follow(*, viewer: Viewer, number: int, on: bool, agent_id: int | None = None) -> None:
    """Let an agent (the viewer without `agent_id`) follow a ticket, or no more."""
    ticket = visible(viewer, number, Right.READ, closed_too=True)
    who = viewer.id if agent_id is None else agent_id
    if who != viewer.id and not session().scalar(sa.select(Agent.active).where(Agent.id == who)):
        raise InvalidError("There is no such active agent.", agent="Choose somebody else.")
    if on:
        changed = insert_ignore(Follower, {"ticket_id": ticket.id, "agent_id": who, "added_at": now()})
    else:
        mine = sa.delete(Follower).where(Follower.ticket_id == ticket.id, Follower.agent_id == who)
        changed = session().execute(mine.returning(Follower.agent_id)).first() is not None
    if changed:
        entry = record(ticket, "follower", {"agent_id": who, "on": on}, actor=Actor.agent(viewer.id))
        emit(FieldChanged(ticket_id=ticket.id, event_id=entry.id, field="follower"))


@command
def snooze(*, viewer: Viewer, number: int, until: datetime | None) -> None:
    """Set a ticket aside until a moment, or bring it back (None). Its clocks go on.

    Raises:
        InvalidError: the moment is not in the future, or over a year away.
        RefusedError: the ticket is resolved.
    """
    ticket = visible(viewer, number, Right.CHANGE)
    if until is not None:
        until = whole(until)
        ahead = (until - now()).total_seconds()
        if ahead <= 0 or ahead > 366 * 86400:
            raise InvalidError("Choose a moment within the next year.", until="Choose a later moment.")
        if State(ticket.state) in {State.SOLVED, State.CLOSED}:
            raise RefusedError("This ticket is resolved; nothing waits there.")
    put_snooze(ticket, until, Actor.agent(viewer.id))


def put_snooze(ticket: Ticket, until: datetime | None, actor: Actor) -> None:
    """Set a locked ticket aside until a moment, or bring it back."""
    if ticket.snoozed_until == until:
        return
    was = ticket.snoozed_until
    data = {"until": until.isoformat() if until else None, "was": was.isoformat() if was else None}
    entry = record(ticket, "snooze", data, actor=actor)
    emit(FieldChanged(ticket_id=ticket.id, event_id=entry.id, field="snooze"))


@command
def wake_snoozed(*, limit: int = 200) -> int:
    """Bring back what was snoozed until now; on hold opens again (L6). Return how many."""
    due = (
        session()
        .scalars(
            sa.select(Ticket.id)
            .where(Ticket.snoozed_until <= now())
            .order_by(Ticket.snoozed_until)
            .limit(limit)
        )
        .all()
    )
    for ticket_id in due:
        ticket = locked(ticket_id, closed_too=True)
        if ticket.snoozed_until is None or ticket.snoozed_until > now():
            continue
        put_snooze(ticket, None, Actor.system())
        if ticket.state == State.ON_HOLD:
            change_state(ticket, State.OPEN, actor=Actor.system())
    return len(due)


@command
def set_trash(*, viewer: Viewer, number: int, on: bool) -> None:
    """Put a ticket in the trash, or take it out as it was (L7)."""
    ticket = visible(viewer, number, Right.CHANGE, closed_too=True)
    if ticket.merged_into_id is not None:
        raise RefusedError("This ticket was merged. Its messages are in the other one.")
    if (ticket.trashed_at is not None) != on:
        entry = record(ticket, "trash", {"on": on}, actor=Actor.agent(viewer.id))
        emit(FieldChanged(ticket_id=ticket.id, event_id=entry.id, field="trash"))


def put_spam(ticket: Ticket, *, on: bool, why: str, actor: Actor) -> None:
    """Mark a locked ticket as spam, or as none; its state stays for its return (L7)."""
    if (ticket.spam_at is not None) != on:
        entry = record(ticket, "spam", {"on": on, "why": why[:300]}, actor=actor)
        emit(FieldChanged(ticket_id=ticket.id, event_id=entry.id, field="spam"))
