"""Two people in one ticket see each other within five seconds (ui T3)."""

from __future__ import annotations

import pytest
from playwright.sync_api import expect

from helpdesk.notifications.model import Notification
from helpdesk.tickets.commands.changing import assign
from tests.browser.live import LiveDesk, Watch
from tests.services.browser import PageFactory, assert_accessible

pytestmark = pytest.mark.browser


@pytest.mark.xdist_group("browser")
def test_two_at_one_ticket_see_who_looks_writes_and_goes(live: LiveDesk, browser_page: PageFactory) -> None:
    live.desk.ticket()
    mara = live.desk.agent("Mara Lindt")
    ours, hers = browser_page(), browser_page()
    live.sign_in(ours, live.desk.admin)
    live.sign_in(hers, mara)
    watch = Watch(ours, live.url)
    ours.goto("/a/tickets/1001")
    hers.goto("/a/tickets/1001")
    strip = ours.locator(".strip.here")
    expect(strip).to_contain_text("Mara Lindt is looking", timeout=15_000)
    expect(hers.locator(".strip.here")).to_contain_text("Joana Melo is looking", timeout=15_000)

    hers.locator("#editor").fill("Dear Lena, we")
    expect(strip).to_contain_text("Mara Lindt is writing", timeout=15_000)
    expect(strip.get_by_role("link", name="Read the draft")).to_be_visible(timeout=15_000)
    live.shot(ours, "somebody-writes")
    strip.get_by_role("link", name="Read the draft").click()
    expect(ours.locator(".draft-text")).to_have_text("Dear Lena, we")
    ours.go_back()

    hers.goto("/a/queue")
    expect(strip).to_have_count(0, timeout=15_000)
    watch.assert_quiet()


@pytest.mark.xdist_group("browser")
def test_what_is_looked_at_in_its_ticket_is_read(live: LiveDesk, browser_page: PageFactory) -> None:
    live.desk.ticket()
    mara = live.desk.agent("Mara Lindt")
    assign(viewer=live.desk.admin, number=1001, agent_id=mara.id)
    page = browser_page()
    live.sign_in(page, mara)
    page.goto("/a/notifications")
    expect(page.get_by_role("heading", name="Unread")).to_be_visible()
    with page.expect_response(lambda answer: answer.url.split("?")[0].endswith("/read")):
        page.get_by_role("link", name="Parcel says delivered").click()
    page.goto("/a/notifications")
    expect(page.get_by_role("heading", name="Unread")).to_have_count(0)


@pytest.mark.xdist_group("browser")
def test_an_at_in_a_note_offers_names(live: LiveDesk, browser_page: PageFactory) -> None:
    live.desk.ticket()
    mara = live.desk.agent("Mara Lindt")
    live.desk.agent("Martin Ost")
    page = browser_page()
    live.sign_in(page, live.desk.admin)
    page.goto("/a/tickets/1001")
    names = page.locator("#names")
    page.locator("#editor").press_sequentially("Dear @Ma")
    expect(names).to_be_hidden()
    page.locator("#editor").fill("")
    page.get_by_text("Note", exact=True).click()
    page.locator("#editor").press_sequentially("Ask @ma")
    expect(names.get_by_role("option")).to_have_text(["Mara Lindt", "Martin Ost"])
    live.shot(page, "names")
    assert_accessible(page)
    page.keyboard.press("ArrowDown")
    page.keyboard.press("ArrowDown")
    page.keyboard.press("Enter")
    expect(page.locator("#editor")).to_have_value("Ask @Mara Lindt ")
    expect(names).to_be_hidden()
    page.keyboard.press("Control+Enter")
    page.wait_for_selector(".msg.note")
    assert [row.kind for row in live.desk.rows(Notification, agent_id=mara.id)] == ["mentioned"]
