"""Who looks and who writes in the same ticket; others read a draft while its writer is there (L12)."""

from datetime import timedelta

from helpdesk.core import clock
from helpdesk.core.clock import now
from helpdesk.people.rights import Role, Scope, Viewer
from helpdesk.presence.commands import be_at
from helpdesk.presence.model import Presence
from helpdesk.tickets.commands.desk import save_draft
from helpdesk.tickets.model import Draft
from tests.making import Browser, Desk


def _be(browser: Browser, what: str, number: int = 1001) -> int:
    browser.get("/a/notifications")
    return browser.post(f"/a/tickets/{number}/presence", {"is": what}).status_code


def _was(viewer: Viewer, *, seconds_ago: int) -> None:
    """The page of `viewer` spoke last some time ago."""
    with clock.at(now() - timedelta(seconds=seconds_ago)):
        be_at(viewer=viewer, number=1001, writing=False)


def test_the_others_see_who_looks_and_who_writes_until_they_go(desk: Desk) -> None:
    desk.ticket()
    mara = desk.agent("Mara Lindt")
    hers, ours = desk.browser(mara), desk.browser(desk.admin)
    assert "Mara Lindt is" not in ours.get("/a/tickets/1001").get_data(as_text=True)
    tag = ours.get("/a/tickets/1001/thread").headers["ETag"]
    assert ours.get("/a/tickets/1001/thread", headers={"If-None-Match": tag}).status_code == 304

    for what, words in (("looking", "Mara Lindt is looking"), ("writing", "Mara Lindt is writing")):
        assert _be(hers, what) == 204
        answered = ours.get("/a/tickets/1001/thread", headers={"If-None-Match": tag})
        assert (answered.status_code, words in answered.get_data(as_text=True)) == (200, True)
        tag = answered.headers["ETag"]
        assert _be(hers, what) == 204
        assert ours.get("/a/tickets/1001/thread", headers={"If-None-Match": tag}).status_code == 304
    assert "Mara Lindt is" not in hers.get("/a/tickets/1001").get_data(as_text=True), "not told to herself"

    _was(mara, seconds_ago=41)
    assert "Mara Lindt is" not in ours.get("/a/tickets/1001/thread").get_data(as_text=True)
    _was(mara, seconds_ago=39)
    assert "Mara Lindt is" in ours.get("/a/tickets/1001/thread").get_data(as_text=True)
    assert _be(hers, "gone") == 204
    assert "Mara Lindt is" not in ours.get("/a/tickets/1001/thread").get_data(as_text=True)


def test_a_draft_is_read_by_others_only_while_its_writer_is_there_and_never_touched(desk: Desk) -> None:
    desk.ticket()
    mara = desk.agent("Mara Lindt")
    hers, ours = desk.browser(mara), desk.browser(desk.admin)
    elsewhere = desk.browser(desk.agent("Tom Retour", Role.AGENT, Scope.TEAMS, (desk.returns,)))
    save_draft(viewer=mara, number=1001, kind="reply", body="Dear Lena,\n<b>we</b>")
    url = f"/a/tickets/1001/drafts/{mara.id}"
    assert ours.get(url).status_code == 404, "she is not there: the draft is her own"
    _be(hers, "writing")
    assert url in ours.get("/a/tickets/1001").get_data(as_text=True)
    before = desk.all(Draft)[0].updated_at
    page = ours.get(url).get_data(as_text=True)
    assert "Dear Lena,\n&lt;b&gt;we&lt;/b&gt;" in page
    assert "<textarea" not in page
    assert elsewhere.get(url).status_code == 404
    assert desk.all(Draft)[0].updated_at == before
    _was(mara, seconds_ago=41)
    assert ours.get(url).status_code == 404


def test_only_who_sees_a_ticket_can_be_there_and_old_places_are_forgotten(desk: Desk) -> None:
    desk.ticket()
    desk.ticket(sender="noor@example.com")
    elsewhere = desk.agent("Tom Retour", Role.AGENT, Scope.TEAMS, (desk.returns,))
    assert _be(desk.browser(elsewhere), "looking") == 404
    assert desk.all(Presence) == []
    _was(desk.admin, seconds_ago=300)
    _be(desk.browser(desk.admin), "looking", 1002)
    assert len(desk.all(Presence)) == 1
