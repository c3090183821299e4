"""Passwords: argon2id, checked in equal time whether or not the person exists."""

from functools import cache

from argon2 import PasswordHasher
from argon2.exceptions import InvalidHashError, VerificationError

from helpdesk.core.errors import InvalidError

_hasher = PasswordHasher()
MIN_CHARS = 10


def hashed(password: str) -> str:
    """Return the argon2id hash of `password`.

    Raises:
        InvalidError: shorter than ten characters, or longer than 1,000.
    """
    if not MIN_CHARS <= len(password) <= 1000:
        words = f"A password needs at least {MIN_CHARS} characters."
        raise InvalidError(words, password=words)
    return _hasher.hash(password)


@cache
def _nobody() -> str:
    return _hasher.hash("nobody has this password")


def fits(password: str, kept: str | None) -> bool:
    """Return whether `password` is the one `kept` was made from; takes as long when there is none."""
    try:
        return _hasher.verify(kept or _nobody(), password[:1000]) and kept is not None
    except (VerificationError, InvalidHashError):
        return False
