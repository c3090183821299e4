"""Every page: axe at 1440 light and 360 dark, its weight, nothing foreign, nothing to complain about."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta

import pytest
from playwright.sync_api import Page

from helpdesk.channels.signing import new_key
from helpdesk.core import clock
from helpdesk.core.audit import PROGRAM
from helpdesk.core.clock import now
from helpdesk.core.db import db
from helpdesk.mailboxes.addressing import link_token, reply_address
from helpdesk.mailboxes.commands import save_mailbox
from helpdesk.mailboxes.commands.keys import keep_key
from helpdesk.mailboxes.commands.testing import ask_test
from helpdesk.mailboxes.form import MailboxForm
from helpdesk.mailboxes.incoming import Imap
from helpdesk.mailboxes.outgoing import Smtp
from helpdesk.mailboxes.queries import ConnectionRun, connection_test
from helpdesk.people.commands import begin_two_factor, give_way_in
from helpdesk.people.rights import Role, Scope, Viewer
from helpdesk.presence.commands import be_at
from helpdesk.tickets.commands.bulk import act_on
from helpdesk.tickets.commands.canned import CannedForm, save_canned
from helpdesk.tickets.commands.changing import assign, set_priority
from helpdesk.tickets.commands.desk import save_draft
from helpdesk.tickets.commands.spam import set_spam
from helpdesk.tickets.commands.views import save_view
from helpdesk.tickets.commands.writing import answer
from helpdesk.tickets.content import Content
from helpdesk.tickets.lifecycle import State
from helpdesk.tickets.model import Participant
from mail_ingest.model import Inbound
from mail_ingest.senders import decide
from tests.browser.live import LiveDesk, Watch, small_picture
from tests.making import SUPPORT, Desk, a_mail, a_provider
from tests.services.browser import PageFactory, assert_accessible
from tests.services.process import until

pytestmark = pytest.mark.browser
SIZES = [
    pytest.param((1440, False), id="1440-light", marks=pytest.mark.xdist_group("browser")),
    pytest.param((360, True), id="360-dark", marks=pytest.mark.xdist_group("browser-narrow")),
]

CUSTOMER_BYTES, AGENT_BYTES = 60_000, 200_000
HTML = "<p>Hello,</p><p>the <b>zip</b> broke. <img src='https://pictures.example/x.png'></p><p>Ann</p>"


@pytest.mark.parametrize("size", SIZES)
def test_customers_pages(live: LiveDesk, browser_page: PageFactory, size: tuple[int, bool]) -> None:
    token = _fill(live.desk)
    secret = give_way_in(agent_id=live.desk.admin.id, kind="reset").rpartition("/")[2]
    welcome = f"/welcome/{secret}"

    def contact_with_errors(page: Page) -> None:
        page.goto("/contact")
        page.evaluate("document.querySelector('main form').noValidate = true")
        page.get_by_label("Your email").fill("not an address")
        page.get_by_role("button", name="Send request").click()
        page.wait_for_selector("[aria-invalid=true]")

    def thanks(page: Page) -> None:
        page.goto("/contact")
        page.get_by_label("What is it about?").fill("A tent peg is missing")
        page.get_by_label("Your email").fill("noor@example.com")
        page.get_by_label("Tell us what happened").fill("There were 11 in the bag, not 12.")
        page.get_by_role("button", name="Send request").click()
        page.wait_for_selector("text=We have your request")

    _check(
        live,
        browser_page,
        size,
        None,
        CUSTOMER_BYTES,
        {
            "contact": "/contact",
            "contact-errors": contact_with_errors,
            "thanks": thanks,
            "request": f"/r/{token}",
            "link-expired": "/r/1001.1.1.1abcdefgh",
            "not-found": "/nothing-here",
            "sign-in": "/sign-in",
            "forgotten": "/forgotten",
            "welcome": welcome,
        },
    )


@pytest.mark.parametrize("size", SIZES)
def test_agents_pages(live: LiveDesk, browser_page: PageFactory, size: tuple[int, bool]) -> None:
    empty = live.desk.agent("Nils Nobody")
    _check(live, browser_page, size, empty, AGENT_BYTES, {"queue-empty": "/a/queue?view=mine"})
    _fill(live.desk)
    aside = live.desk.rows(Inbound, outcome="quarantined")[0].id
    sent = live.desk.deliveries()[-1].id

    box = _mailbox(live.desk)
    save_view(viewer=live.desk.admin, name="Autumn", args={"view": "all", "tag": "autumn"}, shared=True)
    act = act_on(viewer=live.desk.admin, what="tag", value="autumn", numbers=[1001, 1002])

    def mailbox_errors(page: Page) -> None:
        page.goto("/a/settings/mailboxes/new")
        page.locator("#f-signature").fill("{agnt_name}")
        page.locator("#mailbox").evaluate("form => { form.noValidate = true; form.requestSubmit(); }")
        page.wait_for_selector("#errors")

    def mail_text(page: Page) -> None:
        page.goto("/a/settings/mail-texts/ack_body/en")
        page.locator("#f-text").fill("It is {nubmer}. {link}")
        page.wait_for_selector(".preview .notice.warn")

    def note_mode(page: Page) -> None:
        page.goto("/a/tickets/1001?view=all")
        page.keyboard.press("c")
        page.wait_for_selector("#kind-note:checked")

    def menu_open(page: Page) -> None:
        page.goto("/a/tickets/1001?view=all")
        page.locator("details.menu summary").filter(visible=True).first.click()

    def keys(page: Page) -> None:
        page.goto("/a/queue?view=all")
        page.keyboard.press("?")
        page.wait_for_selector("dialog[open]")

    def chosen(page: Page) -> None:
        page.goto("/a/queue?view=all")
        page.locator(".pick-row").first.click()
        page.wait_for_selector(".bulkbar", state="visible")

    def explained(page: Page) -> None:
        page.goto("/a/mail/explain")
        page.locator("#f-source").fill("From: a@b.example\nSubject: Kettle\n\nIt leaks.\n")
        page.get_by_role("button", name="Explain").click()
        page.wait_for_selector("#h-found")

    def stopped(page: Page) -> None:
        page.goto("/a/tickets/1001?view=all")
        page.evaluate("document.querySelector('[name=last_seq]').value = 1")
        page.locator("#editor").fill("Too early")
        page.keyboard.press("Control+Enter")
        page.wait_for_selector("#composer .notice.warn")

    _check(
        live,
        browser_page,
        size,
        live.desk.admin,
        AGENT_BYTES,
        {
            "queue": "/a/queue?view=all",
            "queue-solved": "/a/queue?view=all&state=solved",
            "queue-waiting": "/a/queue?view=all&state=waiting",
            "queue-filters": _filters_open,
            "keys": keys,
            "ticket": "/a/tickets/1001?view=all",
            "ticket-note": note_mode,
            "ticket-menu": menu_open,
            "ticket-stopped": stopped,
            "ticket-held": "/a/tickets/1002?view=all",
            "ticket-solved": "/a/tickets/1003?view=all",
            "ticket-new": "/a/tickets/new?q=ann",
            "ticket-merge": "/a/tickets/1002/merge?into=1001",
            "ticket-merge-choose": "/a/tickets/1002/merge",
            "ticket-split": "/a/tickets/1001/split",
            "queue-chosen": chosen,
            "search": "/a/search?q=zip",
            "search-empty": "/a/search",
            "bulk-act": f"/a/bulk/{act}",
            "notifications": "/a/notifications",
            "notifications-choose": "/a/notifications/preferences",
            "ticket-somebody-here": "/a/tickets/1003?view=all",
            "draft-of-another": f"/a/tickets/1003/drafts/{_somebody_writes(live.desk)}",
            "canned": "/a/canned",
            "canned-one": f"/a/canned/{_macro(live.desk)}",
            "canned-pick": "/a/tickets/1001/canned",
            "canned-menu": _canned_menu,
            "outbox": "/a/outbox",
            "outbox-trouble": "/a/outbox?show=trouble",
            "outbox-mail": f"/a/outbox/{sent}",
            "held": "/a/held",
            "spam": "/a/spam?said=spam&about=spam@bad.example",
            "senders": "/a/senders",
            "shadow": "/a/shadow",
            "inbound": "/a/mail",
            "inbound-one": "/a/mail/1",
            "inbound-aside": f"/a/mail/{aside}",
            "set-aside": "/a/mail/aside",
            "mail-audit": "/a/mail/audit",
            "mail-explain": explained,
            "mailboxes": "/a/settings/mailboxes",
            "mailbox": f"/a/settings/mailboxes/{box}",
            "mailbox-new": "/a/settings/mailboxes/new",
            "mailbox-errors": mailbox_errors,
            "providers": "/a/settings/mail-providers",
            "provider": "/a/settings/mail-providers/new?kind=google",
            "mail-texts": "/a/settings/mail-texts",
            "mail-text": mail_text,
            "signature": "/a/signature",
            "not-found": "/a/tickets/99999",
        },
    )


def _somebody_writes(desk: Desk) -> int:
    """Mara is at ticket 1003 and mentions us in 1001; return who she is."""
    mara = desk.agent("Mara Lindt")
    save_draft(viewer=mara, number=1003, kind="reply", body="Dear Cleo,\n\nthank you, too.")
    with clock.at(now() + timedelta(days=1)):  # she stays for as long as the test takes
        be_at(viewer=mara, number=1003, writing=True)
    answer(viewer=mara, number=1001, kind="note", content=Content(text="@Joana Melo, can we refund this?"))
    assign(viewer=mara, number=1002, agent_id=desk.admin.id)
    return mara.id


def _filters_open(page: Page) -> None:
    page.goto("/a/queue?view=all&f=priority:at_least:3")
    page.locator(".fil.plus").click()


def _macro(desk: Desk) -> int:
    form = CannedForm("Late", "Hello {customer.first_name}", "everyone", acts=("tag:late", "priority:3"))
    return save_canned(viewer=desk.admin, canned_id=None, form=form)


def _canned_menu(page: Page) -> None:
    page.goto("/a/tickets/1001?view=all")
    page.locator("#canned summary").click()
    page.locator(".canned").click()
    page.wait_for_selector("#acts label")
    page.locator("#canned summary").click()
    page.wait_for_selector(".canned")


@pytest.mark.parametrize("size", SIZES)
def test_settings_of_people_and_the_desk(
    live: LiveDesk, browser_page: PageFactory, size: tuple[int, bool]
) -> None:
    begin_two_factor(agent_id=live.desk.admin.id)  # one's own page shows the picture to scan
    live.desk.agent("Mara Kühn", Role.LEAD, Scope.TEAMS, (live.desk.orders, live.desk.returns))
    _check(
        live,
        browser_page,
        size,
        live.desk.admin,
        AGENT_BYTES,
        {
            "settings": "/a/settings",
            "people": "/a/settings/people",
            "person": f"/a/settings/people/{live.desk.admin.id}",
            "person-new": "/a/settings/people/new",
            "teams": "/a/settings/teams",
            "team": f"/a/settings/teams/{live.desk.orders}",
            "desk": "/a/settings/desk",
            "audit": "/a/settings/audit",
            "me": "/a/me",
        },
    )


def _mailbox(desk: Desk) -> int:
    """A mailbox that cannot be fetched, with a test, a signing key and a provider."""
    a_provider(desk.admin)
    imap = Imap("127.0.0.1", 1, "tls", "returns@shop.example", "x", "INBOX")
    smtp = Smtp("127.0.0.1", 1, "none", "oauth", "returns@shop.example", "")
    made = save_mailbox(
        mailbox_id=None,
        version=0,
        form=MailboxForm(
            "returns@shop.example",
            "Returns",
            "from",
            "{agent_name}",
            "en",
            acknowledge=True,
            team_id=None,
            imap=imap,
            smtp=smtp,
        ),
        who=PROGRAM,
    )
    pair = new_key()
    keep_key(mailbox_id=made, private=pair.private, public=pair.public, who=PROGRAM)
    test_id = ask_test(mailbox_id=made)
    until(lambda: (run := _fresh(test_id)) is not None and run.ended_at is not None, 30, what="the test")
    return made


def _fresh(test_id: int) -> ConnectionRun | None:
    """The connection test as it is now."""
    db.session.rollback()
    return connection_test(test_id)


def _check(
    live: LiveDesk,
    browser_page: PageFactory,
    size: tuple[int, bool],
    viewer: Viewer | None,
    limit: int,
    pages: dict[str, str | Callable[[Page], None]],
) -> None:
    wrong = []
    width, dark = size
    for name, way in pages.items():
        page = browser_page(width=width, dark=dark, height=900 if width > 1000 else 740)
        if viewer is not None:
            live.sign_in(page, viewer)
        watch = Watch(page, live.url)
        try:
            if callable(way):
                way(page)
            else:
                page.goto(way)
            _one(live, page, watch, f"{name}-{width}", limit)
        except AssertionError as error:
            wrong.append(f"{name} at {width}: {error}")
        page.context.close()
    assert not wrong, "\n\n".join(wrong)


def _one(live: LiveDesk, page: Page, watch: Watch, name: str, limit: int) -> None:
    live.shot(page, name)
    weight = watch.bytes_on_the_wire()
    print(f"{name:<24} {weight:>8,} bytes")  # noqa: T201 - shown by pytest -s
    assert weight <= limit, f"{name} weighs {weight:,} bytes"
    watch.assert_quiet(lambda line: "the server responded with a status of 4" in line)
    wide = page.evaluate("document.documentElement.scrollWidth - document.documentElement.clientWidth")
    assert wide <= 0, f"{name} is {wide} px too wide"
    assert_accessible(page)


def _fill(desk: Desk) -> str:
    """A desk with a bit of everything; returns the link of the first request."""
    first = desk.ticket(
        subject="The zip of my tent broke",
        sender="Ann Marie Weatherby-Longname <ann@example.com>",
        text="Hello,\n\nthe zip broke. See https://example.com/a/very/long/address/that/does/not/end/anywhere.\n\nAnn",
        html=HTML,
        files=[("zip.png", "image/png", small_picture()), ("invoice.pdf", "application/pdf", b"%PDF-1.7 x")],
    )
    answer(
        viewer=desk.admin,
        number=first.number,
        kind="reply",
        content=Content(text="Hello Ann,\n\nplease send a picture of https://shop.example/zip.\n\n> quoted"),
        then=State.PENDING,
    )
    answer(viewer=desk.admin, number=first.number, kind="note", content=Content(text="Third one this week."))
    part = desk.rows(Participant, ticket_id=first.id)[0]
    ring = desk.app.extensions["keys"]
    to = reply_address(ring, SUPPORT, first.number, part.id)
    back = a_mail("ann@example.com", to=to, subject="Re: The zip of my tent broke", text="Here it is.")
    desk.receive(back, to=[to])
    set_priority(viewer=desk.admin, number=first.number, priority=4)
    assign(viewer=desk.admin, number=first.number, agent_id=desk.admin.id)

    second = desk.ticket(subject="Where is my order?", sender="ben@example.com")
    part2 = desk.rows(Participant, ticket_id=second.id)[0]
    to = reply_address(ring, SUPPORT, second.number, part2.id)
    stranger = a_mail("Eve <eve@elsewhere.example>", to=to, subject="Re: Where?", text="Tell me too.")
    assert desk.receive(stranger, to=[to]).outcome == "added"

    third = desk.ticket(subject="Thank you", sender="Cleo <cleo@example.com>")
    reply = Content(text="You are welcome.")
    answer(viewer=desk.admin, number=third.number, kind="reply", content=reply, then=State.SOLVED)
    junk = desk.ticket(subject="You won a prize", sender="Prize <spam@bad.example>")
    set_spam(viewer=desk.admin, number=junk.number, on=True)
    decide(viewer=desk.admin, kind="block", key="bad.example", note="sells lists")
    decide(viewer=desk.admin, kind="host", key="mx.provider.example")
    for n in range(6):
        desk.ticket(subject=f"Question {n} about a rather long thing that hardly fits on one line of a phone")
    broken = desk.receive(b"Subject: no sender at all\r\n\r\nHello\r\n")
    assert broken.outcome == "quarantined"
    return link_token(ring, first.number, part.id, part.link_version)
