"""Every accepted mail has exactly one outcome, however often it comes (contracts 24, 26, 27)."""

import threading
from collections import Counter
from datetime import timedelta
from functools import partial

import pytest
import sqlalchemy as sa

from helpdesk.channels.jobs import letter_of
from helpdesk.channels.model import Delivery
from helpdesk.core import clock
from helpdesk.core.clock import now
from helpdesk.core.db import db, session
from helpdesk.core.jobs.outbox import OutboxRow
from helpdesk.core.jobs.runner import Job, run_all
from helpdesk.core.keys import ring
from helpdesk.mailboxes.addressing import return_path
from helpdesk.mailboxes.commands import add_mailbox
from helpdesk.tickets.commands.changing import set_state
from helpdesk.tickets.commands.writing import answer
from helpdesk.tickets.content import Content
from helpdesk.tickets.lifecycle import State
from helpdesk.tickets.model import Participant, Ticket
from mail_ingest.aside import retry
from mail_ingest.confined import ReadMail, read_here
from mail_ingest.intake import read_inbound
from mail_ingest.limits import READER_DIED, MailUnreadableError
from mail_ingest.model import Inbound
from mail_ingest.parse.glance import Glimpse, glance
from mail_ingest.store import accept
from tests.making import SUPPORT, Desk, a_mail

OUTCOMES = {"new_ticket", "added", "automatic", "duplicate", "rejected", "quarantined"}


def _outcomes(desk: Desk) -> Counter[str]:
    rows = desk.rows(Inbound)
    assert {row.outcome for row in rows} <= OUTCOMES
    assert all(row.state == ("quarantined" if row.outcome == "quarantined" else "done") for row in rows)
    return Counter(row.outcome for row in rows)


def _reply(desk: Desk, number: int = 1001) -> Delivery:
    answer(viewer=desk.admin, number=number, kind="reply", content=Content("We look for it."))
    run_all()
    return desk.deliveries(mail_id=desk.outgoing("reply")[-1].id)[0]


def test_the_same_mail_again_is_one_message_and_a_row_of_its_own(desk: Desk) -> None:
    """Contracts 26: twice, and to two of our mailboxes, within seven days."""
    second = add_mailbox(address="billing@shop.example", sender_name="Shop", team_id=desk.orders)
    raw = a_mail(to=f"{SUPPORT}, billing@shop.example", message_id="<one@x.example>")
    first = desk.receive(raw)
    again = desk.receive(raw)
    other = accept(raw, source="smtp", mailbox_id=second, envelope_to=["billing@shop.example"])
    run_all()
    assert _outcomes(desk) == {"new_ticket": 1, "duplicate": 2}
    for row in (desk.row(Inbound, again.id), desk.row(Inbound, other)):
        assert (row.outcome, row.duplicate_of) == ("duplicate", first.id)
        assert (row.ticket_id, row.ticket_message_id) == (first.ticket_id, first.ticket_message_id)
    assert len(desk.rows(Ticket)) == 1
    assert len(desk.outgoing("acknowledgement")) == 1
    folded = raw.replace(b"my parcel is not here.", b"my parcel  is\r\nnot here. ")
    assert desk.receive(folded).outcome == "duplicate", "transports fold and pad"
    with clock.at(now() + timedelta(days=8)):
        assert desk.receive(raw).outcome == "new_ticket", "after seven days it counts again"


