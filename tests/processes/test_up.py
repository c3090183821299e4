"""`helpdesk up`: one command, two processes that are watched, one clean end."""

from __future__ import annotations

import contextlib
import http.client
import json
import os
import re
import signal
import socket
from collections.abc import Callable, Iterator
from http.client import HTTPResponse
from pathlib import Path
from urllib.parse import urlencode

import psutil
import pytest

from helpdesk.settings import Settings
from tests.making import a_mail
from tests.processes.installation import Installation, answers, family, hand_in, installation
from tests.services import process
from tests.services.process import until

pytestmark = pytest.mark.services


@pytest.fixture
def fresh(tmp_path: Path) -> Iterator[Installation]:
    """An empty data folder and free ports: what somebody has who just unpacked us."""
    settings = Settings(
        data=tmp_path / "data",
        port=process.free_port(),
        smtp_listen_port=process.free_port(),
        log_level="info",
    )
    with installation(settings, tmp_path) as made:
        yield made


def test_the_demo_from_first_start_to_the_end(fresh: Installation) -> None:
    settings = fresh.settings
    up = fresh.start("up", "--demo")
    _ready(settings, 60)
    said = fresh.log.read_text()
    assert f"http://localhost:{settings.port}/a/queue" in said
    assert f"http://localhost:{settings.port}/contact" in said
    assert f"smtp://127.0.0.1:{settings.smtp_listen_port}" in said
    found = re.search(r"(\S+@\S+)\s+password\s+(\S+)\s+\(administrator\)", said)
    assert found is not None
    email, password = found.groups()

    assert _get(settings, "/healthz")[0] == 200
    status, body = _get(settings, "/readyz")
    assert status == 200
    assert json.loads(body)["status"] == "ready"
    cookie = _sign_in(settings, email, password)
    assert "All tickets" in _get(settings, "/a/queue?view=all", cookie)[1]
    assert _sign_in(settings, email, "wrong password") == ""
    tickets = fresh.rows("SELECT count(*) FROM tickets")[0][0]
    assert tickets > 100

    _killed_processes_come_back(fresh, up.pid)
    assert hand_in(settings.smtp_listen_port, a_mail(subject="After all that"), ["support@tidemark.example"])
    newest = "SELECT count(*) FROM tickets WHERE subject = 'After all that'"
    until(lambda: fresh.rows(newest)[0][0] == 1, 10, what="the ticket of the new mail")

    children = family(up.pid)
    up.send_signal(signal.SIGINT)
    assert up.wait(15) == 0
    assert psutil.wait_procs(children, timeout=2)[1] == []
    assert "Traceback" not in fresh.log.read_text()

    fresh.log.write_text("")
    again = fresh.start("up", "--demo")
    _ready(settings, 30)
    assert found[0] in fresh.log.read_text(), "the same password"
    assert fresh.rows("SELECT count(*) FROM tickets")[0][0] == tickets + 1
    assert "All tickets" in _get(settings, "/a/queue?view=all", cookie)[1], "sessions outlive a restart"
    again.send_signal(signal.SIGTERM)
    assert again.wait(15) == 0


def test_nothing_is_left_when_the_supervisor_is_killed(fresh: Installation) -> None:
    up = fresh.start("up")
    _ready(fresh.settings, 30)
    children = family(up.pid)
    assert len(_verbs(up.pid)) == 2
    up.kill()
    up.wait(10)
    assert psutil.wait_procs(children, timeout=15)[1] == []
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", fresh.settings.port))


def test_a_taken_port_is_named(fresh: Installation) -> None:
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = taken.getsockname()[1]
        said = fresh.run("up", smtp_listen_port=port)
    assert said.returncode == 1
    assert f"Port {port} on 127.0.0.1 is taken" in said.stderr
    assert "Traceback" not in said.stderr


def test_web_and_worker_with_redis(desk_settings: Callable[..., Settings], tmp_path: Path) -> None:
    settings = desk_settings(port=process.free_port(), smtp_listen_port=process.free_port())
    with installation(settings, tmp_path) as made:
        up = made.start("up")
        _ready(settings, 30)
        verbs = _verbs(up.pid)
        assert set(verbs) == ({"web", "worker", "rq-worker"} if settings.redis_url else {"web", "worker"})
        up.send_signal(signal.SIGINT)
        assert up.wait(8) == 0


@pytest.fixture
def engine(request: pytest.FixtureRequest) -> str:
    """PostgreSQL with Redis: the other arrangement."""
    return "postgresql"


def _killed_processes_come_back(fresh: Installation, up: int) -> None:
    for verb in ("web", "worker"):
        before = _verbs(up)[verb]
        os.kill(before, signal.SIGKILL)
        until(lambda: _verbs(up).get(verb, before) != before, 15, what=f"another {verb}")  # noqa: B023 - at once
    _ready(fresh.settings, 20)


def _verbs(up: int) -> dict[str, int]:
    """The processes the supervisor watches, by what they do."""
    found = {}
    for child in psutil.Process(up).children():
        with contextlib.suppress(psutil.NoSuchProcess):  # it died, and nobody has looked yet
            words = child.cmdline()
            if "helpdesk" in words:
                found[words[-1]] = child.pid
    return found


def _ready(settings: Settings, timeout: float) -> None:
    def both() -> bool:
        try:
            return _get(settings, "/healthz")[0] == 200 and answers(settings.smtp_listen_port)
        except OSError:
            return False

    until(both, timeout, what="the web server and the mail listener", step=0.1)


def _get(settings: Settings, path: str, cookie: str = "") -> tuple[int, str]:
    response, body = _ask(settings, "GET", path, {"Cookie": cookie} if cookie else {})
    return response.status, body


def _sign_in(settings: Settings, email: str, password: str) -> str:
    page = _get(settings, "/sign-in")[1]
    token = re.search(r'name="form_token" value="([^"]+)"', page)
    assert token is not None
    form = urlencode({"email": email, "password": password, "form_token": token[1]})
    kind = {"Content-Type": "application/x-www-form-urlencoded"}
    response, _body = _ask(settings, "POST", "/sign-in", kind, form)
    return str(response.getheader("Set-Cookie") or "").split(";")[0]


def _ask(
    settings: Settings, method: str, path: str, headers: dict[str, str], body: str | None = None
) -> tuple[HTTPResponse, str]:
    connection = http.client.HTTPConnection("127.0.0.1", settings.port, timeout=10)
    try:
        connection.request(method, path, body, headers)
        response = connection.getresponse()
        return response, response.read().decode()
    finally:
        connection.close()
