"""What a customer's link opens, and what it never shows (contracts 14, 18, 35; T5, T10, T26, T30)."""

import re
from collections.abc import Callable, Iterator
from datetime import timedelta
from io import BytesIO

import pytest
from flask import Flask

from helpdesk.core import clock
from helpdesk.core.clock import now
from helpdesk.core.db import command, db, session
from helpdesk.core.keys import KeyRing, ring
from helpdesk.mailboxes.addressing import link_token
from helpdesk.people.rights import Role
from helpdesk.tickets.commands import changing
from helpdesk.tickets.commands.writing import answer
from helpdesk.tickets.content import Content, FileIn
from helpdesk.tickets.lifecycle import State
from helpdesk.tickets.model import Attachment, Message, Participant, Ticket
from helpdesk.tickets.queries.customer import LINK_LIFE
from tests.making import SUPPORT, Browser, Desk, a_mail

sqlite_only = pytest.mark.parametrize("engine", ["sqlite"], indirect=True)


def _links(desk: Desk, ticket: Ticket) -> dict[str, str]:
    """Return each participant's link, by address, from the mails that carried them."""
    mails = {m.id for m in desk.outgoing() if m.ticket_id == ticket.id}
    return {d.recipient: f"/r/{d.link}" for d in desk.deliveries() if d.mail_id in mails}


def _page(browser: Browser, link: str) -> str:
    answer_ = browser.get(link)
    assert answer_.status_code == 200
    return answer_.get_data(as_text=True)


@command
def _participant(ticket_id: int, **values: object) -> None:
    for part in session().query(Participant).filter_by(ticket_id=ticket_id):
        for name, value in values.items():
            setattr(part, name, value)


def test_a_link_shows_its_own_request_and_no_other(desk: Desk) -> None:
    first = desk.ticket(sender="Lena <lena@example.de>", subject="Lena's parcel", text="LENA-WORDS")
    second = desk.ticket(sender="Noor <noor@example.de>", subject="Noor's parcel", text="NOOR-WORDS")
    customer = desk.browser()
    own, other = _links(desk, first)["lena@example.de"], _links(desk, second)["noor@example.de"]
    page = _page(customer, own)
    assert "LENA-WORDS" in page
    assert not re.search("NOOR|noor", page)
    assert other not in page
    for cross in (
        own.replace("/r/1001.", "/r/1002."),
        other.replace("/r/1002.", "/r/1001."),
        own.replace(".1.", ".2.", 1),
    ):
        assert customer.get(cross).status_code == 404, cross


def test_every_link_that_does_not_open_gives_the_same_page(desk: Desk) -> None:
    """T21: unknown, forged, revoked, of an older version and expired are one page and one status."""
    ticket = desk.ticket()
    link = _links(desk, ticket)["lena@example.de"]
    customer = desk.browser()
    part = desk.rows(Participant)[0].id
    pages = set()

    def gone(url: str) -> None:
        found = customer.get(url)
        assert found.status_code == 404, url
        assert "no-store" in found.headers["Cache-Control"]
        pages.add(found.get_data(as_text=True))
        for path, method in ((f"{url}/files/1", "GET"), (f"{url}/messages", "POST")):
            below = customer.client.open(path, method=method)
            assert below.status_code == 404, path
            pages.add(below.get_data(as_text=True))

    for bad in (
        "/r/x",
        "/r/1001",
        f"/r/{ticket.number}.{part}.1.{'a' * 17}",
        f"{link[:-1]}{'b' if link[-1] == 'a' else 'a'}",
        f"/r/{link_token(KeyRing({'a': bytes(32)}), ticket.number, part, 1)}",
        f"/r/{link_token(ring(), 4711, part, 1)}",
        f"/r/{link_token(ring(), ticket.number, 4711, 1)}",
        f"/r/{link_token(ring(), ticket.number, part, 2)}",
        f"/r/{'9' * 300}",
    ):
        gone(bad)
    assert customer.get(link).status_code == 200
    _participant(ticket.id, link_revoked_at=now())
    gone(link)
    _participant(ticket.id, link_revoked_at=None, link_version=2)
    gone(link)
    _participant(ticket.id, link_version=1)
    for state in (State.SOLVED, State.CLOSED):
        changing.set_state(viewer=desk.admin, number=1001, state=state)
    assert customer.get(link).status_code == 200, "a closed request can still be read"
    with clock.at(now() + LINK_LIFE + timedelta(days=1)):
        found = customer.client.get(link)
        assert found.status_code == 404
        pages.add(found.get_data(as_text=True))
    assert len(pages) == 1


