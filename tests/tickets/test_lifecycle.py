"""States and the ways between them (L1 to L4, L12; contracts 22, 37)."""

from datetime import timedelta

import pytest

from helpdesk.core import clock
from helpdesk.core.clock import now
from helpdesk.core.errors import ForbiddenError, InvalidError, NotFoundError, RefusedError
from helpdesk.people.commands import set_active
from helpdesk.people.rights import Role, Scope
from helpdesk.tickets.actor import Actor
from helpdesk.tickets.commands import changing
from helpdesk.tickets.commands.writing import (
    NewerMessageError,
    accept_sender,
    add_customer_message,
    add_internal_message,
    answer,
)
from helpdesk.tickets.content import Content
from helpdesk.tickets.fold import PAUSED_AT
from helpdesk.tickets.lifecycle import State, after_agent_touch, after_customer_message, may_move, ways_from
from helpdesk.tickets.model import Ticket, TicketEvent
from helpdesk.tickets.queries.replaying import differences
from tests.making import Desk

N, O, P, H, S, C = (  # noqa: E741 - the letters of the table
    State.NEW,
    State.OPEN,
    State.PENDING,
    State.ON_HOLD,
    State.SOLVED,
    State.CLOSED,
)
BY_HAND = {N: {O, P, H, S}, O: {P, H, S}, P: {O, H, S}, H: {O, P, S}, S: {O, P, H, C}, C: set()}
"""The table of section 2 of the behaviour: who sets what by hand."""


@pytest.mark.parametrize("old", State)
def test_the_table_of_ways_by_hand(old: State) -> None:
    assert ways_from(old) == BY_HAND[old]
    for new in State:
        assert may_move(old, new) is (new in BY_HAND[old])
    assert N not in ways_from(old), "nothing returns to new (L1)"


def test_what_a_message_does_to_a_state() -> None:
    assert {s: after_customer_message(s) for s in State} == {N: N, O: O, P: O, H: O, S: O, C: C}
    assert {s: after_agent_touch(s) for s in State} == {N: O, O: O, P: P, H: H, S: S, C: C}


def _bring(desk: Desk, number: int, state: State) -> Ticket:
    if state is C:
        changing.set_state(viewer=desk.admin, number=number, state=S)
    if state is not N:
        changing.set_state(viewer=desk.admin, number=number, state=state)
    return desk.ticket(number)


def _write(desk: Desk, ticket: Ticket, text: str = "Hello?") -> int:
    return add_customer_message(
        ticket_id=ticket.id,
        contact_id=ticket.requester_id,
        author_name="Lena",
        content=Content(text),
        actor=Actor.contact(ticket.requester_id, "web"),
    )


@pytest.mark.parametrize("engine", ["sqlite"], indirect=True)
def test_a_person_moves_a_ticket_only_along_the_table(desk: Desk) -> None:
    for old in State:
        for new in State:
            number = desk.ticket(text=f"{old} {new}").number
            before = _bring(desk, number, old)
            facts = (before.state, before.last_seq)
            if new is old and old is not C:
                changing.set_state(viewer=desk.admin, number=number, state=new)
                assert desk.ticket(number).last_seq == facts[1], "no change is no event"
            elif new in BY_HAND[old]:
                changing.set_state(viewer=desk.admin, number=number, state=new)
                assert desk.ticket(number).state == new
            else:
                with pytest.raises(RefusedError):
                    changing.set_state(viewer=desk.admin, number=number, state=new)
                after = desk.ticket(number)
                assert (after.state, after.last_seq) == facts
    assert differences()[1] == []


@pytest.mark.parametrize("engine", ["sqlite"], indirect=True)
def test_a_customers_message_opens_what_waited_and_keeps_the_assignee(desk: Desk) -> None:
    """L2."""
    for old in (N, O, P, H, S):
        number = desk.ticket(text=f"in {old}").number
        changing.assign(viewer=desk.admin, number=number, agent_id=desk.admin.id)
        changing.set_state(viewer=desk.admin, number=number, state=O)
        ticket = _bring(desk, number, old)
        _write(desk, ticket)
        after = desk.ticket(number)
        assert (after.state, after.assignee_id) == (O, desk.admin.id), old
        assert after.waiting_since is not None
        assert (after.solved_at, after.close_at) == (None, None)


