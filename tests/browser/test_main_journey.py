"""The main job as people do it: a mail in, read and answered by keyboard, followed and answered back."""

from __future__ import annotations

import re
import time
from pathlib import Path

import pytest
from playwright.sync_api import Page, expect

from helpdesk.mailboxes.addressing import read_reply_address
from helpdesk.people.commands import add_agent
from helpdesk.tickets.model import Ticket
from helpdesk.tickets.queries.replaying import differences
from tests.browser.live import LiveDesk, Watch, small_picture
from tests.making import PASSWORD, SUPPORT, a_mail
from tests.services.browser import PageFactory
from tests.services.process import until
from tests.services.smtp_sink import SunkMail

pytestmark = [pytest.mark.browser, pytest.mark.xdist_group("browser")]

SUBJECT = "Parcel says delivered"
FIRST_ID = "<CAF9=first.0123456789@mail.example>"
REPLY = "Hello Lena,\n\nwe look for it and write again today."
ANSWER = "It was at the neighbour's. Thank you!"
FROM_PAGE = "One more thing: the box was open, see the picture."


@pytest.mark.parametrize("engine", ["sqlite", "postgresql"], indirect=True)
def test_a_mail_is_answered_by_keyboard_and_the_customer_follows_it_by_link(
    live: LiveDesk, browser_page: PageFactory, tmp_path: Path
) -> None:
    agent = browser_page()
    watch = Watch(agent, live.url)
    _sign_in_by_hand(live, agent)
    agent.goto("/a/queue?view=unassigned")
    expect(agent.locator("#list")).to_contain_text("Nothing waits here")
    live.shot(agent, "queue-empty")

    _mail_shows_in_the_open_queue(live, agent)
    _answered_by_keyboard(live, agent)
    reply = _the_reply_as_it_left(live)
    _the_answer_joins_the_open_page(live, agent, reply)

    link = re.search(rf"{re.escape(live.url)}(/r/\S+)", reply.text)
    assert link is not None
    _the_customer_follows_and_answers(live, browser_page, link[1], tmp_path)

    expect(agent.locator("#thread")).to_contain_text(FROM_PAGE, timeout=15_000)
    expect(agent.locator("#thread .att")).to_contain_text("box.png")
    live.shot(agent, "agent-sees-answer-from-page")
    address = agent.locator("#thread .att").get_attribute("href")
    assert agent.context.request.get(f"{address}").body() == small_picture()

    watch.assert_quiet()
    assert len(live.desk.rows(Ticket)) == 1
    assert [d.state for d in live.desk.deliveries()] == ["sent", "sent"]
    assert len(live.sink.mails) == 2, "one acknowledgement, one reply, nothing twice"
    assert differences() == (1, [])


def _sign_in_by_hand(live: LiveDesk, page: Page) -> None:
    add_agent(name="Mara Lindqvist", email="mara@shop.example", password=PASSWORD)
    page.goto("/a/queue")
    expect(page).to_have_url(re.compile(r"/sign-in\?next="))
    live.shot(page, "sign-in")
    page.get_by_label("Email").fill("mara@shop.example")
    page.get_by_label("Password").fill(PASSWORD)
    page.keyboard.press("Enter")
    expect(page.get_by_role("heading", level=1)).to_have_text("My queue")


def _mail_shows_in_the_open_queue(live: LiveDesk, page: Page) -> None:
    page.evaluate("window.untouched = true")
    live.send(a_mail(subject=SUBJECT, message_id=FIRST_ID), to=SUPPORT)
    handed_over = time.monotonic()
    expect(page.locator("#list .tk")).to_have_count(1, timeout=15_000)
    assert time.monotonic() - handed_over < 5
    expect(page.locator("#list .tk")).to_contain_text(SUBJECT)
    expect(page.locator(".nav")).to_contain_text(re.compile(r"Unassigned\s*1"))
    assert page.evaluate("window.untouched") is True, "the page did not load again"
    live.shot(page, "queue-with-the-mail")