def test_only_what_is_on_the_list_reaches_the_customer(desk: Desk) -> None:
    """The page is an allow-list: no note, no name of a team, no priority, no agent's surname or address."""
    agent = desk.agent("Mara Geheimnisname", Role.AGENT)
    ticket = desk.ticket(
        Cc="Tim Kopie <tim@example.de>", files=[("mine.png", "image/png", b"\x89PNG\r\n\x1a\n1")]
    )
    number = ticket.number
    digest = desk.app.extensions["files"].put(b"secret file")
    answer(
        viewer=agent,
        number=number,
        kind="note",
        content=Content("NOTE-TEXT", files=(FileIn("NOTE-FILE.txt", "text/plain", digest, 11),)),
    )
    changing.set_priority(viewer=agent, number=number, priority=4)
    changing.assign(viewer=agent, number=number, agent_id=agent.id)
    answer(viewer=agent, number=number, kind="reply", content=Content("PUBLIC-TEXT"))
    reply = desk.outgoing("reply")[0]
    desk.receive(a_mail("mallory@else.example", text="HELD-TEXT", In_Reply_To=reply.message_id))
    desk.receive(a_mail(text="AUTO-TEXT", Auto_Submitted="auto-replied", In_Reply_To=reply.message_id))
    kinds = {m.kind for m in desk.messages(ticket)}
    assert kinds == {"customer", "note", "team", "held", "auto"}, "the test is about all of them"
    customer = desk.browser()
    links = _links(desk, ticket)
    for link in links.values():
        page = _page(customer, link)
        assert "PUBLIC-TEXT" in page
        assert "Mara" in page
        for secret in (
            "NOTE-TEXT",
            "NOTE-FILE",
            "HELD-TEXT",
            "AUTO-TEXT",
            "Geheimnisname",
            agent.email,
            "mallory",
            "Orders",
            "Urgent",
            "rgent",
            digest,
            SUPPORT,
        ):
            assert secret not in page.replace("PUBLIC-TEXT", ""), secret
    notes = next(a.id for a in desk.rows(Attachment) if a.name == "NOTE-FILE.txt")
    mine = next(a.id for a in desk.rows(Attachment) if a.name == "mine.png")
    own = links["lena@example.de"]
    assert customer.get(f"{own}/files/{notes}").status_code == 404
    assert customer.get(f"{own}/files/{mine}").status_code == 200
    assert links["tim@example.de"] not in _page(customer, own), "nobody finds another's link (contracts 18)"


@pytest.mark.parametrize(
    ("state", "words"),
    [
        (State.NEW, "Received"),
        (State.OPEN, "We are on it"),
        (State.ON_HOLD, "We are on it"),
        (State.PENDING, "We need something from you"),
        (State.SOLVED, "Done"),
        (State.CLOSED, "Done"),
    ],
)
@sqlite_only
def test_states_in_the_customers_words(desk: Desk, state: State, words: str) -> None:
    """Contracts 35."""
    ticket = desk.ticket()
    if state is State.CLOSED:
        changing.set_state(viewer=desk.admin, number=1001, state=State.SOLVED)
    if state is not State.NEW:
        changing.set_state(viewer=desk.admin, number=1001, state=state)
    page = _page(desk.browser(), _links(desk, ticket)["lena@example.de"])
    assert words in page
    assert ("<textarea" in page) is (state is not State.CLOSED)


