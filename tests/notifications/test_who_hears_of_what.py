"""Everybody hears once of what concerns them, never of their own acts, here or by mail (L6, L11, rule 9)."""

import string
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from helpdesk.channels import jobs
from helpdesk.channels.model import Notice
from helpdesk.core import clock
from helpdesk.core.clock import now
from helpdesk.core.desk import set_desk
from helpdesk.core.jobs.runner import run_all
from helpdesk.mailboxes.addressing import read_agent_address
from helpdesk.notifications.commands import choose, forget_old, mail_due, tell
from helpdesk.notifications.kinds import Kind, next_morning
from helpdesk.notifications.mentions import mentioned
from helpdesk.notifications.model import Notification
from helpdesk.people.commands import set_active
from helpdesk.people.rights import Role, Scope, Viewer
from helpdesk.tickets.commands.changing import assign
from helpdesk.tickets.commands.desk import mark_read
from helpdesk.tickets.commands.merging import merge
from helpdesk.tickets.commands.relating import follow, snooze, wake_snoozed
from helpdesk.tickets.commands.spam import set_spam
from helpdesk.tickets.commands.writing import answer
from helpdesk.tickets.content import Content
from helpdesk.tickets.model import Follower
from mail_ingest.senders import decide
from tests.making import Desk, a_mail

ALL = {kind.value: "mail" for kind in Kind}


@contextmanager
def _in(minutes: float) -> Iterator[None]:
    with clock.at(now() + timedelta(minutes=minutes)):
        yield


def _note(desk: Desk, viewer: Viewer, text: str, number: int = 1001, kind: str = "note") -> int:
    return answer(viewer=viewer, number=number, kind=kind, content=Content(text=text))  # type: ignore[arg-type] # reply or note


def _heard(desk: Desk, viewer: Viewer) -> list[str]:
    return [row.kind for row in desk.rows(Notification, agent_id=viewer.id)]


def _customer_writes(desk: Desk, text: str = "Any news?") -> None:
    desk.receive(a_mail(text=text, In_Reply_To=desk.outgoing()[0].message_id, subject="Re: Parcel"))


def test_each_hears_of_what_others_do_and_never_of_their_own_acts(desk: Desk) -> None:
    mara, tom = desk.agent("Mara Lindt"), desk.agent("Tom Retour")
    desk.ticket()
    assign(viewer=desk.admin, number=1001, agent_id=desk.admin.id)
    assert _heard(desk, desk.admin) == [], "who takes a ticket knows"
    assign(viewer=desk.admin, number=1001, agent_id=mara.id)
    follow(viewer=tom, number=1001, on=True)
    _customer_writes(desk)
    _note(desk, tom, "I know this one.")
    _note(desk, mara, "We look for it.", kind="reply")
    assert _heard(desk, mara) == ["assigned", "customer", "colleague"]
    assert _heard(desk, tom) == ["customer", "colleague"]
    assert _heard(desk, desk.admin) == []


def test_a_mention_is_heard_once_and_its_reader_follows_from_then_on(desk: Desk) -> None:
    mara, tom = desk.agent("Mara Lindt"), desk.agent("Tom Retour")
    desk.ticket()
    assign(viewer=desk.admin, number=1001, agent_id=mara.id)
    _note(desk, desk.admin, "@mara and @Tom Retour: who knows it? Not joana@shop.example, not @Joana.")
    assert _heard(desk, mara) == ["assigned", "mentioned"], "not once more as a colleague's note"
    assert _heard(desk, tom) == ["mentioned"]
    assert {f.agent_id for f in desk.all(Follower)} == {mara.id, tom.id}
    _customer_writes(desk)
    assert _heard(desk, tom) == ["mentioned", "customer"]
    _note(desk, desk.admin, "Dear @Tom", kind="reply")
    assert _heard(desk, tom)[2:] == ["colleague"], "a reply mentions nobody"


def test_nobody_hears_of_what_they_may_not_see(desk: Desk) -> None:
    far = desk.agent("Ada Fern", Role.AGENT, Scope.TEAMS, (desk.returns,))
    desk.ticket()
    _note(desk, desk.admin, "@Ada can you help?")
    assert (_heard(desk, far), desk.all(Follower)) == ([], [])
    desk.agent("Mara Lindt")
    assign(viewer=desk.admin, number=1001, agent_id=far.id)
    assert _heard(desk, far) == ["assigned"]
    assign(viewer=desk.admin, number=1001, agent_id=None)
    page = desk.browser(far).get("/a/notifications").get_data(as_text=True)
    assert "Parcel says delivered" not in page, "it is no longer theirs to see"
    with _in(3):
        assert mail_due() == 0
    assert desk.rows(Notice) == []


