"""What the doctor, the health page and Prometheus learn of a desk."""

import json

import pytest

from helpdesk.core import clock
from helpdesk.core.clock import now
from helpdesk.core.db import db
from helpdesk.doctor import doctor, findings
from helpdesk.mailboxes.commands import add_mailbox
from helpdesk.tickets.holding import HELD_DUE
from tests.making import SUPPORT, Desk, a_mail


def test_held_mail_is_named_once_it_waits_too_long(desk: Desk) -> None:
    ticket = desk.ticket(message_id="<first@mail.example>")
    desk.receive(a_mail("Stranger <s@example.com>", text="Me too", In_Reply_To="<first@mail.example>"))
    assert ticket.number == 1001
    assert {f.name: f.state for f in findings()}["held messages"] == "ok"
    db.session.rollback()
    with clock.at(now() + HELD_DUE * 2):
        found = {f.name: f for f in findings()}["held messages"]
    assert (found.state, found.words[:2]) == ("warn", "1 ")
    db.session.rollback()


def test_the_doctor_says_what_is_wrong_and_exits_with_it(desk: Desk) -> None:
    db.session.rollback()
    result = desk.app.test_cli_runner().invoke(doctor, ["--json"])
    found = {f["name"]: f for f in json.loads(result.output)["findings"]}
    assert result.exit_code == 0, result.output
    assert found["mail out"]["state"] == "warn"
    assert found["mailbox"]["words"] == SUPPORT
    keys = desk.app.extensions["settings"].data / "secret.keys"
    keys.chmod(0o644)
    result = desk.app.test_cli_runner().invoke(doctor, [])
    assert result.exit_code == 1
    assert f"chmod 600 {keys}" in result.output


def test_metrics_count_what_is_there_and_stay_on_this_machine(desk: Desk) -> None:
    desk.ticket()
    shown = desk.browser().get("/metrics").get_data(as_text=True)
    assert 'helpdesk_tickets{state="new"} 1.0' in shown
    assert 'helpdesk_inbound_mails{outcome="new_ticket"} 1.0' in shown
    proxied = desk.browser().get("/metrics", headers={"X-Forwarded-For": "203.0.113.9"})
    assert proxied.status_code == 404


@pytest.mark.parametrize("engine", ["sqlite"], indirect=True)
def test_a_mailbox_leaves_room_for_reply_addresses(desk: Desk) -> None:
    with pytest.raises(Exception, match="may have 28 characters"):
        add_mailbox(address=f"{'a' * 29}@shop.example", sender_name="Shop")
