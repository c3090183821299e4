"""Mailboxes on pages: set up, changed, paused, archived; secrets never shown; every change recorded."""

import json
from typing import Any

import pytest
import sqlalchemy as sa

from helpdesk.core.audit import AuditRow, changes
from helpdesk.core.db import db, session
from helpdesk.core.jobs.runner import run_all
from helpdesk.mailboxes import queries
from helpdesk.mailboxes.commands import add_mailbox, source_failed
from helpdesk.mailboxes.model import ImapSource, Mailbox, SmtpServer
from helpdesk.tickets.commands.writing import answer
from helpdesk.tickets.content import Content
from tests.making import SUPPORT, Browser, Desk, a_mail

SECRET, OUT_SECRET = "hunter2-in", "hunter2-out"
FORM = {
    "address": "help@fjord.example",
    "sender_name": "Fjord Shop",
    "sender_style": "from",
    "language": "de",
    "team": "",
    "acknowledge": "yes",
    "signature": "{agent_first_name} at {mailbox_name}",
    "incoming": "imap",
    "host": "imap.fjord.example",
    "port": "",
    "security": "tls",
    "auth": "password",
    "user": "",
    "password": SECRET,
    "folder": "",
    "afterwards": "leave",
    "move_to": "",
    "outgoing": "own",
    "out_host": "smtp.fjord.example",
    "out_port": "",
    "out_security": "starttls",
    "out_auth": "password",
    "out_user": "",
    "out_password": OUT_SECRET,
}


def _now() -> Any:
    """The reads, of what is there now."""
    db.session.rollback()
    return queries


def _added(desk: Desk, admin: Browser, **more: str) -> int:
    admin.get("/a/settings/mailboxes/new")
    made = admin.post("/a/settings/mailboxes/new", FORM | more)
    assert made.status_code == 302, made.get_data(as_text=True)
    return int(made.headers["Location"].split("/")[-1].split("?")[0])


def test_a_mailbox_is_added_with_usual_values_and_waits_to_be_started(desk: Desk) -> None:
    admin = desk.browser(desk.admin)
    made = _added(desk, admin, team=str(desk.returns))
    one = _now().mailbox_settings(made)
    assert (one.box.address, one.box.sender_name, one.box.language) == (
        "help@fjord.example",
        "Fjord Shop",
        "de",
    )
    assert one.box.team_id == desk.returns
    assert (one.incoming.port, one.incoming.user, one.incoming.folder) == (993, FORM["address"], "INBOX")
    assert (one.outgoing.port, one.outgoing.user) == (587, FORM["address"])
    assert _now().active_sources() == [], "nothing is fetched before somebody starts it"
    page = admin.get(f"/a/settings/mailboxes/{made}").get_data(as_text=True)
    assert "Not started" in page
    assert "From now on" in page
    assert admin.post(f"/a/settings/mailboxes/{made}/start", {"first": "all"}).status_code == 302
    source = _now().newest_source(made)
    assert (_now().active_sources(), source.first_import) == ([source.id], "all")


def test_passwords_are_in_no_page_no_audit_and_no_row_as_they_are(
    desk: Desk, caplog: pytest.LogCaptureFixture, capsys: pytest.CaptureFixture[str]
) -> None:
    """M2: write-only, also when the form comes back with a mistake in it."""
    admin = desk.browser(desk.admin)
    admin.get("/a/settings/mailboxes/new")
    wrong = admin.post("/a/settings/mailboxes/new", FORM | {"sender_name": ""})
    assert wrong.status_code == 422
    made = _added(desk, admin, host="127.0.0.1", port="1", out_host="127.0.0.1", out_port="1")
    run_all()
    shown = [
        wrong.get_data(as_text=True),
        *(
            admin.get(f"/a/settings/mailboxes{way}").get_data(as_text=True)
            for way in ("", f"/{made}", f"/{made}/live")
        ),
    ]
    rows = [
        json.dumps({c.name: str(getattr(row, c.name)) for c in table.__table__.columns})
        for table in (AuditRow, Mailbox, ImapSource, SmtpServer)
        for row in session().scalars(sa.select(table))
    ]
    out = capsys.readouterr()
    for text in (*shown, *rows, caplog.text, out.out, out.err):
        assert SECRET not in text
        assert OUT_SECRET not in text
    source = _now().newest_source(made)
    assert source.password == SECRET