def test_an_assignee_who_has_left_is_cleared_when_the_ticket_opens_again(desk: Desk) -> None:
    """L2: the team stays, nobody's queue swallows the answer."""
    leaver = desk.agent("Ulla Weg")
    number = desk.ticket().number
    changing.assign(viewer=desk.admin, number=number, agent_id=leaver.id)
    ticket = _bring(desk, number, S)
    set_active(agent_id=leaver.id, active=False)
    _write(desk, ticket)
    after = desk.ticket(number)
    assert (after.state, after.assignee_id, after.team_id) == (O, None, desk.orders)
    assert differences()[1] == []


@pytest.mark.parametrize("engine", ["sqlite"], indirect=True)
def test_the_first_answer_or_assignment_opens_a_new_ticket(desk: Desk) -> None:
    """L1; a note does not, and a reply keeps the state unless the button names one."""
    first, second, third = (desk.ticket(text=f"n {n}").number for n in range(3))
    answer(viewer=desk.admin, number=first, kind="note", content=Content("Who knows this?"))
    assert desk.ticket(first).state == N
    answer(viewer=desk.admin, number=first, kind="reply", content=Content("Hello."))
    assert desk.ticket(first).state == O
    changing.assign(viewer=desk.admin, number=second, agent_id=desk.admin.id)
    assert desk.ticket(second).state == O
    answer(viewer=desk.admin, number=third, kind="reply", content=Content("Hello."), then=S)
    assert (desk.ticket(third).state, desk.ticket(third).assignee_id) == (S, desk.admin.id)
    changing.set_state(viewer=desk.admin, number=first, state=H)
    answer(viewer=desk.admin, number=first, kind="reply", content=Content("Still waiting."))
    assert desk.ticket(first).state == H


@pytest.mark.parametrize("engine", ["sqlite"], indirect=True)
def test_solving_names_somebody_and_counts(desk: Desk) -> None:
    """L3: the solver is assigned, the moment is kept, each resolution has a number."""
    number = desk.ticket().number
    start = now().replace(microsecond=0)
    with clock.at(start):
        changing.set_state(viewer=desk.admin, number=number, state=S)
    solved = desk.ticket(number)
    assert (solved.assignee_id, solved.resolution_no, solved.solved_at) == (desk.admin.id, 1, start)
    assert solved.close_at == start + timedelta(days=7)
    assert (solved.queue_at, solved.open) == (PAUSED_AT, False)
    _write(desk, solved)
    changing.set_state(viewer=desk.admin, number=number, state=S)
    assert desk.ticket(number).resolution_no == 2


def test_solved_tickets_close_after_seven_days_and_not_before(desk: Desk) -> None:
    """L4."""
    number = desk.ticket().number
    start = now()
    with clock.at(start):
        changing.set_state(viewer=desk.admin, number=number, state=S)
    for days, closed in ((6.99, 0), (7, 1), (8, 0)):
        with clock.at(start + timedelta(days=days)):
            assert changing.close_settled() == closed, days
    ticket = desk.ticket(number)
    assert (ticket.state, ticket.close_at) == (C, None)
    last = desk.rows(TicketEvent, ticket_id=ticket.id)[-1]
    assert (last.kind, last.actor_kind, last.via) == ("status", "system", "timer")


def test_a_held_message_stops_the_closing_until_somebody_looked(desk: Desk) -> None:
    """Contracts 22: customers do answer from a second address."""
    number = desk.ticket().number
    start = now()
    with clock.at(start):
        changing.set_state(viewer=desk.admin, number=number, state=S)
        ticket = desk.ticket(number)
        held = add_internal_message(
            ticket_id=ticket.id,
            kind="held",
            author_name="Second address",
            content=Content("It is still broken."),
            actor=Actor.contact(ticket.requester_id, "mail"),
        )
    with clock.at(start + timedelta(days=8)):
        assert changing.close_settled() == 0
        assert desk.ticket(number).state == S
        accept_sender(viewer=desk.admin, number=number, message_id=held)
        assert desk.ticket(number).state == O


