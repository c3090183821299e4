"""Fetching that stops is seen on every page of administrators, and told once; so is its end."""

from datetime import timedelta

import pytest

from helpdesk.channels.model import Notice
from helpdesk.core import clock
from helpdesk.core.clock import now
from helpdesk.core.jobs.runner import run_all
from helpdesk.mailboxes.commands import add_imap_source, lease_source, source_answered, source_failed
from helpdesk.mailboxes.commands.sources import notice_silence
from helpdesk.people.rights import Role
from tests.making import Desk


@pytest.fixture
def source(desk: Desk) -> int:
    return add_imap_source(
        mailbox_id=desk.mailbox_id, host="imap.x.example", user="u", password="p", port=993
    )


def _fail(source: int, times: int) -> None:
    for _again in range(times):
        source_failed(source_id=source, error="imap.x.example does not answer.")


def test_one_mail_a_stop_and_one_when_it_works_again(desk: Desk, source: int) -> None:
    desk.agent("Zoe Boss", role=Role.ADMIN)
    _fail(source, 2)
    assert desk.rows(Notice) == []
    _fail(source, 5)
    stopped = desk.rows(Notice)
    assert sorted(n.recipient for n in stopped) == ["joana@shop.example", "zoe@shop.example"]
    assert stopped[0].subject == "No mail comes in for support@shop.example"
    assert "imap.x.example does not answer." in stopped[0].text
    assert "http://desk.example/a/settings/mailboxes/1" in stopped[0].text
    for _again in range(3):
        source_answered(source_id=source)
    works = desk.rows(Notice)[2:]
    assert [n.subject for n in works] == ["Mail comes in again for support@shop.example"] * 2
    _fail(source, 4)
    assert len(desk.rows(Notice)) == 6, "another stop is another mail"
    run_all()
    assert {n.state for n in desk.rows(Notice)} == {"kept"}


def test_every_administrators_page_says_it_in_one_line(desk: Desk, source: int) -> None:
    admin, agent = desk.browser(desk.admin), desk.browser(desk.agent("Mara Order"))
    words = "No mail comes in for support@shop.example"
    assert words not in admin.get("/a/queue").get_data(as_text=True)
    _fail(source, 3)
    assert words in admin.get("/a/queue").get_data(as_text=True)
    assert words not in agent.get("/a/queue").get_data(as_text=True)
    source_answered(source_id=source)
    assert words not in admin.get("/a/queue").get_data(as_text=True)


def test_silence_counts_as_a_stop_also_when_the_worker_was_away(desk: Desk, source: int) -> None:
    source_answered(source_id=source)
    assert notice_silence() == 0
    with clock.at(now() + timedelta(minutes=25)):
        assert notice_silence() == 1
        assert notice_silence() == 0
        assert len(desk.rows(Notice)) == 1
        assert lease_source(source_id=source, owner="back again") is not None
        source_answered(source_id=source)
    assert [n.key.split(":")[0] for n in desk.rows(Notice)] == ["stopped", "works"]


def test_a_paused_mailbox_alarms_nobody(desk: Desk, source: int) -> None:
    admin = desk.browser(desk.admin)
    admin.get("/a/settings/mailboxes/1")
    admin.post("/a/settings/mailboxes/1/pause")
    with clock.at(now() + timedelta(hours=5)):
        assert notice_silence() == 0
    assert desk.rows(Notice) == []
