"""What would happen to a mail, without its happening; and whether we hold what the server holds."""

import io
import json
from collections.abc import Callable
from datetime import timedelta
from pathlib import Path

import pytest
import sqlalchemy as sa

from helpdesk.core import clock
from helpdesk.core.census import census
from helpdesk.core.clock import now
from helpdesk.core.db import db
from helpdesk.core.feature import Finding
from helpdesk.core.jobs.runner import run_all
from helpdesk.tickets.model import Ticket
from mail_ingest import probes
from mail_ingest.auditing import audit_nightly, note_audit
from mail_ingest.model import Inbound
from mail_ingest.queries import audits
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


def test_the_page_explains_a_pasted_mail_and_changes_nothing(desk: Desk) -> None:
    desk.ticket(message_id="<first@mail.example>")
    page = desk.browser(desk.admin)
    page.get("/a/mail/explain")
    before = sums()
    cases = {
        "New ticket": a_mail("noor@example.com", subject="Something <b>else</b>"),
        "Added to a ticket": a_mail(subject="Re: it", text="Any news?", In_Reply_To="<first@mail.example>"),
        "Set aside": b"X: " + b"a" * 20_000 + b"\r\n\r\n",
    }
    for words, raw in cases.items():
        said = page.post("/a/mail/explain", {"source": raw.decode()}).get_data(as_text=True)
        assert f">{words}</span>" in said, words
        assert "<b>else" not in said
        uploaded = page.post("/a/mail/explain", {"file": (io.BytesIO(raw), "mail.eml")})
        assert f">{words}</span>" in uploaded.get_data(as_text=True)
    assert page.post("/a/mail/explain", {"source": " "}).status_code == 422
    assert sums() == before


@pytest.mark.services
def test_the_audit_runs_by_night_and_fetches_what_is_missing(
    desk: Desk, make_box: Callable[..., Box]
) -> None:
    box = make_box()
    for n in range(3):
        box.put(n)
    box.fetch()
    db.session.rollback()
    with db.engine.execution_options(writing=True).begin() as connection:
        connection.execute(sa.update(Inbound).where(Inbound.uid == 2).values(uid=9000, digest="0" * 64))
    assert [f.words for f in findings()] == ["not compared yet; it runs every night"]
    assert (audit_nightly(), audit_nightly()) == (1, 0), "asked for once"
    run_all()
    assert audit_nightly() == 0, "not before the next night"
    (found,) = audits(box.id)
    assert (found.since, found.held, found.missing, found.equal) == (3, 2, [2], False)
    assert [(f.state, "1 mails" in f.words) for f in findings()] == [("bad", True)]
    admin = desk.browser(desk.admin)
    page = admin.get("/a/mail/audit").get_data(as_text=True)
    assert "server 3, held 2" in page
    assert "1 mail is on the server and not here." in page
    admin.post(f"/a/mail/audit/{box.id}/fetch")
    admin.post(f"/a/mail/audit/{box.id}/fetch")
    run_all()
    page = admin.get("/a/mail/audit").get_data(as_text=True)
    assert "server 3 = held 3" in page
    assert [f.words for f in findings()] == ["server 3 = held 3"]
    assert len(desk.rows(Ticket)) == 3, "the same mail is the same ticket"
    with clock.at(now() + timedelta(days=1)):
        assert audit_nightly() == 1
    with clock.at(now() + timedelta(days=3)):
        assert "last compared" in findings()[0].words
        with box.server.away():
            run_all()
        assert "not compared: " in findings()[0].words
    for _ in range(40):
        note_audit(source_id=box.id, found=None, error="away")
    db.session.rollback()
    assert len(audits(box.id, limit=100)) == 30


def findings() -> list[Finding]:
    """Return what `helpdesk doctor` says about audits, as of now."""
    db.session.rollback()
    return list(probes.audits())