def test_closed_takes_nothing_from_anybody(desk: Desk) -> None:
    """Contracts 37: no message, no state, no field."""
    number = desk.ticket().number
    ticket = _bring(desk, number, C)
    events = len(desk.rows(TicketEvent, ticket_id=ticket.id))
    row = {c.name: getattr(ticket, c.name) for c in Ticket.__table__.columns}
    viewer, content = desk.admin, Content("One more thing.")
    system = Actor.system()
    for act in (
        lambda: _write(desk, ticket),
        lambda: answer(viewer=viewer, number=number, kind="reply", content=content),
        lambda: answer(viewer=viewer, number=number, kind="note", content=content),
        lambda: add_internal_message(
            ticket_id=ticket.id, kind="held", author_name="x", content=content, actor=system
        ),
        lambda: add_internal_message(
            ticket_id=ticket.id, kind="auto", author_name="x", content=content, actor=system
        ),
        lambda: changing.set_state(viewer=viewer, number=number, state=O),
        lambda: changing.set_priority(viewer=viewer, number=number, priority=4),
        lambda: changing.set_subject(viewer=viewer, number=number, subject="New"),
        lambda: changing.assign(viewer=viewer, number=number, agent_id=None),
        lambda: changing.move(viewer=viewer, number=number, team_id=desk.returns),
        lambda: changing.settle(ticket_id=ticket.id, actor=system),
    ):
        with pytest.raises(RefusedError):
            act()
    after = desk.ticket(number)
    assert {c.name: getattr(after, c.name) for c in Ticket.__table__.columns} == row
    assert len(desk.rows(TicketEvent, ticket_id=ticket.id)) == events


@pytest.mark.parametrize("engine", ["sqlite"], indirect=True)
def test_a_newer_message_stops_a_reply_once_and_a_note_never(desk: Desk) -> None:
    """L12."""
    ticket = desk.ticket()
    seen = ticket.last_seq
    _write(desk, ticket, "Wait, one more thing.")
    with pytest.raises(NewerMessageError, match="1 new message arrived"):
        answer(
            viewer=desk.admin, number=ticket.number, kind="reply", content=Content("Hello."), seen_seq=seen
        )
    assert [m.kind for m in desk.messages(ticket)] == ["customer", "customer"]
    answer(viewer=desk.admin, number=ticket.number, kind="note", content=Content("Hm."), seen_seq=seen)
    now_seen = desk.ticket(ticket.number).last_seq
    answer(
        viewer=desk.admin, number=ticket.number, kind="reply", content=Content("Hello."), seen_seq=now_seen
    )
    assert desk.messages(ticket)[-1].kind == "team"


def test_the_same_form_makes_one_message(desk: Desk) -> None:
    number = desk.ticket().number
    made = {
        answer(viewer=desk.admin, number=number, kind="reply", content=Content("Hello."), form_key="k")
        for _ in range(3)
    }
    assert len(made) == 1
    assert len(desk.outgoing("reply")) == 1
    other = desk.agent("Other Agent")
    answer(viewer=other, number=number, kind="reply", content=Content("Hello too."), form_key="k")
    assert len(desk.outgoing("reply")) == 2, "the key of a form belongs to its writer"


@pytest.mark.parametrize("engine", ["sqlite"], indirect=True)
def test_values_that_make_no_sense_are_refused_in_words(desk: Desk) -> None:
    number = desk.ticket().number
    viewer = desk.admin
    for act in (
        lambda: changing.set_priority(viewer=viewer, number=number, priority=5),
        lambda: changing.set_subject(viewer=viewer, number=number, subject=" \n "),
        lambda: changing.assign(viewer=viewer, number=number, agent_id=999),
        lambda: changing.move(viewer=viewer, number=number, team_id=999),
        lambda: answer(viewer=viewer, number=number, kind="reply", content=Content("  \n ")),
    ):
        with pytest.raises(InvalidError):
            act()
    assert desk.ticket(number).last_seq == 2


@pytest.mark.parametrize("engine", ["sqlite"], indirect=True)
def test_commands_ask_for_the_right_themselves(desk: Desk) -> None:
    """Rights are not a matter of pages: the commands refuse too (T25)."""
    number = desk.ticket().number
    light = desk.agent("Kim Leicht", Role.LIGHT)
    elsewhere = desk.agent("Tom Retour", Role.AGENT, Scope.TEAMS, (desk.returns,))
    with pytest.raises(ForbiddenError):
        answer(viewer=light, number=number, kind="reply", content=Content("Hello."))
    answer(viewer=light, number=number, kind="note", content=Content("A note."))
    for viewer, error in ((light, ForbiddenError), (elsewhere, NotFoundError)):
        for act in (
            lambda v=viewer: changing.set_state(viewer=v, number=number, state=S),
            lambda v=viewer: changing.assign(viewer=v, number=number, agent_id=v.id),
            lambda v=viewer: changing.move(viewer=v, number=number, team_id=None),
            lambda v=viewer: changing.set_priority(viewer=v, number=number, priority=4),
            lambda v=viewer: changing.set_subject(viewer=v, number=number, subject="x"),
            lambda v=viewer: accept_sender(viewer=v, number=number, message_id=1),
        ):
            with pytest.raises(error):
                act()
    assert changing.take_next(viewer=elsewhere) is None
    with pytest.raises(ForbiddenError):
        changing.take_next(viewer=light)
