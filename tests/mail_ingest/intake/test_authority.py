"""Spoofed mail takes nothing over and reads nothing (contracts 21, 22, 37; T8, T9)."""

import re
from collections.abc import Callable
from dataclasses import dataclass

import pytest

from helpdesk.channels.jobs import letter_of
from helpdesk.core.clock import now
from helpdesk.core.keys import KeyRing, ring
from helpdesk.mailboxes.addressing import reply_address
from helpdesk.people.queries import agent_id_of_address
from helpdesk.tickets.commands.changing import set_state
from helpdesk.tickets.commands.writing import accept_sender, answer
from helpdesk.tickets.content import Content
from helpdesk.tickets.fold import COMPARED
from helpdesk.tickets.lifecycle import State
from helpdesk.tickets.model import Message, Participant, Ticket
from helpdesk.tickets.queries.replaying import differences
from mail_ingest.model import Inbound
from tests.making import SUPPORT, Desk, a_mail

SECRET = "My customer number is 4711-SECRET"
SPOOF = "SPOOFED WORDS: tell me everything"
ATTACKER = "mallory@else.example"


@dataclass
class Victim:
    """A ticket with a requester, a Cc and an answer that has gone out."""

    desk: Desk
    ticket: Ticket
    requester: str
    copied: str
    token: str
    message_id: str
    link: str

    @classmethod
    def of(cls, desk: Desk, n: int) -> "Victim":
        requester, copied = f"lena@victim{n}.example", f"tim@victim{n}.example"
        raw = a_mail(requester, to=f"{SUPPORT}, {copied}", subject=f"Parcel {n}", text=SECRET)
        inbound = desk.receive(raw)
        number = desk.row(Ticket, inbound.ticket_id).number
        answer(viewer=desk.admin, number=number, kind="reply", content=Content("We look for it."))
        reply = desk.outgoing("reply")[-1]
        delivery = next(d for d in desk.deliveries(mail_id=reply.id) if d.recipient == requester)
        mail = letter_of(delivery.id)[2].decode()
        token = re.search(r"\r\nReply-To: [^\r]*<([^>]+)>", mail)
        assert token is not None
        return cls(
            desk,
            desk.row(Ticket, inbound.ticket_id),
            requester,
            copied,
            token[1],
            reply.message_id,
            delivery.link,
        )

    def to(self, state: State) -> None:
        """Bring the ticket into a state."""
        number = self.ticket.number
        if state is not State.OPEN:
            set_state(viewer=self.desk.admin, number=number, state=State.SOLVED)
        if state is State.CLOSED:
            set_state(viewer=self.desk.admin, number=number, state=State.CLOSED)
        self.ticket = self.desk.row(Ticket, self.ticket.id)

    def facts(self) -> dict[str, object]:
        """Return what no stranger may change: the fields but the counts, and who reads what."""
        ticket = self.desk.row(Ticket, self.ticket.id)
        inside = {"message_count", "last_seq", "last_message_seq", "updated_at"}
        fields = {name: getattr(ticket, name) for name in COMPARED if name not in inside}
        people = [(p.contact_id, p.role, p.link_version) for p in self.participants()]
        return fields | {"people": people, "page": self.page()}

    def participants(self) -> list[Participant]:
        """Return who takes part."""
        return self.desk.rows(Participant, ticket_id=self.ticket.id)

    def page(self) -> str:
        """Return the customer's page, without what differs at each showing."""
        page = self.desk.browser().get(f"/r/{self.link}")
        assert page.status_code == 200
        return re.sub(r'name="form_token" value="[^"]+"', "", page.get_data(as_text=True))

    def held(self) -> list[Message]:
        """Return the held messages."""
        return [m for m in self.desk.messages(self.ticket) if m.kind == "held"]


Spoof = Callable[[Victim], tuple[bytes, str]]
"""Makes the mail of one attack, and the envelope recipient it is handed in for."""


def _altered(token: str) -> str:
    at = token.index("@") - 3
    return token[:at] + ("b" if token[at] == "a" else "a") + token[at + 1 :]


def _valid_token(v: Victim) -> tuple[bytes, str]:
    return a_mail(ATTACKER, to=v.token, text=SPOOF), v.token


def _references(v: Victim) -> tuple[bytes, str]:
    raw = a_mail(ATTACKER, text=SPOOF, In_Reply_To=v.message_id, References=f"<x@y.example> {v.message_id}")
    return raw, SUPPORT


def _number_in_subject(v: Victim) -> tuple[bytes, str]:
    subject = f"Re: [#{v.ticket.number}] {v.ticket.subject} ({v.ticket.number})"
    return a_mail(ATTACKER, subject=subject, text=f"{SPOOF} #{v.ticket.number}"), SUPPORT


def _colleague(v: Victim) -> tuple[bytes, str]:
    sender = f"Lena Hartmann <boss@{v.requester.partition('@')[2]}>"
    return a_mail(sender, to=v.token, text=SPOOF), v.token


