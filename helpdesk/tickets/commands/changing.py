"""State, assignee, team, priority and subject change here."""

from datetime import datetime
from typing import Any

import sqlalchemy as sa

from helpdesk.core.clock import now
from helpdesk.core.db import command, session
from helpdesk.core.errors import ForbiddenError, InvalidError, NotFoundError, RefusedError
from helpdesk.core.events import emit
from helpdesk.people.model import Agent, Team
from helpdesk.people.rights import Right, Viewer
from helpdesk.tickets.actor import Actor
from helpdesk.tickets.events import FieldChanged, StateChanged
from helpdesk.tickets.history import locked, record
from helpdesk.tickets.lifecycle import UNSOLVED, Priority, State, after_agent_touch, may_move
from helpdesk.tickets.model import Message, Ticket
from helpdesk.tickets.queries.fields import missing_to_solve
from helpdesk.tickets.queries.scope import ticket_id_of, visible_tickets
from helpdesk.tickets.queries.ticket import opened_by_thanks


def visible(viewer: Viewer, number: int, right: Right, *, closed_too: bool = False) -> Ticket:
    """Return the ticket `number`, locked, if the viewer sees it and has `right`.

    Raises:
        NotFoundError: there is none the viewer may see.
        ForbiddenError: the viewer's role may not do this.
        RefusedError: it is closed.
    """
    ticket_id = ticket_id_of(viewer, number)
    if ticket_id is None:
        raise NotFoundError("There is no such ticket.")
    if not viewer.may(right):
        raise ForbiddenError(f"Your role cannot {right.value}.")
    return locked(ticket_id, closed_too=closed_too)


def change_state(
    ticket: Ticket, new: State, *, actor: Actor, at: datetime | None = None, by_hand: bool = False
) -> None:
    """Move a locked ticket to `new` if it is not there; solving takes an assignee along (L3).

    Raises:
        RefusedError: `by_hand` and there is no such way.
        InvalidError: `by_hand`, and a field that resolving needs is empty (L3).
    """
    old = State(ticket.state)
    if new is old:
        return
    if by_hand and not may_move(old, new):
        raise RefusedError(f"A ticket cannot go from {old.value} to {new.value}.")
    if by_hand and new is State.SOLVED:
        stop_if_missing(ticket)
    if new is State.SOLVED and ticket.assignee_id is None and actor.kind == "agent":
        change_field(ticket, "assignee_id", actor.id, actor=actor, at=at)
    entry = record(ticket, "status", {"from": old, "to": new}, actor=actor, at=at)
    emit(StateChanged(ticket_id=ticket.id, event_id=entry.id, old=old, new=new))


def stop_if_missing(ticket: Ticket) -> None:
    """Raise InvalidError naming the fields that must be filled in before a ticket is resolved (L3)."""
    if missing := missing_to_solve(ticket):
        words = f"Fill in before resolving: {', '.join(missing)}."
        raise InvalidError(words, state=words)


def change_field(ticket: Ticket, field: str, value: Any, *, actor: Actor, at: datetime | None = None) -> None:
    """Set a field of a locked ticket, with its event, if the value is another."""
    old = getattr(ticket, field)
    if old == value:
        return
    entry = record(ticket, "set", {"field": field, "from": old, "to": value}, actor=actor, at=at)
    emit(FieldChanged(ticket_id=ticket.id, event_id=entry.id, field=field))


@command
def set_state(*, viewer: Viewer, number: int, state: State, actor: Actor | None = None) -> None:
    """Set the state by hand."""
    ticket = visible(viewer, number, Right.CHANGE)
    change_state(ticket, state, actor=actor or Actor.agent(viewer.id), by_hand=True)


@command
def keep_solved(*, viewer: Viewer, number: int) -> None:
    """Solve again what only a thank-you had opened: no new resolution, so no second survey (contracts 24).

    Raises:
        RefusedError: the last thing said is something else.
    """
    ticket = visible(viewer, number, Right.CHANGE)
    if not opened_by_thanks(ticket):
        raise RefusedError("The customer said more than thank you. Read it, then resolve.")
    actor = Actor.agent(viewer.id)
    entry = record(ticket, "status", {"from": ticket.state, "to": State.SOLVED, "kept": True}, actor=actor)
    emit(StateChanged(ticket_id=ticket.id, event_id=entry.id, old=State.OPEN, new=State.SOLVED))