def test_the_same_mail_read_by_two_workers_at_once_is_one_ticket(desk: Desk) -> None:
    raw = a_mail(message_id="<race@x.example>")
    for _ in range(6):
        accept(raw, source="smtp", mailbox_id=desk.mailbox_id, envelope_to=[SUPPORT])
    failed: list[BaseException] = []
    together = threading.Barrier(3)

    def work() -> None:
        try:
            with desk.app.app_context():
                together.wait(10)
                run_all()
                db.session.remove()
        except BaseException as error:  # noqa: BLE001 - told below
            failed.append(error)

    threads = [threading.Thread(target=work) for _ in range(3)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(30)
    assert failed == []
    with clock.at(now() + timedelta(minutes=5)):
        run_all()  # whatever two of them met over and put off
    assert _outcomes(desk) == {"new_ticket": 1, "duplicate": 5}
    assert len(desk.rows(Ticket)) == 1


@pytest.mark.parametrize("engine", ["sqlite"], indirect=True)
def test_a_message_id_alone_never_drops_a_mail(desk: Desk) -> None:
    """It is chosen by the sender: another body or another sender is another mail (mail rule 1)."""
    desk.receive(a_mail(message_id="<same@x.example>", text="First words."))
    desk.receive(a_mail(message_id="<same@x.example>", text="Quite other words."))
    desk.receive(a_mail("else@x.example", message_id="<same@x.example>", text="First words."))
    without = a_mail(text="No id at all.").replace(b"Message-ID:", b"X-No-ID:")
    desk.receive(without)
    desk.receive(without)
    assert _outcomes(desk)["duplicate"] == 0
    said = " ".join(m.text for t in desk.rows(Ticket) for m in desk.messages(t))
    assert said.count("First words.") == 2
    assert said.count("Quite other words.") == 1
    assert said.count("No id at all.") == 2


@pytest.mark.parametrize("engine", ["sqlite"], indirect=True)
def test_own_mail_that_comes_back_ends_at_the_door(desk: Desk) -> None:
    """Contracts 27: a loop is automatic, makes no ticket, no message and no mail."""
    desk.ticket()
    whole, stripped, relayed = (letter_of(_reply(desk).id)[2] for _ in range(3))
    mails = len(desk.outgoing())
    assert desk.receive(whole, to=[SUPPORT]).outcome == "automatic"
    stripped = b"\r\n".join(x for x in stripped.split(b"\r\n") if not x.lower().startswith(b"x-helpdesk"))
    assert desk.receive(stripped, to=[SUPPORT]).outcome == "automatic", "From is one of our mailboxes"
    relayed = relayed.replace(b"<support@shop.example>", b"<relay@list.example>", 1)
    assert b"relay@list.example" in relayed
    assert desk.receive(relayed, to=[SUPPORT]).outcome == "automatic", "the mark of this desk"
    assert len(desk.rows(Ticket)) == 1
    assert len(desk.messages(desk.ticket(1001))) == 4
    assert len(desk.outgoing()) == mails


def test_automatic_answers_join_folded_and_move_nothing(desk: Desk) -> None:
    """Mail rule 3: on a match a folded note, else no ticket; never a state, a clock or an acknowledgement."""
    desk.ticket()
    delivery = _reply(desk)
    set_state(viewer=desk.admin, number=1001, state=State.SOLVED)
    before = desk.ticket(1001)
    facts = (before.state, before.queue_at, before.waiting_since, before.close_at)
    mails = len(desk.outgoing())
    reply = desk.outgoing("reply")[0]
    away = {"Auto_Submitted": "auto-replied", "In_Reply_To": reply.message_id}
    joined = desk.receive(a_mail(subject="Out of office", text="I am away.", **away))
    assert (joined.outcome, joined.ticket_id) == ("automatic", delivery.mail_id and before.id)
    assert desk.messages(before)[-1].kind == "auto"
    stranger = desk.receive(a_mail("robot@else.example", text="I am a robot.", **away))
    unmatched = desk.receive(a_mail("robot@else.example", Auto_Submitted="auto-replied", text="Hello."))
    assert (stranger.outcome, stranger.ticket_id) == ("automatic", None)
    assert (unmatched.outcome, unmatched.ticket_id) == ("automatic", None)
    after = desk.ticket(1001)
    assert (after.state, after.queue_at, after.waiting_since, after.close_at) == facts
    assert len(desk.rows(Ticket)) == 1
    assert len(desk.outgoing()) == mails
    set_state(viewer=desk.admin, number=1001, state=State.CLOSED)
    last = desk.ticket(1001).last_seq
    late = desk.receive(a_mail(subject="Out of office", text="Still away.", **away))
    assert late.outcome == "automatic"
    assert desk.ticket(1001).last_seq == last, "a closed ticket takes nothing (contracts 37)"


BOUNCE = (
    b"From: MAILER-DAEMON@mx.example.de\r\nTo: {to}\r\nSubject: Undelivered Mail Returned to Sender\r\n"
    b"Message-ID: <{id}@mx.example.de>\r\nAuto-Submitted: auto-replied\r\nMIME-Version: 1.0\r\n"
    b'Content-Type: multipart/report; report-type=delivery-status; boundary="b"\r\n\r\n'
    b"--b\r\nContent-Type: text/plain\r\n\r\nlena@example.de: user unknown\r\n"
    b"--b\r\nContent-Type: message/delivery-status\r\n\r\nReporting-MTA: dns; mx.example.de\r\n\r\n"
    b"Final-Recipient: rfc822; lena@example.de\r\nAction: failed\r\nStatus: 5.1.1\r\n--b--\r\n"
)


def _bounce(to: str, mark: str) -> bytes:
    return BOUNCE.replace(b"{to}", to.encode()).replace(b"{id}", mark.encode())


def test_a_bounce_to_the_return_path_marks_its_delivery_and_nothing_else(desk: Desk) -> None:
    desk.ticket()
    delivery = _reply(desk)
    path = letter_of(delivery.id)[0]
    before = desk.ticket(1001)
    seq, mails = before.last_seq, len(desk.outgoing())
    forged = return_path(ring(), SUPPORT, delivery.id + 1).replace(
        f"b.{delivery.id + 1}.", f"b.{delivery.id}."
    )
    unmatched = desk.receive(_bounce(forged, "forged"), to=[SUPPORT], envelope_from="")
    assert unmatched.outcome == "automatic"
    assert desk.row(Delivery, delivery.id).state == "kept", "a return path without its MAC says nothing"
    assert desk.receive(_bounce(path, "true"), to=[path], envelope_from="").outcome == "automatic"
    marked = desk.row(Delivery, delivery.id)
    assert marked.state == "bounced"
    assert "user unknown" in marked.answer
    assert desk.ticket(1001).last_seq == seq
    assert (len(desk.rows(Ticket)), len(desk.outgoing())) == (1, mails)
    shown = desk.browser(desk.admin).get("/a/tickets/1001").get_data(as_text=True)
    assert "Came back from lena@example.de" in shown


def test_an_answer_to_a_closed_ticket_follows_it_up_with_the_same_people(desk: Desk) -> None:
    """L4: same subject, team and people, no assignee, a clock of its own; the old ticket stays as it is."""
    ticket = desk.ticket(to=f"{SUPPORT}, tim@example.de")
    reply = desk.outgoing("acknowledgement")[0]
    for state in (State.SOLVED, State.CLOSED):
        set_state(viewer=desk.admin, number=1001, state=state)
    closed = desk.ticket(1001)
    before = (closed.state, closed.last_seq, closed.updated_at)
    inbound = desk.receive(a_mail(subject="Re: Parcel", text="It broke again.", In_Reply_To=reply.message_id))
    follow = desk.row(Ticket, inbound.ticket_id)
    assert (follow.follow_up_of, follow.subject, follow.team_id) == (ticket.id, closed.subject, desk.orders)
    assert (follow.state, follow.assignee_id, follow.requester_id) == ("new", None, closed.requester_id)
    people = {p.contact_id: p.role for p in desk.rows(Participant, ticket_id=ticket.id)}
    assert {p.contact_id: p.role for p in desk.rows(Participant, ticket_id=follow.id)} == people
    after = desk.ticket(1001)
    assert (after.state, after.last_seq, after.updated_at) == before
    again = desk.receive(a_mail(text="And again.", In_Reply_To=reply.message_id))
    assert again.outcome == "new_ticket"


class FailsOnPoison:
    """Reads mails in this process, and fails unexpectedly on those that hold the word POISON."""

    healed = False

    def read(self, raw: bytes, envelope_from: str | None = None) -> ReadMail:
        if b"POISON" in raw and not self.healed:
            raise RecursionError("too deep for this release")
        return read_here(raw, envelope_from)

    def glance(self, raw: bytes) -> Glimpse:
        return glance(raw)


def test_a_poisoned_mail_is_set_aside_after_three_tries_and_stops_nobody(desk: Desk) -> None:
    """Mail rule 4.6: quarantined with its bytes, mails behind it go on, reading again makes one ticket."""
    reader = FailsOnPoison()
    desk.app.extensions["jobs"]["mail.read"] = Job(partial(read_inbound, reader), world=True)
    poisoned = desk.receive(a_mail(text="POISON", subject="Help me"))
    assert (poisoned.state, poisoned.tries) == ("stored", 1)
    behind = desk.receive(a_mail(text="Quite harmless."))
    assert behind.outcome == "new_ticket"
    for minute in (1, 2):
        with clock.at(now() + timedelta(minutes=minute)):
            run_all()
    poisoned = desk.row(Inbound, poisoned.id)
    assert (poisoned.state, poisoned.outcome, poisoned.tries) == ("quarantined", "quarantined", 3)
    assert "too deep for this release" in poisoned.reason
    with clock.at(now() + timedelta(days=2)):
        assert run_all() == 0, "nothing tries on by itself"
    admin = desk.browser(desk.admin)
    assert "too deep for this release" in admin.get(f"/a/mail/{poisoned.id}").get_data(as_text=True)
    assert b"POISON" in admin.get(f"/a/mail/{poisoned.id}/raw").get_data()
    reader.healed = True
    tickets = len(desk.rows(Ticket))
    for _ in range(3):
        retry(inbound_id=poisoned.id)
    run_all()
    retry(inbound_id=poisoned.id)
    run_all()
    assert desk.row(Inbound, poisoned.id).outcome == "new_ticket"
    assert len(desk.rows(Ticket)) == tickets + 1
    waiting = session().scalar(sa.select(sa.func.count()).where(OutboxRow.state != "done"))
    assert waiting == 0


class DiesTwice:
    """A reader whose process somebody kills at the first two mails."""

    left = 2

    def read(self, raw: bytes, envelope_from: str | None = None) -> ReadMail:
        self.left -= 1
        if self.left >= 0:
            raise MailUnreadableError(READER_DIED, "This mail could not be read.")
        return read_here(raw, envelope_from)

    def glance(self, raw: bytes) -> Glimpse:
        return glance(raw)


def test_a_killed_reading_process_sets_no_mail_aside(desk: Desk) -> None:
    desk.app.extensions["jobs"]["mail.read"] = Job(partial(read_inbound, DiesTwice()), world=True)
    inbound = desk.receive(a_mail())
    assert (inbound.state, inbound.tries) == ("stored", 1)
    for minute in (1, 2):
        with clock.at(now() + timedelta(minutes=minute)):
            run_all()
    assert desk.row(Inbound, inbound.id).outcome == "new_ticket"
    dying = DiesTwice()
    dying.left = 9
    desk.app.extensions["jobs"]["mail.read"] = Job(partial(read_inbound, dying), world=True)
    inbound = desk.receive(a_mail())
    for minute in (1, 2):
        with clock.at(now() + timedelta(minutes=minute)):
            run_all()
    inbound = desk.row(Inbound, inbound.id)
    assert (inbound.outcome, inbound.cause, inbound.tries) == ("quarantined", READER_DIED, 3)


@pytest.mark.parametrize("engine", ["sqlite"], indirect=True)
def test_mails_over_a_cap_are_set_aside_with_their_bytes(desk: Desk) -> None:
    """T13: refused before they are read in full; the raw mail stays."""
    bomb = b"From: a@b.example\r\nSubject: x\r\n" + b"X-A: b\r\n" * 1100 + b"\r\nbody\r\n"
    inbound = desk.receive(bomb)
    assert (inbound.outcome, inbound.ticket_id) == ("quarantined", None)
    assert "1,000 headers" in inbound.reason
    assert desk.browser(desk.admin).get(f"/a/mail/{inbound.id}/raw").get_data() == bomb


@pytest.mark.parametrize("engine", ["sqlite"], indirect=True)
def test_a_mail_without_one_sender_is_set_aside(desk: Desk) -> None:
    for raw in (
        a_mail().replace(b"From: ", b"X-From: "),
        a_mail("a@x.example, b@x.example"),
        a_mail("undisclosed-recipients:;"),
    ):
        assert desk.receive(raw).outcome == "quarantined"
    assert desk.rows(Ticket) == []
