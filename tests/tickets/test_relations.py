"""Merge and its undoing, split, links, tags, following, snooze and trash (L6 to L11)."""

from datetime import timedelta

import pytest

from helpdesk.core import clock
from helpdesk.core.clock import now
from helpdesk.core.errors import InvalidError, NotFoundError, RefusedError
from helpdesk.people.rights import Role, Scope
from helpdesk.tickets.commands import changing, merging, relating, writing
from helpdesk.tickets.commands.desk import save_draft
from helpdesk.tickets.content import Content
from helpdesk.tickets.lifecycle import State
from helpdesk.tickets.model import Draft, Follower, Participant, Ticket, TicketEvent, TicketTag
from helpdesk.tickets.queries.queue import QueueFilter, counts, queue
from helpdesk.tickets.queries.replaying import differences
from tests.making import Desk, a_mail

PICTURE = ("box.png", "image/png", b"\x89PNG\r\n\x1a\n1")


def _reply(desk: Desk, number: int, text: str = "We look.", then: State | None = None) -> None:
    writing.answer(viewer=desk.admin, number=number, kind="reply", content=Content(text), then=then)


def _merge(desk: Desk, source: int, into: int, **more: bool) -> int:
    return merging.merge(viewer=desk.admin, numbers=[source], into=into, **more)


def _said(desk: Desk, number: int) -> list[str]:
    ticket = desk.ticket(number)
    return [m.new_text.split("\n")[0] for m in sorted(desk.messages(ticket), key=lambda m: (m.at, m.seq))]


def _open_numbers(desk: Desk, state: str = "open", tag: str = "") -> set[int]:
    return {row.number for row in queue(desk.admin, QueueFilter("all", state, tag)).rows}  # type: ignore[arg-type] # the three words below


def _sound() -> None:
    assert differences()[1] == [], "the log says something else than the row"


def test_merging_moves_every_message_with_its_time_and_later_mail_follows(desk: Desk) -> None:
    begin = now() - timedelta(hours=5)
    with clock.at(begin):
        first = desk.ticket(text="First.", files=[PICTURE])
    with clock.at(begin + timedelta(hours=1)):
        second = desk.ticket(text="Second.", Cc="tim@example.de")
        relating.change_tags(viewer=desk.admin, number=second.number, add=["late"])
        relating.follow(viewer=desk.agent("Mara X"), number=second.number, on=True)
        save_draft(viewer=desk.admin, number=first.number, kind="reply", body="Half here.")
        save_draft(viewer=desk.admin, number=second.number, kind="reply", body="Half there.")
    with clock.at(begin + timedelta(hours=2)):
        _reply(desk, first.number, "Answer to the first.", State.PENDING)
        save_draft(viewer=desk.admin, number=first.number, kind="reply", body="Half here.")
    ack = next(m for m in desk.outgoing("acknowledgement") if m.ticket_id == second.id)
    waiting = desk.ticket(second.number).waiting_since

    _merge(desk, second.number, first.number)

    assert _said(desk, first.number) == ["First.", "Second.", "Answer to the first."], "each at its own time"
    target, source = desk.ticket(first.number), desk.ticket(second.number)
    assert (target.state, target.subject, target.tags) == ("open", first.subject, ["late"])
    assert target.waiting_since == waiting is not None, "the unanswered customer goes on waiting (S39)"
    assert (source.state, source.merged_into_id, source.message_count) == ("closed", target.id, 0)
    assert {p.role for p in desk.rows(Participant, ticket_id=target.id)} == {"requester", "cc"}
    assert [f.agent_id for f in desk.all(Follower)] == [desk.agent("Mara X").id] * len(desk.all(Follower))
    assert {f.ticket_id for f in desk.all(Follower)} == {target.id}
    drafts = [(d.ticket_id, d.body) for d in desk.all(Draft)]
    assert drafts == [(target.id, "Half here.\n\nHalf there.")], "no draft is lost"
    late = desk.receive(a_mail(text="And now?", In_Reply_To=ack.message_id))
    assert late.ticket_id == target.id, "an answer to the merged one arrives in the other"
    _sound()


def test_a_merge_is_undone_to_the_letter_within_ten_minutes(desk: Desk) -> None:
    first, second = desk.ticket(text="First."), desk.ticket(text="Second.")
    changing.set_priority(viewer=desk.admin, number=second.number, priority=4)
    before = {n: _as_it_is(desk, n) for n in (first.number, second.number)}
    event = _merge(desk, second.number, first.number)
    with pytest.raises(RefusedError):
        writing.answer(viewer=desk.admin, number=second.number, kind="note", content=Content("Too late"))

    merging.unmerge(viewer=desk.admin, number=first.number, event_id=event)

    assert {n: _as_it_is(desk, n) for n in before} == before
    assert (_said(desk, first.number), _said(desk, second.number)) == (["First."], ["Second."])
    with pytest.raises(RefusedError):
        merging.unmerge(viewer=desk.admin, number=first.number, event_id=event)
    _sound()


