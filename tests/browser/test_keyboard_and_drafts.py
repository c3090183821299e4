"""Keys, drafts that survive, replies that stop in time, rows that stay put; and all without JavaScript."""

from __future__ import annotations

import re
from datetime import timedelta

import pytest
import sqlalchemy as sa
from playwright.sync_api import Page, expect

from helpdesk.core.clock import now
from helpdesk.core.db import db, session
from helpdesk.people.commands import add_agent
from helpdesk.people.rights import Viewer
from helpdesk.tickets.commands.changing import assign
from helpdesk.tickets.commands.writing import answer
from helpdesk.tickets.content import Content
from helpdesk.tickets.model import Draft, Message, Ticket
from mail_ingest.store import accept
from tests.browser.live import LiveDesk
from tests.making import PASSWORD, SUPPORT, a_mail
from tests.services.browser import PageFactory
from tests.services.process import until

pytestmark = [pytest.mark.browser, pytest.mark.xdist_group("browser")]

LIVE_MS = 8000


def test_the_letters_of_the_keyboard(live: LiveDesk, browser_page: PageFactory) -> None:
    for n in range(4):
        live.desk.ticket(subject=f"Question {n}", sender=f"c{n}@example.com")
    page = _open(live, browser_page, "/a/queue?view=all")
    current = page.locator(".tk.cur")
    page.keyboard.press("j")
    expect(current).to_contain_text("Question 0")
    for _ in range(2):
        page.keyboard.press("j")
    expect(current).to_contain_text("Question 2")
    page.keyboard.press("k")
    expect(current).to_contain_text("Question 1")
    expect(current.locator("a")).to_be_focused()
    page.keyboard.press("?")
    expect(page.locator("#keys")).to_be_visible()
    page.keyboard.press("j")
    expect(current).to_contain_text("Question 1")
    page.keyboard.press("?")
    expect(page.locator("#keys")).to_be_hidden()
    page.keyboard.press("Enter")
    expect(page.locator("#subject")).to_have_text("Question 1")

    page.keyboard.press("c")
    expect(page.locator("#kind-note")).to_be_checked()
    expect(page.locator("#editor")).to_be_focused()
    page.keyboard.press("Escape")
    expect(page.locator("#subject")).to_be_focused()
    page.keyboard.press("r")
    expect(page.locator("#kind-reply")).to_be_checked()
    expect(page.locator("#editor")).to_be_focused()
    page.keyboard.type("jkrcuase?gq")
    expect(page.locator("#editor")).to_have_value("jkrcuase?gq")
    expect(page.locator("#keys")).to_be_hidden()
    assert _ticket(live, 1002).state == "new"
    page.keyboard.press("Escape")
    page.keyboard.press("j")
    expect(page.locator("#subject")).to_have_text("Question 2")
    page.keyboard.press("u")
    expect(page).to_have_url(re.compile(r"/a/queue\?view=all#t1003$"))
    expect(current).to_contain_text("Question 2")
    page.keyboard.press("Alt+j")
    page.keyboard.press("Control+j")
    expect(current).to_contain_text("Question 2")


def test_keys_change_the_ticket(live: LiveDesk, browser_page: PageFactory) -> None:
    live.desk.ticket()
    page = _open(live, browser_page, "/a/tickets/1001?view=all")
    for key in ("i", "p", "ArrowUp", "Enter"):  # as fast as they come
        page.keyboard.press(key)
    until(lambda: _ticket(live).assignee_id == live.desk.admin.id, what="the assignee")
    until(lambda: _ticket(live).priority == 3, what="a higher priority")
    page.keyboard.press("e")
    until(lambda: _ticket(live).state == "solved", what="the ticket to be solved")
    expect(page.locator(".thead .chip").first).to_have_text("Resolved")


def test_letters_can_be_switched_off(live: LiveDesk, browser_page: PageFactory) -> None:
    live.desk.ticket()
    page = _open(live, browser_page, "/a/queue?view=all")
    page.keyboard.press("?")
    page.get_by_label("Use single letters as shortcuts").uncheck()
    page.keyboard.press("Escape")
    page.reload()
    page.keyboard.press("j")
    expect(page.locator(".tk.cur")).to_have_count(0)