@pytest.mark.parametrize("engine", ["sqlite"], indirect=True)
def test_no_page_of_a_customer_sets_a_cookie_or_lets_itself_be_kept(desk: Desk) -> None:
    """Contracts 14, T30."""
    ticket = desk.ticket()
    link = _links(desk, ticket)["lena@example.de"]
    customer = desk.browser()
    for url in ("/", "/contact", link, "/r/x", "/sign-in", "/no/such/page"):
        found = customer.get(url)
        assert "Set-Cookie" not in found.headers, url
        assert "no-store" in found.headers["Cache-Control"], url
    customer.get(link)
    sent = customer.post(f"{link}/messages", {"body": "One more thing."})
    assert sent.status_code == 302
    assert "Set-Cookie" not in sent.headers
    customer.get("/contact")
    sent = customer.post("/contact", {"email": "a@b.example", "subject": "x", "body": "y"})
    assert "Set-Cookie" not in sent.headers
    assert "/r/" not in sent.get_data(as_text=True), "the link travels by mail only (contracts 18)"
    assert "script" not in re.sub(r"<script[^>]*theme[^>]*></script>", "", _page(customer, link))


def test_a_customer_writes_and_settles_on_the_page(desk: Desk) -> None:
    ticket = desk.ticket()
    link = _links(desk, ticket)["lena@example.de"]
    customer = desk.browser()
    customer.get(link)
    form_page = customer.page
    files = [(BytesIO(b"\x89PNG\r\n\x1a\n1"), "photo.png")]
    form = {"body": "Here is a photo.", "files": files}
    assert customer.post(f"{link}/messages", form, content_type="multipart/form-data").status_code == 302
    customer.page = form_page
    twice = customer.post(f"{link}/messages", {"body": "Here is a photo."})
    assert twice.status_code == 302
    assert len(desk.messages(ticket)) == 2, "the same form makes one message"
    customer.get(link)
    assert customer.post(f"{link}/messages", {"body": "  "}).status_code == 422
    customer.get(link)
    assert customer.post(f"{link}/messages", {"body": "", "sorted": "1"}).status_code == 302
    assert desk.ticket(1001).state == "solved"
    assert "Your request was settled." in _page(customer, link)
    customer.get(link)
    assert customer.post(f"{link}/messages", {"body": "No, it is not."}).status_code == 302
    assert desk.ticket(1001).state == "open"
    for state in (State.SOLVED, State.CLOSED):
        changing.set_state(viewer=desk.admin, number=1001, state=state)
    customer.get(link)
    assert customer.post(f"{link}/messages", {"body": "LATE WORDS"}).status_code == 422, "no form, no token"
    assert "closed" in customer.get(link).get_data(as_text=True)
    assert [m.text for m in desk.messages(ticket)][-1] == "No, it is not."


@pytest.mark.parametrize("engine", ["sqlite"], indirect=True)
def test_a_customers_words_are_words(desk: Desk) -> None:
    """T2: nothing typed becomes a tag, on the customer's page, the agent's, in the queue or in a mail."""
    bait = "<img src=x onerror=alert(1)>\"'{{7*7}}<script>alert(1)</script>"
    customer = desk.browser()
    customer.get("/contact")
    form = {"email": "lena@example.de", "name": bait, "subject": bait, "body": bait}
    thanks = customer.post("/contact", form)
    assert thanks.status_code == 200
    ticket = desk.ticket(1001)
    link = f"/r/{desk.deliveries()[0].link}"
    agent = desk.browser(desk.admin)
    answer(viewer=desk.admin, number=1001, kind="reply", content=Content(bait))
    pages = [thanks.get_data(as_text=True), _page(customer, link)]
    urls = ("/a/tickets/1001", "/a/queue?view=all", "/a/outbox", "/a/outbox/2", "/a/outbox/2/html")
    pages += [_page(agent, url) for url in urls]
    for page in pages:
        assert "<img src=x" not in page
        assert "<script>alert" not in page
        assert "{{7*7}}" in page or "onerror" not in page, "no template language runs over words"
    assert ticket.subject == bait


@pytest.fixture
def strict(make_app: Callable[..., Flask]) -> Iterator[Desk]:
    """A desk that takes two forms an hour from one network address."""
    app = make_app(form_limit="2 per hour")
    with app.app_context():
        yield Desk.set_up(app)
        db.session.remove()


