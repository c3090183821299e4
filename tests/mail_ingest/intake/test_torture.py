"""Hostile mails through the whole intake: a ticket or a row set aside, and the desk whole after it (T13).

In the suite each engine takes every eighth mail, not the same ones; TORTURE=all gives all of them to both.
"""

import os
import sys
from collections import Counter
from functools import partial
from pathlib import Path

from helpdesk.core.db import db
from helpdesk.core.jobs.runner import Job, run_all
from helpdesk.fsck import all_checks
from helpdesk.tickets.model import Attachment, Ticket
from mail_ingest import store
from mail_ingest.confined import ReadMail, read_here
from mail_ingest.intake import read_inbound
from mail_ingest.model import Inbound
from mail_ingest.parse.glance import Glimpse, glance
from tests.making import SUPPORT, Desk, a_mail

sys.path.insert(0, str(Path(__file__).parents[1] / "reading"))
import torture


class Here:
    """Reads in this process, where a mail has nobody to hide behind."""

    def read(self, raw: bytes, envelope_from: str | None = None) -> ReadMail:
        """Return the mail read."""
        return read_here(raw, envelope_from)

    def glance(self, raw: bytes) -> Glimpse:
        """Return what can be read of a refused one."""
        return glance(raw)


def test_every_hostile_mail_ends_as_a_ticket_or_set_aside(desk: Desk) -> None:
    desk.app.extensions["jobs"]["mail.read"] = Job(partial(read_inbound, Here()), world=True)
    which = 0 if db.engine.dialect.name == "sqlite" else 1
    everything = os.environ.get("TORTURE") == "all"
    names = {}
    for n, (name, raw) in enumerate(torture.mails()):
        if everything or n % 8 == which:
            own = raw.replace(b"Ann <ann@example.com>", b"Ann <ann@shop%d.example.com>" % n, 1)
            mail_id = store.accept(own, source="smtp", mailbox_id=desk.mailbox_id, envelope_to=[SUPPORT])
            names[mail_id] = name
    harmless = desk.receive(a_mail(subject="Behind them all"))
    run_all()
    rows = desk.rows(Inbound)
    stuck = [names[r.id] for r in rows if r.state not in {"done", "quarantined"} or r.tries]
    assert stuck == []
    assert desk.row(Inbound, harmless.id).outcome == "new_ticket"
    outcomes = Counter(r.outcome for r in rows)
    assert outcomes["quarantined"] > 3
    assert outcomes["new_ticket"] > 30
    assert "failed" not in {r.cause for r in rows}
    for ticket in desk.rows(Ticket):
        assert not set(ticket.subject) & set("\r\n\0\u2028")
    for file in desk.rows(Attachment):
        assert file.name
        assert not set(file.name) & set("/\\\r\n\0")
    db.session.rollback()
    assert [words for check in all_checks() for words in check.run(False)] == []
    admin = desk.browser(desk.admin)
    for address in ("/a/mail", "/a/mail/aside", "/a/queue?view=all"):
        assert admin.get(address).status_code == 200