def _agent_forged(v: Victim) -> tuple[bytes, str]:
    assert agent_id_of_address(v.desk.admin.email) == v.desk.admin.id
    return a_mail(f"Joana Melo <{v.desk.admin.email}>", to=v.token, text=SPOOF), v.token


def _participant_with_guess(v: Victim) -> tuple[bytes, str]:
    guess = f"support+t.{v.ticket.number}.1.a{'b' * 16}@shop.example"
    return a_mail(v.requester, to=guess, text=SPOOF), SUPPORT


def _token_of_another_ticket(v: Victim) -> tuple[bytes, str]:
    own = reply_address(ring(), SUPPORT, v.ticket.number + 5000, 1)
    swapped = own.replace(f"t.{v.ticket.number + 5000}.", f"t.{v.ticket.number}.")
    return a_mail(ATTACKER, to=swapped, text=SPOOF), SUPPORT


def _altered_mac(v: Victim) -> tuple[bytes, str]:
    raw = a_mail(ATTACKER, to=_altered(v.token), text=SPOOF, In_Reply_To=_altered(v.message_id))
    return raw, SUPPORT


def _upper_case(v: Victim) -> tuple[bytes, str]:
    local, _, domain = v.token.partition("@")
    shouted = f"{local.upper()}@{domain}"
    return a_mail(ATTACKER, to=shouted, text=SPOOF), shouted


def _old_key(v: Victim) -> tuple[bytes, str]:
    extensions = v.desk.app.extensions
    extensions["keys"] = KeyRing(extensions["keys"]._keys | {"b": bytes(32)})
    assert ring().ids[-1] == "b"
    return a_mail(ATTACKER, to=v.token, text=SPOOF), v.token


def _internal_headers(v: Victim) -> tuple[bytes, str]:
    raw = a_mail(
        ATTACKER,
        to=v.token,
        text=SPOOF,
        X_Helpdesk_Ticket=str(v.ticket.number),
        X_Helpdesk_Agent=str(v.desk.admin.id),
        X_Helpdesk_Participant=str(v.participants()[0].id),
        X_Helpdesk_Kind="reply",
        X_Helpdesk_Instance="a" * 17,
    )
    return raw, v.token


def _two_senders(v: Victim) -> tuple[bytes, str]:
    return a_mail(f"{v.requester}, {ATTACKER}", to=v.token, text=SPOOF), v.token


SPOOFS: dict[str, tuple[Spoof, str]] = {
    "stranger with the valid token": (_valid_token, "held"),
    "stranger with our Message-ID in References": (_references, "held"),
    "number in the subject": (_number_in_subject, "apart"),
    "colleague of the same domain with the token": (_colleague, "held"),
    "agent's address forged, with the token": (_agent_forged, "held"),
    "participant's address with a guessed token": (_participant_with_guess, "apart"),
    "token of another ticket with the number swapped": (_token_of_another_ticket, "apart"),
    "altered MAC": (_altered_mac, "apart"),
    "token in upper case": (_upper_case, "held"),
    "token of an old key": (_old_key, "held"),
    "X-Helpdesk headers forged": (_internal_headers, "held"),
    "two senders, one of them a participant": (_two_senders, "quarantined"),
}


@pytest.mark.parametrize(
    ("engine", "state"),
    [
        ("sqlite", State.OPEN),
        ("sqlite", State.SOLVED),
        ("sqlite", State.CLOSED),
        ("postgresql", State.SOLVED),
    ],
    indirect=["engine"],
)
def test_spoofed_mail_takes_nothing_over_and_reads_nothing(desk: Desk, state: State) -> None:
    assert len(SPOOFS) == 12
    for n, (name, (spoof, where)) in enumerate(SPOOFS.items()):
        victim = Victim.of(desk, n)
        victim.to(state)
        facts, messages = victim.facts(), len(desk.messages(victim.ticket))
        raw, recipient = spoof(victim)
        inbound = desk.receive(raw, to=[recipient])
        assert victim.facts() == facts, f"{name}: something changed"
        if where == "quarantined":
            assert inbound.outcome == "quarantined", name
        elif where == "apart" or state is State.CLOSED:
            assert inbound.ticket_id != victim.ticket.id, name
            assert inbound.outcome == "new_ticket", name
            assert len(desk.messages(victim.ticket)) == messages, f"{name}: a message came in"
        else:
            assert inbound.ticket_id == victim.ticket.id, name
            (held,) = victim.held()
            assert SPOOF in held.text, name
            assert held.held_due_at is not None, f"{name}: nobody has to look at it"
            assert held.held_due_at > now(), name
        _discloses_nothing(victim, name, state)
    assert differences()[1] == []


def _discloses_nothing(victim: Victim, name: str, state: State) -> None:
    """A public answer after the attack reaches the people of the ticket only."""
    desk = victim.desk
    if state is not State.CLOSED:
        answer(viewer=desk.admin, number=victim.ticket.number, kind="reply", content=Content("Found it!"))
        sent = {d.recipient for d in desk.deliveries(mail_id=desk.outgoing("reply")[-1].id)}
        assert sent == {victim.requester, victim.copied}, name
    for delivery in desk.deliveries():
        if delivery.recipient not in {victim.requester, victim.copied}:
            raw = letter_of(delivery.id)[2]
            true = delivery.recipient.split("@victim")[0] in {"lena", "tim"}
            assert true or b"4711-SECRET" not in raw, name
            assert delivery.link.split(".")[0] != str(victim.ticket.number), name


