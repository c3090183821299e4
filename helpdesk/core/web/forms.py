"""Guarding customers' forms without a cookie: a signed, timed token, a honeypot, and rates.

Signed-in pages use Flask-WTF instead, with a token derived from the session (`sessions`).
"""

import secrets
import unicodedata

from flask import current_app, request
from flask_limiter import Limiter
from flask_limiter.util import get_remote_address
from itsdangerous import BadSignature, SignatureExpired, URLSafeTimedSerializer
from limits import parse
from limits.errors import StorageError
from limits.storage import MemoryStorage
from limits.strategies import FixedWindowRateLimiter

from helpdesk.core.errors import InvalidError
from helpdesk.core.keys import ring

TOKEN_LIFE_S = 24 * 3600
HONEYPOT = "website"
"""A field people never see; what fills it is a machine."""

limiter = Limiter(key_func=get_remote_address)


def _serializer(purpose: str) -> URLSafeTimedSerializer:
    return URLSafeTimedSerializer(ring().all_derived("form"), salt=purpose)


def form_token(purpose: str) -> str:
    """Return a token for one showing of a form; its nonce makes sending it twice count once."""
    return str(_serializer(purpose).dumps(secrets.token_urlsafe(12)))


def check_form_token(purpose: str, token: str) -> str:
    """Return the nonce of a token we gave out for `purpose` in the last 24 hours.

    Raises:
        InvalidError: too old or not ours; the page shows the form again, filled in, with a new token.
    """
    try:
        nonce: str = _serializer(purpose).loads(token, max_age=TOKEN_LIFE_S)
    except SignatureExpired as error:
        raise InvalidError(
            "This page was open for a long time. Everything is kept: send it once more."
        ) from error
    except BadSignature as error:
        raise InvalidError(
            "This form could not be checked. Everything is kept: send it once more."
        ) from error
    return nonce


def allowed(rule: str, *key: str) -> bool:
    """Count one use of `key` against `rule` ("12 per hour"); return False when it is used up.

    While Redis is away each process counts for itself: nobody is let in or kept out for it.
    """
    if not current_app.config.get("RATELIMIT_ENABLED", True):
        return True
    try:
        return bool(limiter.limiter.hit(parse(rule), *key))
    except StorageError:
        here = current_app.extensions.setdefault("rates", FixedWindowRateLimiter(MemoryStorage()))
        return bool(here.hit(parse(rule), *key))


def span(rule: str) -> tuple[int, int]:
    """Return how often ("10 per 15 minutes" is 10) in how many seconds (900) a rule allows something."""
    item = parse(rule)
    return item.amount, item.get_expiry()


def remote() -> str:
    """Return the network address of the asker, as far as trusted proxies say."""
    return get_remote_address()


def text(name: str, limit: int) -> str:
    """Return a form field as clean text of at most `limit` characters."""
    return clean(request.form.get(name, ""))[:limit]


def clean(value: str) -> str:
    """Return `value` in NFC, with plain line ends, without controls and lone surrogates."""
    value = value.replace("\r\n", "\n").replace("\r", "\n")
    kept = (c for c in value if c in "\n\t" or unicodedata.category(c) not in {"Cc", "Cs"})
    return unicodedata.normalize("NFC", "".join(kept))
