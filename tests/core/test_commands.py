"""Commands: one transaction each, reactions inside it, nothing after a failure (contracts 3)."""

import threading
from collections.abc import Callable
from dataclasses import dataclass

import pytest
import sqlalchemy as sa
from flask import Flask

from helpdesk.core.db import after_commit, command, db, in_command, insert_ignore, session
from helpdesk.core.events import CHAIN_CAP, After, Bus, ChainTooLongError, Event, emit, rebuild
from helpdesk.core.jobs.outbox import OutboxRow
from helpdesk.core.once import Counter, OnceKey, next_number, remember, seen_before
from helpdesk.people.model import Team
from tests.making import Desk


class BoomError(Exception):
    """What goes wrong in these tests."""


@command
def _set(name: str, value: int) -> None:
    session().merge(Counter(name=name, value=value))


@command
def _set_and_fail(name: str, value: int) -> None:
    _set(name, value)
    assert session().get_one(Counter, name).value == value
    raise BoomError


def _value(name: str) -> int | None:
    db.session.rollback()
    return session().scalar(sa.select(Counter.value).where(Counter.name == name))


def test_a_command_commits_what_it_returns_from_and_nothing_else(desk: Desk) -> None:
    _set("a", 1)
    assert _value("a") == 1
    with pytest.raises(BoomError):
        _set_and_fail("a", 2)
    assert _value("a") == 1
    assert not in_command(), "a failed command is over"
    _set("a", 3)
    assert _value("a") == 3


def test_a_command_has_a_session_of_its_own_and_ends_the_readers_snapshot(desk: Desk) -> None:
    _set("a", 1)
    reading = session()
    assert reading.scalar(sa.select(Counter.value).where(Counter.name == "a")) == 1

    @command
    def look() -> bool:
        session().merge(Counter(name="a", value=2))
        return session() is not reading

    assert look()
    assert reading.scalar(sa.select(Counter.value).where(Counter.name == "a")) == 2


def test_a_command_in_a_command_joins_it(desk: Desk) -> None:
    seen: list[bool] = []

    @command
    def outer() -> None:
        _set("a", 1)
        seen.append(_elsewhere("a") is None)
        _set("b", 2)
        raise BoomError

    with pytest.raises(BoomError):
        outer()
    assert seen == [True], "the inner one did not commit"
    assert (_value("a"), _value("b")) == (None, None)


def _elsewhere(name: str) -> int | None:
    with db.engine.connect() as other:
        return other.scalar(sa.select(Counter.value).where(Counter.name == name))


def test_what_follows_a_commit_follows_it_once_and_never_a_failure(desk: Desk) -> None:
    heard: list[object] = []

    def tell() -> None:
        heard.append((in_command(), _elsewhere("a")))

    @command
    def work(*, fail: bool) -> None:
        session().merge(Counter(name="a", value=7))
        after_commit(tell)
        after_commit(tell)
        if fail:
            raise BoomError

    with pytest.raises(BoomError):
        work(fail=True)
    assert heard == []
    work(fail=False)
    assert heard == [(False, 7)]
    with pytest.raises(RuntimeError):
        after_commit(tell)


@dataclass(frozen=True, kw_only=True)
class Said(Event):
    word: str


@pytest.fixture
def bus(app: Flask) -> Bus:
    found: Bus = app.extensions["bus"]
    return found


def _tell(*words: str) -> Callable[[], None]:
    @command
    def tell() -> None:
        for word in words:
            emit(Said(word=word))

    return tell


@pytest.mark.parametrize("engine", ["sqlite"], indirect=True)
def test_reactions_run_inside_in_their_order_until_nothing_is_left(desk: Desk, bus: Bus) -> None:
    order: list[str] = []

    def first(event: Said) -> None:
        assert in_command()
        order.append(f"first {event.word}")
        if event.word == "one":
            emit(Said(word="caused"))

    def second(event: Said) -> None:
        order.append(f"second {event.word}")

    bus.listen({Said: [first, second]}, {})
    _tell("one", "two")()
    assert order == [
        "first one",
        "second one",
        "first two",
        "second two",
        "first caused",
        "second caused",
    ]


