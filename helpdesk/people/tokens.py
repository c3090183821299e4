"""Mailed links: how long each kind opens, and what is kept of one. Pure."""

from datetime import timedelta
from hashlib import sha256

LIVES = {"invite": timedelta(hours=72), "reset": timedelta(minutes=60)}
"""How long a link opens: rule T22 allows 72 hours and one hour at most."""


def token_digest(secret: str) -> str:
    """Return what is kept of the secret in a link."""
    return sha256(b"way in:" + secret.encode(errors="replace")).hexdigest()
