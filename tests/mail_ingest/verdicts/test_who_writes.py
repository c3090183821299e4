"""Who writes is looked at first: vouched for, relayed, listed; agents by mail; forwards; the subject tag."""

import pytest

from helpdesk.core.jobs.runner import run_all
from helpdesk.core.keys import ring
from helpdesk.mailboxes.addressing import agent_address, body_mark
from helpdesk.people.rights import Role, Scope
from helpdesk.tickets.commands.writing import answer
from helpdesk.tickets.content import Content
from helpdesk.tickets.model import Message, Participant, Ticket
from mail_ingest.aside import retry
from mail_ingest.model import Inbound
from mail_ingest.senders import decide
from tests.making import SUPPORT, Desk, a_mail

HOST = "mx.provider.example"
LENA = "Lena Hartmann <lena@example.de>"


def vouched(domain: str, result: str = "pass") -> dict[str, str]:
    return {"Authentication_Results": f"{HOST}; dmarc={result} header.from={domain}"}


@pytest.fixture(autouse=True)
def trusted(desk: Desk) -> None:
    decide(viewer=desk.admin, kind="host", key=HOST)


def _last(desk: Desk, inbound: Inbound) -> Message:
    assert inbound.ticket_message_id is not None, inbound.reason
    found: Message = desk.row(Message, inbound.ticket_message_id)
    return found


def test_a_subject_tag_counts_for_a_vouched_participant_only(desk: Desk) -> None:
    """Mail rule 7, T8: anybody can write a number and a From."""
    desk.ticket()
    tagged = "It is still missing [#1001]"
    assert desk.receive(a_mail(LENA, subject=tagged, **vouched("example.de"))).outcome == "added"
    for sender, domain, result in (
        (LENA, "example.de", "fail"),
        (LENA, "example.de", "none"),
        (LENA, "else.example", "pass"),
        ("Eve <eve@else.example>", "else.example", "pass"),
    ):
        got = desk.receive(a_mail(sender, subject=tagged, **vouched(domain, result)))
        assert got.outcome == "new_ticket", (sender, domain, result)
        assert any("names ticket 1001" in str(step["why"]) for step in got.trace)
    assert len(desk.messages(desk.ticket(1001))) == 2


def test_a_disowned_sender_is_flagged_and_gets_no_word(desk: Desk) -> None:
    """Mail rules 11 and 12; a participant's message stays public (contracts 21), with the warning above."""
    ticket = desk.ticket(**vouched("example.de", "fail"))
    assert desk.outgoing() == []
    page = desk.browser(desk.admin).get(f"/a/tickets/{ticket.number}").get_data(as_text=True)
    assert "sender disowned" in page
    assert "example.de says the last message is not from it" in page
    desk.ticket(sender="ann@example.com", **vouched("example.com"))
    assert len(desk.outgoing("acknowledgement")) == 1
    assert [m.sender_check for m in desk.rows(Message)] == ["fail", "pass"]


def test_our_mark_in_the_quoted_part_finds_the_ticket_when_nothing_else_is_left(desk: Desk) -> None:
    """Mail rule 6: ids and addresses rewritten on the way; what the person wrote never points anywhere."""
    ticket = desk.ticket()
    part = desk.rows(Participant)[0]
    mark = body_mark(ring(), ticket.number, part.id)
    html = f"<p>Any news?</p><blockquote><div data-ref='{mark}'>Hello Lena</div></blockquote>"
    got = desk.receive(a_mail(LENA, subject="Re: parcel", text="Any news?", html=html))
    assert (got.outcome, got.ticket_id) == ("added", ticket.id)
    link = f"http://desk.example/r/{desk.deliveries()[0].link}"
    quoted = (
        f"And now?\n\nOn Mon, 16 Nov 2026 at 10:00 Shop <{SUPPORT}> wrote:\n> See your request:\n> {link}\n"
    )
    assert desk.receive(a_mail(LENA, subject="Re: x", text=quoted)).ticket_id == ticket.id
    typed = desk.receive(a_mail(LENA, subject="Another matter", text=f"Not this one: {link}"))
    assert typed.outcome == "new_ticket"
    forged = mark[:-1] + ("a" if mark[-1] != "a" else "b")
    html = f"<blockquote><div data-ref='{forged}'>x</div></blockquote>"
    assert desk.receive(a_mail(LENA, subject="Re: y", text="Hi", html=html)).outcome == "new_ticket"
    stranger = a_mail("Eve <eve@else.example>", subject="Re: x", text=quoted)
    assert _last(desk, desk.receive(stranger)).kind == "held"


