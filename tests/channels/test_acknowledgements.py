"""Acknowledgements: few, neutral, part of no loop and of no mail bomb (contracts 28; T10, T11)."""

from collections.abc import Callable, Iterator
from datetime import timedelta
from email import message_from_bytes
from email.policy import default

import pytest
from flask import Flask

from helpdesk.channels.jobs import letter_of
from helpdesk.channels.model import Delivery, OutgoingMail
from helpdesk.core import clock
from helpdesk.core.clock import now
from helpdesk.core.db import db
from helpdesk.core.jobs.runner import run_all
from helpdesk.mailboxes.commands import add_mailbox
from helpdesk.tickets.commands.writing import answer
from helpdesk.tickets.content import Content
from helpdesk.tickets.model import Ticket
from mail_ingest.store import accept
from tests.making import SUPPORT, Desk, a_mail

CAP = 15
BAIT = "BUY-NOW-evil.example"


@pytest.fixture
def small_desk(make_app: Callable[..., Flask]) -> Iterator[Desk]:
    """A desk that acknowledges fifteen requests an hour, whatever comes."""
    app = make_app(ack_per_hour=CAP, form_limit="1000000 per hour")
    with app.app_context():
        yield Desk.set_up(app)
        db.session.remove()


@pytest.mark.parametrize("engine", ["sqlite"], indirect=True)
def test_three_hundred_forged_requests_send_a_capful_of_neutral_mail(small_desk: Desk) -> None:
    """T10: forms and mails in the name of victims; the sender's words are in none of what they get."""
    desk = small_desk
    stranger = desk.browser()
    for n in range(150):
        stranger.get("/contact")
        form = {
            "email": f"victim{n}@d{n}.example",
            "name": BAIT,
            "subject": BAIT,
            "body": f"http://{BAIT}/{n}",
        }
        assert stranger.post("/contact", form).status_code == 200
    for n in range(150):
        raw = a_mail(f"{BAIT} <target{n}@e{n}.example>", subject=BAIT, text=f"http://{BAIT}/{n}")
        accept(raw, source="smtp", mailbox_id=desk.mailbox_id, envelope_to=[SUPPORT])
    run_all()
    assert len(desk.rows(Ticket)) == 300, "nobody's request is lost"
    deliveries = desk.rows(Delivery)
    assert len(deliveries) == CAP
    for delivery in deliveries:
        sender, recipient, raw = letter_of(delivery.id)
        assert sender == ""
        assert recipient == delivery.recipient
        mail = message_from_bytes(raw, policy=default)
        whole = raw + b"".join(p.get_payload(decode=True) or b"" for p in mail.walk())
        assert b"BUY-NOW" not in whole, recipient
        assert b"evil.example" not in whole, recipient
        assert mail["Auto-Submitted"] == "auto-replied"
        assert mail["X-Auto-Response-Suppress"] == "All"
        assert mail["Precedence"] is None


def test_one_an_hour_and_five_a_day_for_an_address(desk: Desk) -> None:
    start = now()
    for minute in (0, 30, 61, 122, 183, 244, 305, 1400):
        with clock.at(start + timedelta(minutes=minute)):
            raw = a_mail("Lena@Example.DE" if minute % 2 else "lena@example.de", text=f"Mail {minute}")
            accept(raw, source="smtp", mailbox_id=desk.mailbox_id, envelope_to=[SUPPORT])
            run_all()
    times = [d.queued_at - start for d in desk.rows(Delivery)]
    assert [round(t.total_seconds() / 60) for t in times] == [0, 61, 122, 183, 244]
    with clock.at(start + timedelta(hours=25)):
        desk.receive(a_mail(text="The day after"))
    assert len(desk.rows(Delivery)) == 6


@pytest.mark.parametrize("engine", ["sqlite"], indirect=True)
def test_twenty_an_hour_for_a_domain(desk: Desk) -> None:
    for n in range(24):
        raw = a_mail(f"p{n}@one.example", text=f"Mail {n}")
        accept(raw, source="smtp", mailbox_id=desk.mailbox_id, envelope_to=[SUPPORT])
    accept(a_mail("p@xone.example"), source="smtp", mailbox_id=desk.mailbox_id, envelope_to=[SUPPORT])
    run_all()
    sent = [d.recipient.partition("@")[2] for d in desk.rows(Delivery)]
    assert (sent.count("one.example"), sent.count("xone.example")) == (20, 1)


