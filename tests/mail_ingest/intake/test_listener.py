"""The listener: mail for our own addresses only, kept before it is answered (contracts 20)."""

import smtplib
from collections.abc import Iterator

import pytest

from helpdesk.channels.jobs import letter_of
from helpdesk.channels.model import Delivery
from helpdesk.core.jobs.runner import run_all
from helpdesk.core.keys import ring
from helpdesk.core.running import settings
from helpdesk.mailboxes.addressing import reply_address
from helpdesk.mailboxes.commands import add_mailbox
from helpdesk.tickets.commands.writing import answer
from helpdesk.tickets.content import Content
from helpdesk.tickets.model import Ticket
from mail_ingest.listener import Listener
from mail_ingest.model import Inbound
from tests.making import SUPPORT, Desk, a_mail
from tests.services.process import free_port

FROM = "lena@example.de"


@pytest.fixture
def door(desk: Desk) -> Iterator[smtplib.SMTP]:
    """A connection to the desk's own listener."""
    listener = Listener(desk.app, settings(), free_port())
    listener.start()
    try:
        with smtplib.SMTP(listener.hostname, listener.port, timeout=10) as client:
            yield client
    finally:
        listener.stop()


def test_only_our_own_addresses_are_taken(desk: Desk, door: smtplib.SMTP) -> None:
    """Never an open relay: mailboxes, their + parts, true reply addresses and return paths."""
    desk.ticket()
    token = reply_address(ring(), SUPPORT, 1001, 1)
    door.ehlo()
    for address, code in (
        (SUPPORT, 250),
        (SUPPORT.upper(), 250),
        ("support+anything@shop.example", 250),
        (token, 250),
        (token.replace("t.1001.", "t.1002."), 550),
        ("support+t.1001.1.abc@shop.example", 550),
        ("support+b.1.abc@shop.example", 550),
        ("nobody@shop.example", 550),
        ("support@else.example", 550),
        ("support%else.example@shop.example", 550),
        ("support@shop.example@else.example", 550),
    ):
        door.mail(FROM)
        got = door.rcpt(address)[0]
        assert got == code or (code == 550 and 500 <= got < 600), (address, got)
        door.rset()


def test_a_mail_is_kept_before_it_is_answered(desk: Desk, door: smtplib.SMTP) -> None:
    raw = a_mail(text="x" * 200_000)
    door.sendmail(FROM, [SUPPORT], raw)
    (row,) = desk.rows(Inbound)
    assert (row.state, row.envelope_from, row.envelope_to) == ("stored", FROM, [SUPPORT])
    assert desk.app.extensions["files"].get(row.digest) == raw
    run_all()
    assert desk.row(Inbound, row.id).outcome == "new_ticket"


@pytest.mark.parametrize("engine", ["sqlite"], indirect=True)
def test_one_mail_for_two_mailboxes_is_two_rows_and_one_ticket(desk: Desk, door: smtplib.SMTP) -> None:
    add_mailbox(address="billing@shop.example", sender_name="Shop")
    door.sendmail(FROM, [SUPPORT, "billing@shop.example"], a_mail())
    run_all()
    assert sorted(str(row.outcome) for row in desk.rows(Inbound)) == ["duplicate", "new_ticket"]
    assert len(desk.rows(Ticket)) == 1


@pytest.mark.parametrize("engine", ["sqlite"], indirect=True)
def test_the_null_sender_alone_says_that_a_mail_is_a_bounce(desk: Desk, door: smtplib.SMTP) -> None:
    """RFC 5321 4.5.5: no other mark is needed; it is noted at its delivery and makes no ticket."""
    desk.ticket()
    answer(viewer=desk.admin, number=1001, kind="reply", content=Content("Hello."))
    run_all()
    delivery = desk.deliveries(mail_id=desk.outgoing("reply")[0].id)[0]
    path = letter_of(delivery.id)[0]
    raw = a_mail("postbox@mx.example.de", to=path, subject="Your message", text="User is unknown here.")
    door.sendmail("", [path], raw)
    run_all()
    assert desk.rows(Inbound)[-1].outcome == "automatic"
    assert desk.row(Delivery, delivery.id).state == "bounced"
    assert len(desk.rows(Ticket)) == 1
