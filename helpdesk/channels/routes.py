"""Which server a mailbox's mail goes through, and handing it over: for sending, tests and the doctor."""

from datetime import datetime, timedelta

from flask import current_app

from helpdesk.channels.signing import signed
from helpdesk.channels.transport import Route, ServerTroubleError, desk_route, hand_over
from helpdesk.core.clock import now
from helpdesk.core.db import db
from helpdesk.core.errors import HelpdeskError, PermanentError, TemporaryError
from helpdesk.core.running import settings
from helpdesk.mailboxes.commands import server_answered, server_failed
from helpdesk.mailboxes.fetching import ALARM_AFTER
from helpdesk.mailboxes.jobs import access_token
from helpdesk.mailboxes.outgoing import ServerCard
from helpdesk.mailboxes.queries import signing_key, smtp_server

LONGEST_S = 300
"""The longest the desk's own server is left alone after failures, in seconds."""


class NoRouteError(TemporaryError):
    """No outgoing server is set, neither for the mailbox nor for the desk."""


def send_for(mailbox_id: int, sender: str, recipient: str, raw: bytes) -> str:
    """Hand a mail of a mailbox to its outgoing server, signed where it signs; return the server's answer.

    Raises:
        NoRouteError: there is no server.
        ServerTroubleError, UnansweredError, TemporaryError, PermanentError: as `transport.hand_over` says.
    """
    server = smtp_server(mailbox_id)
    key = signing_key(mailbox_id)
    db.session.rollback()  # hold no snapshot while the network is slow
    if key is not None and key.signing:
        raw = signed(raw, domain=key.domain, selector=key.selector, private=key.private)
    try:
        route = _route(mailbox_id, server)
        answer = hand_over(route, sender, recipient, raw)
    except ServerTroubleError as error:
        if server is not None:
            server_failed(mailbox_id=mailbox_id, error=str(error))
        else:
            _desk_server().failed(str(error), now())
        raise
    except (TemporaryError, PermanentError):
        if server is not None:
            server_answered(mailbox_id=mailbox_id)
        else:
            _desk_server().answered()
        raise
    if server is None:
        _desk_server().answered()
    elif server.state != "ok":
        server_answered(mailbox_id=mailbox_id)
    return answer


class _DeskServer:
    """How the desk's own server fares, as this process saw it; after failures it is left alone, too."""

    def __init__(self) -> None:
        self.fails = 0
        self.why = ""
        self.until: datetime | None = None

    def failed(self, why: str, at: datetime) -> None:
        self.fails, self.why = self.fails + 1, why
        if self.fails >= ALARM_AFTER:
            self.until = at + timedelta(seconds=min(LONGEST_S, 30 * (self.fails - ALARM_AFTER + 1)))

    def answered(self) -> None:
        self.fails, self.why, self.until = 0, "", None


def _desk_server() -> _DeskServer:
    found: _DeskServer = current_app.extensions.setdefault("desk_server", _DeskServer())
    return found


def left_alone(server: ServerCard | None) -> tuple[str, datetime] | None:
    """Return why and until when a server (None: the desk's) is left alone, or None while it may be asked."""
    if server is None:
        why, until = _desk_server().why, _desk_server().until
    else:
        why, until = server.error, server.next_try_at
    return None if until is None or until <= now() else (why, until)


def _route(mailbox_id: int, server: ServerCard | None) -> Route:
    if server is None:
        found = desk_route(settings())
        if found is None:
            raise NoRouteError("No outgoing mail server is set.")
        return found
    smtp = server.smtp
    secret = smtp.password
    if smtp.auth == "oauth":
        try:
            secret = access_token(mailbox_id)
        except HelpdeskError as error:
            raise ServerTroubleError(str(error), step="sign in") from error
    return Route(smtp.host, smtp.port, smtp.security, smtp.auth, smtp.user, secret)


def route_of(mailbox_id: int) -> Route:
    """Return where a mailbox's mail is handed over.

    Raises:
        NoRouteError: nowhere.
        ServerTroubleError: the sign-in at the provider has ended.
    """
    return _route(mailbox_id, smtp_server(mailbox_id))
