"""Held mail has a clock, bounces find their copy, shadow mode says nothing."""

from datetime import UTC, datetime, timedelta

import pytest
import sqlalchemy as sa

from helpdesk.channels.jobs import letter_of
from helpdesk.channels.model import Delivery, Notice
from helpdesk.core.clock import now
from helpdesk.core.db import command, session
from helpdesk.core.desk import desk as facts
from helpdesk.core.jobs.runner import run_all
from helpdesk.people.model import ContactAddress
from helpdesk.people.rights import Role
from helpdesk.tickets.commands import holding
from helpdesk.tickets.commands.changing import set_state
from helpdesk.tickets.commands.writing import answer
from helpdesk.tickets.content import Content
from helpdesk.tickets.lifecycle import State
from helpdesk.tickets.model import Message, Ticket
from helpdesk.tickets.queries.held import has_held_mail
from mail_ingest import shadow
from mail_ingest.alarms import alarm_held
from mail_ingest.model import Inbound
from tests.making import SUPPORT, Desk, a_mail

EVE = "Eve <eve@else.example>"


def _answered(desk: Desk) -> Delivery:
    desk.ticket()
    answer(viewer=desk.admin, number=1001, kind="reply", content=Content("Please send a picture."))
    run_all()
    found: Delivery = desk.deliveries()[-1]
    return found


def _held(desk: Desk) -> Message:
    """A held message of a stranger in ticket 1001, which was answered."""
    _answered(desk)
    got = desk.receive(a_mail(EVE, text="It is me, Lena.", In_Reply_To=desk.outgoing("reply")[0].message_id))
    found: Message = desk.row(Message, got.ticket_message_id)
    assert found.kind == "held"
    return found


@command
def _age(hours: int) -> None:
    """Let everything held have waited for so many hours."""
    back = timedelta(hours=hours)
    for message in session().scalars(sa.select(Message).where(Message.held_due_at.is_not(None))):
        message.held_due_at -= back
    for row in session().scalars(sa.select(Inbound).where(Inbound.outcome == "quarantined")):
        row.recorded_at -= back


def test_held_mail_alarms_the_leads_once(desk: Desk) -> None:
    """Contracts 22: a due time, a strip and a count, and exactly one mail for each item."""
    message = _held(desk)
    desk.receive(b"Subject: no sender at all\r\n\r\nHello\r\n")
    desk.agent("Lia Haupt", role=Role.LEAD)
    desk.agent("Mara Order")
    assert alarm_held() == 0
    assert has_held_mail(message.ticket_id)
    _age(2)
    assert alarm_held() == 2
    assert alarm_held() == 0
    run_all()
    told = desk.rows(Notice)
    assert {n.recipient for n in told} == {"joana@shop.example", "lia@shop.example"}
    assert all("#1001: eve@else.example" in n.text and "set aside" in n.text for n in told)
    assert all("It is me" not in n.text for n in told)
    page = desk.browser(desk.admin).get("/a/queue").get_data(as_text=True)
    assert "2 held messages have waited for over an hour." in page
    listed = desk.browser(desk.admin).get("/a/held").get_data(as_text=True)
    for words in ("Eve", "It is me, Lena.", "no sender at all", "over"):
        assert words in listed
    theirs = desk.browser(desk.agent("Mara Order")).get("/a/held").get_data(as_text=True)
    assert "no sender at all" not in theirs, "mail without a ticket is for those who see the mail log"


def test_a_held_message_is_left_as_a_note_and_decided_again(desk: Desk) -> None:
    message = _held(desk)
    browser = desk.browser(desk.admin)
    browser.get("/a/held")
    gone = browser.post(f"/a/held/1001/{message.id}/dismiss", {"reason": "A neighbour"})
    assert gone.status_code == 302, gone.get_data(as_text=True)
    assert desk.row(Message, message.id).held_due_at is None
    page = browser.get(gone.headers["Location"]).get_data(as_text=True)
    assert "Undo" in page
    assert "left the message as a note: A neighbour" in browser.get("/a/tickets/1001").get_data(as_text=True)
    browser.post(f"/a/held/1001/{message.id}/again")
    again = desk.row(Message, message.id)
    assert again.held_due_at > now() + timedelta(minutes=55)
    browser.post(f"/a/held/1001/{message.id}/accept")
    assert desk.row(Message, message.id).kind == "customer"
    assert not has_held_mail(message.ticket_id)


def test_a_held_message_becomes_a_ticket_of_its_own(desk: Desk) -> None:
    message = _held(desk)
    made = holding.ticket_of_held(viewer=desk.admin, number=1001, message_id=message.id)
    ticket = desk.ticket(made)
    (said,) = desk.messages(ticket)
    assert (said.author_email, said.new_text, said.kind) == (
        "eve@else.example",
        "It is me, Lena.",
        "customer",
    )
    assert not has_held_mail(message.ticket_id)
    assert desk.outgoing("acknowledgement")[-1].ticket_id != ticket.id


def test_accepting_in_a_closed_ticket_begins_a_follow_up(desk: Desk) -> None:
    message = _held(desk)
    for state in (State.SOLVED, State.CLOSED):
        set_state(viewer=desk.admin, number=1001, state=state)
    made = holding.accept_held(viewer=desk.admin, number=1001, message_id=message.id)
    follow_up = desk.ticket(made)
    assert (made, follow_up.follow_up_of) == (1002, message.ticket_id)
    assert follow_up.requester_id == desk.ticket(1001).requester_id
    assert [m.author_email for m in desk.messages(follow_up)] == ["eve@else.example"]
    assert not has_held_mail(message.ticket_id)


