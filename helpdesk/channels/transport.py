"""Handing a mail to an outgoing server: the only user of smtplib."""

import contextlib
import re
import smtplib
import socket
import ssl
from dataclasses import dataclass, field

from helpdesk.core.errors import PermanentError, TemporaryError
from helpdesk.settings import Settings

CONNECT_S = 10
"""How long a server may take to be reached, in seconds: whoever waits holds others up."""

ANSWER_S = 60
"""How long it may take to say whether it took a mail, in seconds; only then do we not know."""


@dataclass(frozen=True, slots=True)
class Route:
    """Where mail is handed over. `secret` is the password, or with `auth` oauth the access token."""

    host: str
    port: int
    security: str
    auth: str
    user: str
    secret: str = field(repr=False)
    timeout_s: int = 30


class ServerTroubleError(TemporaryError):
    """The server itself cannot be used: no mail of this route gets out until that is put right.

    `step` is how far we came: server, certificate, sign in.
    """

    def __init__(self, message: str, *, step: str) -> None:
        super().__init__(message)
        self.step = step


class UnansweredError(TemporaryError):
    """The server had the whole mail and went away before it said whether it took it."""


def desk_route(settings: Settings) -> Route | None:
    """Return the route of the desk's own settings; None while none is set."""
    if not settings.smtp_host:
        return None
    return Route(
        settings.smtp_host,
        settings.smtp_port,
        settings.smtp_security,
        "password" if settings.smtp_user else "none",
        settings.smtp_user,
        settings.smtp_password.get_secret_value(),
        settings.smtp_timeout_s,
    )


def hand_over(route: Route, sender: str, recipient: str, raw: bytes) -> str:
    """Give `raw` to the SMTP server for one recipient; return the server's answer.

    Raises:
        ServerTroubleError: the server cannot be reached, trusted or signed in to.
        UnansweredError: it may have taken the mail.
        TemporaryError: try again later (4xx, broke off before it had the mail).
        PermanentError: the server refuses this mail or recipient for good (5xx).
    """
    server = connect(route)
    try:
        return _transact(server, sender, recipient, raw)
    finally:
        with contextlib.suppress(smtplib.SMTPException, OSError):
            server.quit()
        server.close()


def _transact(server: smtplib.SMTP, sender: str, recipient: str, raw: bytes) -> str:
    body = re.sub(rb"(?m)^\.", b"..", raw)
    if not body.endswith(b"\r\n"):
        body += b"\r\n"
    try:
        server.ehlo_or_helo_if_needed()
        size = [f"size={len(body)}"] if server.has_extn("size") else []
        _expect(server.mail(sender, size), {250})
        _expect(server.rcpt(recipient), {250, 251})
        _expect(server.docmd("data"), {354})
        server.send(body)
    except (smtplib.SMTPException, OSError) as error:
        raise TemporaryError(f"The mail server broke off: {_plain(error)}") from error
    try:
        server.send(b".\r\n")
        if server.sock is not None:
            server.sock.settimeout(ANSWER_S)
        code, answer = server.getreply()
    except (smtplib.SMTPException, OSError) as error:
        raise UnansweredError("The mail server broke off before it said whether it took the mail.") from error
    return _expect((code, answer), {250})


def _expect(reply: tuple[int, bytes], good: set[int]) -> str:
    code, answer = reply
    if code in good:
        return _text(answer)
    if 400 <= code < 500 or code < 0:
        raise TemporaryError(f"{code} {_text(answer)}")
    raise PermanentError(f"{code} {_text(answer)}")


def connect(route: Route) -> smtplib.SMTP:
    """Return a connection, signed in where the route says so.

    Raises:
        ServerTroubleError: in words for whoever set the server up.
    """
    server = reach(route)
    try:
        _sign_in(server, route)
    except smtplib.SMTPAuthenticationError as error:
        words = f"{route.host} refused our sign-in as {route.user}: {_plain(error)}"
        raise _trouble(server, words, "sign in") from error
    except smtplib.SMTPNotSupportedError as error:
        words = f"{route.host} offers no way to sign in on this port. Check port and security."
        raise _trouble(server, words, "sign in") from error
    except (smtplib.SMTPException, OSError) as error:
        words = f"{route.host} broke off while signing in: {_plain(error)}"
        raise _trouble(server, words, "sign in") from error
    return server


