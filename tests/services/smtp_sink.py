"""The world's mail servers in one: takes what we send, keeps envelope and bytes, refuses on demand.

Recipients that begin with `reject` get 550, with `defer` 451. `on_recipient` and `on_data` script the rest.
"""

from __future__ import annotations

import asyncio
import threading
from collections.abc import Callable
from dataclasses import dataclass
from email import message_from_bytes, policy
from email.message import EmailMessage
from types import TracebackType
from typing import Self, cast

from aiosmtpd.smtp import SMTP, Envelope, Session

from tests.services.process import ServiceError, until

HOST = "127.0.0.1"
_BANNER = "sink.example"


@dataclass(frozen=True)
class SunkMail:
    """One mail that was taken with 250.

    Attributes:
        sender: envelope sender, empty for bounces.
        recipients: envelope recipients of this one transaction.
        data: the bytes on the wire, without the final dot.
    """

    sender: str
    recipients: tuple[str, ...]
    data: bytes

    @property
    def message(self) -> EmailMessage:
        """The parsed mail."""
        return message_from_bytes(self.data, policy=policy.default)

    @property
    def text(self) -> str:
        """The plain text body."""
        part = self.message.get_body(("plain",))
        return "" if part is None else str(part.get_content())


class SmtpSink:
    """A mail server on a free port of 127.0.0.1 that delivers to nobody.

    Attributes:
        mails: what was taken, in order.
        refused: recipients that were refused, with the answer they got.
        on_recipient: asked with each recipient first; an answer such as "450 later" is given instead of 250.
        on_data: asked with each complete mail before it is kept; an answer is given instead of 250. It may
            also raise: the connection then breaks off after the data, before any answer.
    """

    def __init__(self) -> None:
        self.mails: list[SunkMail] = []
        self.refused: list[tuple[str, str]] = []
        self.on_recipient: Callable[[str], str | None] | None = None
        self.on_data: Callable[[SunkMail], str | None] | None = None
        self.host = HOST
        self.port = 0
        self._loop: asyncio.AbstractEventLoop | None = None
        self._thread: threading.Thread | None = None
        self._server: asyncio.Server | None = None
        self._sessions: set[_Connection] = set()

    def start(self) -> Self:
        """Listen: on a free port the first time, on the same one after `stop`."""
        loop = self._loop = asyncio.new_event_loop()
        self._thread = threading.Thread(target=loop.run_forever, name="smtp-sink", daemon=True)
        self._thread.start()
        opening = loop.create_server(lambda: _Connection(self, loop), HOST, self.port, reuse_address=True)
        self._server = asyncio.run_coroutine_threadsafe(opening, loop).result(10)
        self.port = self._server.sockets[0].getsockname()[1]
        return self

    def stop(self) -> None:
        """Hang up on everybody; what was taken stays readable, and `start` opens the same port again."""
        if self._loop is None or self._thread is None or self._server is None:
            return
        asyncio.run_coroutine_threadsafe(self._hang_up(self._server), self._loop).result(10)
        self._loop.call_soon_threadsafe(self._loop.stop)
        self._thread.join(10)
        self._loop.close()
        self._loop = self._thread = self._server = None

    def clear(self) -> None:
        """Forget what was taken and refused."""
        self.mails.clear()
        self.refused.clear()

    def wait_for(self, n: int = 1, timeout: float = 10.0, *, to: str | None = None) -> list[SunkMail]:
        """The mails (to one recipient), once there are at least `n` of them.

        Raises:
            ServiceError: there are fewer after `timeout` seconds; the message says which ones came.
        """
        try:
            until(lambda: len(self.to(to)) >= n, timeout, what=f"{n} mails")
        except TimeoutError as error:
            came = [(mail.recipients, mail.message["Subject"]) for mail in self.mails]
            wanted = f"{n} mails to {to or 'anybody'}"
            msg = f"waited {timeout:g} s for {wanted}; came: {came}, refused: {self.refused}"
            raise ServiceError(msg) from error
        return self.to(to)

    def to(self, address: str | None) -> list[SunkMail]:
        """The mails to one envelope recipient, or all."""
        return [mail for mail in list(self.mails) if address is None or address in mail.recipients]

    async def _hang_up(self, server: asyncio.Server) -> None:
        server.close()
        for session in list(self._sessions):
            session.hang_up()
        await server.wait_closed()
        mine = asyncio.current_task()
        pending = [task for task in asyncio.all_tasks() if task is not mine]
        for task in pending:
            task.cancel()
        await asyncio.gather(*pending, return_exceptions=True)

    def __enter__(self) -> Self:
        return self.start()

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.stop()


class _Connection(SMTP):
    """One session of aiosmtpd, known to its sink so that the sink can hang up."""

    def __init__(self, sink: SmtpSink, loop: asyncio.AbstractEventLoop) -> None:
        super().__init__(_Handler(sink, self), hostname=_BANNER, loop=loop, enable_SMTPUTF8=True)
        self._sink = sink

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        self._sink._sessions.add(self)
        super().connection_made(transport)

    def connection_lost(self, error: Exception | None) -> None:
        self._sink._sessions.discard(self)
        super().connection_lost(error)

    def hang_up(self) -> None:
        """Break the connection off without a word."""
        if self.transport is not None:
            cast("asyncio.Transport", self.transport).abort()


class _Handler:
    """The answers."""

    def __init__(self, sink: SmtpSink, connection: _Connection) -> None:
        self.sink = sink
        self.connection = connection

    async def handle_RCPT(  # noqa: N802 - the name aiosmtpd calls
        self, server: SMTP, session: Session, envelope: Envelope, address: str, options: list[str]
    ) -> str:
        answer = self.sink.on_recipient(address) if self.sink.on_recipient else None
        if answer is None and address.startswith("reject"):
            answer = "550 5.1.1 no such user here"
        if answer is None and address.startswith("defer"):
            answer = "451 4.7.1 greylisted, come again"
        if answer is not None and not answer.startswith("2"):
            self.sink.refused.append((address, answer))
            return answer
        envelope.rcpt_tos.append(address)
        envelope.rcpt_options.extend(options)
        return answer or "250 OK"

    async def handle_DATA(  # noqa: N802 - the name aiosmtpd calls
        self, server: SMTP, session: Session, envelope: Envelope
    ) -> str:
        data = envelope.original_content or b""
        mail = SunkMail(envelope.mail_from or "", tuple(envelope.rcpt_tos), data)
        try:
            answer = self.sink.on_data(mail) if self.sink.on_data else None
        except Exception:  # noqa: BLE001 - whatever the test raises means: break off here
            self.connection.hang_up()
            return "421 4.3.0 broken off"
        if answer is None or answer.startswith("2"):
            self.sink.mails.append(mail)
        return answer or "250 OK"
