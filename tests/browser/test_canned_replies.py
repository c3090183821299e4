"""Inserting canned replies while writing: by / and by button, filtered, with a macro's acts as chips."""

from __future__ import annotations

import pytest
from playwright.sync_api import expect

from helpdesk.tickets.commands.canned import CannedForm, save_canned
from helpdesk.tickets.model import Draft
from tests.browser.live import LiveDesk
from tests.services.browser import PageFactory
from tests.services.process import until

pytestmark = [pytest.mark.browser, pytest.mark.xdist_group("browser")]


def _two(live: LiveDesk) -> None:
    live.desk.ticket()
    for name, text, acts in (
        ("Parcel is late", "Hello {customer.first_name}, we look for it.", ("tag:late parcel", "priority:3")),
        ("Return label", "Hello {customer.first_name}, here is the label.", ()),
    ):
        form = CannedForm(name, text, "everyone", acts=acts)
        save_canned(viewer=live.desk.admin, canned_id=None, form=form)


def test_a_slash_opens_the_menu_and_enter_inserts(live: LiveDesk, browser_page: PageFactory) -> None:
    _two(live)
    page = browser_page()
    live.sign_in(page, live.desk.admin)
    page.goto("/a/tickets/1001?view=all")
    page.keyboard.press("r")
    page.keyboard.type("1/2 is here\n/")
    expect(page.locator("#canned-find")).to_be_focused()
    expect(page.locator(".canned")).to_have_count(2)
    page.keyboard.type("late")
    expect(page.locator(".canned").filter(visible=True)).to_have_count(1)
    page.keyboard.press("Enter")
    expect(page.locator("#editor")).to_have_value("1/2 is here\nHello Lena, we look for it.")
    expect(page.locator("#editor")).to_be_focused()
    chips = page.locator("#acts label")
    expect(chips).to_have_text(["Tag late parcel", "Priority High"])
    chips.nth(1).click()
    expect(chips).to_have_text(["Tag late parcel"])
    until(lambda: [d.acts for d in live.desk.all(Draft)] == [["tag:late parcel"]], 10, what="the draft")
    page.reload()
    expect(page.locator("#acts label")).to_have_text(["Tag late parcel"])
    page.keyboard.press("r")
    page.keyboard.press("Control+Enter")
    expect(page.locator(".msg.team")).to_contain_text("we look for it")
    expect(page.locator("#acts label")).to_have_count(0)
    until(lambda: live.desk.ticket(1001).tags == ["late parcel"], 10, what="the macro's tag")
    assert live.desk.ticket(1001).priority == 2


def test_escape_leaves_the_slash_as_it_was_typed(live: LiveDesk, browser_page: PageFactory) -> None:
    _two(live)
    page = browser_page()
    live.sign_in(page, live.desk.admin)
    page.goto("/a/tickets/1001?view=all")
    page.keyboard.press("r")
    page.keyboard.type("/")
    expect(page.locator("#canned-find")).to_be_focused()
    page.keyboard.press("Escape")
    expect(page.locator("#editor")).to_be_focused()
    page.keyboard.type("home/lena")
    expect(page.locator("#editor")).to_have_value("/home/lena")


def test_without_scripts_a_page_puts_it_into_the_draft(live: LiveDesk, browser_page: PageFactory) -> None:
    _two(live)
    page = browser_page(javascript=False)
    live.sign_in(page, live.desk.admin)
    page.goto("/a/tickets/1001?view=all")
    page.locator("#canned summary").click()
    page.get_by_role("link", name="Choose a canned reply").click()
    page.get_by_role("button", name="Insert Parcel is late").click()
    expect(page.locator("#editor")).to_have_value("Hello Lena, we look for it.")
    expect(page.locator("#acts input[value='tag:late parcel']")).to_be_checked()