def _as_it_is(desk: Desk, number: int) -> tuple[object, ...]:
    t = desk.ticket(number)
    return (
        t.state,
        t.priority,
        t.waiting_since,
        t.queue_at,
        t.open,
        t.message_count,
        t.merged_into_id,
        t.snippet,
    )


@pytest.mark.parametrize("why", ["answered", "late"])
def test_a_merge_stays_once_something_public_was_said_or_ten_minutes_passed(desk: Desk, why: str) -> None:
    first, second = desk.ticket(), desk.ticket()
    event = _merge(desk, second.number, first.number)
    if why == "answered":
        _reply(desk, first.number)
    with clock.at(now() + timedelta(minutes=0 if why == "answered" else 11)), pytest.raises(RefusedError):
        merging.unmerge(viewer=desk.admin, number=first.number, event_id=event)
    assert desk.ticket(second.number).merged_into_id == first.id


def test_merging_two_customers_is_asked_twice_and_shows_neither_to_the_other(desk: Desk) -> None:
    lena, noor = desk.ticket(), desk.ticket(sender="noor@example.com", text="Mine is secret.")
    link = next(d.link for d in desk.deliveries() if d.recipient == "noor@example.com")
    with pytest.raises(RefusedError):
        _merge(desk, noor.number, lena.number)
    assert desk.ticket(noor.number).merged_into_id is None

    _merge(desk, noor.number, lena.number, other_people=True)

    people = {p.contact_id for p in desk.rows(Participant, ticket_id=lena.id)}
    assert people == {lena.requester_id}, "nobody is added (contracts 25)"
    page = desk.browser().get(f"/r/{link}").get_data(as_text=True)
    assert "my parcel is not here" not in page
    stranger = desk.receive(
        a_mail("noor@example.com", text="Hello?", In_Reply_To=_ack_of(desk, noor.id), message_id="<q1@x>")
    )
    assert desk.messages(desk.ticket(lena.number))[-1].kind == "held", stranger.reason


def _ack_of(desk: Desk, ticket_id: int) -> str:
    return next(m.message_id for m in desk.outgoing("acknowledgement") if m.ticket_id == ticket_id)


def test_the_customers_link_leads_to_where_the_ticket_went(desk: Desk) -> None:
    first, second = desk.ticket(text="First."), desk.ticket(text="Second.")
    _reply(desk, second.number)
    link = next(d.link for d in desk.deliveries() if d.link.startswith(f"{second.number}."))
    _merge(desk, second.number, first.number)
    page = desk.browser().get(f"/r/{link}").get_data(as_text=True)
    assert "First." in page
    assert "Second." in page


def test_what_cannot_be_merged(desk: Desk) -> None:
    one, two = desk.ticket(), desk.ticket()
    with pytest.raises(InvalidError):
        _merge(desk, one.number, one.number)
    elsewhere = desk.agent("Tom Retour", Role.AGENT, Scope.TEAMS, (desk.returns,))
    with pytest.raises(NotFoundError):
        merging.merge(viewer=elsewhere, numbers=[one.number], into=two.number)
    relating.set_trash(viewer=desk.admin, number=two.number, on=True)
    with pytest.raises(RefusedError):
        _merge(desk, one.number, two.number)
    assert len(desk.rows(TicketEvent, kind="absorb")) == 0


def test_splitting_makes_a_ticket_of_its_own_and_answers_follow_it(desk: Desk) -> None:
    ticket = desk.ticket(text="My parcel is late.")
    _reply(desk, ticket.number, "We look.")
    other = desk.receive(a_mail(text="And a tent is torn.", In_Reply_To=_ack_of(desk, ticket.id)))
    assert other.ticket_message_id is not None

    made = merging.split(
        viewer=desk.admin, number=ticket.number, message_ids=[other.ticket_message_id], subject="Torn tent"
    )

    new, old = desk.ticket(made), desk.ticket(ticket.number)
    assert (_said(desk, made), _said(desk, ticket.number)) == (
        ["And a tent is torn."],
        ["My parcel is late.", "We look."],
    )
    assert (new.requester_id, new.state, old.waiting_since) == (ticket.requester_id, "new", None)
    assert new.waiting_since is not None, "the new one waits for an answer"
    again = desk.receive(a_mail(text="See picture.", In_Reply_To=other.message_id or ""))
    assert again.ticket_id == new.id, "who answers the moved message reaches the new ticket"
    everything = [m.id for m in desk.messages(new)]
    with pytest.raises(InvalidError):
        merging.split(viewer=desk.admin, number=made, message_ids=everything, subject="All")
    _sound()


def test_tags_are_one_word_each_counted_once_and_found_again(desk: Desk) -> None:
    ticket = desk.ticket()
    desk.ticket(sender="noor@example.com")
    relating.change_tags(
        viewer=desk.admin, number=ticket.number, add=["  Late   Parcel ", "late parcel", "VIP"]
    )
    assert desk.ticket(ticket.number).tags == ["late parcel", "vip"]
    assert _open_numbers(desk, tag="vip") == {ticket.number}
    relating.change_tags(viewer=desk.admin, number=ticket.number, remove=["vip"], add=["refund"])
    assert [t.tag for t in desk.all(TicketTag)] == ["late parcel", "refund"]
    assert _open_numbers(desk, tag="vip") == set()
    with pytest.raises(InvalidError):
        relating.change_tags(viewer=desk.admin, number=ticket.number, add=[" , "])
    with pytest.raises(InvalidError):
        relating.change_tags(viewer=desk.admin, number=ticket.number, add=[f"t{n}" for n in range(30)])
    _sound()


