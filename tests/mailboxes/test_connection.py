"""The connection test: each failing step has its own sentence, and a mail really goes round."""

import smtplib
from collections.abc import Callable, Iterator
from datetime import timedelta

import pytest
from flask import Flask

from helpdesk.core import clock
from helpdesk.core.audit import PROGRAM
from helpdesk.core.clock import now
from helpdesk.core.db import db
from helpdesk.core.jobs.runner import run_all
from helpdesk.mailboxes.commands import lease_source, set_smtp_server, start_fetching
from helpdesk.mailboxes.commands.sources import set_incoming
from helpdesk.mailboxes.commands.testing import ask_test
from helpdesk.mailboxes.incoming import Imap
from helpdesk.mailboxes.outgoing import Smtp
from helpdesk.mailboxes.queries import connection_test, newest_source
from helpdesk.mailboxes.trying import Step, remedy
from helpdesk.mailroom.records import NoAnswerError, about
from helpdesk.tickets.model import Ticket
from mail_ingest.imap.fetching import fetch_new
from mail_ingest.imap.session import Folder
from mail_ingest.model import Inbound
from tests.making import Desk, a_mail
from tests.services.dovecot import PASSWORD, DovecotServer
from tests.services.smtp_sink import SmtpSink, SunkMail

pytestmark = pytest.mark.services


class Line:
    """A mailbox on Dovecot that sends through the sink, which brings its mail back to Dovecot."""

    def __init__(self, desk: Desk, server: DovecotServer, sink: SmtpSink) -> None:
        self.desk, self.server, self.sink = desk, server, sink
        self.user = server.new_user()
        self.imap(server.imap_port)
        self.smtp(sink.port)
        sink.on_data = self.bring

    def imap(
        self, port: int, password: str = PASSWORD, folder: str = "INBOX", security: str = "none"
    ) -> None:
        imap = Imap("127.0.0.1", port, security, self.user, password, folder)
        set_incoming(mailbox_id=self.desk.mailbox_id, imap=imap)

    def smtp(self, port: int, auth: str = "none") -> None:
        smtp = Smtp("127.0.0.1", port, "none", auth, self.user, "secret")
        set_smtp_server(mailbox_id=self.desk.mailbox_id, smtp=smtp)

    def bring(self, mail: SunkMail) -> None:
        with smtplib.LMTP("127.0.0.1", self.server.lmtp_port, local_hostname="tests") as client:
            client.sendmail(mail.sender, [self.user], mail.data)

    def test(self) -> dict[str, Step]:
        """Run a test as far as it goes now; return its steps by name."""
        self.id = ask_test(mailbox_id=self.desk.mailbox_id)
        run_all()
        return self.steps()

    def steps(self) -> dict[str, Step]:
        db.session.rollback()
        run = connection_test(self.id)
        assert run is not None
        return {step.step: step for step in run.steps}


@pytest.fixture
def wire(desk: Desk, dovecot_server: DovecotServer, smtp_sink: SmtpSink) -> Line:
    return Line(desk, dovecot_server, smtp_sink)


def test_a_mail_goes_out_comes_back_and_becomes_no_ticket(wire: Line) -> None:
    wire.server.deliver(wire.user, a_mail())
    steps = wire.test()
    assert {name: step.state for name, step in steps.items()} == {
        "server": "ok",
        "sign_in": "ok",
        "send": "ok",
        "round_trip": "ok",
        "loop": "ok",
        "dns": "skipped",
    }
    assert all(steps[name].ms is not None for name in ("server", "sign_in", "send", "round_trip"))
    run = connection_test(wire.id)
    assert run is not None
    assert run.mails == 1, "the page says how many there are before everything is imported"
    assert run.ended_at is not None
    page = wire.desk.browser(wire.desk.admin).get(f"/a/settings/mailboxes/{wire.desk.mailbox_id}")
    shown = page.get_data(as_text=True)
    assert "Everything: 1 message" in shown
    assert "It came back, and became no ticket." in shown
    start_fetching(mailbox_id=wire.desk.mailbox_id, first_import="all", who=PROGRAM)
    source = newest_source(wire.desk.mailbox_id)
    assert source is not None
    fence = lease_source(source_id=source.id, owner="one")
    assert fence is not None
    with Folder(source) as folder:
        assert fetch_new(folder, fence) == 2
    run_all()
    assert [t.subject for t in wire.desk.rows(Ticket)] == ["Parcel says delivered"]
    ours = wire.desk.rows(Inbound)[1]
    assert (ours.outcome, ours.ticket_id) == ("automatic", None)
    assert "connection test" in ours.reason
    assert wire.desk.outgoing() == []


