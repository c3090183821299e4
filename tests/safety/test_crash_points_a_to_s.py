"""Mail rule M4's crash points, one test a letter: nothing lost, nothing twice, whatever breaks off where.

Here a crash is an exception that nothing catches, at the named point of the real code, with a real Dovecot
and a real mail server to send by; the transaction is lost with it and leases run out. The same with processes
that are killed: tests/processes; with everything at once: `python -m bench.survive`. On both engines:
CRASH_ENGINES=both make test ARGS="tests/safety".
"""

import errno
import os
import sqlite3
import threading
from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import closing, contextmanager, suppress
from datetime import timedelta
from functools import partial
from hashlib import sha256
from types import SimpleNamespace

import pytest
import sqlalchemy as sa

from helpdesk.core import clock, crash
from helpdesk.core.clock import now
from helpdesk.core.db import db
from helpdesk.core.files import FileStore
from helpdesk.core.jobs.runner import Job, run_all
from helpdesk.fsck import all_checks
from helpdesk.mailboxes import commands, queries
from helpdesk.mailboxes.commands import LeaseLostError, add_mailbox
from helpdesk.tickets.commands.writing import answer
from helpdesk.tickets.content import Content
from helpdesk.tickets.model import Message, Ticket
from mail_ingest.confined import Reader
from mail_ingest.imap import fetching
from mail_ingest.imap.fetching import fetch_new
from mail_ingest.imap.session import Folder, ImapError, Listed
from mail_ingest.intake import read_inbound
from mail_ingest.model import ImapCursor, Inbound
from tests.mail_ingest.imap.test_imap import Box
from tests.making import SUPPORT, Desk, a_mail
from tests.services.dovecot import DovecotServer
from tests.services.smtp_sink import SmtpSink, SunkMail
from tests.services.tcp_proxy import TcpProxy

pytestmark = pytest.mark.services

ENGINES = ["sqlite", "postgresql"] if os.environ.get("CRASH_ENGINES") == "both" else ["sqlite"]
both = pytest.mark.parametrize("engine", ["sqlite", "postgresql"], indirect=True)
LATER = timedelta(minutes=20)
"""When every lease has run out and every wait is over."""


@pytest.fixture
def engine(request: pytest.FixtureRequest) -> str:
    """SQLite; PostgreSQL where the letter is about it, or all is asked for."""
    return str(getattr(request, "param", "sqlite"))


def pytest_generate_tests(metafunc: pytest.Metafunc) -> None:
    """Run every letter on both engines when asked to."""
    marked = [m for m in metafunc.definition.iter_markers("parametrize") if m.args[0] == "engine"]
    if "engine" in metafunc.fixturenames and not marked:
        metafunc.parametrize("engine", ENGINES, indirect=True)


class Killed(BaseException):
    """The process is gone: nothing in the program may catch this."""


@pytest.fixture
def box(desk: Desk, dovecot_server: DovecotServer, smtp_sink: SmtpSink) -> Box:
    """A folder with three mails of three customers, and a mail server to send by."""
    desk.app.extensions["settings"] = desk.app.extensions["settings"].model_copy(
        update={"smtp_host": smtp_sink.host, "smtp_port": smtp_sink.port, "smtp_security": "none"}
    )
    made = Box(desk, dovecot_server)
    for n in range(3):
        made.put(n, sender=f"c{n}@shop{n}.example.com")
    return made