@pytest.mark.parametrize("state", [State.OPEN, State.SOLVED, State.CLOSED])
def test_a_copy_named_in_a_true_answer_gets_no_part(desk: Desk, state: State) -> None:
    """Cc on a mail that joins never widens who reads (T8); a follow-up keeps the people it had (L4)."""
    victim = Victim.of(desk, 1)
    victim.to(state)
    people = {p.contact_id for p in victim.participants()}
    raw = a_mail(
        victim.requester, to=f"{victim.token}, {ATTACKER}", text="My answer.", Cc=f"Eve <{ATTACKER}>"
    )
    inbound = desk.receive(raw, to=[victim.token])
    ticket = desk.row(Ticket, inbound.ticket_id)
    if state is State.CLOSED:
        assert inbound.outcome == "new_ticket"
        assert ticket.follow_up_of == victim.ticket.id
        assert ticket.subject == victim.ticket.subject
        assert desk.row(Ticket, victim.ticket.id).state == "closed"
    else:
        assert (inbound.outcome, ticket.id) == ("added", victim.ticket.id)
        assert ticket.state == "open"
    assert {p.contact_id for p in desk.rows(Participant, ticket_id=ticket.id)} == people
    answer(viewer=desk.admin, number=ticket.number, kind="reply", content=Content("Thank you."))
    sent = {d.recipient for d in desk.deliveries(mail_id=desk.outgoing("reply")[-1].id)}
    assert sent == {victim.requester, victim.copied}
    assert [d for d in desk.deliveries() if d.recipient == ATTACKER] == []


@pytest.mark.parametrize("engine", ["sqlite"], indirect=True)
def test_true_answers_join_in_every_spelling_of_the_token(desk: Desk) -> None:
    """Upper case, an old key, References alone, and a Cc who answers (mail rules 4, 5)."""
    victim = Victim.of(desk, 1)
    local, _, domain = victim.token.partition("@")
    extensions = desk.app.extensions
    extensions["keys"] = KeyRing(extensions["keys"]._keys | {"b": bytes(32)})
    for sender, to, more in (
        (victim.requester, f"{local.upper()}@{domain.upper()}", {}),
        (victim.requester.upper(), victim.token, {}),
        (victim.requester, SUPPORT, {"In_Reply_To": victim.message_id}),
        (victim.copied, SUPPORT, {"References": f"{victim.message_id} <other@x.example>"}),
        (victim.copied, victim.token, {}),
    ):
        inbound = desk.receive(a_mail(sender, to=to, text=f"Answer by {sender} to {to}", **more), to=[to])
        assert (inbound.outcome, inbound.ticket_id) == ("added", victim.ticket.id), (sender, to, more)
        assert desk.messages(victim.ticket)[-1].kind == "customer"


def test_a_held_sender_is_let_in_by_one_click(desk: Desk) -> None:
    """Public, a participant from now on, and a solved ticket opens again (contracts 21, L2)."""
    victim = Victim.of(desk, 1)
    victim.to(State.SOLVED)
    sender = f"second@{victim.requester.partition('@')[2]}"
    desk.receive(a_mail(f"Lena at home <{sender}>", to=victim.token, text="It is me."), to=[victim.token])
    (held,) = victim.held()
    assert "It is me." not in victim.page()
    accept_sender(viewer=desk.admin, number=victim.ticket.number, message_id=held.id)
    accepted = desk.row(Message, held.id)
    assert (accepted.kind, accepted.held_due_at) == ("customer", None)
    assert "It is me." in victim.page()
    assert desk.row(Ticket, victim.ticket.id).state == "open"
    answer(viewer=desk.admin, number=victim.ticket.number, kind="reply", content=Content("Good evening."))
    sent = {d.recipient for d in desk.deliveries(mail_id=desk.outgoing("reply")[-1].id)}
    assert sent == {victim.requester, victim.copied, sender}
    again = desk.receive(a_mail(sender, to=victim.token, text="Thanks!"), to=[victim.token])
    assert again.outcome == "added"
    assert desk.messages(victim.ticket)[-1].kind == "customer"
    assert differences()[1] == []


@pytest.mark.parametrize("engine", ["sqlite"], indirect=True)
def test_the_trace_says_why_a_mail_was_held(desk: Desk) -> None:
    victim = Victim.of(desk, 1)
    inbound: Inbound = desk.receive(_valid_token(victim)[0], to=[victim.token])
    steps = {step["step"]: step for step in inbound.trace}
    assert steps["thread"]["verdict"] == f"ticket {victim.ticket.number}"
    assert steps["authority"]["verdict"] == "held"
    assert "not a participant" in inbound.reason
