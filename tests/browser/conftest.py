"""Browser tests run on SQLite; the one journey that also runs on PostgreSQL asks for it by `engine`."""

import os
import sys
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from flask import Flask

from helpdesk.core.db import db
from helpdesk.settings import Settings
from helpdesk.worker import Worker
from tests.browser.live import LiveDesk, WebServer, WorkedDesk, artifacts
from tests.services import process
from tests.services.browser import PageFactory
from tests.services.smtp_sink import SmtpSink


@pytest.fixture
def engine(request: pytest.FixtureRequest) -> str:
    """SQLite unless the test says otherwise."""
    return str(getattr(request, "param", "sqlite"))


@pytest.fixture
def live(
    make_app: Callable[..., Flask],
    smtp_sink: SmtpSink,
    browser_page: PageFactory,
    tmp_path: Path,
    request: pytest.FixtureRequest,
) -> Iterator[LiveDesk]:
    """A desk with a running web server, worker and mail listener; pages start at its address."""
    port, smtp_port = process.free_port(), process.free_port()
    url = f"http://127.0.0.1:{port}"
    app = make_app(
        public_url=url,
        port=port,
        smtp_listen_port=smtp_port,
        smtp_host=smtp_sink.host,
        smtp_port=smtp_sink.port,
        smtp_security="none",
        form_limit="1000 per hour",
        sign_in_limit="1000 per hour",
    )
    app.testing = False
    settings: Settings = app.extensions["settings"]
    rung = _rq_worker(settings, tmp_path) if settings.redis_url else None
    browser_page.base_url = url
    with app.app_context():
        running = LiveDesk(
            desk=WorkedDesk.set_up(app),
            url=url,
            smtp_port=smtp_port,
            sink=smtp_sink,
            worker=Worker(app, settings),
            web=WebServer(app, port),
            pictures=artifacts(tmp_path, request.node.name),
        )
        running.start()
        try:
            yield running
        finally:
            browser_page.close()
            running.stop()
            if rung is not None:
                process.stop(rung)
            db.session.remove()


def _rq_worker(settings: Settings, folder: Path) -> "process.subprocess.Popen[bytes]":
    """Answer rings from Redis beside the worker, in a process of its own."""
    environment = os.environ | {
        f"HELPDESK_{name.upper()}": str(getattr(settings, name))
        for name in (
            "data",
            "database_url",
            "redis_url",
            "public_url",
            "smtp_host",
            "smtp_port",
            "smtp_security",
        )
    }
    command = [sys.executable, "-m", "helpdesk", "rq-worker"]
    return process.start(command, log=folder / "rq.log", environment=environment, folder=Path.cwd())
