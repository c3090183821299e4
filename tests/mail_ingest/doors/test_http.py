"""Mail handed over by HTTP: the token opens, the mail is durable before the answer, twice is once."""

from collections.abc import Callable, Iterator

import pytest
from flask import Flask

from helpdesk.core.jobs.runner import run_all
from helpdesk.tickets.model import Ticket
from mail_ingest.model import Inbound
from tests.making import SUPPORT, Desk, a_mail

TOKEN = {"Authorization": "Bearer let-me-in", "Content-Type": "message/rfc822"}


@pytest.fixture
def desk(make_app: Callable[..., Flask]) -> Iterator[Desk]:
    app = make_app(ingress_token="let-me-in")
    with app.app_context():
        yield Desk.set_up(app)


def test_a_mail_handed_over_twice_is_one_ticket(desk: Desk) -> None:
    raw = a_mail(subject="By HTTP").replace(b"Message-ID:", b"X-Was:")
    machine = desk.app.test_client()
    for _ in range(2):
        answer = machine.post(f"/mail/in?to={SUPPORT}&from=a@b.example", data=raw, headers=TOKEN)
        assert answer.status_code == 201
        assert answer.json is not None
        assert answer.json["id"] > 0
    kept = desk.rows(Inbound)
    assert [(m.source, m.state) for m in kept] == [("http", "stored")] * 2
    run_all()
    assert [t.subject for t in desk.rows(Ticket)] == ["By HTTP"]


@pytest.mark.parametrize(
    ("path", "headers", "body", "status"),
    [
        (f"/mail/in?to={SUPPORT}", {}, b"x", 403),
        (f"/mail/in?to={SUPPORT}", {"Authorization": "Bearer guess"}, b"x", 403),
        ("/mail/in?to=nobody@shop.example", TOKEN, b"x", 422),
        (f"/mail/in?to={SUPPORT}", TOKEN, b"", 422),
    ],
)
def test_what_is_refused_is_told_as_problem_json_and_keeps_nothing(
    desk: Desk, path: str, headers: dict[str, str], body: bytes, status: int
) -> None:
    answer = desk.app.test_client().post(path, data=body, headers=headers | {"Accept": "application/json"})
    assert answer.status_code == status
    assert answer.content_type == "application/problem+json"
    assert desk.rows(Inbound) == []
