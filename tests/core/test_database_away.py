"""When the database is away, people read a page that says so, not a stack of nothing."""

import pytest
import sqlalchemy as sa
from sqlalchemy.orm import Session

from tests.making import Desk


@pytest.mark.parametrize("engine", ["sqlite"], indirect=True)
def test_pages_say_so_and_ask_to_come_back(desk: Desk, monkeypatch: pytest.MonkeyPatch) -> None:
    agent = desk.browser(desk.admin)

    def away(*_args: object, **_more: object) -> None:
        raise sa.exc.OperationalError("SELECT 1", {}, Exception("server closed the connection"))

    monkeypatch.setattr(Session, "execute", away)
    monkeypatch.setattr(Session, "scalar", away)
    for url in ("/a/queue", "/sign-in", "/contact"):
        answer = agent.get(url)
        assert answer.status_code == 503
        assert answer.headers["Retry-After"] == "10"
        assert "The database does not answer right now" in answer.get_data(as_text=True)
        assert "server closed" not in answer.get_data(as_text=True)
        assert "default-src 'none'" in answer.headers["Content-Security-Policy"]
    assert agent.get("/healthz").status_code == 200
    assert agent.get("/readyz").status_code == 503
