"""Mail set aside: named in a sentence, read again once, made a ticket, or left; the count is the rows."""

import re
from datetime import timedelta
from functools import partial

import pytest

from helpdesk.core import clock
from helpdesk.core.audit import AuditRow
from helpdesk.core.clock import now
from helpdesk.core.db import db
from helpdesk.core.files import store
from helpdesk.core.jobs.runner import Job, run_all
from helpdesk.people.rights import Role
from helpdesk.tickets.model import Attachment, Ticket
from mail_ingest import aside, queries
from mail_ingest.confined import ReadMail, read_here
from mail_ingest.intake import read_inbound
from mail_ingest.limits import MailUnreadableError
from mail_ingest.model import Inbound
from mail_ingest.parse.glance import Glimpse, glance
from tests.making import SUPPORT, Desk, a_mail


class Reader:
    """Reads mails in this process and refuses those that hold BROKEN until it is healed."""

    healed = False

    def read(self, raw: bytes, envelope_from: str | None = None) -> ReadMail:
        """Return the mail, or refuse it."""
        if b"BROKEN" in raw and not self.healed:
            raise MailUnreadableError("too_slow", "Reading this mail took longer than 20 seconds.")
        return read_here(raw, envelope_from)

    def glance(self, raw: bytes) -> Glimpse:
        """Return what can be read."""
        return glance(raw)


@pytest.fixture
def reader(desk: Desk) -> Reader:
    found = Reader()
    desk.app.extensions["jobs"]["mail.read"] = Job(partial(read_inbound, found), world=True)
    return found


def broken(desk: Desk, n: int) -> Inbound:
    """Let a mail come in that cannot be read."""
    return desk.receive(
        a_mail(f"Ann <ann{n}@example.com>", subject=f"Tent {n}", text="BROKEN zip, says Ann.")
    )


def test_what_is_set_aside_shows_reason_words_and_count(desk: Desk, reader: Reader) -> None:
    """F1, F3: the failure is on the page with its reason; the count in the sidebar is the rows."""
    for n in range(3):
        broken(desk, n)
    unclear = desk.receive(a_mail("a@x.example, b@x.example", subject="Two of us"))
    behind = desk.receive(a_mail(text="Quite harmless."))
    assert behind.outcome == "new_ticket"
    page = desk.browser(desk.admin)
    said = page.get("/a/mail/aside").get_data(as_text=True)
    assert said.count('class="ml aside-row') == 4
    assert re.search(r"Set aside</span>\s*<span[^>]*>4<", said)
    db.session.rollback()
    assert queries.quarantined_count() == 4
    assert "does not name one sender" in said
    one = page.get(f"/a/mail/aside?show={unclear.id}").get_data(as_text=True)
    assert "Two of us" in one
    first = page.get("/a/mail/aside?cause=too_slow").get_data(as_text=True)
    assert first.count('class="ml aside-row') == 3
    assert "BROKEN zip, says Ann." in first
    assert "ann2@example.com" in first


def test_all_of_one_cause_are_read_again_as_a_job_once_each(desk: Desk, reader: Reader) -> None:
    """F2: reading again twice makes one ticket; what fails again is tried once a time."""
    rows = [broken(desk, n) for n in range(4)]
    other = desk.receive(a_mail("a@x.example, b@x.example"))
    lead = desk.browser(desk.admin)
    lead.get("/a/mail/aside?cause=too_slow")
    lead.post("/a/mail/aside/retry", {"cause": "too_slow"})
    assert "0 of 4" in lead.get("/a/mail/aside").get_data(as_text=True)
    run_all()
    assert [desk.row(Inbound, r.id).outcome for r in rows] == ["quarantined"] * 4
    db.session.rollback()
    progress = queries.last_retry()
    assert progress is not None
    assert (progress.total, progress.read, progress.aside, progress.under_way) == (4, 4, 4, False)

    reader.healed = True
    for _ in range(2):
        aside.retry_all(cause="too_slow", viewer=desk.admin)
    run_all()
    assert [desk.row(Inbound, r.id).outcome for r in rows] == ["new_ticket"] * 4
    assert len(desk.rows(Ticket)) == 4
    assert desk.row(Inbound, other.id).outcome == "quarantined"
    assert desk.row(Inbound, other.id).retry_id is None
    assert aside.retry_all(cause="too_slow", viewer=desk.admin) is None
    steps = [(s["step"], s["why"]) for s in desk.row(Inbound, rows[0].id).trace]
    assert steps.count(("retry", "Joana Melo")) == 2