@pytest.mark.parametrize("engine", ["sqlite"], indirect=True)
@pytest.mark.parametrize(
    "headers",
    [
        {"Auto_Submitted": "auto-generated"},
        {"Auto_Submitted": "auto-replied"},
        {"Precedence": "bulk"},
        {"Precedence": "list"},
        {"List_Id": "<news.example>"},
        {"X_Auto_Response_Suppress": "All"},
        {"X_Autoreply": "yes"},
        {"sender": "noreply@shop.example"},
        {"sender": "no-reply@else.example"},
        {"sender": "MAILER-DAEMON@else.example"},
        {"sender": SUPPORT},
        {"Return_Path": "<>"},
    ],
    ids=str,
)
def test_machines_get_no_acknowledgement(desk: Desk, headers: dict[str, str]) -> None:
    """T11: whatever marks automatic mail, and whoever takes no answers."""
    inbound = desk.receive(a_mail(**headers))
    assert inbound.outcome in {"automatic", "new_ticket"}
    assert desk.rows(OutgoingMail) == []


class _Wire:
    """Carries what desks send to whoever answers for the recipient, until nobody has anything to say."""

    def __init__(self, *desks: tuple[Desk, str]) -> None:
        self.desks = desks
        self.carried = 0
        self._done: set[tuple[str, int]] = set()

    def settle(self, robot: Callable[[str, bytes], bytes | None] = lambda _to, _raw: None) -> int:
        """Return how many mails went over the wire."""
        for _round in range(12):
            if sum(self._carry(desk, own, robot) for desk, own in self.desks) == 0:
                return self.carried
        raise AssertionError(f"they go on and on: {self.carried} mails")

    def _carry(self, desk: Desk, own: str, robot: Callable[[str, bytes], bytes | None]) -> int:
        with desk.app.app_context():
            waiting = [d.id for d in desk.rows(Delivery) if (own, d.id) not in self._done]
            letters = [letter_of(i) for i in waiting]
            db.session.remove()
        for row_id, (sender, recipient, raw) in zip(waiting, letters, strict=True):
            self._done.add((own, row_id))
            self.carried += 1
            for other, address in self.desks:
                if recipient.partition("+")[0] == address.partition("@")[0] or recipient == address:
                    self._hand(other, raw, sender, recipient)
            if (said := robot(recipient, raw)) is not None:
                self.carried += 1
                to = str(message_from_bytes(said, policy=default)["To"])
                self._hand(desk, said, recipient, to)
        return len(waiting)

    def _hand(self, desk: Desk, raw: bytes, sender: str, recipient: str) -> None:
        with desk.app.app_context():
            accept(
                raw,
                source="smtp",
                mailbox_id=desk.mailbox_id,
                envelope_from=sender,
                envelope_to=[recipient],
            )
            run_all()
            db.session.remove()


def test_two_desks_that_answer_each_other_fall_silent(make_app: Callable[..., Flask]) -> None:
    """T11: three mails at most, from a mail of one desk's own mailbox to the other."""
    one, two = make_app(), make_app()
    with one.app_context():
        first = Desk.set_up(one)
        db.session.remove()
    with two.app_context():
        second = Desk.set_up(two)
        box = add_mailbox(address="help@other.example", sender_name="Other")
        second.mailbox_id = box
        db.session.remove()
    wire = _Wire((first, SUPPORT), (second, "help@other.example"))
    wire._hand(
        first, a_mail("help@other.example", text="A person typed this."), "help@other.example", SUPPORT
    )
    assert 1 + wire.settle() <= 3
    with one.app_context():
        answer(viewer=first.admin, number=1001, kind="reply", content=Content("Hello other desk."))
        run_all()
        db.session.remove()
    before = wire.carried
    assert wire.settle() - before <= 3


@pytest.mark.parametrize("engine", ["sqlite"], indirect=True)
@pytest.mark.parametrize("to", ["reply", "mailbox"])
def test_an_autoresponder_without_any_mark_falls_silent(desk: Desk, to: str) -> None:
    """T11: it answers every mail, to the reply address or afresh; three mails at most."""

    def robot(recipient: str, raw: bytes) -> bytes | None:
        asked = message_from_bytes(raw, policy=default)
        target = asked["Reply-To"].addresses[0].addr_spec if to == "reply" else SUPPORT
        return a_mail(
            recipient, to=target, subject=f"Thank you! {asked['Subject']}", text="We got your mail."
        )

    desk.receive(a_mail("robot@else.example"))
    wire = _Wire((desk, SUPPORT))
    assert 1 + wire.settle(robot) <= 3


@pytest.mark.parametrize("engine", ["sqlite"], indirect=True)
def test_a_known_name_is_not_repeated_to_an_unproved_address(desk: Desk) -> None:
    """The name of a contact may come from anybody who typed it first: it is not mailed to the address."""
    stranger = desk.browser()
    stranger.get("/contact")
    form = {"email": "victim@example.org", "name": BAIT, "subject": "x", "body": "y"}
    assert stranger.post("/contact", form).status_code == 200
    run_all()
    raw = letter_of(desk.rows(Delivery)[0].id)[2]
    assert BAIT.encode() not in raw
    assert b"To: victim@example.org" in raw