def test_a_form_that_comes_back_keeps_everything_even_the_password(desk: Desk) -> None:
    admin = desk.browser(desk.admin)
    admin.get("/a/settings/mailboxes/new")
    back = admin.post("/a/settings/mailboxes/new", FORM | {"port": "99999", "signature": "{agnt_name}"})
    page = back.get_data(as_text=True)
    assert back.status_code == 422
    assert "A port is a number from 1 to 65535." in page
    assert "Did you mean {agent_name}?" in page
    assert "imap.fjord.example" in page
    sealed = page.split('name="kept" value="')[1].split('"')[0]
    out_sealed = page.split('name="out_kept" value="')[1].split('"')[0]
    again = FORM | {"password": "", "out_password": "", "kept": sealed, "out_kept": out_sealed}
    assert admin.post("/a/settings/mailboxes/new", again).status_code == 302
    db.session.rollback()
    made = session().scalars(sa.select(Mailbox.id).order_by(Mailbox.id.desc())).first()
    source = _now().newest_source(made)
    assert source.password == SECRET


def test_two_people_do_not_undo_each_other_unseen(desk: Desk) -> None:
    one, other = desk.browser(desk.admin), desk.browser(desk.admin)
    made = _added(desk, one)
    way = f"/a/settings/mailboxes/{made}"
    version = one.get(way).get_data(as_text=True).split('name="version" value="')[1].split('"')[0]
    other.get(way)
    kept = FORM | {"version": version, "password": "", "out_password": ""}
    assert one.post(way, kept | {"sender_name": "Fjord"}).status_code == 302
    late = other.post(way, kept | {"sender_name": "Fjord Shop Returns"})
    page = late.get_data(as_text=True)
    assert late.status_code == 409
    assert "Joana Melo changed this mailbox meanwhile (sender name)" in page
    assert "Fjord Shop Returns" in page, "what was typed is still there"
    assert _now().mailbox_settings(made).box.sender_name == "Fjord"
    version = page.split('name="version" value="')[1].split('"')[0]
    assert (
        other.post(way, kept | {"version": version, "sender_name": "Fjord Shop Returns"}).status_code == 302
    )
    assert _now().mailbox_settings(made).box.sender_name == "Fjord Shop Returns"


def test_every_change_says_who_what_before_and_after(desk: Desk) -> None:
    admin = desk.browser(desk.admin)
    made = _added(desk, admin)
    way = f"/a/settings/mailboxes/{made}"
    admin.get(way)
    admin.post(
        way, FORM | {"version": "1", "password": "another", "out_password": "", "team": str(desk.orders)}
    )
    for act in ("pause", "resume", "archive", "restore"):
        assert admin.post(f"{way}/{act}").status_code == 302
    db.session.rollback()
    found = changes("mailbox", made)
    assert [c.what for c in found][::-1] == ["added", "changed", "paused", "resumed", "archived", "restored"]
    changed = next(c for c in found if c.what == "changed")
    assert changed.who == "Joana Melo"
    assert changed.before == {"team_id": None, "incoming password": "(secret)"}
    assert changed.after == {"team_id": desk.orders, "incoming password": "(secret), set"}
    assert "team id" in admin.get(way).get_data(as_text=True)


def test_another_server_is_another_source_that_waits_to_be_started(desk: Desk) -> None:
    """Else a folder of a stranger's would be read from its first mail on, and answered."""
    admin = desk.browser(desk.admin)
    made = _added(desk, admin)
    way = f"/a/settings/mailboxes/{made}"
    admin.get(way)
    admin.post(f"{way}/start", {"first": "now"})
    first = _now().newest_source(made)
    kept = FORM | {"password": "", "out_password": ""}
    admin.post(way, kept | {"version": "1", "security": "starttls"})
    same = _now().newest_source(made)
    assert (same.id, same.security) == (first.id, "starttls")
    assert _now().active_sources() == [first.id]
    admin.post(way, kept | {"version": "2", "host": "imap.new.example"})
    other = _now().newest_source(made)
    assert other.id != first.id
    assert other.password == SECRET, "the password stays unless another is typed"
    assert _now().active_sources() == []
    admin.post(way, kept | {"version": "3", "incoming": "handover"})
    assert _now().newest_source(made) is None
    assert _now().mailbox_settings(made).incoming is None