def test_spam_and_imports_and_machines_tell_nobody(desk: Desk) -> None:
    mara = desk.agent("Mara Lindt")
    desk.ticket()
    assign(viewer=desk.admin, number=1001, agent_id=mara.id)
    out_of_office = a_mail(
        subject="Out of office", In_Reply_To=desk.outgoing()[0].message_id, Auto_Submitted="auto-replied"
    )
    assert desk.receive(out_of_office).outcome == "automatic"
    set_spam(viewer=desk.admin, number=1001, on=True)
    _note(desk, desk.admin, "@Mara look at this")
    assert _heard(desk, mara) == ["assigned"]


def test_a_snoozed_ticket_that_comes_back_is_told_to_its_assignee_else_to_who_snoozed_it(desk: Desk) -> None:
    mara = desk.agent("Mara Lindt")
    desk.ticket()
    desk.ticket(sender="noor@example.com")
    assign(viewer=desk.admin, number=1001, agent_id=mara.id)
    for number in (1001, 1002):
        snooze(viewer=desk.admin, number=number, until=now() + timedelta(hours=1))
    with _in(61):
        assert wake_snoozed() == 2
        assert wake_snoozed() == 0
    assert (_heard(desk, mara), _heard(desk, desk.admin)) == (["assigned", "woke"], ["woke"])


def test_a_reply_for_later_that_cannot_go_is_told_to_its_writer(desk: Desk) -> None:
    set_desk(undo_seconds=0)
    desk.ticket()
    browser = desk.browser(desk.admin)
    browser.get("/a/tickets/1001")
    when = (now() + timedelta(hours=2)).strftime("%Y-%m-%dT%H:%M")
    sent = browser.post("/a/tickets/1001/messages", {"kind": "reply", "body": "Soon.", "send_at": when})
    assert sent.status_code == 302
    _customer_writes(desk)
    with _in(180):
        run_all()
    assert _heard(desk, desk.admin) == ["stopped"]


def test_a_mail_goes_once_for_a_ticket_and_only_while_nobody_looked(desk: Desk) -> None:
    mara = desk.agent("Mara Lindt")
    choose(viewer=mara, ways=ALL, daily=False)
    desk.ticket()
    assign(viewer=desk.admin, number=1001, agent_id=mara.id)
    with _in(1):
        _customer_writes(desk, "Please answer.\n\nIt is > urgent")
        assert mail_due() == 0, "not before two minutes"
    with _in(2.1):
        assert (mail_due(), mail_due()) == (1, 0)
        run_all()
    [notice] = desk.rows(Notice)
    assert (notice.recipient, notice.subject) == ("mara@shop.example", "[#1001] Parcel says delivered")
    for words in ("Joana Melo assigned this ticket to you.", "Lena Hartmann wrote:", "> Please answer."):
        assert words in notice.text
    assert "http://desk.example/a/tickets/1001" in notice.text
    ring = desk.app.extensions["keys"]
    assert read_agent_address(ring, notice.reply_to) == (1001, mara.id)

    with _in(3):
        _customer_writes(desk, "Hello?")
    browser = desk.browser(mara)
    browser.get("/a/tickets/1001")
    browser.post("/a/tickets/1001/read?seq=99")
    with _in(9):
        assert mail_due() == 0, "what was seen goes no more"
    assert {row.read_at is not None for row in desk.rows(Notification)} == {True}


def test_what_answers_a_colleagues_note_never_reaches_the_customer(desk: Desk) -> None:
    mara = desk.agent("Mara Lindt")
    choose(viewer=mara, ways=ALL, daily=False)
    desk.ticket()
    assign(viewer=desk.admin, number=1001, agent_id=mara.id)
    note = Content("@Mara Lindt the customer is wrong, is she not?")
    answer(viewer=desk.admin, number=1001, kind="note", content=note)
    with _in(2.1):
        mail_due()
        run_all()
    [notice] = desk.rows(Notice)
    assert notice.reply_to == ""
    assert "an answer to this mail reaches nobody" in notice.text
    decide(viewer=desk.admin, kind="host", key="mx.provider.example")
    vouched = "mx.provider.example; dmarc=pass header.from=shop.example"
    desk.receive(
        a_mail(
            "Mara Lindt <mara@shop.example>",
            text="Yes, she is.",
            In_Reply_To=notice.thread,
            Authentication_Results=vouched,
        )
    )
    assert [m.kind for m in desk.messages(desk.ticket(1001))] == ["customer", "note", "held"]
    assert desk.outgoing("reply") == []