def reach(route: Route) -> smtplib.SMTP:
    """Return a connection, encrypted where the route says so, nobody signed in yet.

    Raises:
        ServerTroubleError: in words for whoever set the server up.
    """
    where = f"{route.host}:{route.port}"
    context = ssl.create_default_context()
    server: smtplib.SMTP | None = None
    try:
        if route.security == "tls":
            server = smtplib.SMTP_SSL(route.host, route.port, timeout=CONNECT_S, context=context)
        else:
            server = smtplib.SMTP(route.host, route.port, timeout=CONNECT_S)
            server.ehlo_or_helo_if_needed()
            if route.security == "starttls":
                server.starttls(context=context)
        if server.sock is not None:
            server.sock.settimeout(route.timeout_s)
    except ssl.SSLCertVerificationError as error:
        words = f"The certificate of {route.host} is not valid: {error.verify_message}."
        raise _trouble(server, words, "certificate") from error
    except (ssl.SSLError, smtplib.SMTPNotSupportedError) as error:
        words = f"{where} does not speak TLS as set. Check port and security."
        raise _trouble(server, words, "certificate") from error
    except (socket.gaierror, UnicodeError) as error:
        words = f"There is no server named {route.host}. Check the host name."
        raise _trouble(server, words, "server") from error
    except (smtplib.SMTPException, OSError) as error:
        raise _trouble(server, f"{where} does not answer: {_plain(error)}.", "server") from error
    return server


def _sign_in(server: smtplib.SMTP, route: Route) -> None:
    if route.auth == "password":
        server.login(route.user, route.secret)
    elif route.auth == "oauth":
        server.ehlo_or_helo_if_needed()
        offered = server.esmtp_features.get("auth", "").upper().split()
        if "OAUTHBEARER" in offered:  # RFC 7628
            said = f"n,a={route.user},\1host={route.host}\1port={route.port}\1auth=Bearer {route.secret}\1\1"
            server.auth("OAUTHBEARER", lambda challenge=None: said if challenge is None else "\1")
        elif "XOAUTH2" in offered:
            said = f"user={route.user}\1auth=Bearer {route.secret}\1\1"
            server.auth("XOAUTH2", lambda challenge=None: said if challenge is None else "")
        else:
            raise smtplib.SMTPNotSupportedError("no XOAUTH2 and no OAUTHBEARER")


def _trouble(server: smtplib.SMTP | None, words: str, step: str) -> ServerTroubleError:
    if server is not None:
        server.close()
    return ServerTroubleError(words, step=step)


def _plain(error: BaseException) -> str:
    if isinstance(error, smtplib.SMTPResponseException):
        return f"{error.smtp_code} {_text(error.smtp_error)}"
    if isinstance(error, OSError) and error.strerror:
        return _text(error.strerror)
    return _text(str(error)) or type(error).__name__


def _text(answer: bytes | str) -> str:
    text = answer.decode("utf-8", "replace") if isinstance(answer, bytes) else answer
    return " ".join(text.split())[:300]


def trouble(route: Route) -> str:
    """Return why a server would not take our mail, or an empty string."""
    try:
        server = connect(route)
    except ServerTroubleError as error:
        return str(error)
    try:
        server.noop()
        server.quit()
    except (smtplib.SMTPException, OSError) as error:
        return f"{route.host}:{route.port} broke off: {_plain(error)}"
    finally:
        server.close()
    return ""


_SES = re.compile(r"Ok\s+([0-9A-Za-z][0-9A-Za-z-]{15,100})(?:@[\w.-]+)?")
_IN_BRACKETS = re.compile(r"<([^\s<>@]{3,150}@[^\s<>@]{3,90})>")


def provider_id(answer: str, own: str) -> str | None:
    """Return the Message-ID a provider gave our mail instead of `own`, as its answer says; mostly None.

    Amazon SES answers `Ok <id>` without the domain it puts behind it; Exchange answers with the whole id.
    """
    if (found := _IN_BRACKETS.search(answer)) is not None:
        return None if found[1] == own.strip("<>") else found[1]
    if (ses := _SES.fullmatch(answer.strip())) is not None and "-" in ses[1]:
        return ses[1]
    return None
