"""Two-factor sign-in: codes of an authenticator (TOTP, RFC 6238), recovery codes, the QR code. Pure."""

import hmac
import io
import re
import secrets
from hashlib import sha256

import pyotp
import segno

PERIOD_S = 30
SLACK = 1
"""Codes of so many periods before and after now are taken: clocks differ, and people type slowly."""
RECOVERY_CODES = 10
_LETTERS = "abcdefghjkmnpqrstuvwxyz23456789"


def new_secret() -> str:
    """Return a fresh secret of 160 bits in base32, as authenticators take it."""
    return pyotp.random_base32()


def step_of(code: str, secret: str, *, moment_s: float, after_step: int) -> int | None:
    """Return the period whose code this is, at `moment_s` seconds since 1970; None: it fits none.

    Only periods later than `after_step` count, so that a code that was seen is worth nothing.
    """
    typed = re.sub(r"[\s-]", "", code)
    if not re.fullmatch(r"[0-9]{6}", typed):
        return None
    here = int(moment_s // PERIOD_S)
    totp = pyotp.TOTP(secret, interval=PERIOD_S)
    found = None
    for step in range(here - SLACK, here + SLACK + 1):
        if hmac.compare_digest(totp.at(step * PERIOD_S), typed) and step > after_step:
            found = step
    return found


def provisioning(secret: str, *, account: str, issuer: str) -> str:
    """Return the address that an authenticator reads from the picture."""
    return pyotp.TOTP(secret, interval=PERIOD_S).provisioning_uri(name=account, issuer_name=issuer)


def picture(address: str) -> tuple[int, str]:
    """Return a QR code: its width in modules with the quiet zone, and the path of an SVG that draws it."""
    drawn = io.BytesIO()
    code = segno.make(address, error="m", micro=False)
    code.save(drawn, kind="svg", xmldecl=False, svgns=False, omitsize=True, svgclass=None, lineclass=None)
    path = re.search(r'\sd="([^"]+)"', drawn.getvalue().decode())
    if path is None:
        raise ValueError("the picture has no path")
    return int(code.symbol_size(border=4)[0]), path[1]


def new_recovery_codes() -> list[str]:
    """Return codes to write down, of 79 bits each: `abcd-efgh-jkmn-pqrs`."""
    return [
        "-".join("".join(secrets.choice(_LETTERS) for _ in range(4)) for _ in range(4))
        for _ in range(RECOVERY_CODES)
    ]


def recovery_digest(code: str) -> str:
    """Return what is kept of a recovery code, however it is spaced or spelt."""
    return sha256(b"recovery:" + re.sub(r"[^a-z0-9]", "", code.lower()).encode()).hexdigest()


def grouped(secret: str) -> str:
    """Return a secret in groups of four, to be typed."""
    return " ".join(secret[n : n + 4] for n in range(0, len(secret), 4))
