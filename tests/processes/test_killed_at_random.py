"""Workers killed at any moment, and workers side by side: as many tickets as mails, none twice."""

from __future__ import annotations

import os
import random
import threading
import time
from collections import Counter
from concurrent.futures import ThreadPoolExecutor

import pytest

from helpdesk.tickets.queries.replaying import differences
from tests.making import SUPPORT, Desk, a_mail
from tests.processes.installation import Installation, answers, hand_in, kill
from tests.services import process
from tests.services.process import until
from tests.services.smtp_sink import SmtpSink

pytestmark = pytest.mark.services

MAILS = int(os.environ.get("CRASH_MAILS", "40"))
KILLS = int(os.environ.get("CRASH_KILLS", "4"))
FLUSHES = 2
"""A long run: CRASH_MAILS=500 CRASH_KILLS=40 make test ARGS="tests/processes/test_killed_at_random.py"."""

both = pytest.mark.parametrize("engine", ["sqlite", "postgresql"], indirect=True)


@both
def test_killed_at_random_while_mail_comes_in(
    installed: Installation, desk: Desk, smtp_sink: SmtpSink, engine: str, request: pytest.FixtureRequest
) -> None:
    """Worker, its children and web die by kill -9; on PostgreSQL Redis forgets everything, twice."""
    rng = random.Random(20261116)  # noqa: S311 - repeatable, not secret
    port = installed.settings.smtp_listen_port
    done = threading.Event()

    def send_all() -> int:
        tries = 0
        for mail in _mails():
            while not hand_in(port, mail, [SUPPORT]):
                tries += 1
                time.sleep(0.02)
            time.sleep(0.02)
        done.set()
        return tries

    worker, web = installed.worker(), installed.start("web")
    with ThreadPoolExecutor(1) as pool:
        sending = pool.submit(send_all)
        for n in range(KILLS):
            done.wait(rng.uniform(0.05, 0.5))
            if n % 3 == 2:
                kill(web)
                web = installed.start("web")
            else:
                kill(worker)
                installed.forget_leases()
                worker = installed.worker()
            if engine == "postgresql" and n in range(1, KILLS, max(KILLS // FLUSHES, 1)):
                request.getfixturevalue("redis_server").flush()
        assert sending.result(60 + MAILS) >= 0
    installed.settled(60 + MAILS)
    _acknowledged_once_each(installed, smtp_sink)
    _all_there_once(installed, desk)


@both
def test_two_workers_share_the_work(
    installed: Installation, desk: Desk, smtp_sink: SmtpSink, engine: str
) -> None:
    ports = [installed.settings.smtp_listen_port, process.free_port()]
    for port in ports:
        installed.start("worker", smtp_listen_port=port)
    for port in ports:
        until(lambda port=port: answers(port), 20, what="both mail listeners")  # type: ignore[misc] # bound at once
    with ThreadPoolExecutor(6) as pool:
        ways = zip(_mails(), ports * MAILS, strict=False)
        assert all(pool.map(lambda way: hand_in(way[1], way[0], [SUPPORT]), ways))
    installed.settled(60 + MAILS)
    _acknowledged_once_each(installed, smtp_sink)
    _all_there_once(installed, desk)


def _mails() -> list[bytes]:
    return [
        a_mail(subject=f"Mail {n}", sender=f"c{n}@shop{n}.example.com", message_id=f"<m{n}@mail.example>")
        for n in range(MAILS)
    ]


def _all_there_once(installed: Installation, desk: Desk) -> None:
    subjects = Counter(row.subject for row in installed.rows("SELECT subject FROM tickets"))
    assert subjects == {f"Mail {n}": 1 for n in range(MAILS)}
    outcomes = Counter(row.outcome for row in installed.rows("SELECT outcome FROM inbound_mails"))
    assert outcomes.pop("new_ticket") == MAILS
    assert set(outcomes) <= {"duplicate"}, "a mail that came again because its 250 was lost"
    assert installed.rows("SELECT count(*) FROM messages")[0][0] == MAILS
    assert installed.rows("SELECT kind, error FROM outbox WHERE state <> 'done'") == []
    assert differences() == (MAILS, [])
    checked = installed.run("fsck")
    assert checked.returncode == 0, checked.stdout + checked.stderr


def _acknowledged_once_each(installed: Installation, smtp_sink: SmtpSink) -> None:
    """One acknowledgement each; what was cut off in mid-sending waits a while and goes out once more."""
    installed.change("UPDATE deliveries SET sending_at = '2020-01-01 00:00:00' WHERE state = 'sending'")
    installed.change("UPDATE outbox SET not_before = '2020-01-01 00:00:00' WHERE state = 'waiting'")
    until(lambda: {s.state for s in installed.rows("SELECT state FROM deliveries")} == {"sent"}, 20 + MAILS)
    assert installed.rows("SELECT count(*) FROM deliveries")[0][0] == MAILS
    copies = Counter(str(mail.message["Message-ID"]) for mail in smtp_sink.mails)
    assert len(copies) == MAILS
    unsure = installed.rows("SELECT count(*) FROM deliveries WHERE unconfirmed")[0][0]
    assert sum(copies.values()) - MAILS <= unsure, "a second copy is marked as such"