def test_an_agent_answers_a_notification_by_mail(desk: Desk) -> None:
    """Mail rule 9: their own token, their domain's word and their present rights; anything less is held."""
    ticket = desk.ticket()
    mara = desk.agent("Mara Order")
    light = desk.agent("Kim Leicht", role=Role.LIGHT)
    elsewhere = desk.agent("Tom Retour", scope=Scope.TEAMS, teams=(desk.returns,))
    before = len(desk.outgoing("reply"))

    def sends(email: str, agent_id: int, **more: str) -> Message:
        to = agent_address(ring(), SUPPORT, ticket.number, agent_id)
        quoted = "We found it.\n\nOn Mon, 16 Nov 2026 at 10:00 Shop wrote:\n> internal words\n"
        return _last(desk, desk.receive(a_mail(email, to=to, text=quoted, **more), to=[to]))

    good = vouched("shop.example")
    said = sends("mara@shop.example", mara.id, **good)
    assert (said.kind, said.author_id, said.new_text) == ("team", mara.id, "We found it.")
    assert len(desk.outgoing("reply")) == before + 1
    assert "internal words" not in desk.outgoing("reply")[-1].text
    assert sends("kim@shop.example", light.id, **good).kind == "note"
    for email, agent_id, more in (
        ("mara@shop.example", mara.id, {}),
        ("mara@shop.example", mara.id, vouched("shop.example", "fail")),
        ("mara@shop.example", light.id, good),
        ("tom@shop.example", elsewhere.id, good),
    ):
        held = sends(email, agent_id, **more)
        assert (held.kind, held.held_why) == ("held", "agent"), (email, more)
    assert len(desk.outgoing("reply")) == before + 1
    page = desk.browser(desk.admin).get("/a/tickets/1001").get_data(as_text=True)
    assert "not verified" in page


def test_a_trusted_relay_hands_over_what_a_customer_wrote(desk: Desk) -> None:
    """Contracts 23: the Reply-To is the requester, if the relay's own domain vouches for the mail."""
    decide(viewer=desk.admin, kind="relay", key="form@myshop.example", mailbox_id=desk.mailbox_id)
    form = "My shop <form@myshop.example>"
    more = {"Reply_To": "Noor Haddad <noor@example.com>", "Auto_Submitted": "auto-generated"}
    ticket = desk.ticket(sender=form, **more, **vouched("myshop.example"))
    (message,) = desk.messages(ticket)
    assert (message.author_email, message.author_name) == ("noor@example.com", "Noor Haddad")
    assert [d.recipient for d in desk.deliveries()] == ["noor@example.com"]
    tagged = a_mail(form, subject="Hi [#1001]", Reply_To="noor@example.com", **vouched("myshop.example"))
    assert desk.receive(tagged).outcome == "new_ticket", "a form proves nobody's address"
    forged = desk.ticket(
        sender=form, subject="x", Reply_To="ann@example.com", **vouched("myshop.example", "none")
    )
    assert desk.messages(forged)[0].author_email == "form@myshop.example"


def test_what_a_colleague_forwards_belongs_to_the_customer(desk: Desk) -> None:
    mara = desk.agent("Mara Order")
    text = (
        "Can somebody take this?\n\n---------- Forwarded message ---------\n"
        "From: Noor Haddad <noor@example.com>\n"
        "Date: Mon, 16 Nov 2026 at 09:12\nSubject: Wrong size\nTo: <mara@shop.example>\n\n"
        "Hello,\n\nthe shoes are too small.\n\nNoor\n"
    )
    ticket = desk.ticket(sender="Mara Order <mara@shop.example>", subject="Fwd: Wrong size", text=text)
    (message,) = desk.messages(ticket)
    assert (ticket.subject, message.author_email) == ("Wrong size", "noor@example.com")
    assert message.forwarded_by == mara.id
    assert message.new_text.startswith("Hello,")
    assert "Can somebody" not in message.new_text
    assert desk.outgoing() == []
    page = desk.browser(desk.admin).get(f"/a/tickets/{ticket.number}").get_data(as_text=True)
    assert "forwarded by Mara Order" in page
    theirs = desk.ticket(sender=LENA, subject="Fwd: Wrong size", text=text)
    assert desk.messages(theirs)[0].author_email == "lena@example.de", "customers forward their own affairs"