@contextmanager
def killed_at(point: str, monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """Die once at a crash point of the code; what holds a lease then lets go of it by time only."""

    def die(_code: int) -> None:
        raise Killed

    with monkeypatch.context() as patch:
        patch.setattr(crash, "settings", lambda: SimpleNamespace(crash_at=point))
        patch.setattr(crash.os, "_exit", die)
        with pytest.raises(Killed):
            yield
    db.session.rollback()


def once(monkeypatch: pytest.MonkeyPatch, owner: type, name: str, instead: Callable[..., object]) -> None:
    """Let `instead` run in the place of a method, the first time it is called."""
    usual = getattr(owner, name)
    calls = []

    def step(self: object, *args: object, **more: object) -> object:
        calls.append(1)
        return instead(self, *args, **more) if len(calls) == 1 else usual(self, *args, **more)

    monkeypatch.setattr(owner, name, step)


def goes_on(box: Box, mails: int = 3) -> None:
    """Another worker takes over when the leases have run out; then everything must be as if nothing was."""
    for turn in (2, 3):
        with clock.at(now() + LATER * turn):
            box.fetch(owner=f"another {turn}")
    with clock.at(now() + timedelta(hours=3)):
        run_all()
    whole(box, mails)


def whole(box: Box, mails: int) -> None:
    """Whatever is on the server is held, once each; every row has its outcome; fsck finds nothing."""
    rows = box.desk.rows(Inbound)
    assert {r.state for r in rows} <= {"done", "quarantined"}
    settled = [r for r in rows if r.outcome != "duplicate"]
    assert len(settled) == mails
    assert len({r.ticket_message_id for r in settled if r.ticket_message_id}) == len(
        [r for r in settled if r.ticket_message_id]
    )
    assert len(box.desk.rows(Message, kind="customer")) == len(
        [r for r in settled if r.outcome != "quarantined"]
    )
    on_server = {sha256(raw).hexdigest() for raw in box.server.mails(box.user)}
    assert on_server <= {r.digest for r in rows}
    acks = Counter(
        r.recipient
        for r in box.desk.deliveries()
        if r.mail_id in {m.id for m in box.desk.outgoing("acknowledgement")}
    )
    assert set(acks.values()) <= {1}
    db.session.rollback()
    breaches = [words for check in all_checks() for words in check.run(True)]
    assert breaches == []


def cursor(box: Box) -> int:
    """Return how far the folder is read."""
    return max((c.last_uid for c in box.desk.all(ImapCursor)), default=0)


@pytest.mark.parametrize(
    "point",
    [
        pytest.param("after_fetch", id="a-after-fetch-before-the-file"),
        pytest.param("before_rename", id="b-file-written-not-renamed"),
        pytest.param("after_store", id="c-file-there-no-row"),
        pytest.param("within_note", id="d-row-written-cursor-not"),
        pytest.param("after_keep", id="e-committed-nobody-told"),
        pytest.param("before_read", id="e-committed-nobody-read"),
        pytest.param("within_settle", id="g-ticket-written-not-committed"),
        pytest.param("after_settle", id="h-committed-not-finished"),
    ],
)
def test_a_to_h(point: str, box: Box, monkeypatch: pytest.MonkeyPatch) -> None:
    with killed_at(point, monkeypatch):
        box.fetch()
    assert cursor(box) == len(box.desk.rows(Inbound)), "the cursor is never ahead of what is held"
    goes_on(box)
    assert cursor(box) == 3


def test_f_reading_dies_hangs_or_fails(box: Box) -> None:
    """A rule that fails, a child that hangs: three tries, then aside; the rest goes on."""
    reader = Reader(time_limit_s=10)
    usual, bad = reader.read, []

    def read(raw: bytes, envelope_from: str | None = None) -> object:
        if b"Mail 1" in raw:
            bad.append(1)
            if len(bad) % 2:
                raise RecursionError("too deep")
            with Reader(time_limit_s=0.0) as hanging:
                return hanging.read(raw, envelope_from)
        return usual(raw, envelope_from)

    reader.read = read  # type: ignore[method-assign,assignment] # stands in for a fault in it
    box.desk.app.extensions["jobs"]["mail.read"] = Job(partial(read_inbound, reader), world=True)
    box.fetch()
    goes_on(box)
    reader.close()
    assert [r.outcome for r in box.desk.rows(Inbound)] == ["new_ticket", "quarantined", "new_ticket"]
    assert box.numbers() == ["Mail 0", "Mail 2"]


@pytest.mark.parametrize("moved", [False, True], ids=["h-before-the-move", "i-after-the-move-before-its-ok"])
def test_h_and_i(
    moved: bool, desk: Desk, dovecot_server: DovecotServer, monkeypatch: pytest.MonkeyPatch
) -> None:
    box = Box(desk, dovecot_server, afterwards="move", move_to="Archive")
    for n in range(3):
        box.put(n)
    usual = Folder.tidy

    def dies(self: Folder, uids: list[int]) -> None:
        if moved:
            usual(self, uids)
        raise Killed

    once(monkeypatch, Folder, "tidy", dies)
    with pytest.raises(Killed):
        box.fetch()
    db.session.rollback()
    archived = len(box.server.mails(box.user, "Archive"))
    assert archived == (3 if moved else 0)
    goes_on(box)
    assert len(box.server.mails(box.user, "Archive")) == 3, "what stayed is moved by the next round"
    assert box.server.mails(box.user) == []


@pytest.mark.parametrize("point", ["j", "k", "l"])
def test_j_k_l_sending_breaks_off(
    point: str, box: Box, smtp_sink: SmtpSink, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Before SMTP, after DATA, after 250 before we noted it: one message, marked if perhaps twice."""
    box.fetch()
    run_all()
    smtp_sink.clear()
    answer(viewer=box.desk.admin, number=1001, kind="reply", content=Content(text="On its way."))
    if point == "k":

        def breaks(_mail: SunkMail) -> None:
            smtp_sink.on_data = None
            raise ConnectionError

        smtp_sink.on_data = breaks
        run_all()
    else:
        with killed_at("before_hand_over" if point == "j" else "after_hand_over", monkeypatch):
            run_all()
    goes_on(box)
    sent = box.desk.deliveries()[-1]
    assert sent.state == "sent"
    copies = smtp_sink.to("c0@shop0.example.com")
    assert len(copies) == (2 if point == "l" else 1)
    assert len({mail.data for mail in copies}) == 1, "the very same mail"
    assert sent.unconfirmed, "it says that it may have gone out twice"
    assert len(box.desk.rows(Message, kind="team")) == 1


@pytest.mark.parametrize("engine", ["postgresql"], indirect=True)
def test_m_redis_forgets_everything(box: Box, request: pytest.FixtureRequest) -> None:
    fence = commands.lease_source(source_id=box.id, owner="one")
    card = queries.source(box.id)
    db.session.rollback()
    assert fence is not None
    assert card is not None
    with Folder(card) as folder:
        assert fetch_new(folder, fence) == 3
    request.getfixturevalue("redis_server").flush()
    goes_on(box)


@both
def test_n_a_paused_worker_comes_back(box: Box) -> None:
    """Its lease ran out and another fetched: what it brings is refused."""
    fence = commands.lease_source(source_id=box.id, owner="paused")
    card = queries.source(box.id)
    db.session.rollback()
    assert fence is not None
    assert card is not None
    with Folder(card) as folder:
        with clock.at(now() + LATER):
            assert box.fetch(owner="other") == 3
        box.put(3)
        with pytest.raises(LeaseLostError):
            fetch_new(folder, fence)
    goes_on(box, 4)


def test_o_uidvalidity_changes_between_search_and_fetch(box: Box, monkeypatch: pytest.MonkeyPatch) -> None:
    def other_life(self: Folder, _uids: list[int]) -> list[Listed]:
        self.__exit__()
        box.server.change_uidvalidity(box.user)
        raise ImapError("the server broke off")

    once(monkeypatch, Folder, "listed", other_life)
    with pytest.raises(ImapError):
        box.fetch()
    goes_on(box)
    box.server.change_uidvalidity(box.user)
    box.put(3)
    with clock.at(now() + timedelta(hours=4)):
        assert box.fetch(owner="after") == 4
    whole(box, 4)


def test_p_a_person_removes_a_mail_between_search_and_fetch(
    box: Box, monkeypatch: pytest.MonkeyPatch
) -> None:
    usual = Folder.listed

    def after_a_person(self: Folder, uids: list[int]) -> list[Listed]:
        found = usual(self, uids)
        with box.server.connect(box.user) as client:
            client.select_folder("INBOX")
            client.delete_messages([2])
            client.expunge()
        return found

    once(monkeypatch, Folder, "listed", after_a_person)
    box.fetch()
    assert cursor(box) == 3, "the cursor passes what is gone"
    box.put(3)
    goes_on(box, 3 if "Mail 1" not in box.numbers() else 4)


def test_q_the_same_mail_in_two_mailboxes_and_twice_in_one(
    box: Box, desk: Desk, dovecot_server: DovecotServer
) -> None:
    other = add_mailbox(address="sales@shop.example", sender_name="Sales")
    second = Box(desk, dovecot_server, mailbox_id=other)
    raw = a_mail("ann@example.com", to=f"{SUPPORT}, sales@shop.example", subject="To both")
    for place in (box, box, second):
        place.server.deliver(place.user, raw)
    second.fetch()
    goes_on(box, 4)
    rows = [r for r in desk.rows(Inbound) if r.subject == "To both"]
    assert sorted(r.outcome for r in rows) == ["duplicate", "duplicate", "new_ticket"]
    assert len({r.ticket_id for r in rows}) == 1


def test_r_the_database_is_busy(box: Box, monkeypatch: pytest.MonkeyPatch) -> None:
    """A writer holds the lock: we wait for it. For too long: the round fails, the next goes on."""
    path = db.engine.url.database
    db.session.rollback()
    if db.engine.dialect.name == "sqlite":
        locked, free = threading.Event(), threading.Event()

        def hold() -> None:
            with closing(sqlite3.connect(str(path), isolation_level=None)) as own:
                own.execute("BEGIN IMMEDIATE")
                locked.set()
                free.wait(10)
                own.execute("ROLLBACK")

        holder = threading.Thread(target=hold)
        holder.start()
        assert locked.wait(10)
        threading.Timer(0.3, free.set).start()
        assert box.fetch() == 3
        holder.join(10)
        box.put(3)

    def busy(**_: object) -> int:
        raise sa.exc.OperationalError("INSERT", {}, Exception("database is locked"))

    with monkeypatch.context() as patch:
        patch.setattr(fetching, "note", busy)
        with suppress(sa.exc.OperationalError):
            box.fetch()
    goes_on(box, 4 if db.engine.dialect.name == "sqlite" else 3)


@pytest.mark.parametrize("jump", [timedelta(hours=1), timedelta(hours=-1), timedelta(days=400)], ids=str)
def test_s_the_clock_jumps(jump: timedelta, box: Box) -> None:
    fence = commands.lease_source(source_id=box.id, owner="one")
    card = queries.source(box.id)
    db.session.rollback()
    assert fence is not None
    assert card is not None
    with Folder(card) as folder, clock.at(now() + jump):
        fetch_new(folder, fence)
        run_all()
        assert all(r.received_at <= now() for r in box.desk.rows(Inbound))
    run_all()
    box.put(3)
    with clock.at(now() + abs(jump)):
        goes_on(box, 4)


def test_the_disk_is_full(box: Box, monkeypatch: pytest.MonkeyPatch) -> None:
    """Nothing is noted of which the bytes are not on the disk; when there is room again, it goes on."""

    def full(_self: FileStore, _content: bytes) -> str:
        raise OSError(errno.ENOSPC, "No space left on device")

    once(monkeypatch, FileStore, "put", full)
    with pytest.raises(OSError, match="No space"):
        box.fetch()
    assert (cursor(box), box.desk.rows(Inbound)) == (0, [])
    goes_on(box)


def test_the_wire_is_cut_after_every_so_many_bytes(box: Box) -> None:
    for cut in range(200, 9_000, 997):
        with TcpProxy(box.server.imap_port) as wire, suppress(ImapError):
            wire.cut_after(to_client=cut)
            box.fetch(port=wire.port)
    goes_on(box)
    assert len(box.desk.rows(Ticket)) == 3