@command
def set_priority(*, viewer: Viewer, number: int, priority: int, actor: Actor | None = None) -> None:
    """Set the priority, 1 (low) to 4 (urgent)."""
    if priority not in Priority.ALL:
        raise InvalidError("A priority is 1 to 4.", priority="Choose one of the four.")
    ticket = visible(viewer, number, Right.CHANGE)
    change_field(ticket, "priority", priority, actor=actor or Actor.agent(viewer.id))


@command
def set_subject(*, viewer: Viewer, number: int, subject: str) -> None:
    """Give the ticket another subject."""
    subject = " ".join(subject.split())[:300]
    if not subject:
        raise InvalidError("A subject needs words.", subject="Write a few words.")
    ticket = visible(viewer, number, Right.CHANGE)
    change_field(ticket, "subject", subject, actor=Actor.agent(viewer.id))


@command
def assign(*, viewer: Viewer, number: int, agent_id: int | None, actor: Actor | None = None) -> None:
    """Give the ticket to an active agent, or to nobody; taking a new ticket opens it (L1)."""
    ticket = visible(viewer, number, Right.CHANGE)
    if agent_id is not None:
        active = session().scalar(sa.select(Agent.active).where(Agent.id == agent_id))
        if not active:
            raise InvalidError("There is no such active agent.", assignee="Choose somebody else.")
    actor = actor or Actor.agent(viewer.id)
    change_field(ticket, "assignee_id", agent_id, actor=actor)
    if agent_id is not None:
        change_state(ticket, after_agent_touch(State(ticket.state)), actor=Actor.system(actor.via))


@command
def move(*, viewer: Viewer, number: int, team_id: int | None, actor: Actor | None = None) -> None:
    """Give the ticket to another team; the assignee stays."""
    ticket = visible(viewer, number, Right.CHANGE)
    if team_id is not None and session().get(Team, team_id) is None:
        raise InvalidError("There is no such team.", team="Choose another team.")
    change_field(ticket, "team_id", team_id, actor=actor or Actor.agent(viewer.id))


@command
def take_next(*, viewer: Viewer) -> int | None:
    """Take what is due first of the viewer's own and the unassigned tickets; return its number or None."""
    if not viewer.may(Right.CHANGE):
        raise ForbiddenError(f"Your role cannot {Right.CHANGE.value}.")
    ticket = session().scalar(
        visible_tickets(viewer)
        .where(
            Ticket.open,
            Ticket.snoozed_until.is_(None),
            Ticket.state.in_((State.NEW, State.OPEN)),
            Ticket.waiting_since.is_not(None),
            sa.or_(Ticket.assignee_id.is_(None), Ticket.assignee_id == viewer.id),
        )
        .order_by(Ticket.queue_at, Ticket.id)
        .limit(1)
        .with_for_update(skip_locked=True)
    )
    if ticket is None:
        return None
    assign(viewer=viewer, number=ticket.number, agent_id=viewer.id)
    return ticket.number


@command
def settle(*, ticket_id: int, actor: Actor) -> None:
    """The customer says it is sorted: an unsolved ticket becomes solved."""
    ticket = locked(ticket_id)
    if State(ticket.state) in UNSOLVED:
        change_state(ticket, State.SOLVED, actor=actor)


@command
def close_settled(*, limit: int = 200) -> int:
    """Close what was solved long enough ago (L4), unless a held message waits there; return how many.

    Customers do answer from a second address: what is held is looked at first (contracts 22).
    """
    held = sa.exists().where(Message.ticket_id == Ticket.id, Message.held_due_at.is_not(None))
    due = (
        session()
        .scalars(
            sa.select(Ticket.id).where(Ticket.close_at <= now(), ~held).order_by(Ticket.close_at).limit(limit)
        )
        .all()
    )
    closed = 0
    for ticket_id in due:
        ticket = locked(ticket_id, closed_too=True)
        if ticket.state == State.SOLVED and ticket.close_at is not None and ticket.close_at <= now():
            change_state(ticket, State.CLOSED, actor=Actor.system())
            closed += 1
    return closed
