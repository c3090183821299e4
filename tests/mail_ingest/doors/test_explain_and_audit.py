"""What would happen to a mail, without its happening; and whether we hold what the server holds."""

import json
from collections.abc import Callable
from pathlib import Path

import pytest
import sqlalchemy as sa

from helpdesk.core.census import census
from helpdesk.core.db import db
from helpdesk.tickets.model import Ticket
from mail_ingest.model import Inbound
from mail_ingest.scripts import mail
from tests.mail_ingest.imap.test_imap import Box
from tests.making import Desk, a_mail
from tests.services.dovecot import DovecotServer


def run(desk: Desk, *args: str) -> tuple[int, str]:
    """Run `helpdesk mail ...` and return exit code and output."""
    db.session.rollback()
    result = desk.app.test_cli_runner().invoke(mail, list(args))
    return result.exit_code, result.output


def sums() -> object:
    """Return counts and digests of all tables."""
    with db.engine.connect() as connection:
        found = census(connection)
        connection.rollback()
    return found


def test_explaining_says_outcome_and_reasons_and_changes_nothing(desk: Desk, tmp_path: Path) -> None:
    ticket = desk.ticket(message_id="<first@mail.example>")
    file = tmp_path / "mail.eml"
    cases = {
        "new_ticket": a_mail("noor@example.com", subject="Something else"),
        "added": a_mail(subject="Re: it", text="Any news?", In_Reply_To="<first@mail.example>"),
        "automatic": a_mail(subject="Away", Auto_Submitted="auto-replied"),
        "duplicate": a_mail(message_id="<first@mail.example>"),
        "quarantined": b"X: " + b"a" * 20_000 + b"\r\n\r\n",
    }
    before = sums()
    for outcome, raw in cases.items():
        file.write_bytes(raw)
        code, said = run(desk, "explain", str(file), "--json")
        found = json.loads(said)
        assert code == 0
        assert found["outcome"] == outcome, found
        assert found["reason"]
        assert found["trace"]
    assert sums() == before
    assert ticket.number == 1001
    code, said = run(desk, "explain", str(file))
    assert "Outcome: quarantined. " in said


@pytest.fixture
def make_box(desk: Desk, dovecot_server: DovecotServer) -> Callable[..., Box]:
    return lambda **more: Box(desk, dovecot_server, **more)


@pytest.mark.services
def test_the_audit_proves_that_every_mail_is_held_and_names_what_is_not(
    desk: Desk, make_box: Callable[..., Box]
) -> None:
    box = make_box(first_import="now")
    box.put(1)
    box.fetch()
    for n in (2, 3, 4):
        box.put(n)
    box.fetch()
    code, said = run(desk, "audit")
    assert (code, "server 3 = held 3" in said, "1 older ones" in said) == (0, True, True), said
    box.put(5)
    code, said = run(desk, "audit")
    assert (code, "1 are waiting to be fetched" in said) == (0, True), said

    db.session.rollback()
    with db.engine.execution_options(writing=True).begin() as connection:
        connection.execute(sa.update(Inbound).where(Inbound.uid == 3).values(uid=9000))
    code, said = run(desk, "audit")
    assert code == 1
    assert "missing: UID 3" in said
    assert len(desk.rows(Ticket)) == 3
