"""Whatever people and time do to a ticket, in any order, what must hold holds (contracts 1, 37; L1 to L4)."""

from collections.abc import Callable
from contextlib import suppress
from datetime import datetime, timedelta
from typing import Any

import sqlalchemy as sa
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from helpdesk.core import clock
from helpdesk.core.clock import now
from helpdesk.core.db import command, db, session
from helpdesk.core.errors import HelpdeskError, RefusedError
from helpdesk.people.commands import contact_for
from helpdesk.tickets import fold
from helpdesk.tickets.actor import Actor
from helpdesk.tickets.commands import changing, merging, relating, writing
from helpdesk.tickets.commands import desk as own
from helpdesk.tickets.commands.opening import open_ticket
from helpdesk.tickets.content import Content
from helpdesk.tickets.history import locked
from helpdesk.tickets.lifecycle import Channel, State
from helpdesk.tickets.model import Draft, Message, Ticket, TicketEvent
from helpdesk.tickets.queries.queue import QueueFilter, queue
from helpdesk.tickets.queries.replaying import replay
from tests.making import Desk

ACTS = st.one_of(
    st.tuples(st.sampled_from(["mail", "web", "held", "auto", "note", "accept", "settle", "take", "drop"])),
    st.tuples(st.just("reply"), st.sampled_from([None, State.OPEN, State.PENDING, State.SOLVED])),
    st.tuples(st.just("state"), st.sampled_from(list(State))),
    st.tuples(st.just("priority"), st.integers(0, 5)),
    st.tuples(st.just("team"), st.sampled_from(["orders", "returns", "none", "unknown"])),
    st.tuples(st.just("subject"), st.sampled_from(["Other words", ""])),
    st.tuples(st.just("draft"), st.sampled_from(["reply", "note"]), st.sampled_from(["Half", ""])),
    st.tuples(st.just("wait"), st.sampled_from([60, 86_400, 8 * 86_400])),
    st.tuples(st.sampled_from(["merge", "unmerge", "split", "trash", "restore", "spam", "no_spam"])),
    st.tuples(st.just("tag"), st.sampled_from(["late", "vip", "#"])),
    st.tuples(st.just("snooze"), st.sampled_from([3600, 2 * 86_400, 0, -5])),
)


ASIDE = {"trash", "restore", "spam", "no_spam"}
"""What may be done to a closed ticket: it changes nothing that was said or decided."""


