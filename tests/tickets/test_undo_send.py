"""Undo send and send later: pressed is not yet said; recipients, text and files are frozen (ui T4, T5)."""

from datetime import timedelta
from io import BytesIO

import sqlalchemy as sa

from helpdesk.core import clock
from helpdesk.core.clock import now
from helpdesk.core.db import command, session
from helpdesk.core.desk import set_desk
from helpdesk.core.jobs.runner import run_all
from helpdesk.people.commands import set_active
from helpdesk.people.model import ContactAddress
from helpdesk.tickets.commands.sending import send_due
from helpdesk.tickets.doubts import doubts_about
from helpdesk.tickets.model import Attachment, Draft, ScheduledReply
from helpdesk.tickets.queries.replaying import differences
from tests.making import Browser, Desk, a_mail

AFTER = timedelta(seconds=11)


def _write(desk: Desk, body: str = "We look for it.", **form: str) -> Browser:
    browser = desk.browser(desk.admin)
    browser.get("/a/tickets/1001")
    sent = browser.post(
        "/a/tickets/1001/messages", {"kind": "reply", "body": body, "then_state": "pending"} | form
    )
    assert sent.status_code == 302, sent.get_data(as_text=True)
    return browser


def _waiting(desk: Desk) -> Desk:
    set_desk(undo_seconds=10)
    desk.ticket()
    return desk


def _later() -> None:
    with clock.at(now() + AFTER):
        run_all()


def test_a_reply_waits_its_seconds_and_then_goes_as_it_was_pressed(desk: Desk) -> None:
    _waiting(desk)
    browser = _write(desk)
    run_all()
    assert (desk.outgoing("reply"), desk.ticket(1001).state) == ([], "new"), "nothing was said yet"
    page = browser.get("/a/tickets/1001").get_data(as_text=True)
    assert "Goes out in a few seconds" in page
    assert "We look for it." in page
    _new_address(email="other@example.de")

    _later()
    assert [d.recipient for d in desk.deliveries() if d.mail_id == desk.outgoing("reply")[0].id] == [
        "lena@example.de"
    ]
    assert (desk.ticket(1001).state, desk.messages(desk.ticket(1001))[-1].kind) == ("pending", "team")
    _later()
    assert len(desk.outgoing("reply")) == 1
    assert differences()[1] == []


@command
def _new_address(*, email: str) -> None:
    session().execute(sa.update(ContactAddress).values(email=email))


def test_undo_brings_text_and_files_back_and_nothing_ever_leaves(desk: Desk) -> None:
    _waiting(desk)
    browser = desk.browser(desk.admin)
    browser.get("/a/tickets/1001")
    form = {"kind": "reply", "body": "Here it is, attached.", "then_state": "solved"}
    done = browser.post("/a/tickets/1001/messages", form | {"files": (BytesIO(b"the label"), "label.txt")})
    assert "undo=" in done.headers["Location"]
    row = desk.rows(ScheduledReply)[0]
    browser.get("/a/tickets/1001")
    assert browser.post(f"/a/tickets/1001/replies/{row.id}/undo", {}).status_code == 302
    _later()
    assert (desk.outgoing("reply"), desk.ticket(1001).state) == ([], "new")
    page = browser.get("/a/tickets/1001").get_data(as_text=True)
    assert "Here it is, attached." in page
    assert "label.txt" in page
    assert browser.post(f"/a/tickets/1001/replies/{row.id}/undo", {}).status_code == 409

    again = {"kind": "reply", "body": "Here it is, attached.", "keep": row.files[0]["digest"]}
    browser.get("/a/tickets/1001")
    assert browser.post("/a/tickets/1001/messages", again).status_code == 302
    _later()
    assert [a.name for a in desk.rows(Attachment)] == ["label.txt"]
    assert desk.all(Draft) == []


def test_nobody_else_takes_a_reply_back(desk: Desk) -> None:
    _waiting(desk)
    _write(desk)
    row = desk.rows(ScheduledReply)[0]
    other = desk.browser(desk.agent("Mara X"))
    other.get("/a/tickets/1001")
    assert other.post(f"/a/tickets/1001/replies/{row.id}/undo", {}).status_code == 404
    _later()
    assert len(desk.outgoing("reply")) == 1


def test_send_later_goes_at_its_moment_unless_the_customer_wrote_again(desk: Desk) -> None:
    _waiting(desk)
    _write(desk, send_at="week")
    _later()
    assert desk.outgoing("reply") == []
    with clock.at(now() + timedelta(days=8)):
        run_all()
    assert len(desk.outgoing("reply")) == 1

    _write(desk, "The next one.", send_at="week")
    desk.receive(a_mail(text="One more thing.", In_Reply_To=desk.outgoing("reply")[0].message_id))
    with clock.at(now() + timedelta(days=9)):
        run_all()
    assert len(desk.outgoing("reply")) == 1, "it answers something that changed"
    page = desk.browser(desk.admin).get("/a/tickets/1001").get_data(as_text=True)
    assert "Not sent" in page
    assert "1 new message" in page
    assert [d.body for d in desk.all(Draft)] == ["The next one."]


def test_a_reply_of_somebody_who_left_is_kept_not_sent(desk: Desk) -> None:
    _waiting(desk)
    mara = desk.agent("Mara X")
    browser = desk.browser(mara)
    browser.get("/a/tickets/1001")
    browser.post("/a/tickets/1001/messages", {"kind": "reply", "body": "Bye."})
    set_active(agent_id=mara.id, active=False)
    _later()
    row = desk.rows(ScheduledReply)[0]
    assert (row.state, desk.outgoing("reply")) == ("stopped", [])
    _run_again(payload={"reply": row.id})
    assert desk.rows(ScheduledReply)[0].state == "stopped"


@command
def _run_again(*, payload: dict[str, int]) -> None:
    send_due(payload)


def test_what_was_promised_and_is_not_there_is_asked_once(desk: Desk) -> None:
    desk.ticket()
    browser = desk.browser(desk.admin)
    browser.get("/a/tickets/1001")
    body = "The label is attached, {{name}}."
    asked = browser.post("/a/tickets/1001/messages", {"kind": "reply", "body": body})
    page = asked.get_data(as_text=True)
    assert (asked.status_code, "no attachment" in page or "none is there" in page) == (409, True)
    assert "A placeholder is not filled in." in page
    assert "The label is attached" in page, "nothing typed is lost"
    assert desk.outgoing("reply") == []
    sure = browser.post("/a/tickets/1001/messages", {"kind": "reply", "body": body, "sure": "1"})
    assert sure.status_code == 302
    assert len(desk.outgoing("reply")) == 1


def test_doubts_by_example() -> None:
    cases = {
        "I have attached the invoice.": ("attachment",),
        "Im Anhang finden Sie das Etikett.": ("attachment",),
        "Veuillez trouver la pièce jointe.": ("attachment",),
        "> I have attached it\nThank you, we have it.": (),
        "We are quite attached to this tent, honestly.": ("attachment",),
        "Dear {{customer}}, hello": ("placeholder",),
        "Use [[order]] please": ("placeholder",),
        "if a < b and c > d": (),
    }
    assert {text: doubts_about(text, files=False) for text in cases} == cases
    assert doubts_about("It is attached.", files=True) == ()
