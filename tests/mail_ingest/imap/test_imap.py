"""IMAP over a real Dovecot: nothing missed, nothing twice, whatever the server and other people do (M4)."""

import threading
from collections.abc import Callable
from contextlib import suppress
from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest

from helpdesk.core.db import db
from helpdesk.core.jobs.runner import run_all
from helpdesk.mailboxes import commands, queries
from helpdesk.mailboxes.commands import LeaseLostError
from helpdesk.tickets.model import Ticket
from helpdesk.worker import Worker
from mail_ingest.imap.fetching import fetch_new
from mail_ingest.imap.session import Folder, ImapError
from mail_ingest.model import ImapCursor, Inbound
from mail_ingest.shadow import go_shadow
from tests.making import Desk, a_mail
from tests.services.dovecot import DovecotServer
from tests.services.process import until
from tests.services.tcp_proxy import TcpProxy

pytestmark = pytest.mark.services


class Box:
    """A mailbox on Dovecot and the source that fetches from it."""

    def __init__(self, desk: Desk, server: DovecotServer, **more: object) -> None:
        self.desk = desk
        self.server = server
        self.user = server.new_user()
        values: dict[str, object] = {
            "mailbox_id": desk.mailbox_id,
            "host": "127.0.0.1",
            "port": server.imap_port,
            "security": "none",
            "user": self.user,
            "password": server.password,
            "first_import": "all",
        }
        self.id = commands.add_imap_source(**(values | more))  # type: ignore[arg-type] # by keyword

    def put(self, n: int, **mail: str) -> bytes:
        """Deliver a mail, the n-th."""
        raw = a_mail(subject=f"Mail {n}", message_id=f"<{self.user}.{n}@mail.example>", **mail)
        self.server.deliver(self.user, raw)
        return raw

    def fetch(self, owner: str = "one", port: int | None = None) -> int:
        """Fetch once, perhaps through another port, and read what came."""
        fence = commands.lease_source(source_id=self.id, owner=owner)
        assert fence is not None
        card = queries.source(self.id)
        db.session.rollback()
        assert card is not None
        with Folder(replace(card, port=port or card.port)) as folder:
            stored = fetch_new(folder, fence)
        run_all()
        return stored

    def numbers(self) -> list[str]:
        """Return the subjects of all tickets, oldest first."""
        return [t.subject for t in self.desk.rows(Ticket)]


@pytest.fixture
def make_box(desk: Desk, dovecot_server: DovecotServer) -> Callable[..., Box]:
    return lambda **more: Box(desk, dovecot_server, **more)


def test_each_mail_becomes_one_ticket_and_stays_unread_on_the_server(make_box: Callable[..., Box]) -> None:
    box = make_box()
    for n in range(3):
        box.put(n)
    assert box.fetch() == 3
    assert box.fetch() == 0
    box.put(3)
    assert box.fetch() == 1
    assert box.numbers() == ["Mail 0", "Mail 1", "Mail 2", "Mail 3"]
    with box.server.connect(box.user) as client:
        client.select_folder("INBOX")
        assert client.search("SEEN") == []


def test_mail_that_a_person_has_read_is_fetched_all_the_same(make_box: Callable[..., Box]) -> None:
    box = make_box()
    box.put(1)
    with box.server.connect(box.user) as client:
        client.select_folder("INBOX")
        client.add_flags([1], [b"\\Seen"])
    assert box.fetch() == 1


def test_from_now_on_leaves_what_is_there_and_takes_what_comes(make_box: Callable[..., Box]) -> None:
    box = make_box(first_import="now")
    box.put(1)
    assert box.fetch() == 0
    box.put(2)
    assert box.fetch() == 1
    assert box.numbers() == ["Mail 2"]


def test_a_folder_that_gets_a_new_life_is_read_again_without_a_second_ticket(
    make_box: Callable[..., Box],
) -> None:
    box = make_box()
    for n in range(4):
        box.put(n)
    box.fetch()
    box.server.change_uidvalidity(box.user)
    box.put(4)
    assert box.fetch() == 5
    assert box.numbers() == [f"Mail {n}" for n in range(5)]
    outcomes = [m.outcome for m in box.desk.rows(Inbound)]
    assert outcomes.count("duplicate") == 4
    assert outcomes.count("new_ticket") == 5
    assert len(box.desk.all(ImapCursor)) == 2


def test_another_server_that_counts_alike_loses_no_mail_and_doubles_none(
    make_box: Callable[..., Box],
) -> None:
    old = make_box()
    kept = [old.put(n) for n in range(2)]
    assert old.fetch() == 2
    new = Box(old.desk, old.server, mailbox_id=old.desk.mailbox_id)
    new.server.deliver(new.user, kept[0])
    new.put(9)
    life = old.desk.all(ImapCursor)[0].uidvalidity
    new.server.change_uidvalidity(new.user, to=life)
    assert new.fetch() == 2
    assert [m.outcome for m in old.desk.rows(Inbound)] == [
        "new_ticket",
        "new_ticket",
        "duplicate",
        "new_ticket",
    ]
    assert old.numbers() == ["Mail 0", "Mail 1", "Mail 9"]
    assert len({(m.uidvalidity, m.uid) for m in old.desk.rows(Inbound)}) == 2, "two servers counted alike"


def test_a_mail_removed_between_listing_and_fetching_does_not_hold_the_cursor(
    make_box: Callable[..., Box], monkeypatch: pytest.MonkeyPatch
) -> None:
    box = make_box()
    for n in range(3):
        box.put(n)
    fetch_raw = Folder.raw

    def gone(self: Folder, uid: int, *, head_only: bool = False) -> bytes | None:
        return None if uid == 3 else fetch_raw(self, uid, head_only=head_only)

    monkeypatch.setattr(Folder, "raw", gone)
    assert box.fetch() == 2
    assert [c.last_uid for c in box.desk.all(ImapCursor)] == [3]