class Story:
    """One ticket, and what was done to it; every act is followed by a look at everything that must hold."""

    def __init__(self, desk: Desk) -> None:
        self.desk = desk
        self.at = now()
        self.contact = contact_for(email="lena@example.de", name="Lena")
        self.stranger = contact_for(email="mallory@else.example")
        with clock.at(self.at):
            self.opened = open_ticket(
                requester_id=self.contact,
                author_name="Lena",
                subject="Parcel",
                content=Content("Where is it?"),
                channel=Channel.EMAIL,
                actor=Actor.contact(self.contact, "mail"),
                team_id=desk.orders,
                quiet=True,
            )
            self.other = open_ticket(
                requester_id=self.contact,
                author_name="Lena",
                subject="The same parcel",
                content=Content("Where is it, really?"),
                channel=Channel.EMAIL,
                actor=Actor.contact(self.contact, "mail"),
                quiet=True,
            )
        self.drafts: dict[str, str] = {}
        self.merged = 0
        self.split_off: list[int] = []

    def do(self, act: tuple[Any, ...]) -> None:
        """Do one act, refused or not, and look."""
        before = self._row()
        refused = False
        with clock.at(self.at):
            try:
                getattr(self, f"_{act[0]}")(*act[1:])
            except HelpdeskError as error:
                refused = isinstance(error, RefusedError)
        self._look(act, before, refused=refused)

    def _row(self) -> dict[str, Any]:
        ticket = self.desk.row(Ticket, self.opened.ticket_id)
        return {c.name: getattr(ticket, c.name) for c in Ticket.__table__.columns}

    def _look(self, act: tuple[Any, ...], before: dict[str, Any], *, refused: bool) -> None:
        row = self._row()
        log = replay(self.opened.ticket_id)
        assert {n: row[n] for n in fold.COMPARED} == {n: getattr(log, n) for n in fold.COMPARED}, act
        if (before["state"] == State.CLOSED and act[0] not in ASIDE) or refused:
            assert row == before, f"{act}: closed or refused, and yet something changed"
        assert not (row["state"] == State.NEW and before["state"] != State.NEW), "back to new"
        messages = self.desk.rows(Message, ticket_id=self.opened.ticket_id)
        events = self.desk.rows(TicketEvent, ticket_id=self.opened.ticket_id)
        assert [e.seq for e in events] == list(range(1, row["last_seq"] + 1))
        assert {m.seq for m in messages} <= {e.seq for e in events if e.kind == "message"}
        assert len(messages) == row["message_count"] >= 1
        self._look_at_all(act)
        assert all(e.at <= self.at and e.at.microsecond == 0 for e in events)
        aside = row["spam_at"] is not None or row["trashed_at"] is not None
        done = row["state"] in {State.SOLVED, State.CLOSED}
        assert row["open"] is not (aside or done)
        assert (row["close_at"] is not None) is (row["state"] == State.SOLVED)
        waits = row["open"] and row["state"] in {State.NEW, State.OPEN}
        assert (row["queue_at"] == fold.PAUSED_AT) is not waits
        assert not (done and row["snoozed_until"]), "what is resolved waits for nothing"
        assert row["state"] not in {State.SOLVED, State.CLOSED} or row["waiting_since"] is None
        assert row["state"] != State.CLOSED or row["closed_at"] is not None
        kept = {d.kind: d.body for d in self._drafts()}
        assert kept == self.drafts, f"{act}: a draft was lost or came back"

    def _look_at_all(self, act: tuple[Any, ...]) -> None:
        """Every message is in one ticket of the story, and every ticket is what its log says."""
        said = held = 0
        for ticket_id in (self.opened.ticket_id, self.other.ticket_id, *self.split_off):
            ticket = self.desk.row(Ticket, ticket_id)
            log = replay(ticket_id)
            assert all(getattr(ticket, n) == getattr(log, n) for n in fold.COMPARED), (
                f"{act}: {ticket.number}"
            )
            held += ticket.message_count
            events = self.desk.rows(TicketEvent, ticket_id=ticket_id, kind="message")
            said += sum("moved" not in e.data for e in events)
        assert held == said, f"{act}: {said} messages were written, {held} are there"

    def _merge(self) -> None:
        both = (self.other.number, self.opened.number)
        self.merged = merging.merge(viewer=self.desk.admin, numbers=[both[0]], into=both[1])

    def _unmerge(self) -> None:
        merging.unmerge(viewer=self.desk.admin, number=self.opened.number, event_id=self.merged)

    def _split(self) -> None:
        last = max(self.desk.rows(Message, ticket_id=self.opened.ticket_id), key=lambda m: m.seq)
        made = merging.split(
            viewer=self.desk.admin, number=self.opened.number, message_ids=[last.id], subject="Apart"
        )
        self.split_off.append(self.desk.ticket(made).id)

    def _trash(self) -> None:
        relating.set_trash(viewer=self.desk.admin, number=self.opened.number, on=True)

    def _restore(self) -> None:
        relating.set_trash(viewer=self.desk.admin, number=self.opened.number, on=False)

    def _spam(self) -> None:
        self._as_spam(on=True)

    def _no_spam(self) -> None:
        self._as_spam(on=False)

    @command
    def _as_spam(self, *, on: bool) -> None:
        ticket = locked(self.opened.ticket_id, closed_too=True)
        relating.put_spam(ticket, on=on, why="a rule", actor=Actor.agent(self.desk.admin.id))

    def _tag(self, tag: str) -> None:
        relating.change_tags(viewer=self.desk.admin, number=self.opened.number, add=[tag])

    def _snooze(self, seconds: int) -> None:
        until = self.at + timedelta(seconds=seconds) if seconds else None
        relating.snooze(viewer=self.desk.admin, number=self.opened.number, until=until)

    def _drafts(self) -> list[Draft]:
        return list(session().scalars(sa.select(Draft).where(Draft.ticket_id == self.opened.ticket_id)))

    def _mail(self) -> None:
        self._customer("mail")

    def _web(self) -> None:
        self._customer("web")

    def _customer(self, via: Any) -> None:
        writing.add_customer_message(
            ticket_id=self.opened.ticket_id,
            contact_id=self.contact,
            author_name="Lena",
            content=Content("And now?"),
            actor=Actor.contact(self.contact, via),
            quiet=True,
        )

    def _held(self) -> None:
        self._internal("held", self.stranger)

    def _auto(self) -> None:
        self._internal("auto", self.contact)

    def _internal(self, kind: Any, contact: int) -> None:
        writing.add_internal_message(
            ticket_id=self.opened.ticket_id,
            kind=kind,
            author_name="x",
            content=Content("Words"),
            actor=Actor.contact(contact, "mail"),
        )

    def _note(self) -> None:
        self._answer("note", None)

    def _reply(self, then: State | None) -> None:
        self._answer("reply", then)

    def _answer(self, kind: Any, then: State | None) -> None:
        writing.answer(
            viewer=self.desk.admin,
            number=self.opened.number,
            kind=kind,
            content=Content("Hello."),
            then=then,
            quiet=True,
        )
        self.drafts.pop(kind, None)

    def _accept(self) -> None:
        held = [m for m in self.desk.rows(Message, ticket_id=self.opened.ticket_id) if m.kind == "held"]
        if held:
            writing.accept_sender(viewer=self.desk.admin, number=self.opened.number, message_id=held[0].id)

    def _settle(self) -> None:
        changing.settle(ticket_id=self.opened.ticket_id, actor=Actor.contact(self.contact, "web"))

    def _take(self) -> None:
        changing.assign(viewer=self.desk.admin, number=self.opened.number, agent_id=self.desk.admin.id)

    def _drop(self) -> None:
        changing.assign(viewer=self.desk.admin, number=self.opened.number, agent_id=None)

    def _state(self, state: State) -> None:
        changing.set_state(viewer=self.desk.admin, number=self.opened.number, state=state)

    def _priority(self, priority: int) -> None:
        changing.set_priority(viewer=self.desk.admin, number=self.opened.number, priority=priority)

    def _team(self, team: str) -> None:
        ids = {"orders": self.desk.orders, "returns": self.desk.returns, "none": None, "unknown": 999}
        changing.move(viewer=self.desk.admin, number=self.opened.number, team_id=ids[team])

    def _subject(self, subject: str) -> None:
        changing.set_subject(viewer=self.desk.admin, number=self.opened.number, subject=subject)

    def _draft(self, kind: Any, body: str) -> None:
        own.save_draft(viewer=self.desk.admin, number=self.opened.number, kind=kind, body=body)
        self.drafts.pop(kind, None)
        if body:
            self.drafts[kind] = body

    def _wait(self, seconds: int) -> None:
        self.at += timedelta(seconds=seconds)
        with clock.at(self.at):
            changing.close_settled()
            relating.wake_snoozed()


