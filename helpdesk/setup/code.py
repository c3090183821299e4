"""The one-time code: easy to read from a terminal and to type, too long to guess. Pure."""

import secrets
from hashlib import sha256

ALPHABET = "ABCDEFGHJKLMNPQRSTUVWXYZ23456789"
"""Without I, O, 0 and 1, which look alike."""

GROUPS, GROUP_CHARS = 4, 4


def made() -> str:
    """Return a fresh code: four groups of four, 80 bits."""
    groups = ("".join(secrets.choice(ALPHABET) for _ in range(GROUP_CHARS)) for _ in range(GROUPS))
    return "-".join(groups)


def digest(code: str) -> str:
    """Return what is kept of a code; case, dashes and spaces do not count."""
    plain = "".join(c for c in code.upper() if c.isalnum())
    return sha256(plain.encode()).hexdigest()