def test_blocked_rejected_and_called_spam_by_the_provider(desk: Desk) -> None:
    received = "from x by mx.provider.example with ESMTPS; Mon, 16 Nov 2026 10:00:00 +0100"
    flagged = b"X-Spam-Flag: YES\r\nReceived: " + received.encode() + b"\r\n"
    spam = desk.receive(flagged + a_mail("prize@win.example", subject="You won"))
    ticket = desk.row(Ticket, spam.ticket_id)
    assert (spam.outcome, ticket.spam_at is not None, ticket.open) == ("new_ticket", True, False)
    assert desk.outgoing() == []
    desk.ticket(sender=LENA)
    reply = answer(viewer=desk.admin, number=1002, kind="reply", content=Content("Please send a picture."))
    assert reply
    back = flagged + a_mail(LENA, text="Here.", In_Reply_To=desk.outgoing("reply")[0].message_id)
    assert desk.receive(back).outcome == "added", "an answer of somebody who takes part is none"
    decide(viewer=desk.admin, kind="block", key="win.example")
    decide(viewer=desk.admin, kind="block", key="worse.example", reject=True)
    assert desk.row(Ticket, desk.receive(a_mail("other@win.example")).ticket_id).spam_at is not None
    rejected = desk.receive(a_mail("a@worse.example"))
    assert (rejected.outcome, rejected.ticket_id) == ("rejected", None)
    assert "block list" in rejected.reason
    browser = desk.browser(desk.admin)
    assert "Let it in" in browser.get(f"/a/mail/{rejected.id}").get_data(as_text=True)
    browser.post(f"/a/mail/{rejected.id}/retry")
    run_all()
    assert desk.row(Ticket, desk.row(Inbound, rejected.id).ticket_id).spam_at is None
    decide(viewer=desk.admin, kind="allow", key="prize@win.example")
    assert desk.row(Ticket, desk.receive(flagged + a_mail("prize@win.example")).ticket_id).spam_at is None


def test_spam_comes_back_as_it_was_with_one_press(desk: Desk) -> None:
    ticket = desk.ticket()
    browser = desk.browser(desk.admin)
    browser.get("/a/tickets/1001")
    browser.post("/a/tickets/1001/spam", {"on": "1"})
    assert desk.ticket(1001).open is False
    assert "Parcel says delivered" not in browser.get("/a/queue?view=all").get_data(as_text=True)
    browser.get("/a/tickets/1001")
    stopped = browser.post("/a/tickets/1001/messages", {"kind": "reply", "body": "Hello", "sure": "1"})
    assert stopped.status_code == 409
    assert "marked as spam" in stopped.get_data(as_text=True)
    page = browser.get("/a/spam").get_data(as_text=True)
    assert "Marked by Joana Melo" in page
    back = browser.post("/a/spam/1001/no", {"about": "lena@example.de"})
    assert "about=lena" in back.headers["Location"]
    offered = browser.get(back.headers["Location"]).get_data(as_text=True)
    assert "Allow sender" in offered
    again = desk.ticket(1001)
    assert (again.state, again.open, again.queue_at) == (ticket.state, True, ticket.queue_at)
    assert "Not spam" not in browser.get("/a/tickets/1001").get_data(as_text=True)


@pytest.mark.parametrize("engine", ["sqlite"], indirect=True)
def test_a_newcomer_who_floods_is_set_aside_and_let_in_by_a_person(
    desk: Desk, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Mail rule 11; the first mails are tickets, nothing is lost."""
    monkeypatch.setattr("mail_ingest.settling.NEW_AN_HOUR", 3)
    for n in range(3):
        desk.ticket(subject=f"Mail {n}")
    more = desk.receive(a_mail(subject="One more"))
    assert (more.outcome, more.cause) == ("quarantined", "too_many_new")
    assert desk.ticket(sender="ann@example.com").number == 1004
    retry(inbound_id=more.id, by="Joana")
    from_then = desk.receive(a_mail("ann@example.com"))
    assert from_then.outcome == "new_ticket"
    assert desk.row(Inbound, more.id).outcome == "new_ticket"
