"""Connection tests: asked for on a page, done step by step by the worker, read while they run."""

from datetime import datetime

import sqlalchemy as sa

from helpdesk.core.clock import now
from helpdesk.core.db import command, session
from helpdesk.core.errors import NotFoundError
from helpdesk.core.jobs.outbox import enqueue
from helpdesk.core.tables import Json
from helpdesk.mailboxes.model import ConnectionTest
from helpdesk.mailboxes.trying import DECIDED, STEPS, Step


@command
def ask_test(*, mailbox_id: int) -> int:
    """Ask for a connection test; return its id. While one is under way that one is it."""
    under_way = session().scalar(
        sa.select(ConnectionTest.id).where(
            ConnectionTest.mailbox_id == mailbox_id, ConnectionTest.ended_at.is_(None)
        )
    )
    if under_way is not None:
        return under_way
    test = ConnectionTest(
        mailbox_id=mailbox_id, asked_at=now(), steps=[Step(name, "waiting").to_json() for name in STEPS]
    )
    session().add(test)
    session().flush()
    old = sa.select(ConnectionTest.id).where(
        ConnectionTest.mailbox_id == mailbox_id, ConnectionTest.id != test.id
    )
    session().execute(sa.delete(ConnectionTest).where(ConnectionTest.id.in_(old)))
    enqueue("mailbox.test", {"test": test.id}, key=f"mailbox.test:{test.id}")
    return test.id


@command
def note_step(*, test_id: int, step: Step, mails: int | None = None) -> None:
    """Note how a step went; one that was decided stays so. With the last one the test has ended."""
    test = _open(test_id)
    if test is None:
        return
    if mails is not None:
        test.mails = mails
    _set(test, step)


@command
def note_sent(*, test_id: int) -> None:
    """Note that the test mail is on its way from now."""
    test = _open(test_id)
    if test is not None:
        test.sent_at = now()


@command
def came_back(*, test_id: int, at: datetime) -> None:
    """The test mail of a test came in: the round trip is whole, and our own mail was recognised."""
    test = _open(test_id)
    if test is None or test.sent_at is None:
        return
    took = max(0, round((at - test.sent_at).total_seconds() * 1000))
    _set(test, Step("round_trip", "ok", "It came back, and became no ticket.", ms=took))
    _set(test, Step("loop", "ok", "Our own mail was recognised, so nothing would answer it."))


def _open(test_id: int) -> ConnectionTest | None:
    test = session().scalar(sa.select(ConnectionTest).where(ConnectionTest.id == test_id).with_for_update())
    return None if test is None or test.ended_at is not None else test


def _set(test: ConnectionTest, step: Step) -> None:
    fresh: list[Json] = [
        step.to_json() if old["step"] == step.step and old["state"] not in DECIDED else old
        for old in test.steps
    ]
    test.steps = fresh
    if all(one["state"] in DECIDED for one in fresh):
        test.ended_at = now()


@command
def end_test(*, test_id: int) -> None:
    """End a test that broke off: what was not reached stays so.

    Raises:
        NotFoundError: there is no such test.
    """
    test = session().get(ConnectionTest, test_id, with_for_update=True)
    if test is None:
        raise NotFoundError("There is no such test.")
    for name in STEPS:
        _set(test, Step(name, "skipped", "Not reached."))
