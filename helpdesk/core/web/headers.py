"""Security headers on every answer, and the check that a form was sent from our own pages."""

from urllib.parse import urlsplit

from flask import Flask, Response, current_app, request

from helpdesk.core.errors import ForbiddenError
from helpdesk.settings import Settings

CSP = {
    "default-src": "'none'",
    "style-src": "'self'",
    "script-src": "'self'",
    "img-src": "'self' data:",
    "font-src": "'self'",
    "connect-src": "'self'",
    "form-action": "'self'",
    "frame-src": "'self'",
    "manifest-src": "'self'",
    "base-uri": "'none'",
    "frame-ancestors": "'none'",
}
PAGE_POLICY = "; ".join(f"{k} {v}" for k, v in CSP.items())
FRAME_POLICY = (
    "default-src 'none'; style-src 'self'; img-src data:; "
    "base-uri 'none'; form-action 'none'; frame-ancestors 'self'; "
    "sandbox allow-popups allow-popups-to-escape-sandbox"
)
"""For a sanitised HTML mail in its frame: no script, no form, nothing remote; links open outside."""
FILE_POLICY = "default-src 'none'; sandbox; frame-ancestors 'none'"

SAFE_METHODS = frozenset({"GET", "HEAD", "OPTIONS"})


def init_app(app: Flask, settings: Settings) -> None:
    """Put the headers on every answer of `app` and refuse what other sites send."""

    @app.before_request
    def refuse_foreign() -> None:
        if request.method not in SAFE_METHODS and not _from_here(settings):
            raise ForbiddenError(
                "This form was not sent from our own page. Open the page again and repeat it."
            )

    @app.before_request
    def bound_words() -> None:
        if request.mimetype == "application/x-www-form-urlencoded":  # read as a whole, so bounded as a whole
            request.max_content_length = app.config["MAX_FORM_MEMORY_SIZE"]

    @app.after_request
    def harden(response: Response) -> Response:
        headers = response.headers
        headers.setdefault("Content-Security-Policy", PAGE_POLICY)
        headers.setdefault("X-Content-Type-Options", "nosniff")
        headers.setdefault("Referrer-Policy", "same-origin")
        headers.setdefault("Cross-Origin-Opener-Policy", "same-origin")
        headers.setdefault("Cross-Origin-Resource-Policy", "same-origin")
        headers.setdefault("Permissions-Policy", "camera=(), geolocation=(), microphone=()")
        headers.setdefault("Cache-Control", "no-store")
        if settings.secure:
            headers.setdefault("Strict-Transport-Security", "max-age=31536000")
        return response


def _from_here(settings: Settings) -> bool:
    endpoint = current_app.view_functions.get(request.endpoint or "")
    if getattr(endpoint, "machine_door", False):
        return True
    site = request.headers.get("Sec-Fetch-Site")
    if site is not None:
        return site in {"same-origin", "none"}
    origin = request.headers.get("Origin")
    if origin is None:
        return True  # no browser sends that with a foreign form; the form token still has to be right
    return urlsplit(origin).netloc in {request.host, urlsplit(settings.public_url).netloc}
