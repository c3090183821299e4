"""The signed-in cookie: a random id and nothing else (contracts 10).

Flask's session object is derived from that id at each request and never written, so that Flask-WTF finds its
token there without a second cookie.
"""

from typing import Any

from flask import Flask, Request, Response
from flask.sessions import SecureCookieSession, SessionInterface, SessionMixin

from helpdesk.core.keys import ring
from helpdesk.settings import Settings

COOKIE = "helpdesk_session"


class DerivedSession(SessionInterface):
    """Gives each request a session computed from the cookie; keeps nothing."""

    def open_session(self, app: Flask, request: Request) -> SecureCookieSession:
        """Return the derived session: a CSRF secret when somebody is signed in, else empty."""
        secret = request.cookies.get(COOKIE, "")
        values: dict[str, Any] = {"csrf_token": ring().sign("csrf", secret)} if secret else {}
        return SecureCookieSession(values)

    def save_session(self, app: Flask, session: SessionMixin, response: Response) -> None:
        """Keep nothing."""


def set_cookie(response: Response, secret: str, settings: Settings) -> None:
    """Hand the session id to the browser."""
    response.set_cookie(
        COOKIE,
        secret,
        max_age=settings.session_days * 86400,
        httponly=True,
        secure=settings.secure,
        samesite="Lax",
        path="/",
    )


def clear_cookie(response: Response) -> None:
    """Take the session id back."""
    response.delete_cookie(COOKIE, path="/")
