"""Contracts 24: a thank-you is marked, and one press keeps the ticket resolved."""

from helpdesk.tickets.commands.changing import set_state
from helpdesk.tickets.lifecycle import State
from helpdesk.tickets.queries.replaying import differences
from tests.making import Desk, a_mail

FIRST = "<first@mail.example>"


def test_one_press_keeps_resolved_what_only_a_thank_you_opened(desk: Desk) -> None:
    number = desk.ticket(message_id=FIRST).number
    set_state(viewer=desk.admin, number=number, state=State.SOLVED)
    desk.receive(a_mail(text="Thank you so much!\n\nLena", In_Reply_To=FIRST))
    agent = desk.browser(desk.admin)
    shown = agent.get(f"/a/tickets/{number}").get_data(as_text=True)
    assert desk.ticket(number).state == "open", "in doubt it reopens"
    assert "Keep it resolved" in shown
    assert agent.post(f"/a/tickets/{number}/keep-solved").status_code == 302
    ticket = desk.ticket(number)
    assert (ticket.state, ticket.resolution_no) == ("solved", 1)
    assert differences() == (1, [])


def test_who_says_more_than_thanks_is_read(desk: Desk) -> None:
    number = desk.ticket(message_id=FIRST).number
    set_state(viewer=desk.admin, number=number, state=State.SOLVED)
    desk.receive(a_mail(text="Thanks, but the second parcel is still missing.", In_Reply_To=FIRST))
    agent = desk.browser(desk.admin)
    assert "Keep it resolved" not in agent.get(f"/a/tickets/{number}").get_data(as_text=True)
    assert agent.post(f"/a/tickets/{number}/keep-solved").status_code == 409
    assert desk.ticket(number).state == "open"