def _bounce(
    to: str, *, status: str = "5.1.1", action: str = "failed", returned: str = "", who: str = ""
) -> bytes:
    """A delivery status as mail servers write it."""
    original = (
        f"\r\n--b\r\nContent-Type: text/rfc822-headers\r\n\r\nMessage-ID: {returned}\r\n" if returned else ""
    )
    return (
        f"From: MAILER-DAEMON@mx.example\r\nTo: {to}\r\nSubject: Undelivered\r\nMIME-Version: 1.0\r\n"
        f"Message-ID: <b{status}{action}{bool(returned)}@mx.example>\r\n"
        'Content-Type: multipart/report; report-type=delivery-status; boundary="b"\r\n\r\n'
        "--b\r\nContent-Type: text/plain\r\n\r\nSorry.\r\n"
        "--b\r\nContent-Type: message/delivery-status\r\n\r\nReporting-MTA: dns; mx.example\r\n\r\n"
        f"Final-Recipient: rfc822; {who or 'lena@example.de'}\r\nAction: {action}\r\nStatus: {status}\r\n"
        f"Diagnostic-Code: smtp; 550 user unknown\r\n{original}\r\n--b--\r\n"
    ).encode()


@pytest.mark.parametrize("by", ["return path", "Message-ID", "address"])
def test_a_bounce_finds_its_copy_and_marks_the_address(desk: Desk, by: str) -> None:
    delivery = _answered(desk)
    seq = desk.ticket(1001).last_seq
    to = letter_of(delivery.id)[0] if by == "return path" else SUPPORT
    returned = desk.outgoing("reply")[0].message_id if by == "Message-ID" else ""
    got = desk.receive(_bounce(to, returned=returned), to=[to], envelope_from="")
    assert got.outcome == "automatic", got.reason
    marked = desk.row(Delivery, delivery.id)
    assert (marked.state, "user unknown" in marked.answer) == ("bounced", True)
    address = desk.rows(ContactAddress, key="lena@example.de")[0]
    assert address.bounce_kind == ("soft" if by == "address" else "hard")
    assert (desk.ticket(1001).last_seq, desk.ticket(1001).state) == (seq, "open")
    browser = desk.browser(desk.admin)
    page = browser.get("/a/tickets/1001").get_data(as_text=True)
    for words in ("Send to another address", "Came back from lena@example.de", "Mail came back"):
        assert words in page
    browser.get(f"/a/outbox/{delivery.id}")
    browser.post(f"/a/outbox/{delivery.id}/elsewhere", {"email": "lena@work.example"})
    run_all()
    assert desk.deliveries()[-1].recipient == "lena@work.example"
    answers = a_mail("lena@work.example", In_Reply_To=desk.outgoing("reply")[0].message_id)
    assert desk.row(Message, desk.receive(answers).ticket_message_id).kind == "customer"
    desk.receive(a_mail("lena@example.de", subject="I am back"))
    assert desk.rows(ContactAddress, key="lena@example.de")[0].bounced_at is None


def test_what_only_waits_or_names_nobody_marks_nothing(desk: Desk) -> None:
    delivery = _answered(desk)
    path = letter_of(delivery.id)[0]
    desk.receive(_bounce(path, status="4.4.1", action="delayed"), to=[path], envelope_from="")
    desk.receive(_bounce(SUPPORT, who="nobody@else.example"), envelope_from="")
    assert desk.row(Delivery, delivery.id).state in {"sent", "kept"}
    assert [a for a in desk.rows(ContactAddress) if a.bounced_at] == []


def test_shadow_mode_says_nothing_and_shows_what_it_would_have_said(desk: Desk) -> None:
    shadow.go_shadow(viewer=desk.admin)
    desk.ticket()
    answer(viewer=desk.admin, number=1001, kind="reply", content=Content("We look for it."))
    run_all()
    assert [d.state for d in desk.deliveries()] == ["shadow", "shadow"]
    browser = desk.browser(desk.admin)
    page = browser.get("/a/shadow").get_data(as_text=True)
    for words in ("Acknowledgement", "Answer", "lena@example.de", "became tickets"):
        assert words in page
    assert "this desk takes mail in and sends nothing" in browser.get("/a/queue").get_data(as_text=True)
    assert "shadow mode" in browser.get("/a/tickets/1001").get_data(as_text=True)
    live = browser.post("/a/shadow/off", {"answer_from": "2030-01-01T00:00"})
    assert live.status_code == 422, "nobody answers from a far day on by mistake"
    from_now = (now() + timedelta(minutes=30)).astimezone(UTC).strftime("%Y-%m-%dT%H:%M")
    browser.get("/a/shadow")
    assert browser.post("/a/shadow/off", {"answer_from": from_now}).status_code == 302
    assert not facts().shadow
    desk.ticket(sender="early@example.com")
    run_all()
    assert [d.state for d in desk.deliveries()] == ["shadow", "shadow"], (
        "what would have been said stays unsaid"
    )
    shadow.go_shadow(viewer=desk.admin)
    shadow.go_live(viewer=desk.admin, answer_from=datetime(2026, 1, 1, tzinfo=UTC))
    desk.ticket(sender="ann@example.com")
    run_all()
    assert desk.deliveries()[-1].state == "kept"
    assert len(desk.rows(Ticket)) == 3
