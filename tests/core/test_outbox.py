"""The outbox: leases, fences, keys, back-off; each effect exactly once whatever happens to the bells."""

import random
import threading
from collections.abc import Callable, Mapping
from datetime import datetime, timedelta
from typing import Any

import pytest
import sqlalchemy as sa
from flask import Flask

from helpdesk.core import clock
from helpdesk.core.clock import now
from helpdesk.core.db import command, db, session
from helpdesk.core.errors import PermanentError, TemporaryError
from helpdesk.core.jobs import outbox
from helpdesk.core.jobs.outbox import BACKOFF_S, LEASE_S, Claim, FencedOutError, OutboxRow
from helpdesk.core.jobs.runner import Job, run_all, run_due, run_one
from helpdesk.core.once import Counter
from tests.making import Desk
from tests.services.redis import RedisServer

Body = Mapping[str, Any]


@command
def _queue(kind: str = "test", n: int = 1, key: str | None = None, **more: Any) -> bool:
    return [outbox.enqueue(kind, {"n": i}, key=key, **more) for i in range(n)][-1]


def _job(app: Flask, run: Callable[[Body], None], *, world: bool = False, kind: str = "test") -> None:
    app.extensions["jobs"][kind] = Job(run, world=world)


def _row(desk: Desk, row_id: int = 1) -> OutboxRow:
    found: OutboxRow = desk.row(OutboxRow, row_id)
    return found


@command
def _count(name: str) -> None:
    found = session().get(Counter, name)
    if found is None:
        session().add(Counter(name=name, value=1))
    else:
        found.value += 1


def _effects() -> int:
    db.session.rollback()
    return session().scalar(sa.select(Counter.value).where(Counter.name == "effect")) or 0


def test_a_claimed_row_is_nobody_elses_until_its_lease_ends(desk: Desk) -> None:
    _queue()
    start = now()
    with clock.at(start):
        (mine,) = outbox.claim("one")
        assert outbox.claim("two") == []
    with clock.at(start + timedelta(seconds=LEASE_S - 1)):
        assert outbox.claim("two") == []
    with clock.at(start + timedelta(seconds=LEASE_S + 1)):
        (theirs,) = outbox.claim("two")
    assert (theirs.id, theirs.fence, theirs.tries) == (mine.id, mine.fence + 1, 2)


def test_a_worker_thought_dead_cannot_finish(desk: Desk) -> None:
    """Whatever it does next is fenced out, also together with its own effects."""
    _queue()
    (mine,) = outbox.claim("one")
    with clock.at(now() + timedelta(seconds=LEASE_S + 1)):
        (theirs,) = outbox.claim("two")
    assert outbox.done(mine) is False
    assert outbox.retry_later(mine, "late") is False
    assert outbox.bury(mine, "late") is False
    assert (_row(desk).state, _row(desk).owner) == ("running", "two")
    _job(desk.app, lambda _body: _count("effect"))
    assert run_one(mine) is False
    assert _effects() == 0, "its effects are rolled back"
    assert run_one(theirs) is True
    assert _effects() == 1
    assert _row(desk).state == "done"

    @command
    def finish_again() -> None:
        outbox.done_within(theirs)

    with pytest.raises(FencedOutError):
        finish_again()


def test_a_key_is_one_piece_of_work_for_ever(desk: Desk) -> None:
    assert _queue(key="mail:1") is True
    assert _queue(key="mail:1") is False
    _job(desk.app, lambda _body: _count("effect"))
    run_all()
    assert _queue(key="mail:1") is False
    with clock.at(now() + timedelta(days=400)):
        outbox.sweep_done()
    assert _queue(key="mail:1") is False, "keys outlive the sweep"
    run_all()
    assert _effects() == 1


@pytest.mark.parametrize("engine", ["sqlite"], indirect=True)
def test_work_waits_for_its_moment_and_goes_in_order(desk: Desk) -> None:
    ran: list[int] = []
    _job(desk.app, lambda body: ran.append(body["n"]))
    _queue(not_before=now() + timedelta(hours=1))
    _queue(n=3)
    run_all()
    assert ran == [0, 1, 2]
    assert outbox.next_due() == _row(desk, 1).not_before
    with clock.at(now() + timedelta(hours=2)):
        run_all()
    assert ran == [0, 1, 2, 0]


