"""The main job, over real mail bytes and real HTTP: write, answer, follow, answer back."""

import re
from email import message_from_bytes
from email.policy import default
from io import BytesIO

from helpdesk.channels.jobs import letter_of
from helpdesk.core.jobs.runner import run_all
from helpdesk.tickets.model import Ticket
from helpdesk.tickets.queries.replaying import differences
from tests.making import SUPPORT, Desk, a_mail


def test_a_mail_becomes_a_ticket_and_the_answer_to_the_answer_joins_it(desk: Desk) -> None:
    inbound = desk.receive(a_mail(message_id="<first@mail.example>"))
    assert (inbound.outcome, inbound.state) == ("new_ticket", "done")
    ticket = desk.ticket(1001)
    assert (ticket.subject, ticket.state, ticket.team_id) == ("Parcel says delivered", "new", desk.orders)

    agent = desk.browser(desk.admin)
    assert "Parcel says delivered" in agent.get("/a/queue?view=unassigned").get_data(as_text=True)
    agent.get("/a/tickets/1001")
    sent = agent.post(
        "/a/tickets/1001/messages",
        {"kind": "reply", "body": "Hello Lena,\n\nwe look for it.", "then_state": "pending"},
    )
    assert sent.status_code == 302
    desk.receive(a_mail("x@y.example", subject="unrelated"))
    ticket = desk.ticket(1001)
    assert (ticket.state, ticket.assignee_id) == ("pending", None)

    reply = desk.outgoing("reply")[0]
    delivery = desk.deliveries(mail_id=reply.id)[0]
    assert delivery.state == "kept"
    envelope_from, recipient, raw = letter_of(delivery.id)
    mail = message_from_bytes(raw, policy=default)
    assert recipient == "lena@example.de"
    assert mail["Subject"] == "Re: Parcel says delivered"
    assert mail["In-Reply-To"] == "<first@mail.example>"
    assert mail["References"].split()[-1] == "<first@mail.example>"
    assert "+b." in envelope_from
    assert mail["Auto-Submitted"] is None
    text = mail.get_body(("plain",)).get_content()
    assert "we look for it." in text
    link = re.search(r"http://desk\.example(/r/\S+)", text)
    assert link is not None

    answer_to = mail["Reply-To"].addresses[0].addr_spec
    joined = desk.receive(
        a_mail(
            to=answer_to, subject="Re: Parcel says delivered", text="It was at the neighbour's. Thank you!"
        ),
        to=[answer_to],
    )
    assert (joined.outcome, joined.ticket_id) == ("added", ticket.id)
    assert desk.ticket(1001).state == "open"

    customer = desk.browser()
    page = customer.get(link[1])
    shown = page.get_data(as_text=True)
    assert page.status_code == 200
    assert "we look for it." in shown
    assert "at the neighbour&#39;s" in shown
    assert "Set-Cookie" not in page.headers
    assert customer.post(f"{link[1]}/messages", {"body": "One more thing from the page."}).status_code == 302
    assert "One more thing" in agent.get("/a/tickets/1001").get_data(as_text=True)

    checked, wrong = differences()
    assert checked == 2
    assert wrong == []


def test_a_web_form_becomes_a_ticket_with_its_files_and_one_neutral_acknowledgement(desk: Desk) -> None:
    customer = desk.browser()
    customer.get("/contact")
    thanks = customer.post(
        "/contact",
        {
            "email": "noor@example.com",
            "name": "Noor",
            "subject": "Discount code WINTER15",
            "body": "It was accepted but the total stayed the same.",
            "files": (BytesIO(b"\x89PNG\r\n\x1a\n123"), "../../screen.png"),
        },
        content_type="multipart/form-data",
    )
    assert thanks.status_code == 200
    assert "/r/" not in thanks.get_data(as_text=True), "the link travels by mail only"
    run_all()
    ack = desk.outgoing("acknowledgement")[0]
    raw = letter_of(desk.deliveries(mail_id=ack.id)[0].id)[2]
    assert b"Auto-Submitted: auto-replied" in raw
    assert b"WINTER15" not in raw, "nothing a stranger typed is sent to an unverified address"
    assert b"/r/1001." in raw
    agent = desk.browser(desk.admin)
    shown = agent.get("/a/tickets/1001").get_data(as_text=True)
    assert "screen.png" in shown
    assert ".." not in re.findall(r'title="([^"]*screen[^"]*)"', shown)


def test_sending_a_form_twice_makes_one_ticket(desk: Desk) -> None:
    customer = desk.browser()
    customer.get("/contact")
    form = {"email": "noor@example.com", "subject": "Once", "body": "Only once."}
    first, page = None, customer.page
    for _ in range(2):
        customer.page = page
        first = customer.post("/contact", form)
    assert first is not None
    assert first.status_code == 200
    assert len(desk.rows(Ticket)) == 1


def test_a_form_with_a_mistake_comes_back_with_everything_typed(desk: Desk) -> None:
    customer = desk.browser()
    customer.get("/contact")
    again = customer.post(
        "/contact", {"email": "not an address", "subject": "My <b>tent</b>", "body": "It leaks."}
    )
    shown = again.get_data(as_text=True)
    assert again.status_code == 422
    assert "My &lt;b&gt;tent&lt;/b&gt;" in shown
    assert "It leaks." in shown
    assert "not an address" in shown


def test_every_mail_sent_to_us_names_the_mailbox(desk: Desk) -> None:
    desk.ticket()
    assert desk.outgoing("acknowledgement")[0].from_address == SUPPORT
