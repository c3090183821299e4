"""Who is in copy: put there by an agent, taken out again; and the subject the team reads (L11)."""

import pytest

from helpdesk.core.errors import InvalidError, NotFoundError
from helpdesk.tickets.commands import participants, writing
from helpdesk.tickets.content import Content
from helpdesk.tickets.queries.replaying import differences
from tests.making import SUPPORT, Desk, a_mail


def _reply(desk: Desk, text: str) -> None:
    writing.answer(viewer=desk.admin, number=1001, kind="reply", content=Content(text))


def _to(desk: Desk) -> list[str]:
    last = desk.outgoing("reply")[-1]
    return sorted(d.recipient for d in desk.deliveries(mail_id=last.id))


def test_who_is_put_in_copy_gets_replies_answers_and_is_gone_when_taken_out(desk: Desk) -> None:
    ticket = desk.ticket()
    participants.add_cc(viewer=desk.admin, number=1001, email=" Tim@Example.de ")
    _reply(desk, "First.")
    assert _to(desk) == ["Tim@Example.de", "lena@example.de"]
    said = desk.receive(a_mail("tim@example.de", In_Reply_To=desk.outgoing("reply")[0].message_id))
    assert desk.messages(ticket)[-1].kind == "customer", said.reason
    link = next(d.link for d in desk.deliveries() if d.recipient == "Tim@Example.de")
    assert desk.browser().get(f"/r/{link}").status_code == 200

    tim = desk.messages(ticket)[-1].author_id
    participants.remove_cc(viewer=desk.admin, number=1001, contact_id=tim)
    _reply(desk, "Second.")
    assert _to(desk) == ["lena@example.de"]
    assert desk.browser().get(f"/r/{link}").status_code == 404
    desk.receive(a_mail("tim@example.de", text="Still me.", In_Reply_To=desk.outgoing("reply")[0].message_id))
    assert desk.messages(ticket)[-1].kind == "held"
    assert len(desk.deliveries()) == 4, "what was sent stays told"

    participants.add_cc(viewer=desk.admin, number=1001, email="tim@example.de")
    _reply(desk, "Third.")
    assert _to(desk) == ["Tim@Example.de", "lena@example.de"]
    assert desk.browser().get(f"/r/{link}").status_code == 404, "an old link stays dead"
    assert differences()[1] == []


def test_who_cannot_be_in_copy(desk: Desk) -> None:
    desk.ticket()
    mara = desk.agent("Mara X")
    for email in ("", "nobody", SUPPORT, f"support+x@{SUPPORT.partition('@')[2]}", mara.email):
        with pytest.raises(InvalidError):
            participants.add_cc(viewer=desk.admin, number=1001, email=email)
    requester = desk.ticket(1001).requester_id
    with pytest.raises(NotFoundError):
        participants.remove_cc(viewer=desk.admin, number=1001, contact_id=requester)


def test_the_subject_changes_for_the_team_and_mails_keep_theirs(desk: Desk) -> None:
    desk.ticket(subject="help!!")
    _reply(desk, "First.")
    browser = desk.browser(desk.admin)
    browser.get("/a/tickets/1001")
    assert browser.post("/a/tickets/1001/subject", {"subject": "Parcel 45773 lost"}).status_code == 302
    assert "Parcel 45773 lost" in browser.get("/a/tickets/1001").get_data(as_text=True)
    _reply(desk, "Second.")
    assert {m.subject for m in desk.outgoing("reply")} == {"Re: help!!"}