def test_what_fails_waits_longer_each_time_and_then_waits_for_a_person(desk: Desk) -> None:
    _queue()
    tries: list[int] = []

    def fail(_body: Body) -> None:
        tries.append(1)
        raise ZeroDivisionError("as bad as it gets")

    _job(desk.app, fail)
    moment, waits = now(), []
    for _ in range(len(BACKOFF_S)):
        with clock.at(moment):
            run_all()
        row = _row(desk)
        assert row.state == "waiting"
        waits.append(round((row.not_before - moment).total_seconds()))
        moment = row.not_before + timedelta(milliseconds=1)
    assert waits == list(BACKOFF_S)
    with clock.at(moment):
        run_all()
    assert (_row(desk).state, len(tries)) == ("dead", len(BACKOFF_S) + 1)
    assert "ZeroDivisionError: as bad as it gets" in (_row(desk).error or "")
    with clock.at(moment + timedelta(days=30)):
        assert run_all() == 0
    _job(desk.app, lambda _body: _count("effect"))
    assert outbox.revive(1) is True
    assert outbox.revive(1) is False
    run_all()
    assert _row(desk).state == "done"


@pytest.mark.parametrize("engine", ["sqlite"], indirect=True)
def test_errors_of_the_outside_decide_how_it_goes_on(desk: Desk) -> None:
    def act(body: Body) -> None:
        if body["n"] == 0:
            raise TemporaryError("later", retry_in_s=77)
        raise PermanentError("never")

    _job(desk.app, act, world=True)
    start = now()
    with clock.at(start):
        _queue(n=2)
        run_all()
    later, never = _row(desk, 1), _row(desk, 2)
    assert (later.state, later.not_before) == ("waiting", start + timedelta(seconds=77))
    assert (never.state, never.error) == ("dead", "never")


@pytest.mark.parametrize("engine", ["sqlite"], indirect=True)
def test_work_of_an_unknown_kind_is_kept_for_a_person(desk: Desk) -> None:
    _queue("of.another.release")
    run_all()
    assert _row(desk).state == "dead"
    assert "of.another.release" in (_row(desk).error or "")


def test_nothing_runs_of_a_command_that_failed(desk: Desk) -> None:
    @command
    def work() -> None:
        outbox.enqueue("test", {}, key="k")
        raise KeyError

    with pytest.raises(KeyError):
        work()
    assert desk.rows(OutboxRow) == []
    assert _queue(key="k") is True, "its key is free again"


class DiedError(BaseException):
    """A worker that is gone in the middle: nothing of ours catches it."""


def _unlucky(seed: int) -> Callable[[Body], None]:
    """Return work that counts once, fails one time in five and takes its worker along one time in twenty."""
    dice = random.Random(seed)  # noqa: S311 - a die, not a secret
    lock = threading.Lock()

    def effect(body: Body) -> None:
        session().add(Counter(name=f"job {body['n']}", value=1))
        session().flush()
        with lock:
            luck = dice.random()
        if luck < 0.2:
            raise ZeroDivisionError
        if luck < 0.25:
            raise DiedError

    return effect


def _worker(desk: Desk, moment: datetime) -> None:
    """Run what is due at `moment`; one that dies leaves its claims leased, and another comes after it."""
    with desk.app.app_context(), clock.at(moment):
        while True:
            try:
                if not run_due(limit=7):
                    break
            except DiedError:
                continue
        db.session.remove()


def test_many_threads_and_random_failures_make_each_effect_exactly_once(desk: Desk) -> None:
    """Three hundred jobs, four workers; one job in five fails, here and there a worker dies."""
    _job(desk.app, _unlucky(7))
    _queue(n=300)
    moment = now()
    for _round in range(40):
        threads = [threading.Thread(target=_worker, args=(desk, moment)) for _ in range(4)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join(60)
        moment += timedelta(seconds=LEASE_S + 60)
        rows = desk.rows(OutboxRow)
        if all(row.state == "done" for row in rows):
            break
    assert {row.state for row in rows} == {"done"}
    counters = [c for c in desk.all(Counter) if c.name.startswith("job ")]
    assert (len(counters), {c.value for c in counters}) == (300, {1})
    assert max(row.tries for row in rows) > 1, "nothing failed: this would prove nothing"


@pytest.mark.parametrize("engine", ["postgresql"], indirect=True)
def test_redis_away_or_emptied_costs_no_work(desk: Desk, redis_server: RedisServer) -> None:
    """Redis is a bell; the outbox is the truth."""
    _job(desk.app, lambda _body: _count("effect"))
    with redis_server.away():
        _queue(n=5)
        assert run_all() == 5
        _queue(n=5)
    redis_server.flush()
    assert run_all() == 5
    assert _effects() == 10


def test_claims_are_values(desk: Desk) -> None:
    _queue(n=3)
    claims = outbox.claim("me", limit=2)
    assert [type(c) for c in claims] == [Claim, Claim]
    assert [c.payload["n"] for c in claims] == [0, 1]
    assert outbox.claim("me", only=claims[0].id) == []
    assert [c.payload["n"] for c in outbox.claim("me", only=3)] == [2]
