"""A desk that really runs: web server and worker in threads of this process, mail on real ports."""

from __future__ import annotations

import asyncio
import os
import re
import smtplib
import struct
import threading
import zlib
from collections.abc import Callable, Sequence
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
from mail_ingest.model import Inbound
from mail_ingest.store import accept
from tests.making import SUPPORT, Desk
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


class WorkedDesk(Desk):
    """A desk whose mail is read by the running worker, not by the test."""

    def receive(
        self, raw: bytes, *, to: Sequence[str] = (SUPPORT,), envelope_from: str | None = None
    ) -> Inbound:
        """Let a mail come in; return its row once it has its outcome."""
        inbound_id = accept(
            raw,
            source="smtp",
            mailbox_id=self.mailbox_id,
            envelope_from=envelope_from,
            envelope_to=list(to),
        )
        until(lambda: self.row(Inbound, inbound_id).outcome, what=f"the outcome of mail {inbound_id}")
        return self.row(Inbound, inbound_id)


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
        """Keep a picture of the page, when somebody wants to look at them."""
        if not ARTIFACTS:
            return
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
        page.on("request", self._asked)
        page.on("response", self._answered)
        page.on("pageerror", lambda error: self.complaints.append(f"script: {error}"))
        page.on("console", self._said)
        page.on("requestfailed", self._failed)

    def _answered(self, response: Response) -> None:
        self.responses.append(response)

    def _asked(self, request: Request) -> None:
        if not request.url.startswith((self._home, "data:", "blob:")):
            self.foreign.append(request.url)

    def _failed(self, request: Request) -> None:
        # What the browser itself gave up because the page was left says nothing about the desk.
        if "ERR_ABORTED" not in (request.failure or ""):
            self.complaints.append(f"failed: {request.url} {request.failure}")

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


def small_picture() -> bytes:
    """A small picture."""

    def chunk(kind: bytes, data: bytes) -> bytes:
        return struct.pack(">I", len(data)) + kind + data + struct.pack(">I", zlib.crc32(kind + data))

    lines = b"".join(b"\0" + b"\xb8\x86\x3b" * 40 for _ in range(30))
    head = chunk(b"IHDR", struct.pack(">IIBBBBB", 40, 30, 8, 2, 0, 0, 0))
    return b"\x89PNG\r\n\x1a\n" + head + chunk(b"IDAT", zlib.compress(lines)) + chunk(b"IEND", b"")
