"""SMTP and LMTP in: says 250 only when the raw mail is durable, and takes mail for our own addresses only."""

import asyncio
from collections.abc import Callable
from functools import partial
from typing import Any

import structlog
from aiosmtpd.controller import Controller
from aiosmtpd.lmtp import LMTP
from aiosmtpd.smtp import SMTP, Envelope, Session
from flask import Flask

from helpdesk.core.keys import ring
from helpdesk.mailboxes.addressing import read_agent_address, read_reply_address, read_return_path
from helpdesk.mailboxes.queries import mailbox_receiving
from helpdesk.settings import Settings
from mail_ingest.store import Source, accept

log = structlog.get_logger(__name__)

RCPT_CAP = 100


class LongLines(SMTP):
    """SMTP as real mail needs it: lines of any length (contracts 20)."""

    line_length_limit = 1 << 20


class LongLinesLmtp(LMTP):
    """LMTP, likewise."""

    line_length_limit = 1 << 20


class Door:
    """Takes mail for mailboxes, reply addresses and return paths; refuses everything else."""

    def __init__(self, app: Flask, source: Source) -> None:
        self._app = app
        self._source: Source = source

    async def handle_RCPT(  # noqa: N802 - aiosmtpd names it
        self, _server: SMTP, _session: Session, envelope: Envelope, address: str, options: list[str]
    ) -> str:
        """Answer whether this address is ours."""
        if len(envelope.rcpt_tos) >= RCPT_CAP:
            return "452 4.5.3 Too many recipients"
        try:
            known = await _in_thread(partial(self._mailbox_id, address))
        except Exception:
            log.exception("listener.rcpt_failed")
            return "451 4.3.0 Try again later"
        if known is None:
            return "550 5.1.1 No such address here"
        envelope.rcpt_tos.append(address)
        envelope.rcpt_options.extend(options)
        return "250 2.1.5 OK"

    async def handle_DATA(self, _server: SMTP, _session: Session, envelope: Envelope) -> str:  # noqa: N802 - aiosmtpd names it
        """Keep the mail, then say so."""
        content = envelope.original_content or b""
        try:
            ids = await _in_thread(partial(self._keep, content, envelope.mail_from, list(envelope.rcpt_tos)))
        except Exception:
            log.exception("listener.store_failed")
            return "451 4.3.0 Not stored, try again later"
        log.info("mail.accepted", inbound=ids, size=len(content), source=self._source)
        return f"250 2.0.0 Kept as {ids[0]}"

    def _mailbox_id(self, address: str) -> int | None:
        with self._app.app_context():
            box = mailbox_receiving(address)
            if box is None:
                return None
            local = address.rpartition("@")[0]
            detail = local.partition("+")[2]
            if detail[:2].lower() in {"t.", "a.", "b."}:
                token = read_reply_address(ring(), address) or read_agent_address(ring(), address)
                return box.id if token or read_return_path(ring(), address) is not None else None
            return box.id

    def _keep(self, content: bytes, sender: str | None, recipients: list[str]) -> list[int]:
        by_box: dict[int, list[str]] = {}
        for address in recipients:
            box = self._mailbox_id(address)
            if box is not None:
                by_box.setdefault(box, []).append(address)
        with self._app.app_context():
            return [
                accept(
                    content,
                    source=self._source,
                    mailbox_id=box,
                    envelope_from="" if sender in {None, "<>"} else sender,
                    envelope_to=addresses,
                )
                for box, addresses in by_box.items()
            ]


async def _in_thread(work: Callable[[], Any]) -> Any:
    return await asyncio.get_running_loop().run_in_executor(None, work)


class Listener(Controller):
    """The listener on one port, in a thread of its own."""

    def __init__(self, app: Flask, settings: Settings, port: int, *, lmtp: bool = False) -> None:
        self._lmtp = lmtp
        self._max_bytes = settings.mail_max_bytes
        super().__init__(
            Door(app, "lmtp" if lmtp else "smtp"),
            hostname=settings.mail_listen_host,
            port=port,
            ready_timeout=10,
        )

    def factory(self) -> SMTP:
        """Return a server for one connection."""
        kind = LongLinesLmtp if self._lmtp else LongLines
        return kind(
            self.handler,
            data_size_limit=self._max_bytes,
            enable_SMTPUTF8=True,
            ident="helpdesk",
            hostname=self.hostname,
        )


def listeners(app: Flask, settings: Settings) -> list[Listener]:
    """Return the listeners the settings ask for, not started."""
    found = []
    if settings.smtp_listen_port:
        found.append(Listener(app, settings, settings.smtp_listen_port))
    if settings.lmtp_listen_port:
        found.append(Listener(app, settings, settings.lmtp_listen_port, lmtp=True))
    return found