def test_who_is_slowed_keeps_what_was_typed(strict: Desk) -> None:
    """T26: contact form by network address, replies by link."""
    customer = strict.browser()
    form = {"email": "lena@example.de", "name": "Lena", "subject": "My tent", "body": "It leaks badly."}
    for status in (200, 200, 429):
        customer.get("/contact")
        sent = customer.post("/contact", form)
        assert sent.status_code == status
    page = sent.get_data(as_text=True)
    for word in form.values():
        assert word in page
    assert len(strict.rows(Ticket)) == 2
    again = customer.post("/contact", form, environ_base={"REMOTE_ADDR": "198.51.100.7"})
    assert again.status_code == 200, "the page that came back can be sent as it is"
    link = f"/r/{strict.deliveries()[0].link}"
    for n, status in enumerate((302, 302, 429)):
        customer.get(link)
        sent = customer.post(f"{link}/messages", {"body": f"KEPT WORDS {n}"})
        assert sent.status_code == status
    assert "KEPT WORDS 2" in sent.get_data(as_text=True)
    assert len(strict.messages(strict.rows(Ticket)[0])) == 3


@sqlite_only
def test_what_fills_the_hidden_field_is_a_machine(desk: Desk) -> None:
    customer = desk.browser()
    customer.get("/contact")
    form = {"email": "a@b.example", "subject": "Cheap", "body": "Buy now", "website": "http://x.example"}
    refused = customer.post("/contact", form)
    assert refused.status_code == 422
    assert "Buy now" in refused.get_data(as_text=True), "a person whose browser filled it loses nothing"
    assert desk.rows(Ticket) == []
    form.pop("website")
    assert customer.post("/contact", form).status_code == 200


@sqlite_only
def test_a_form_that_was_open_too_long_comes_back_filled_in(desk: Desk) -> None:
    customer = desk.browser()
    for token in ("", "forged", "a.b.c"):
        customer.get("/contact")
        form = {"email": "a@b.example", "subject": "My tent", "body": "It leaks.", "form_token": token}
        refused = customer.post("/contact", form)
        page = refused.get_data(as_text=True)
        assert refused.status_code == 422
        assert "My tent" in page
        assert "It leaks." in page
        customer.page = page
        form.pop("form_token")
    assert customer.post("/contact", form).status_code == 200


@pytest.mark.parametrize(
    "email",
    ["", "nobody", "a@b", "a@b.example\r\nBcc: c@d.example", "a b@c.example", "a@b..example", "@b.example"],
)
@sqlite_only
def test_an_address_we_cannot_answer_is_refused_in_words(desk: Desk, email: str) -> None:
    customer = desk.browser()
    customer.get("/contact")
    refused = customer.post("/contact", {"email": email, "subject": "My tent", "body": "It leaks."})
    assert refused.status_code == 422
    assert "Give us a mail address we can answer to." in refused.get_data(as_text=True)
    assert desk.rows(Ticket) == []
    assert desk.rows(Message) == []


@sqlite_only
def test_too_many_or_too_large_files_are_refused_before_anything_is_kept(
    make_app: Callable[..., Flask],
) -> None:
    app = make_app(upload_max_files=2, upload_max_bytes=1000)
    with app.app_context():
        desk = Desk.set_up(app)
        customer = desk.browser()
        for files, words in (
            ([(BytesIO(b"x"), f"{n}.txt") for n in range(3)], "at most 2 files"),
            ([(BytesIO(b"x" * 1001), "large.txt")], "large.txt is larger"),
        ):
            customer.get("/contact")
            form = {"email": "a@b.example", "subject": "Files", "body": "Here.", "files": files}
            refused = customer.post("/contact", form, content_type="multipart/form-data")
            assert refused.status_code == 422
            assert words in refused.get_data(as_text=True)
        customer.get("/contact")
        huge = {"email": "a@b.example", "body": "x" * 3_000_000}
        assert customer.post("/contact", huge).status_code == 413
        assert desk.rows(Ticket) == []
        db.session.remove()
