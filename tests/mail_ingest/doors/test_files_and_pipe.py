"""Mails in files and pipes: every kind of file, a line each, and the same again makes nothing twice."""

import mailbox
from email import message_from_bytes
from pathlib import Path

import pytest

from helpdesk.core.db import db
from helpdesk.tickets.model import Ticket
from mail_ingest.model import Inbound
from mail_ingest.scripts import mail
from tests.making import SUPPORT, Desk, a_mail

BROKEN = b"X-Long: " + b"a" * 20_000 + b"\r\nFrom: x@example.com\r\n\r\ntext\r\n"


def run(desk: Desk, *args: str, given: bytes = b"") -> tuple[int, str]:
    """Run `helpdesk mail ...` and return exit code and output."""
    db.session.rollback()
    result = desk.app.test_cli_runner().invoke(mail, list(args), input=given)
    return result.exit_code, result.output


def a_folder(path: Path) -> Path:
    """A folder with an .eml file, an mbox of two mails, and a Maildir of one."""
    path.mkdir()
    (path / "one.eml").write_bytes(a_mail(subject="From a file", message_id="<f1@x.example>"))
    box = mailbox.mbox(path / "old.mbox")
    for n in (1, 2):
        text = "Hello\n\nFrom the start of a line\n"
        raw = a_mail(subject=f"From an mbox {n}", message_id=f"<b{n}@x.example>", text=text)
        box.add(message_from_bytes(raw))
    box.close()
    return path


def test_every_kind_of_file_is_imported_with_a_line_each_and_nobody_is_told(
    desk: Desk, tmp_path: Path
) -> None:
    folder = a_folder(tmp_path / "archive")
    maildir = mailbox.Maildir(tmp_path / "Maildir")
    maildir.add(message_from_bytes(a_mail(subject="From a Maildir", message_id="<d1@x.example>")))
    code, said = run(desk, "import", str(folder), str(maildir._path))
    assert code == 0, said
    assert "4 mails, 0 set aside." in said
    assert said.count("new_ticket") == 4
    assert {t.subject for t in desk.rows(Ticket)} == {
        "From a file",
        "From an mbox 1",
        "From an mbox 2",
        "From a Maildir",
    }
    assert desk.outgoing() == []
    assert str(desk.rows(Ticket)[0].opened_at.date()) == "2026-11-16", "the mail's own date, not today"


def test_importing_again_makes_no_second_ticket_even_without_message_ids(desk: Desk, tmp_path: Path) -> None:
    raw = a_mail(subject="No id").replace(b"Message-ID:", b"X-Was:")
    (tmp_path / "a.eml").write_bytes(raw)
    (tmp_path / "b.eml").write_bytes(a_mail(subject="With id", message_id="<w@x.example>"))
    for _ in range(2):
        code, said = run(desk, "import", str(tmp_path))
        assert code == 0, said
    assert len(desk.rows(Ticket)) == 2
    assert [m.outcome for m in desk.rows(Inbound)].count("duplicate") == 2


def test_a_broken_mail_is_set_aside_and_the_rest_goes_on(desk: Desk, tmp_path: Path) -> None:
    (tmp_path / "1.eml").write_bytes(BROKEN)
    (tmp_path / "2.eml").write_bytes(a_mail(subject="Fine"))
    code, said = run(desk, "import", str(tmp_path))
    assert code == 1
    assert "1.eml: quarantined" in said
    assert "2.eml: new_ticket" in said


def test_standard_input_takes_a_mail_or_an_mbox(desk: Desk, tmp_path: Path) -> None:
    code, said = run(desk, "import", "-", given=a_mail(subject="Piped in"))
    assert (code, said.count("new_ticket")) == (0, 1), said
    folder = a_folder(tmp_path / "archive")
    code, said = run(desk, "import", "-", given=(folder / "old.mbox").read_bytes())
    assert (code, said.count("new_ticket")) == (0, 2), said


def test_the_pipe_keeps_a_mail_and_says_so_by_its_exit_code(desk: Desk) -> None:
    code, said = run(desk, "pipe", "--recipient", SUPPORT, "--sender", "a@b.example", given=a_mail())
    assert (code, said) == (0, "Kept as 1.\n")
    kept = desk.rows(Inbound)[0]
    assert (kept.source, kept.state, kept.envelope_from) == ("pipe", "stored", "a@b.example")
    code, _said = run(desk, "pipe", "--recipient", "nobody@shop.example", given=a_mail())
    assert code == 67


def test_the_pipe_asks_the_mail_server_to_come_back_when_nothing_can_be_stored(
    desk: Desk, monkeypatch: pytest.MonkeyPatch
) -> None:
    def full(*_args: object, **_more: object) -> str:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr("helpdesk.core.files.FileStore.put", full)
    code, _said = run(desk, "pipe", "--recipient", SUPPORT, given=a_mail())
    assert code == 75
    assert desk.rows(Inbound) == []
