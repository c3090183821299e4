"""Killed at every named step: what got 250 has one outcome, one ticket, one reply, and nothing is stuck."""

from __future__ import annotations

import os
import re
import signal
from collections import Counter
from pathlib import Path

import pytest

from helpdesk.core.crash import EXIT_CODE
from helpdesk.core.jobs.runner import run_all
from helpdesk.tickets.commands.writing import answer
from helpdesk.tickets.content import Content
from helpdesk.tickets.queries.replaying import differences
from tests.making import SUPPORT, Desk, a_mail
from tests.processes.installation import ROOT, Installation, hand_in
from tests.services.smtp_sink import SmtpSink, SunkMail

pytestmark = pytest.mark.services

BEFORE_250 = ("before_store", "before_rename", "after_store", "within_note", "after_note")
READING = ("before_read", "before_settle", "within_settle", "after_settle")
SENDING = ("before_hand_over", "after_hand_over", "after_delivered")


FETCHING = ("before_fetch", "after_fetch", "after_keep")
"""Crashed at in the tests of fetching."""


def test_every_point_in_the_code_is_crashed_at() -> None:
    found = set()
    for folder in ("helpdesk", "mail_ingest"):
        for path in (ROOT / folder).rglob("*.py"):
            found |= set(re.findall(r'crash_point\("(\w+)"\)', path.read_text("utf-8")))
    assert found <= {*BEFORE_250, *READING, *SENDING, *FETCHING}


@pytest.mark.parametrize("point", BEFORE_250)
def test_a_crash_before_250(point: str, installed: Installation, desk: Desk) -> None:
    port = installed.settings.smtp_listen_port
    mails = [a_mail(subject=f"Mail {n}", sender=f"c{n}@example.com") for n in range(3)]
    worker = installed.worker(crash_at=point)
    assert not hand_in(port, mails[0], [SUPPORT]), "no 250 for what may be lost"
    assert worker.wait(10) == EXIT_CODE
    installed.worker()
    for mail in mails:  # the sender's server tries again, as it must
        assert hand_in(port, mail, [SUPPORT])
    installed.settled()
    _one_ticket_each(installed, 3)
    extra = installed.rows("SELECT count(*) FROM inbound_mails WHERE outcome = 'duplicate'")[0][0]
    assert extra == (1 if point == "after_note" else 0)
    assert differences() == (3, [])


@pytest.mark.parametrize("point", READING)
def test_a_crash_while_reading(point: str, installed: Installation, desk: Desk) -> None:
    port = installed.settings.smtp_listen_port
    worker = installed.worker(crash_at=point)
    accepted = hand_in(port, a_mail(subject="Mail 0", sender="c0@example.com"), [SUPPORT])
    assert accepted
    assert worker.wait(10) == EXIT_CODE
    installed.forget_leases()
    installed.worker()
    for n in (1, 2):
        assert hand_in(port, a_mail(subject=f"Mail {n}", sender=f"c{n}@example.com"), [SUPPORT])
    installed.settled()
    _one_ticket_each(installed, 3)
    assert {t.state for t in desk.deliveries()} == {"sent"}
    assert differences() == (3, [])


@pytest.mark.parametrize("point", [*SENDING, "between_data_and_250"])
def test_a_crash_while_sending(
    point: str, installed: Installation, desk: Desk, smtp_sink: SmtpSink, tmp_path: Path
) -> None:
    desk.ticket(subject="Where is it?", sender="lena@example.de")
    run_all()
    smtp_sink.clear()
    answer(viewer=desk.admin, number=1001, kind="reply", content=Content(text="On its way."))
    worker_pid = []

    def die_in_between(_mail: SunkMail) -> None:
        smtp_sink.on_data = None
        os.kill(worker_pid[0], signal.SIGKILL)
        raise ConnectionError

    if point == "between_data_and_250":
        smtp_sink.on_data = die_in_between
    worker = installed.start("worker", "--no-mail", crash_at=point)
    worker_pid.append(worker.pid)
    assert worker.wait(20) == (EXIT_CODE if point in SENDING else -signal.SIGKILL)

    installed.forget_leases()
    run_all()
    (row,) = installed.rows("SELECT state, unconfirmed FROM deliveries ORDER BY id DESC LIMIT 1")
    if point != "after_delivered":
        assert row.state == "sending", "its copy may be out: wait before trying again"
        installed.change("UPDATE deliveries SET sending_at = '2020-01-01 00:00:00'")
        installed.change("UPDATE outbox SET not_before = '2020-01-01 00:00:00' WHERE state = 'waiting'")
        run_all()
    installed.settled(1)

    (row,) = installed.rows("SELECT state, unconfirmed FROM deliveries ORDER BY id DESC LIMIT 1")
    assert row.state == "sent"
    assert bool(row.unconfirmed) == (point != "after_delivered")
    copies = 2 if point == "after_hand_over" else 1
    assert len(smtp_sink.mails) == copies
    assert len({m.data for m in smtp_sink.mails}) == 1, "the same bytes, so the same Message-ID"
    assert [m.recipients for m in smtp_sink.mails] == [("lena@example.de",)] * copies
    assert installed.rows("SELECT count(*) FROM messages WHERE kind = 'team'")[0][0] == 1


def _one_ticket_each(installed: Installation, n: int) -> None:
    subjects = Counter(row.subject for row in installed.rows("SELECT subject FROM tickets"))
    assert subjects == {f"Mail {i}": 1 for i in range(n)}
    firsts = installed.rows("SELECT outcome FROM inbound_mails WHERE outcome <> 'duplicate'")
    assert [row.outcome for row in firsts] == ["new_ticket"] * n
    acks = installed.rows(
        "SELECT recipient, count(*) AS n FROM deliveries d JOIN outgoing_mails o ON o.id = d.mail_id"
        " WHERE o.kind = 'acknowledgement' GROUP BY recipient"
    )
    assert [row.n for row in acks] == [1] * n
    dead = installed.rows("SELECT kind, error FROM outbox WHERE state NOT IN ('done')")
    assert dead == []