def _total_order(desk: Desk) -> None:
    """The queue names every ticket once, in one order, whatever their instants (contracts 4)."""
    for state in ("open", "waiting", "solved"):
        rows = queue(desk.admin, QueueFilter("all", state), size=10_000).rows
        keys: list[tuple[datetime, int]] = [
            (r.updated_at if state == "solved" else r.queue_at, r.id) for r in rows
        ]
        assert keys == sorted(keys, reverse=state == "solved")
        assert len({r.id for r in rows}) == len(rows)


def _property(desk: Desk, examples: int) -> Callable[[], None]:
    @settings(
        max_examples=examples,
        deadline=None,
        derandomize=True,
        database=None,
        suppress_health_check=[HealthCheck.too_slow],
    )
    @given(st.lists(ACTS, min_size=4, max_size=14))
    def check(acts: list[tuple[Any, ...]]) -> None:
        story = Story(desk)
        for act in acts:
            story.do(act)
        with suppress(HelpdeskError):
            db.session.rollback()
        _total_order(desk)

    return check


def test_any_sequence_of_acts_keeps_what_must_hold(desk: Desk, engine: str) -> None:
    _property(desk, 40 if engine == "sqlite" else 8)()
    assert desk.rows(Message), "something was written"


def test_a_whole_life_with_every_act_in_it(desk: Desk) -> None:
    """The same look at one long story in which every act happens, refused ones included."""
    story = Story(desk)
    for act in (
        ("draft", "reply", "Half"),
        ("draft", "note", "Half"),
        ("note",),
        ("held",),
        ("auto",),
        ("take",),
        ("tag", "vip"),
        ("snooze", 3600),
        ("wait", 7200),
        ("snooze", 86_400),
        ("merge",),
        ("merge",),
        ("unmerge",),
        ("merge",),
        ("split",),
        ("unmerge",),
        ("spam",),
        ("mail",),
        ("no_spam",),
        ("trash",),
        ("mail",),
        ("restore",),
        ("reply", State.PENDING),
        ("mail",),
        ("draft", "reply", "Half"),
        ("state", State.NEW),
        ("state", State.SOLVED),
        ("wait", 8 * 86_400),
        ("accept",),
        ("web",),
        ("drop",),
        ("team", "returns"),
        ("team", "unknown"),
        ("priority", 4),
        ("priority", 5),
        ("subject", "Other words"),
        ("subject", ""),
        ("settle",),
        ("wait", 8 * 86_400),
        ("mail",),
        ("reply", State.OPEN),
        ("held",),
        ("draft", "note", "Half"),
        ("merge",),
        ("unmerge",),
        ("state", State.OPEN),
    ):
        story.do(act)
    assert story._row()["state"] == State.CLOSED
    assert story.drafts == {"reply": "Half", "note": "Half"}