def test_a_wire_that_breaks_anywhere_costs_time_only(make_box: Callable[..., Box]) -> None:
    box = make_box()
    for n in range(6):
        box.put(n, text="word " * 400)
    cuts = 0
    for cut in range(400, 16_000, 1733):
        with TcpProxy(box.server.imap_port) as wire:
            wire.cut_after(to_client=cut)
            try:
                box.fetch(port=wire.port)
            except ImapError:
                cuts += 1
    assert cuts > 3
    box.fetch()
    assert box.numbers() == [f"Mail {n}" for n in range(6)]
    assert {m.outcome for m in box.desk.rows(Inbound)} == {"new_ticket"}


def test_old_mail_is_taken_without_telling_anybody(make_box: Callable[..., Box]) -> None:
    box = make_box()
    assert box.fetch() == 0
    with box.server.connect(box.user) as client:
        client.append("INBOX", a_mail(subject="Old"), msg_time=datetime.now(UTC) - timedelta(days=3))
    box.put(1)
    box.fetch()
    assert box.numbers() == ["Old", "Mail 1"]
    assert len(box.desk.outgoing("acknowledgement")) == 1


def test_everything_there_is_is_imported_without_a_word_and_what_comes_later_is_answered(
    make_box: Callable[..., Box],
) -> None:
    """M3: an import sends no mail, however fresh the mails are, and however often it is broken off."""
    box = make_box(first_import="all")
    for n in range(5):
        box.put(n, sender=f"customer{n}@example.de")
    with TcpProxy(box.server.imap_port) as wire:
        wire.cut_after(to_client=4000)
        with suppress(ImapError):
            box.fetch(port=wire.port)
    box.fetch()
    assert box.numbers() == [f"Mail {n}" for n in range(5)]
    assert box.desk.outgoing() == []
    box.server.change_uidvalidity(box.user)
    box.put(5, sender="later@example.de")
    box.fetch()
    assert [m.visible_to[0]["email"] for m in box.desk.outgoing()] == ["later@example.de"]


def test_a_worker_that_lost_its_lease_stores_nothing(make_box: Callable[..., Box]) -> None:
    box = make_box()
    box.put(1)
    fence = commands.lease_source(source_id=box.id, owner="paused")
    card = queries.source(box.id)
    db.session.rollback()
    assert card is not None
    assert fence is not None
    assert commands.lease_source(source_id=box.id, owner="other") is None
    commands.release_source(source_id=box.id, owner="paused")
    assert box.fetch(owner="other") == 1
    box.put(2)
    with Folder(card) as folder, pytest.raises(LeaseLostError):
        fetch_new(folder, fence)
    assert box.fetch(owner="other") == 1
    assert box.numbers() == ["Mail 1", "Mail 2"]


@pytest.mark.parametrize(
    ("more", "words"),
    [
        ({"password": "wrong"}, "refused user name or password"),
        ({"folder": "Nowhere"}, "The folder Nowhere cannot be opened"),
        ({"port": 1}, "127.0.0.1:1 does not answer"),
        ({"security": "tls"}, "does not speak TLS"),
    ],
)
def test_each_failure_has_its_own_sentence_and_shows_no_password(
    make_box: Callable[..., Box], more: dict[str, object], words: str
) -> None:
    box = make_box(**more)
    with pytest.raises(ImapError, match=words) as caught:
        box.fetch()
    assert "secret" not in str(caught.value)


def test_moving_what_is_ours_keeps_the_cursor_right(make_box: Callable[..., Box]) -> None:
    box = make_box(afterwards="move", move_to="Archive")
    box.put(1)
    box.put(2)
    assert box.fetch() == 2
    assert len(box.server.mails(box.user, "Archive")) == 2
    assert box.server.mails(box.user) == []
    box.put(3)
    assert box.fetch() == 1


def test_shadow_mode_leaves_no_trace_on_the_server(make_box: Callable[..., Box]) -> None:
    """The desk runs beside another one: mail is taken in, nothing is flagged or moved, nothing is sent."""
    box = make_box(afterwards="move", move_to="Archive")
    go_shadow(viewer=box.desk.admin)
    box.put(1)
    assert box.fetch() == 1
    assert len(box.desk.rows(Ticket)) == 1
    with box.server.connect(box.user) as client:
        client.select_folder("INBOX", readonly=True)
        flags = client.get_flags(client.search())
    assert [set(f) - {b"\\Recent"} for f in flags.values()] == [set()]
    assert box.server.mails(box.user, "Archive") == []
    assert {d.state for d in box.desk.deliveries()} <= {"shadow"}


def test_a_running_worker_hears_of_new_mail_and_one_bad_mailbox_blocks_no_other(
    make_box: Callable[..., Box],
) -> None:
    good, bad = make_box(), make_box(password="wrong")
    desk = good.desk
    worker = Worker(desk.app, desk.app.extensions["settings"])
    thread = threading.Thread(target=worker.run)
    thread.start()
    try:
        good.put(1)
        until(lambda: len(desk.rows(Ticket)) == 1, timeout=45, what="the first ticket")
        good.put(2)
        until(
            lambda: len(desk.rows(Ticket)) == 2,
            timeout=40,
            what="the second ticket, heard by IDLE, sooner than by the poll",
        )
        until(lambda: _health(bad.id).fails >= 1, timeout=45, what="the failure of the other mailbox")
    finally:
        worker.stop()
        thread.join(40)
    assert not thread.is_alive()
    assert _health(good.id).state == "ok"


def _health(source_id: int) -> queries.SourceHealth:
    db.session.rollback()
    return next(h for h in queries.sources_health() if h.id == source_id)
