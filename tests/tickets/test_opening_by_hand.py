"""An agent opens a ticket: for a call, a visit, or a mail of their own."""

import pytest

from helpdesk.core.errors import ForbiddenError
from helpdesk.people.rights import Role, Scope
from helpdesk.tickets.commands.opening import open_by_agent
from helpdesk.tickets.content import Content
from helpdesk.tickets.lifecycle import Channel
from helpdesk.tickets.model import Ticket
from tests.making import Desk, a_mail

FORM = {
    "email": "piotr@example.pl",
    "name": "Piotr Wasik",
    "subject": "Call about a tent",
    "body": "He asks.",
}


def test_a_mail_of_our_own_goes_out_and_its_answer_joins(desk: Desk) -> None:
    browser = desk.browser(desk.admin)
    browser.get("/a/tickets/new")
    done = browser.post("/a/tickets/new", FORM | {"way": "mail", "team": str(desk.orders), "mine": "1"})
    assert done.status_code == 302
    ticket = desk.rows(Ticket)[0]
    assert (ticket.state, ticket.assignee_id, ticket.waiting_since) == ("pending", desk.admin.id, None)
    sent = desk.outgoing()
    assert [(m.kind, m.subject) for m in sent] == [("reply", "Re: Call about a tent")]
    answer = desk.receive(a_mail("piotr@example.pl", text="Thanks, and?", In_Reply_To=sent[0].message_id))
    assert answer.ticket_id == ticket.id
    assert desk.row(Ticket, ticket.id).state == "open"


@pytest.mark.parametrize("way", ["phone", "visit"])
def test_a_call_or_a_visit_stays_a_note_and_tells_nobody(desk: Desk, way: str) -> None:
    browser = desk.browser(desk.admin)
    browser.get("/a/tickets/new")
    browser.post("/a/tickets/new", FORM | {"way": way})
    ticket = desk.rows(Ticket)[0]
    assert (ticket.channel, [m.kind for m in desk.messages(ticket)], desk.outgoing()) == (way, ["note"], [])


def test_sent_twice_is_one_ticket_and_what_is_missing_comes_back_filled_in(desk: Desk) -> None:
    browser = desk.browser(desk.admin)
    browser.get("/a/tickets/new")
    page = browser.post("/a/tickets/new", FORM | {"way": "phone", "email": "nobody"})
    words = page.get_data(as_text=True)
    assert (page.status_code, "Call about a tent" in words, "He asks." in words) == (422, True, True)
    for _n in range(2):
        browser.post("/a/tickets/new", FORM | {"way": "phone"})
    assert len(desk.rows(Ticket)) == 1


def test_the_customers_open_tickets_are_shown_first(desk: Desk) -> None:
    ticket = desk.ticket()
    browser = desk.browser(desk.admin)
    page = browser.get("/a/tickets/new?q=hartm").get_data(as_text=True)
    assert "lena@example.de" in page
    assert "1 open ticket" in page
    page = browser.get(f"/a/tickets/new?contact={ticket.requester_id}").get_data(as_text=True)
    assert "1 open ticket of this customer" in page
    assert f"#{ticket.number} Parcel says delivered" in page
    assert 'value="lena@example.de"' in page


def test_who_sees_only_their_team_finds_only_its_customers(desk: Desk) -> None:
    ticket = desk.ticket()
    elsewhere = desk.browser(desk.agent("Tom Retour", Role.AGENT, Scope.TEAMS, (desk.returns,)))
    for url in ("/a/tickets/new?q=hartm", f"/a/tickets/new?contact={ticket.requester_id}"):
        assert "lena@example.de" not in elsewhere.get(url).get_data(as_text=True)


def test_who_only_writes_notes_opens_none(desk: Desk) -> None:
    with pytest.raises(ForbiddenError):
        open_by_agent(
            viewer=desk.agent("Kim Leicht", Role.LIGHT),
            email="a@example.de",
            name="",
            subject="x",
            content=Content("y"),
            channel=Channel.PHONE,
            as_mail=False,
        )
    assert desk.rows(Ticket) == []