@pytest.mark.parametrize("engine", ["sqlite"], indirect=True)
@pytest.mark.parametrize(
    ("broken", "step", "code", "words"),
    [
        ("imap port", "server", "in server", "127.0.0.1:1 does not answer"),
        ("imap tls", "server", "in certificate", "does not speak TLS"),
        ("password", "sign_in", "in sign in", "refused user name or password"),
        ("folder", "sign_in", "in folder", "There are: INBOX"),
        ("smtp port", "send", "out server", "127.0.0.1:1 does not answer"),
        ("smtp sign-in", "send", "out sign in", "offers no way to sign in"),
        ("recipient", "send", "out refused", "550 5.7.1 not from you"),
        ("later", "send", "out later", "451 4.7.1 come again"),
    ],
)
def test_each_failing_step_has_its_own_sentence_and_remedy(
    wire: Line, broken: str, step: str, code: str, words: str
) -> None:
    port = wire.server.imap_port
    if broken == "imap port":
        wire.imap(1)
    elif broken == "imap tls":
        wire.imap(port, security="tls")
    elif broken == "password":
        wire.imap(port, password="wrong")
    elif broken == "folder":
        wire.imap(port, folder="Nowhere")
    elif broken == "smtp port":
        wire.smtp(1)
    elif broken == "smtp sign-in":
        wire.smtp(wire.sink.port, auth="password")
    elif broken == "recipient":
        wire.sink.on_recipient = lambda _address: "550 5.7.1 not from you"
    else:
        wire.sink.on_recipient = lambda _address: "451 4.7.1 come again"
    failed = wire.test()[step]
    assert (failed.state, failed.code) == ("bad", code)
    assert words in failed.words
    assert remedy(failed.code)
    page = wire.desk.browser(wire.desk.admin).get(f"/a/settings/mailboxes/{wire.desk.mailbox_id}")
    assert remedy(failed.code).split(".")[0] in page.get_data(as_text=True).replace("&#39;", "'")


def test_a_mail_that_does_not_come_back_is_given_a_minute(wire: Line) -> None:
    wire.sink.on_data = None
    assert wire.test()["round_trip"].state == "running"
    wire.desk.app.testing = True
    for seconds in (10, 30, 70):
        with clock.at(now() + timedelta(seconds=seconds)):
            run_all()
    steps = wire.steps()
    assert (steps["round_trip"].state, steps["round_trip"].code) == ("bad", "no round trip")
    assert steps["loop"].state == "skipped"
    assert wire.test() != steps, "another test begins afresh"


@pytest.fixture
def local(make_app: Callable[..., Flask]) -> Iterator[Desk]:
    """A desk without an outgoing server."""
    app = make_app()
    with app.app_context():
        yield Desk.set_up(app)
        db.session.remove()


@pytest.mark.parametrize("engine", ["sqlite"], indirect=True)
def test_without_servers_it_says_so_and_ends(local: Desk) -> None:
    test_id = ask_test(mailbox_id=local.mailbox_id)
    assert ask_test(mailbox_id=local.mailbox_id) == test_id, "one at a time"
    run_all()
    run = connection_test(test_id)
    assert run is not None
    assert run.ended_at is not None
    assert [s.state for s in run.steps] == ["skipped", "skipped", "warn", "skipped", "skipped", "skipped"]


@pytest.mark.parametrize(
    ("records", "state", "code"),
    [
        ({}, "warn", "spf"),
        ({"shop.se": ["v=spf1 -all", "v=spf1 +all"]}, "bad", "spf"),
        ({"shop.se": ["v=spf1 +all"], "_dmarc.shop.se": ["v=DMARC1; p=reject"]}, "warn", "spf"),
        ({"shop.se": ["v=spf1 mx -all"]}, "warn", "dmarc"),
        ({"shop.se": ["v=spf1 mx -all"], "_dmarc.shop.se": ["v=DMARC1; p=none"]}, "warn", "dmarc none"),
        ({"shop.se": ["v=spf1 mx -all"], "_dmarc.shop.se": ["v=DMARC1; p=reject"]}, "ok", ""),
    ],
)
def test_what_the_dns_says(records: dict[str, list[str]], state: str, code: str) -> None:
    step = about("shop.se", lambda name: records.get(name, []))
    assert (step.state, step.code) in {(state, code), ("ok", "dkim off")}
    if state != "ok":
        assert (step.state, step.code) == (state, code)


def test_a_subdomain_stands_under_its_organisations_record() -> None:
    records = {"help.shop.se": ["v=spf1 -all"], "_dmarc.shop.se": ["v=DMARC1; p=reject; sp=quarantine"]}
    step = about("help.shop.se", lambda name: records.get(name, []))
    assert step.state == "ok"
    assert '"quarantine"' in step.words


def test_name_servers_that_do_not_answer_are_no_verdict() -> None:
    def silent(_name: str) -> list[str]:
        raise NoAnswerError("timed out")

    assert about("shop.se", silent).code == "dns"
