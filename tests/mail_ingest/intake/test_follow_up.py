"""L4: a closed ticket is followed up by the same people, whoever of them writes."""

from helpdesk.tickets.commands.changing import set_state
from helpdesk.tickets.lifecycle import State
from helpdesk.tickets.model import Participant, Ticket
from tests.making import Desk, a_mail

FIRST = "<first@mail.example>"


def test_a_cc_who_answers_a_closed_ticket_does_not_become_its_requester(desk: Desk) -> None:
    ticket = desk.ticket(message_id=FIRST, Cc="Noor <noor@example.com>")
    for state in (State.SOLVED, State.CLOSED):
        set_state(viewer=desk.admin, number=ticket.number, state=state)
    inbound = desk.receive(a_mail("Noor <noor@example.com>", text="It broke again", In_Reply_To=FIRST))
    follow_up = desk.row(Ticket, inbound.ticket_id)
    assert (follow_up.follow_up_of, follow_up.requester_id) == (ticket.id, ticket.requester_id)
    before, after = (
        {(p.contact_id, p.role) for p in desk.rows(Participant, ticket_id=t.id)} for t in (ticket, follow_up)
    )
    assert before == after
    said = desk.messages(follow_up)[0]
    assert (said.kind, said.author_name, said.author_id != ticket.requester_id) == ("customer", "Noor", True)
