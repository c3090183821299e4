"""Handing a mail to the outgoing server: the only user of smtplib."""

import smtplib
import ssl

from helpdesk.core.errors import PermanentError, TemporaryError
from helpdesk.settings import Settings


def hand_over(settings: Settings, sender: str, recipient: str, raw: bytes) -> str:
    """Give `raw` to the SMTP server for one recipient; return the server's answer.

    Raises:
        TemporaryError: try again later (4xx, no connection, sign-in trouble).
        PermanentError: the server refuses this mail or recipient for good (5xx).
    """
    try:
        with _connect(settings) as server:
            refused = server.sendmail(sender, [recipient], raw)
            if refused:
                raise smtplib.SMTPRecipientsRefused(refused)
            return "accepted"
    except smtplib.SMTPAuthenticationError as error:
        raise TemporaryError(f"The mail server refused our sign-in: {_words(error)}") from error
    except smtplib.SMTPRecipientsRefused as error:
        code, answer = next(iter(error.recipients.values()))
        raise _by_code(code, _text(answer)) from error
    except smtplib.SMTPResponseException as error:
        raise _by_code(error.smtp_code, _words(error)) from error
    except (smtplib.SMTPException, OSError) as error:
        raise TemporaryError(f"The mail server did not answer: {type(error).__name__}: {error}") from error


def _connect(settings: Settings) -> smtplib.SMTP:
    timeout = settings.smtp_timeout_s
    context = ssl.create_default_context()
    if settings.smtp_security == "tls":
        server: smtplib.SMTP = smtplib.SMTP_SSL(
            settings.smtp_host, settings.smtp_port, timeout=timeout, context=context
        )
    else:
        server = smtplib.SMTP(settings.smtp_host, settings.smtp_port, timeout=timeout)
        if settings.smtp_security == "starttls":
            server.starttls(context=context)
    if settings.smtp_user:
        server.login(settings.smtp_user, settings.smtp_password.get_secret_value())
    return server


def _by_code(code: int, words: str) -> TemporaryError | PermanentError:
    if 400 <= code < 500:
        return TemporaryError(f"{code} {words}")
    return PermanentError(f"{code} {words}")


def _words(error: smtplib.SMTPResponseException) -> str:
    return _text(error.smtp_error)


def _text(answer: bytes | str) -> str:
    text = answer.decode("utf-8", "replace") if isinstance(answer, bytes) else answer
    return " ".join(text.split())[:300]


def trouble(settings: Settings) -> str:
    """Return why the outgoing server would not take our mail, or an empty string."""
    try:
        with _connect(settings) as server:
            server.noop()
    except (smtplib.SMTPException, OSError) as error:
        words = _words(error) if isinstance(error, smtplib.SMTPResponseException) else str(error)
        return f"{settings.smtp_host}:{settings.smtp_port} does not take our mail: {words}"
    return ""
