"""Loops end, floods stay within their caps, and customers are not taken for spam."""

import random

import pytest
from customers import customer_mails
from flask import Flask

from helpdesk.channels.jobs import letter_of
from helpdesk.channels.model import Delivery
from helpdesk.core.db import db, session
from helpdesk.core.desk import desk as facts
from helpdesk.core.jobs.runner import run_all
from helpdesk.mailboxes.commands import change_mailbox
from helpdesk.tickets.model import Ticket
from mail_ingest.confined import read_here
from mail_ingest.senders import decide, rules_about
from mail_ingest.trace import Trace
from mail_ingest.vetting import vet
from tests.making import SUPPORT, Desk, a_mail

SECRET = "BUY-NOW-XYZZY"


def _letters(seen: set[int]) -> list[tuple[str, str, bytes]]:
    """Return the mails this desk sent since the last look."""
    db.session.rollback()
    fresh = [d.id for d in session().query(Delivery).order_by(Delivery.id) if d.id not in seen]
    seen.update(fresh)
    return [letter_of(i) for i in fresh]


@pytest.mark.parametrize("stripped", [False, True], ids=["with headers", "headers stripped on the way"])
def test_two_desks_that_acknowledge_each_other_end_after_three_mails(
    make_app: type[Flask], stripped: bool
) -> None:
    """T11: whatever one acknowledges, the other does not go on for ever, even when no mark is left."""
    apps = [make_app(), make_app()]
    names = [SUPPORT, "help@other.example"]
    for app, name in zip(apps, names, strict=True):
        with app.app_context():
            desk = Desk.set_up(app)
            if name != SUPPORT:
                change_mailbox(mailbox_id=desk.mailbox_id, address=name, sender_name="Other")
            db.session.remove()
    under_way = [a_mail(f"Shop <{names[0]}>", to=names[1], subject="Do you deliver here?")]
    seen: list[set[int]] = [set(), set()]
    sent, here = 1, 1
    while under_way:
        assert sent <= 3, "a loop"
        with apps[here].app_context():
            desk = Desk(apps[here], 1, 1, 2, None)  # type: ignore[arg-type] # nobody signs in
            for raw in under_way:
                desk.receive(raw, to=[names[here]], envelope_from=names[1 - here])
            under_way = [_without_marks(raw) if stripped else raw for _, _, raw in _letters(seen[here])]
            db.session.remove()
        sent += len(under_way)
        here = 1 - here
    assert sent <= 3


def _without_marks(raw: bytes) -> bytes:
    """Return a mail as a careless gateway hands it on: every mark of automatic mail lost."""
    head, _, body = raw.partition(b"\r\n\r\n")
    kept = [x for x in head.split(b"\r\n") if not x.startswith((b"Auto-", b"X-", b"Precedence"))]
    return b"\r\n".join(kept) + b"\r\n\r\n" + body


def test_an_autoresponder_without_any_mark_ends_after_three_mails(desk: Desk) -> None:
    """T11: it answers everything, to the From and from a new thread each time."""
    seen: set[int] = set()
    desk.receive(a_mail("robot@dumb.example", subject="Question"))
    theirs, ours = 1, 0
    while fresh := _letters(seen):
        ours += len(fresh)
        for _ in fresh:
            theirs += 1
            assert theirs + ours <= 6, "a loop"
            desk.receive(a_mail("robot@dumb.example", subject=f"We have your mail {theirs}", text="Thanks."))
    assert ours <= 3
    assert theirs <= 3


@pytest.mark.parametrize("engine", ["sqlite"], indirect=True)
def test_a_flood_trips_the_breaker_and_administrators_see_it(make_app: type[Flask]) -> None:
    """T10: no more than the budget, the attacker's words in none; it stays off until a person says so."""
    app = make_app(ack_per_hour=12)
    with app.app_context():
        desk = Desk.set_up(app)
        for n in range(40):
            raw = a_mail(
                f"{SECRET} <v{n}@victim{n}.example>",
                subject=f"{SECRET} {n}",
                text=f"{SECRET} http://x.example",
            )
            desk.receive(raw)
        assert len(desk.all(Ticket)) == 40
        sent = [letter_of(d.id)[2] for d in desk.deliveries()]
        assert len(sent) == 12
        assert not [raw for raw in sent if SECRET.encode() in raw]
        assert facts().acks_paused_at
        browser = desk.browser(desk.admin)
        assert "Acknowledgements are cut off" in browser.get("/a/queue").get_data(as_text=True)
        agent = desk.browser(desk.agent("Mara Order")).get("/a/queue").get_data(as_text=True)
        assert "Acknowledgements are cut off" not in agent
        assert browser.post("/a/outbox/acknowledge-again").status_code == 302
        assert not facts().acks_paused_at
        run_all()
        db.session.remove()


@pytest.mark.parametrize("engine", ["sqlite"], indirect=True)
def test_none_of_a_thousand_customer_mails_is_taken_for_spam(desk: Desk) -> None:
    """Orders, discounts, links, shouting, many languages: no word is ever weighed."""
    decide(viewer=desk.admin, kind="host", key="mx.provider.example")
    decide(viewer=desk.admin, kind="block", key="bad.example")
    mails = list(customer_mails(random.Random(7), 1000))  # noqa: S311 - invented mails, no secret
    assert len(mails) == 1000
    wrong = []
    rules = rules_about("x@example.com", mailbox_id=desk.mailbox_id)
    assert rules.hosts == ("mx.provider.example",)
    row = desk.receive(mails[0])
    for raw in mails:
        read = read_here(raw)
        vetted = vet(row, read.mail, Trace())
        if vetted.judgement.verdict != "in" or read.classification.kind not in {"person", "list"}:
            wrong.append((read.mail.subject, vetted.judgement.why, read.classification.why))
    assert wrong == []