def test_a_reaction_that_fails_takes_everything_with_it(desk: Desk, bus: Bus) -> None:
    def fail(_event: Said) -> None:
        _set("b", 1)
        raise BoomError

    @command
    def work() -> None:
        _set("a", 1)
        emit(Said(word="x"))

    ran: list[Event] = []
    bus.listen({Said: [fail]}, {Said: [After("test.later", ran.append)]})
    with pytest.raises(BoomError):
        work()
    assert (_value("a"), _value("b")) == (None, None)
    assert desk.rows(OutboxRow, kind="on:test.later") == []


@pytest.mark.parametrize("engine", ["sqlite"], indirect=True)
def test_reactions_that_go_in_circles_are_stopped(desk: Desk, bus: Bus) -> None:
    turns: list[str] = []

    def again(event: Said) -> None:
        turns.append(event.word)
        emit(Said(word=event.word))

    bus.listen({Said: [again]}, {})
    with pytest.raises(ChainTooLongError):
        _tell("round")()
    assert len(turns) == CHAIN_CAP + 1
    assert not in_command()


@pytest.mark.parametrize("engine", ["sqlite"], indirect=True)
def test_a_command_that_tells_of_many_things_is_no_circle(desk: Desk, bus: Bus) -> None:
    heard: list[str] = []
    bus.listen({Said: [lambda e: heard.append(e.word)]}, {})
    _tell(*(str(n) for n in range(CHAIN_CAP * 3)))()
    assert len(heard) == CHAIN_CAP * 3


@pytest.mark.parametrize("engine", ["sqlite"], indirect=True)
def test_later_reactions_get_one_row_each_with_the_commit(desk: Desk, bus: Bus) -> None:
    bus.listen({}, {Said: [After("test.one", lambda _e: None), After("test.two", lambda _e: None)]})
    _tell("hello")()
    rows = [r for r in desk.rows(OutboxRow) if r.kind.startswith("on:test.")]
    assert [(r.kind, r.payload) for r in rows] == [
        ("on:test.one", {"word": "hello"}),
        ("on:test.two", {"word": "hello"}),
    ]
    assert rebuild(Said, {"word": "hello", "field_of_an_older_release": 1}) == Said(word="hello")


@pytest.mark.parametrize("engine", ["sqlite"], indirect=True)
def test_nothing_is_told_outside_a_command(desk: Desk) -> None:
    with pytest.raises(RuntimeError):
        emit(Said(word="x"))


def test_concurrent_commands_queue_and_none_is_lost(desk: Desk) -> None:
    """Four threads, 25 read-modify-writes each: BEGIN IMMEDIATE makes them wait, not fail."""
    _set("sum", 0)

    @command
    def add_one() -> None:
        row = session().scalars(sa.select(Counter).where(Counter.name == "sum").with_for_update()).one()
        row.value += 1

    failed: list[BaseException] = []
    together = threading.Barrier(4)

    def work() -> None:
        try:
            with desk.app.app_context():
                together.wait(10)
                for _ in range(25):
                    session().scalar(sa.select(Team.id))  # a read before: the reader's snapshot is old
                    add_one()
                db.session.remove()
        except BaseException as error:  # noqa: BLE001 - told below
            failed.append(error)

    threads = [threading.Thread(target=work) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(60)
    assert failed == []
    assert _value("sum") == 100


def test_numbers_are_given_out_once_each_under_threads(desk: Desk) -> None:
    given: list[int] = []

    @command
    def take() -> int:
        return next_number("parcel", start=500)

    def work() -> None:
        with desk.app.app_context():
            given.extend(take() for _ in range(10))
            db.session.remove()

    threads = [threading.Thread(target=work) for _ in range(3)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(60)
    assert sorted(given) == list(range(500, 530))


def test_a_key_is_used_once_and_tells_what_came_of_it(desk: Desk) -> None:
    @command
    def use(result: int, *, fail: bool = False) -> int | None:
        earlier = seen_before("key")
        if earlier is None:
            remember("key", result)
        if fail:
            raise BoomError
        return earlier

    with pytest.raises(BoomError):
        use(1, fail=True)
    assert use(2) is None, "a failed use is no use"
    assert use(3) == 2
    assert use(4) == 2


def test_inserting_twice_says_so_and_harms_nothing(desk: Desk) -> None:
    @command
    def add() -> tuple[bool, bool]:
        values = {"name": "only", "value": 1}
        return insert_ignore(Counter, values), insert_ignore(Counter, values | {"value": 2})

    assert add() == (True, False)
    assert _value("only") == 1
    assert session().scalar(sa.select(sa.func.count()).select_from(OnceKey)) is not None