def test_the_mail_says_that_a_machine_wrote_it_and_an_answer_is_the_agents_reply(
    desk: Desk, monkeypatch: pytest.MonkeyPatch
) -> None:
    sent: list[bytes] = []

    def take(_mailbox: int, sender: str, _to: str, raw: bytes) -> str:
        assert sender == ""
        sent.append(raw)
        return "250 taken"

    mara = desk.agent("Mara Lindt")
    desk.ticket()
    assign(viewer=desk.admin, number=1001, agent_id=mara.id)
    monkeypatch.setattr(jobs, "send_for", take)
    with _in(2.1):
        mail_due()
        run_all()
    raw = sent[-1].decode()
    for line in ("Auto-Submitted: auto-generated", "X-Auto-Response-Suppress: All", "In-Reply-To: <T.1001."):
        assert line in raw
    [notice] = desk.rows(Notice)
    assert f"<{notice.reply_to}>" in raw

    decide(viewer=desk.admin, kind="host", key="mx.provider.example")
    answered = a_mail(
        "Mara Lindt <mara@shop.example>",
        to=notice.reply_to,
        subject=f"Re: {notice.subject}",
        text="It comes tomorrow.",
        Authentication_Results="mx.provider.example; dmarc=pass header.from=shop.example",
    )
    assert desk.receive(answered, to=[notice.reply_to]).outcome == "added"
    last = desk.messages(desk.ticket(1001))[-1]
    assert (last.kind, last.author_id, last.new_text) == ("team", mara.id, "It comes tomorrow.")


def test_the_morning_mail_has_all_of_the_night_in_one(desk: Desk) -> None:
    set_desk(zone="Europe/Berlin")
    mara = desk.agent("Mara Lindt")
    choose(viewer=mara, ways={"assigned": "mail", "customer": "none"}, daily=True)
    with clock.at(datetime(2026, 11, 20, 21, 0, tzinfo=UTC)):
        desk.ticket()
        desk.ticket(sender="noor@example.com", subject="Another matter")
        for number in (1001, 1002):
            assign(viewer=desk.admin, number=number, agent_id=mara.id)
        _customer_writes(desk)
    with clock.at(datetime(2026, 11, 21, 6, 59, tzinfo=UTC)):
        assert mail_due() == 0
    with clock.at(datetime(2026, 11, 21, 7, 0, tzinfo=UTC)):
        assert (mail_due(), mail_due()) == (1, 0)
    [notice] = desk.rows(Notice)
    assert notice.subject == "News of 2 tickets"
    assert "Another matter" in notice.text
    assert "Any news?" not in notice.text, "of this she chose to hear nothing"


def test_a_whole_list_at_once_is_one_mail(desk: Desk) -> None:
    mara = desk.agent("Mara Lindt")
    for n in range(7):
        desk.ticket(sender=f"c{n}@example.com", subject=f"Question {n}")
        assign(viewer=desk.admin, number=1001 + n, agent_id=mara.id)
    with _in(2.1):
        assert mail_due() == 1
    [notice] = desk.rows(Notice)
    assert (notice.subject, notice.reply_to) == ("News of 7 tickets", "")
    assert notice.text.count("Joana Melo assigned this ticket to you.") == 7


def test_news_of_a_merged_ticket_is_read_in_the_one_it_went_into(desk: Desk) -> None:
    mara = desk.agent("Mara Lindt")
    for subject in ("Parcel says delivered", "Second mail about it"):
        desk.ticket(subject=subject)
    assign(viewer=desk.admin, number=1002, agent_id=mara.id)
    merge(viewer=desk.admin, numbers=[1002], into=1001)
    mark_read(viewer=mara, number=1001, seq=99)
    assert [row.read_at is not None for row in desk.rows(Notification, agent_id=mara.id)] == [True]