def test_many_are_read_again_in_turns(desk: Desk, reader: Reader, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(aside, "AT_ONCE", 2)
    for n in range(5):
        broken(desk, n)
    aside.retry_all(cause="", viewer=desk.admin)
    run_all()
    db.session.rollback()
    progress = queries.last_retry()
    assert progress is not None
    assert (progress.total, progress.aside, progress.under_way) == (5, 5, False)
    assert len(desk.rows(Inbound, outcome="quarantined")) == 5


def test_a_ticket_is_made_of_it_as_it_is_once_with_the_original(desk: Desk, reader: Reader) -> None:
    mail = broken(desk, 1)
    admin = desk.browser(desk.admin)
    admin.get(f"/a/mail/aside?show={mail.id}")
    wrong = admin.post(f"/a/mail/{mail.id}/ticket", {"email": "nobody"})
    assert wrong.status_code == 422
    assert "Give one address" in wrong.get_data(as_text=True)
    assert admin.post(f"/a/mail/{mail.id}/ticket", {"email": SUPPORT}).status_code == 422
    for _ in range(2):
        answer = admin.post(f"/a/mail/{mail.id}/ticket", {"email": "ann1@example.com", "name": "Ann"})
        assert answer.status_code == 302
    (ticket,) = desk.rows(Ticket)
    (file,) = desk.rows(Attachment)
    row = desk.row(Inbound, mail.id)
    assert (ticket.subject, row.outcome, row.ticket_id) == ("Tent 1", "new_ticket", ticket.id)
    assert (file.name, store().get(file.digest)) == ("original.eml", store().get(row.digest))
    assert desk.outgoing() == [], "nobody is told"
    aside.retry(inbound_id=mail.id)
    run_all()
    assert len(desk.rows(Ticket)) == 1
    (noted,) = [c for c in desk.rows(AuditRow) if c.about == "mail"]
    assert (noted.what, noted.who, noted.about_id) == ("made into a ticket", "Joana Melo", mail.id)


def test_what_is_left_as_it_is_stays_and_needs_no_look(desk: Desk, reader: Reader) -> None:
    mail = broken(desk, 1)
    admin = desk.browser(desk.admin)
    admin.get(f"/a/mail/aside?show={mail.id}")
    assert admin.post(f"/a/mail/{mail.id}/keep").status_code == 302
    db.session.rollback()
    assert queries.quarantined_count() == 0
    assert "Tent 1" not in admin.get("/a/mail/aside").get_data(as_text=True)
    assert "Tent 1" in admin.get("/a/mail/aside?kept=1").get_data(as_text=True)
    assert store().has(desk.row(Inbound, mail.id).digest)
    reader.healed = True
    aside.retry(inbound_id=mail.id)
    run_all()
    assert desk.row(Inbound, mail.id).outcome == "new_ticket"


def test_only_an_administrator_downloads_an_original(desk: Desk, reader: Reader) -> None:
    mail = broken(desk, 1)
    lead = desk.browser(desk.agent("Lea Lead", role=Role.LEAD))
    assert "Download original" not in lead.get(f"/a/mail/aside?show={mail.id}").get_data(as_text=True)
    assert lead.get(f"/a/mail/{mail.id}/raw").status_code == 403
    assert b"BROKEN" in desk.browser(desk.admin).get(f"/a/mail/{mail.id}/raw").get_data()


def test_a_search_finds_by_sender_subject_id_digest_and_day(desk: Desk) -> None:
    first = desk.receive(a_mail("noor@example.com", subject="Kettle", message_id="<kettle.1@mail.example>"))
    with clock.at(now() + timedelta(days=3)):
        desk.receive(a_mail("ann@example.com", subject="Tent"))
        desk.receive(a_mail("ann@example.com", subject="Away", Auto_Submitted="auto-replied"))
        page = desk.browser(desk.admin)
        day = f"{now() - timedelta(days=2):%Y-%m-%d}"
        for query, wanted in {
            "q=noor": {"Kettle"},
            "q=kettl": {"Kettle"},
            "q=kettle.1@mail": {"Kettle"},
            f"q={first.digest}": {"Kettle"},
            f"q={first.digest[:12].upper()}": {"Kettle"},
            "q=ann@example.com": {"Tent", "Away"},
            "q=ann@example.com&outcome=automatic": {"Away"},
            f"from={day}": {"Tent", "Away"},
            f"to={day}": {"Kettle"},
            f"mailbox={desk.mailbox_id}": {"Tent", "Away", "Kettle"},
            "mailbox=999": set(),
            "from=soon&to=9999-12-31": {"Tent", "Away", "Kettle"},
        }.items():
            said = page.get(f"/a/mail?{query}").get_data(as_text=True)
            found = set(re.findall(r'<a class="trunc" href="/a/mail/\d+">([^<]+)</a>', said))
            assert found == wanted, query
        said = page.get("/a/mail?q=ann@").get_data(as_text=True)
        numbers = dict(re.findall(r'aria-current="true">(\w+) <span class="n num">(\d+)', said))
        assert numbers == {"Everything": "2"}
        assert re.search(r'Automatic <span class="n num">1<', said)


def test_pages_follow_each_other_forth_and_back(desk: Desk, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(queries, "PAGE", 2)
    for n in range(5):
        desk.receive(a_mail(subject=f"Mail {n}"))
    page = desk.browser(desk.admin)
    address, seen, ways = "/a/mail", [], []
    for _ in range(3):
        said = page.get(address).get_data(as_text=True)
        seen.append(re.findall(r'href="/a/mail/\d+">(Mail \d)<', said))
        ways.append(address)
        address = _link(said, "before")
    assert seen == [["Mail 4", "Mail 3"], ["Mail 2", "Mail 1"], ["Mail 0"]]
    assert address == ""
    back = page.get(_link(said, "after")).get_data(as_text=True)
    assert re.findall(r'href="/a/mail/\d+">(Mail \d)<', back) == ["Mail 2", "Mail 1"]
    front = page.get(_link(back, "after")).get_data(as_text=True)
    assert re.findall(r'href="/a/mail/\d+">(Mail \d)<', front) == ["Mail 4", "Mail 3"]
    assert _link(front, "after") == ""


def _link(said: str, word: str) -> str:
    found = re.search(rf'href="(/a/mail\?[^"]*{word}=\d+)"', said)
    return found[1].replace("&amp;", "&") if found else ""