def test_a_draft_survives_a_killed_tab_and_comes_back_elsewhere(
    live: LiveDesk, browser_page: PageFactory
) -> None:
    live.desk.ticket()
    page = _open(live, browser_page, "/a/tickets/1001?view=all")
    page.keyboard.press("r")
    page.keyboard.type("Half a sentence, kept by the")
    expect(page.locator("#saved")).to_contain_text("Saved")
    page.keyboard.type(" server and this device")
    page.close()
    assert _draft(live).startswith("Half a sentence, kept by the")

    again = page.context.new_page()
    again.goto("/a/tickets/1001?view=all")
    expect(again.locator("#editor")).to_have_value("Half a sentence, kept by the server and this device")
    until(lambda: _draft(live).endswith("this device"), what="the draft on the server")
    again.context.close()

    assign(viewer=live.desk.admin, number=1001, agent_id=live.desk.agent("Nils Berg").id)
    elsewhere = _open(live, browser_page, "/a/tickets/1001?view=all")
    expect(elsewhere.locator("#editor")).to_have_value("Half a sentence, kept by the server and this device")
    elsewhere.goto("/a/queue?view=all")
    expect(elsewhere.locator("#list .draft")).to_be_visible()

    other = _open(live, browser_page, "/a/tickets/1001?view=all", live.desk.agent("Nils Berg"))
    expect(other.locator("#editor")).to_have_value("")


def test_a_stale_reply_is_stopped_and_kept(live: LiveDesk, browser_page: PageFactory) -> None:
    live.desk.ticket(sender="Lena <lena@example.de>")
    answer(viewer=live.desk.admin, number=1001, kind="reply", content=Content(text="We look."))
    (reply,) = live.sent("Re: ")
    page = _open(live, browser_page, "/a/tickets/1001?view=all")
    page.route("**/thread*", lambda route: route.abort())
    page.keyboard.press("r")
    page.keyboard.type("It left our house on Monday.")
    to = reply.message["Reply-To"].addresses[0].addr_spec
    live.desk.receive(a_mail(to=to, subject="Re: x", text="It is here now!"), to=[to])
    page.keyboard.press("Control+Enter")
    expect(page.locator("#composer [role=alert]")).to_contain_text("1 new message")
    expect(page.locator("#thread")).to_contain_text("It is here now!")
    expect(page.locator("#editor")).to_have_value("It left our house on Monday.")
    assert len(live.desk.rows(Message, kind="team")) == 1
    page.keyboard.press("Control+Enter")
    expect(page.locator("#thread")).to_contain_text("It left our house on Monday.")
    expect(page.locator("#editor")).to_have_value("")
    assert len(live.desk.rows(Message, kind="team")) == 2
    assert len(live.sent("Re: ", n=2)) == 2


def test_two_people_see_each_others_replies_and_keep_what_they_write(
    live: LiveDesk, browser_page: PageFactory
) -> None:
    live.desk.ticket()
    one = _open(live, browser_page, "/a/tickets/1001?view=all")
    two = _open(live, browser_page, "/a/tickets/1001?view=all", live.desk.agent("Nils Berg"))
    one.keyboard.press("r")
    one.keyboard.type("I am writing")
    two.keyboard.press("r")
    two.keyboard.type("I was faster.")
    two.keyboard.press("Control+Enter")
    expect(one.locator("#thread .msg.team")).to_contain_text("I was faster.", timeout=LIVE_MS)
    expect(one.locator("#thread .msg.team")).to_contain_text("Nils Berg")
    expect(one.locator("#composer")).to_contain_text("A new message came in while you were writing")
    expect(one.locator("#editor")).to_have_value("I am writing")
    expect(one.locator("#editor")).to_be_focused()
    one.keyboard.press("Control+Enter")
    expect(one.locator("#composer [role=alert]")).to_contain_text("1 new message")
    assert len(live.desk.rows(Message, kind="team")) == 1