def _answered_by_keyboard(live: LiveDesk, page: Page) -> None:
    page.keyboard.press("j")
    page.keyboard.press("k")
    expect(page.locator(".tk.cur")).to_contain_text(SUBJECT)
    page.keyboard.press("Enter")
    expect(page.get_by_role("heading", level=1)).to_have_text(SUBJECT)
    expect(page.locator("#subject")).to_be_focused()
    live.shot(page, "ticket-opened")
    page.keyboard.press("r")
    expect(page.locator("#editor")).to_be_focused()
    page.keyboard.type(REPLY)
    live.shot(page, "reply-typed")
    page.keyboard.press("Control+Enter")
    expect(page.locator("#thread .msg.team")).to_contain_text("we look for it")
    expect(page.locator("#editor")).to_have_value("")
    live.shot(page, "reply-sent")


def _the_reply_as_it_left(live: LiveDesk) -> SunkMail:
    (left,) = live.sent(f"Re: {SUBJECT}")
    mail = left.message
    row = live.desk.outgoing("reply")[0]
    # The server has it before we have noted that it does.
    until(lambda: live.desk.deliveries(mail_id=row.id)[0].state == "sent", 20, what="the copy noted as sent")
    (delivery,) = live.desk.deliveries(mail_id=row.id)
    assert (delivery.state, delivery.tries, delivery.unconfirmed) == ("sent", 1, False)
    assert left.recipients == ("lena@example.de",)
    assert mail["In-Reply-To"] == FIRST_ID
    references = str(mail["References"]).split()
    assert references[-1] == FIRST_ID
    assert references[0].startswith("<T.1001.root.")
    assert mail["Message-ID"] == row.message_id
    assert re.fullmatch(r"<T\.1001\.[0-9a-f]+\.\S+@shop\.example>", mail["Message-ID"])
    assert mail["Message-ID"] not in references
    reply_to = mail["Reply-To"].addresses[0].addr_spec
    token = read_reply_address(live.desk.app.extensions["keys"], reply_to)
    assert token is not None
    assert token.number == 1001
    assert mail["From"].addresses[0].addr_spec == SUPPORT
    assert mail["From"].addresses[0].display_name == "Mara (Shop)"
    assert left.sender.startswith("support+b.")
    assert mail["Auto-Submitted"] is None
    assert mail.get_content_type() == "multipart/alternative"
    assert "we look for it and write again today." in left.text
    html = mail.get_body(("html",))
    assert html is not None
    assert "we look for it and write again today." in html.get_content()
    assert b"=?" not in b"".join(re.findall(rb"(?im)^(?:message-id|in-reply-to|references):.*$", left.data))
    return left


def _the_answer_joins_the_open_page(live: LiveDesk, page: Page, reply: SunkMail) -> None:
    page.evaluate("window.untouched = true")
    to = reply.message["Reply-To"].addresses[0].addr_spec
    answer = a_mail(
        to=to,
        subject=f"Re: {SUBJECT}",
        text=f"{ANSWER}\n\nOn Mon, 16 Nov 2026 at 10:05, Shop wrote:\n> we look for it",
        In_Reply_To=str(reply.message["Message-ID"]),
    )
    live.send(answer, to=to)
    expect(page.locator("#thread")).to_contain_text(ANSWER, timeout=15_000)
    expect(page.locator("#thread .dlv")).to_contain_text("Sent to lena@example.de")
    assert page.evaluate("window.untouched") is True
    assert len(live.desk.rows(Ticket)) == 1
    live.shot(page, "answer-joined")


def _the_customer_follows_and_answers(
    live: LiveDesk, browser_page: PageFactory, link: str, tmp_path: Path
) -> None:
    page = browser_page(width=390, javascript=False)
    watch = Watch(page, live.url)
    page.goto(link)
    for words in (SUBJECT, "my parcel is not here", "we look for it and write again today", ANSWER):
        expect(page.locator("main")).to_contain_text(words)
    expect(page.locator("main")).to_contain_text("We are on it")
    for inside in ("Lindqvist", "Orders", "priority", "note"):
        expect(page.locator("main")).not_to_contain_text(inside)
    assert page.context.cookies() == []
    live.shot(page, "customer-page")
    picture = tmp_path / "box.png"
    picture.write_bytes(small_picture())
    page.get_by_label("Add to your request").fill(FROM_PAGE)
    page.get_by_label("Photos or files").set_input_files(picture)
    page.get_by_role("button", name="Send").click()
    expect(page.get_by_role("status")).to_contain_text("We have your message")
    expect(page.locator("main")).to_contain_text(FROM_PAGE)
    expect(page.locator("main .att")).to_contain_text("box.png")
    assert page.context.cookies() == []
    live.shot(page, "customer-answered")
    watch.assert_quiet()