def test_links_read_from_both_sides_and_twice_is_once(desk: Desk) -> None:
    child, parent = desk.ticket(), desk.ticket()
    for _n in range(2):
        relating.link(viewer=desk.admin, number=child.number, other=parent.number, kind="child")
    page = desk.browser(desk.admin)
    assert "Child of" in page.get(f"/a/tickets/{child.number}").get_data(as_text=True)
    assert "Parent of" in page.get(f"/a/tickets/{parent.number}").get_data(as_text=True)
    with pytest.raises(InvalidError):
        relating.link(viewer=desk.admin, number=parent.number, other=child.number, kind="child")
    with pytest.raises(InvalidError):
        relating.link(viewer=desk.admin, number=child.number, other=child.number, kind="related")
    assert len(desk.rows(TicketEvent, kind="linked")) == 2, "once in each log"


def test_a_snoozed_ticket_leaves_the_queue_and_comes_back_by_time_or_by_the_customer(desk: Desk) -> None:
    one, two = desk.ticket(), desk.ticket(sender="noor@example.com")
    tomorrow = now() + timedelta(days=1)
    for t in (one, two):
        relating.snooze(viewer=desk.admin, number=t.number, until=tomorrow)
    changing.set_state(viewer=desk.admin, number=one.number, state=State.ON_HOLD)
    assert _open_numbers(desk) == set()
    assert _open_numbers(desk, "snoozed") == {one.number, two.number}
    assert counts(desk.admin, (), now()).all == 0
    assert changing.take_next(viewer=desk.admin) is None

    desk.receive(a_mail("noor@example.com", In_Reply_To=_ack_of(desk, two.id)))
    assert _open_numbers(desk) == {two.number}, "who writes is heard"
    with clock.at(tomorrow + timedelta(seconds=1)):
        assert relating.wake_snoozed() == 1
        assert relating.wake_snoozed() == 0
    woken = desk.ticket(one.number)
    assert (woken.state, woken.snoozed_until) == ("open", None), "on hold opens at its time (L6)"
    with pytest.raises(InvalidError):
        relating.snooze(viewer=desk.admin, number=two.number, until=now() - timedelta(seconds=1))
    _sound()


def test_the_trash_gives_back_what_it_took_and_an_answer_to_it_is_never_lost(desk: Desk) -> None:
    ticket = desk.ticket()
    _reply(desk, ticket.number, then=State.PENDING)
    before = _as_it_is(desk, ticket.number)
    relating.set_trash(viewer=desk.admin, number=ticket.number, on=True)
    assert _open_numbers(desk) == set()
    assert _open_numbers(desk, "trash") == {ticket.number}
    with pytest.raises(RefusedError):
        changing.set_priority(viewer=desk.admin, number=ticket.number, priority=4)

    relating.set_trash(viewer=desk.admin, number=ticket.number, on=False)
    assert _as_it_is(desk, ticket.number) == before
    relating.set_trash(viewer=desk.admin, number=ticket.number, on=True)
    answer = desk.receive(a_mail(text="Still waiting.", In_Reply_To=_ack_of(desk, ticket.id)))
    follow_up = desk.row(Ticket, answer.ticket_id or 0)
    assert (follow_up.follow_up_of, follow_up.open) == (ticket.id, True)
    _sound()


def test_the_pages_do_what_the_commands_do(desk: Desk) -> None:
    first, second = desk.ticket(text="First."), desk.ticket(text="Second.")
    browser = desk.browser(desk.admin)
    page = browser.get(f"/a/tickets/{second.number}/merge?into={first.number}").get_data(as_text=True)
    assert "1 message moves" in page
    done = browser.post(f"/a/tickets/{second.number}/merge", {"into": str(first.number)})
    assert (done.status_code, "undo=" in done.headers["Location"]) == (302, True)
    page = browser.get(done.headers["Location"]).get_data(as_text=True)
    assert f"merged #{second.number} into this ticket" in page
    event = desk.rows(TicketEvent, kind="absorb")[0].id
    assert browser.post(f"/a/tickets/{first.number}/unmerge?event={event}", {}).status_code == 302
    assert desk.ticket(second.number).merged_into_id is None
    browser.get(f"/a/tickets/{first.number}")
    assert browser.post(f"/a/tickets/{first.number}/snooze", {"until": "tomorrow"}).status_code == 302
    assert "Snoozed until" in browser.get(f"/a/tickets/{first.number}").get_data(as_text=True)
    assert browser.post(f"/a/tickets/{first.number}/snooze", {"until": "never"}).status_code == 422