def test_a_paused_mailbox_fetches_and_sends_nothing_until_it_is_resumed(desk: Desk) -> None:
    admin = desk.browser(desk.admin)
    desk.receive(a_mail(Precedence="list"))
    way = f"/a/settings/mailboxes/{desk.mailbox_id}"
    admin.get(way)
    admin.post(f"{way}/pause")
    answer(viewer=desk.admin, number=1001, kind="reply", content=Content("We look for it."))
    run_all()
    (delivery,) = desk.deliveries()
    assert delivery.state == "queued"
    assert "paused" in delivery.answer
    assert "Paused" in admin.get("/a/settings/mailboxes").get_data(as_text=True)
    assert desk.receive(a_mail("noor@example.com")).outcome == "new_ticket", "what is handed over is taken"
    admin.post(f"{way}/resume")
    run_all()
    assert {d.state for d in desk.deliveries()} == {"kept"}


def test_an_archived_mailbox_takes_nothing_and_its_tickets_are_answered_from_another(desk: Desk) -> None:
    admin = desk.browser(desk.admin)
    desk.receive(a_mail(Precedence="list"))
    way = f"/a/settings/mailboxes/{desk.mailbox_id}"
    admin.get(way)
    refused = admin.post(f"{way}/archive")
    assert refused.status_code == 409
    assert "only mailbox" in refused.get_data(as_text=True)
    other = add_mailbox(address="help@other.example", sender_name="Other")
    admin.get(way)
    assert admin.post(f"{way}/archive").status_code == 302
    box = _now().default_mailbox()
    assert box.id == other
    answer(viewer=desk.admin, number=1001, kind="reply", content=Content("We look for it."))
    run_all()
    assert desk.outgoing("reply")[0].from_address == "help@other.example"
    page = admin.get("/a/settings/mailboxes").get_data(as_text=True)
    assert "1 archived mailbox" in page
    admin.get("/a/settings/mailboxes/new")
    taken = admin.post("/a/settings/mailboxes/new", FORM | {"address": SUPPORT})
    assert "Restore it instead" in taken.get_data(as_text=True)
    admin.get(way)
    assert admin.post(f"{way}/restore").status_code == 302
    assert _now().mailbox_settings(desk.mailbox_id).paused_at is not None


def test_the_list_is_alive_and_costs_nothing_while_nothing_changes(desk: Desk) -> None:
    admin = desk.browser(desk.admin)
    made = _added(desk, admin)
    admin.get(f"/a/settings/mailboxes/{made}")
    admin.post(f"/a/settings/mailboxes/{made}/start", {"first": "now"})
    first = admin.get("/a/settings/mailboxes/live")
    tag = first.headers["ETag"]
    source = _now().newest_source(made)
    source_failed(source_id=source.id, error="imap.fjord.example does not answer.")
    after = admin.get("/a/settings/mailboxes/live")
    assert after.headers["ETag"] != tag
    page = after.get_data(as_text=True)
    assert "Trying again" in page
    assert "imap.fjord.example does not answer." in page
    assert admin.get("/a/settings/mailboxes/live").headers["ETag"] == after.headers["ETag"]


@pytest.mark.parametrize("engine", ["sqlite"], indirect=True)
@pytest.mark.parametrize(
    ("style", "name"),
    [("first", "Joana (Shop)"), ("from", "Joana from Shop"), ("mailbox", "Shop")],
)
def test_answers_are_signed_as_the_mailbox_says(desk: Desk, style: str, name: str) -> None:
    admin = desk.browser(desk.admin)
    way = f"/a/settings/mailboxes/{desk.mailbox_id}"
    admin.get(way)
    form = FORM | {"address": SUPPORT, "sender_name": "Shop", "sender_style": style, "version": "1"}
    assert admin.post(way, form | {"incoming": "handover", "outgoing": "desk"}).status_code == 302
    admin.get("/a/signature")
    assert admin.post("/a/signature", {"text": "Joana\nboots and tents"}).status_code == 302
    desk.receive(a_mail(Precedence="list"))
    answer(viewer=desk.admin, number=1001, kind="reply", content=Content("We look for it."))
    (mail,) = desk.outgoing("reply")
    assert mail.from_name == name
    assert mail.signature == "Joana\nboots and tents\n\nJoana at Shop"
