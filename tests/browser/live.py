"""A desk that really runs: web server and worker in threads of this process, its mail in and out on real ports."""

from __future__ import annotations

import asyncio
import os
import re
import smtplib
import threading
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path

import uvicorn
from a2wsgi import WSGIMiddleware
from flask import Flask
from playwright.sync_api import Page, Request, Response

from helpdesk.core.web.sessions import COOKIE
from helpdesk.people.commands import start_session
from helpdesk.people.rights import Viewer
from helpdesk.worker import Worker
from tests.making import Desk
from tests.services.process import until
from tests.services.smtp_sink import SmtpSink, SunkMail

ARTIFACTS = os.environ.get("HELPDESK_TEST_ARTIFACTS")


class WebServer:
    """The server of `helpdesk web` around one application, on a port of its own."""

    def __init__(self, app: Flask, port: int) -> None:
        self._server = uvicorn.Server(
            uvicorn.Config(
                WSGIMiddleware(app, workers=8),  # type: ignore[arg-type] # two spellings of one WSGI type
                host="127.0.0.1",
                port=port,
                log_level="error",
                access_log=False,
                lifespan="off",
                timeout_graceful_shutdown=2,
            )
        )
        self._thread = threading.Thread(target=self._run, name="web", daemon=True)

    def _run(self) -> None:
        with asyncio.Runner() as runner:
            runner.run(self._server.serve())

    def start(self) -> None:
        """Begin to answer."""
        self._thread.start()
        until(lambda: self._server.started, what="the web server")

    def stop(self) -> None:
        """Answer what is under way, then end."""
        self._server.should_exit = True
        self._thread.join(10)


@dataclass
class LiveDesk:
    """A running desk, its addresses, and what left it by mail."""

    desk: Desk
    url: str
    smtp_port: int
    sink: SmtpSink
    worker: Worker
    web: WebServer
    pictures: Path
    _shots: int = 0
    _thread: threading.Thread | None = field(default=None, repr=False)

    def start(self) -> None:
        """Open the doors."""
        self.web.start()
        self._thread = threading.Thread(target=self.worker.run, name="worker", daemon=True)
        self._thread.start()
        until(self._takes_mail, what="the mail listener")

    def stop(self) -> None:
        """Close them."""
        self.web.stop()
        self.worker.stop()
        if self._thread is not None:
            self._thread.join(10)

    def send(self, raw: bytes, to: str, sender: str = "lena@example.de") -> None:
        """Hand in a mail by SMTP, as the customer's mail server does."""
        with smtplib.SMTP("127.0.0.1", self.smtp_port, local_hostname="mail.example", timeout=10) as server:
            assert server.sendmail(sender, [to], raw) == {}

    def sent(self, subject: str, to: str = "lena@example.de", n: int = 1) -> list[SunkMail]:
        """Wait for `n` mails to somebody whose subject holds these words."""

        def found() -> list[SunkMail]:
            return [m for m in self.sink.to(to) if subject in str(m.message["Subject"])]

        until(lambda: len(found()) >= n, 10, what=f"{n} mails {subject!r} to {to}")
        return found()

    def sign_in(self, page: Page, viewer: Viewer) -> None:
        """Give the browser the cookie of a session of `viewer`."""
        secret = start_session(agent_id=viewer.id, network="127.0.0.1", browser="test")
        page.context.add_cookies([{"name": COOKIE, "value": secret, "url": self.url, "httpOnly": True}])

    def shot(self, page: Page, name: str) -> None:
        """Keep a picture of the page for people to look at."""
        self._shots += 1
        self.pictures.mkdir(parents=True, exist_ok=True)
        page.screenshot(path=self.pictures / f"{self._shots:02}-{name}.png")

    def _takes_mail(self) -> bool:
        try:
            with smtplib.SMTP("127.0.0.1", self.smtp_port, timeout=2):
                return True
        except OSError:
            return False


class Watch:
    """Everything a page asked for and complained about, from now on."""

    def __init__(self, page: Page, home: str) -> None:
        self._home = home
        self.responses: list[Response] = []
        self.foreign: list[str] = []
        self.complaints: list[str] = []
        page.on("request", lambda request: self._asked(request))
        page.on("response", lambda response: self.responses.append(response))
        page.on("pageerror", lambda error: self.complaints.append(f"script: {error}"))
        page.on("console", lambda message: self._said(message))
        page.on("requestfailed", lambda r: self.complaints.append(f"failed: {r.url} {r.failure}"))

    def _asked(self, request: Request) -> None:
        if not request.url.startswith((self._home, "data:", "blob:")):
            self.foreign.append(request.url)

    def _said(self, message: object) -> None:
        kind, text = getattr(message, "type", ""), getattr(message, "text", "")
        if kind in {"error", "warning"}:
            self.complaints.append(f"{kind}: {text}")

    def bytes_on_the_wire(self) -> int:
        """Bodies and headers of all answers as they were transferred."""
        total = 0
        for response in self.responses:
            sizes = response.request.sizes()
            total += sizes["responseBodySize"] + sizes["responseHeadersSize"]
        return total

    def assert_quiet(self, expected: Callable[[str], bool] = lambda _line: False) -> None:
        """Fail on anything foreign, and on complaints other than the expected ones."""
        assert self.foreign == [], f"asked others: {self.foreign}"
        loud = [line for line in self.complaints if not expected(line)]
        assert loud == [], "\n".join(loud)


def artifacts(tmp_path: Path, name: str) -> Path:
    """Where pictures go: `$HELPDESK_TEST_ARTIFACTS` when it was set, else the test's own folder."""
    return (Path(ARTIFACTS) if ARTIFACTS else tmp_path) / re.sub(r"[^A-Za-z0-9]+", "-", name).strip("-")