def test_the_focused_row_stays_where_it_is(live: LiveDesk, browser_page: PageFactory) -> None:
    for n in range(12):
        live.desk.ticket(subject=f"Question {n}", sender=f"c{n}@example.com")
    page = _open(live, browser_page, "/a/queue?view=all", height=500)
    for _ in range(8):
        page.keyboard.press("j")
    row = page.locator(".tk.cur")
    expect(row).to_contain_text("Question 7")
    page.evaluate(
        "new PerformanceObserver(l => { globalThis.moved = l.getEntries().length })"
        ".observe({ type: 'layout-shift', buffered: false })"
    )
    before = row.bounding_box()
    accept(
        a_mail(subject="Older than all", sender="late@example.com"),
        source="import",
        mailbox_id=live.desk.mailbox_id,
        envelope_to=[SUPPORT],
        received_at=now() - timedelta(hours=3),
    )
    expect(page.locator("#list .tk")).to_have_count(13, timeout=LIVE_MS)
    expect(page.locator("#list .tk").first).to_contain_text("Older than all")
    expect(row).to_contain_text("Question 7")
    expect(row.locator("a")).to_be_focused()
    after = row.bounding_box()
    assert before is not None
    assert after is not None
    assert abs(before["y"] - after["y"]) <= 1
    page.keyboard.press("j")
    expect(row).to_contain_text("Question 8")


def test_everything_works_without_javascript(live: LiveDesk, browser_page: PageFactory) -> None:
    for n in range(3):
        live.desk.ticket(subject=f"Question {n}", sender=f"c{n}@example.com")
    add_agent(name="Mara Lindqvist", email="mara@shop.example", password=PASSWORD)
    page = browser_page(javascript=False)
    page.goto("/a/queue")
    page.get_by_label("Email").fill("mara@shop.example")
    page.get_by_label("Password").fill(PASSWORD)
    page.get_by_role("button", name="Sign in").click()
    page.get_by_role("link", name=re.compile("Unassigned")).first.click()
    expect(page.locator("#list .tk")).to_have_count(3)
    page.get_by_role("link", name="Question 1").click()
    expect(page.locator("#subject")).to_have_text("Question 1")

    page.get_by_label("Your message").fill("An answer without a script.")
    page.get_by_role("button", name="Send, set to waiting").click()
    expect(page.locator("#thread .msg.team")).to_contain_text("An answer without a script.")
    live.sent("Re: Question 1", to="c1@example.com")
    page.get_by_text("Note", exact=True).click()
    page.get_by_label("Your message").fill("A note without a script.")
    page.get_by_role("button", name="Add note").click()
    expect(page.locator("#thread .msg.note")).to_contain_text("A note without a script.")

    page.locator("#details summary[aria-label^=Assignee]").click()
    page.locator("#details").get_by_role("button", name="Mara Lindqvist").click()
    expect(page.locator("#details")).to_contain_text("Mara Lindqvist")
    page.locator("#details summary[aria-label^=State]").click()
    page.locator("#details").get_by_role("button", name="On hold").click()
    ticket = next(t for t in live.desk.rows(Ticket) if t.subject == "Question 1")
    assert (ticket.state, ticket.assignee_id) == ("on_hold", ticket.assignee_id)
    assert ticket.assignee_id is not None

    page.get_by_role("link", name="Back to the list").click()
    page.get_by_role("link", name=re.compile("My queue")).first.click()
    expect(page.locator("#list .tk")).to_have_count(1)
    page.locator(".filters summary").first.click()
    page.locator(".filters").get_by_role("link", name="waiting on someone").click()
    expect(page.locator("#list .tk")).to_have_count(1)
    page.locator(".filters summary").first.click()
    page.locator(".filters").get_by_role("link", name="resolved", exact=True).click()
    expect(page.locator("#list .tk")).to_have_count(0)
    assert live.desk.rows(Message, kind="note")[0].text == "A note without a script."
    assert not [m for m in live.sink.mails if "note without" in m.text]

    page.locator("details.me summary").click()
    page.get_by_role("button", name="Sign out").click()
    page.goto("/a/queue")
    expect(page).to_have_url(re.compile("/sign-in"))


def _ticket(live: LiveDesk, number: int = 1001) -> Ticket:
    found: Ticket = live.desk.rows(Ticket, number=number)[0]
    return found


def _draft(live: LiveDesk) -> str:
    db.session.rollback()
    return session().execute(sa.select(Draft.body)).scalar_one()


def _open(
    live: LiveDesk, browser_page: PageFactory, address: str, viewer: Viewer | None = None, height: int = 900
) -> Page:
    page = browser_page(height=height)
    live.sign_in(page, viewer or live.desk.admin)
    page.goto(address)
    return page
