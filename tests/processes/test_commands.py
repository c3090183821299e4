"""The command line for scripts: results on every line, exit codes that mean something."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from tests.making import Desk, a_mail
from tests.processes.installation import Installation

pytestmark = pytest.mark.services


def test_a_folder_of_mails_is_imported_once(installed: Installation, desk: Desk, tmp_path: Path) -> None:
    folder = tmp_path / "archive"
    (folder / "2025").mkdir(parents=True)
    (folder / "a.eml").write_bytes(a_mail(subject="First", sender="a@example.com"))
    (folder / "2025" / "b.eml").write_bytes(a_mail(subject="Second", sender="b@example.com"))
    (folder / "broken.eml").write_bytes(b"Subject: nobody wrote this\r\n\r\nHello\r\n")
    first = installed.run("mail", "import", str(folder))
    assert first.returncode == 1, first.stderr
    lines = first.stdout.splitlines()
    assert len(lines) == 4
    assert sum("a.eml: new_ticket 100" in line for line in lines) == 1
    assert sum("b.eml: new_ticket 100" in line for line in lines) == 1
    assert sum("broken.eml: quarantined" in line and "sender" in line for line in lines) == 1
    assert lines[-1] == "3 mails, 1 set aside."
    assert "Traceback" not in first.stderr

    again = installed.run("mail", "import", str(folder))
    assert again.returncode == 1
    assert sum(": duplicate" in line for line in again.stdout.splitlines()) == 2
    assert installed.rows("SELECT count(*) FROM tickets")[0][0] == 2
    assert installed.rows("SELECT count(*) FROM deliveries")[0][0] == 0, "import tells nobody"

    nowhere = installed.run("mail", "import", str(folder), "--mailbox", "nobody@else.example")
    assert nowhere.returncode == 1
    assert nowhere.stderr.startswith("Error: There is no such mailbox.")


def test_tickets_for_scripts(installed: Installation, desk: Desk) -> None:
    desk.ticket(subject="Über das Zelt", sender="Ann <ann@example.com>")
    listed = installed.run("ticket", "list", "--json")
    assert listed.returncode == 0, listed.stderr
    document = json.loads(listed.stdout)
    assert document["version"] == 1
    assert [(t["number"], t["subject"], t["state"]) for t in document["tickets"]] == [
        (1001, "Über das Zelt", "new")
    ]
    shown = installed.run("ticket", "show", "1001", "--json")
    assert shown.returncode == 0
    (message,) = json.loads(shown.stdout)["messages"]
    assert (message["kind"], message["email"]) == ("customer", "ann@example.com")
    assert "my parcel is not here" in message["text"]

    unknown = installed.run("ticket", "show", "4711", "--json")
    assert (unknown.returncode, unknown.stdout) == (1, "")
    assert unknown.stderr == "There is no ticket 4711.\n"
    assert installed.run("ticket", "show", "x").returncode == 2

    good = installed.run("ticket", "replay")
    assert (good.returncode, good.stdout) == (0, "1 tickets replayed, 0 differences.\n")
    installed.change("UPDATE tickets SET priority = 4")
    bad = installed.run("ticket", "replay", "--json")
    assert bad.returncode == 1
    (wrong,) = json.loads(bad.stdout)["different"]
    assert (wrong["number"], wrong["field"], wrong["row"], wrong["log"]) == (1001, "priority", "4", "2")


def test_a_wrong_setting_is_named(installed: Installation) -> None:
    said = installed.run("ticket", "list", port="not a number")
    assert said.returncode == 2
    assert "HELPDESK_PORT" in said.stderr
    assert "Traceback" not in said.stderr