def test_who_left_gets_no_mail_and_a_demo_mails_nobody(desk: Desk) -> None:
    mara = desk.agent("Mara Lindt")
    desk.ticket()
    assign(viewer=desk.admin, number=1001, agent_id=mara.id)
    set_active(agent_id=mara.id, active=False)
    set_desk(demo=True)
    assign(viewer=desk.agent("Tom Retour"), number=1001, agent_id=desk.admin.id)
    with _in(5):
        assert mail_due() == 0
    assert _heard(desk, desk.admin) == ["assigned"]


def test_the_page_groups_by_ticket_and_marks_read(desk: Desk) -> None:
    mara = desk.agent("Mara Lindt")
    desk.ticket()
    desk.ticket(sender="noor@example.com", subject="Another matter")
    for number in (1001, 1002):
        assign(viewer=desk.admin, number=number, agent_id=mara.id)
    _note(desk, desk.admin, "@Mara <b>please</b>")
    browser = desk.browser(mara)
    page = browser.get("/a/notifications").get_data(as_text=True)
    assert "3 unread" in page
    assert page.count('class="news"') == 2
    assert "@Mara &lt;b&gt;please&lt;/b&gt;" in page
    browser.post("/a/notifications/read?ticket=1001")
    page = browser.get("/a/notifications").get_data(as_text=True)
    assert "1 unread" in page
    assert page.index("Another matter") < page.index("Parcel says delivered"), "the unread ones first"
    browser.post("/a/notifications/read")
    assert "unread" not in browser.get("/a/notifications").get_data(as_text=True)
    with clock.at(now() + timedelta(days=91)):
        assert forget_old() == 3


def test_choices_are_kept_and_nonsense_is_refused(desk: Desk) -> None:
    browser = desk.browser(desk.admin)
    browser.get("/a/notifications/preferences")
    saved = browser.post(
        "/a/notifications/preferences", {"assigned": "none", "woke": "mail", "when": "daily"}
    )
    assert saved.status_code == 302
    page = browser.get("/a/notifications/preferences").get_data(as_text=True)
    for ticked in ("assigned", "none"), ("woke", "mail"), ("mentioned", "mail"), ("when", "daily"):
        assert f'name="{ticked[0]}" value="{ticked[1]}" checked' in page
    assert browser.post("/a/notifications/preferences", {"assigned": "fax"}).status_code == 422
    desk.ticket()
    assign(viewer=desk.agent("Mara Lindt"), number=1001, agent_id=desk.admin.id)
    assert _heard(desk, desk.admin) == []


def test_the_same_cause_tells_once(desk: Desk) -> None:
    ticket = desk.ticket()
    mara = desk.agent("Mara Lindt")
    for _twice in range(2):
        tell(ticket_id=ticket.id, agent_ids=[mara.id], kind=Kind.WOKE, cause="event:1", who="x")
    assert _heard(desk, mara) == ["woke"]


TEAM = [(1, "Joana Melo"), (2, "Joana Weiß"), (3, "Mara Lindt-Ost"), (4, "Zoë")]


@pytest.mark.parametrize(
    ("text", "who"),
    [
        ("@Joana Melo look", {1}),
        ("@joana", {1, 2}),
        ("(@ZOË)", {4}),
        ("@Mara.", {3}),
        ("@mara lindt-ost, please", {3}),
        ("@Joana\nMelo", {1}),
        ("@Joanas", set()),
        ("joana@mara.example, a.@Mara", set()),
        ("@@Mara @ Mara @Lindt-Ost", set()),
        ("@Joana weiß @mara", {2, 3}),
        ("", set()),
    ],
)
def test_a_mention_is_a_name_behind_an_at(text: str, who: set[int]) -> None:
    assert mentioned(text, TEAM) == who


@given(st.text(alphabet=string.ascii_letters + "@ .-\n()[]*+ß", max_size=80), st.text(max_size=12))
def test_any_words_and_names_are_read(text: str, name: str) -> None:
    assert mentioned(text, [*TEAM, (9, name)]) <= {1, 2, 3, 4, 9}
    assert mentioned(f"{text} @Zoë!", TEAM) >= {4}


@given(st.integers(1_767_225_600, 1_830_297_600), st.sampled_from(["UTC", "Europe/Berlin", "America/Denver"]))
def test_the_next_morning_is_within_a_day_or_so(second: int, zone: str) -> None:
    moment = datetime.fromtimestamp(second, UTC)
    due = next_morning(moment, ZoneInfo(zone))
    assert timedelta() < due - moment <= timedelta(hours=25)
    assert due.astimezone(ZoneInfo(zone)).hour == 8
