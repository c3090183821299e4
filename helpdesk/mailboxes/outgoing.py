"""Where a mailbox's mail is handed over: what was typed, and what is wrong with it. Pure."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime

SECURITIES = ("tls", "starttls", "none")
USUAL_PORT = {"tls": 465, "starttls": 587, "none": 25}
AUTHS = ("password", "oauth", "none")


@dataclass(frozen=True, slots=True)
class Smtp:
    """An outgoing server, as typed. The password is open and never leaves memory."""

    host: str
    port: int
    security: str
    auth: str
    user: str
    password: str


@dataclass(frozen=True, slots=True)
class ServerCard:
    """An outgoing server as a sender needs it, and how it fared; the password is open and stays in memory."""

    mailbox_id: int
    smtp: Smtp
    state: str
    error: str
    fails: int
    next_try_at: datetime | None
    last_ok_at: datetime | None


def smtp_of(typed: Mapping[str, str], password: str, *, kept: bool) -> tuple[Smtp, dict[str, str]]:
    """Return what was typed as a server, usual values filled in, and what is wrong by field.

    `kept`: there is a password already, so none needs to be typed.
    """
    problems = {}
    security = typed["out_security"] if typed["out_security"] in SECURITIES else "starttls"
    auth = typed["out_auth"] if typed["out_auth"] in AUTHS else "password"
    port = typed["out_port"]
    if port and not is_port(port):
        problems["out_port"] = "A port is a number from 1 to 65535."
        port = ""
    if not typed["out_host"]:
        problems["out_host"] = "Sending through a server of its own needs its name."
    if auth == "password" and not password and not kept:
        problems["out_password"] = "Signing in with a password needs one."  # noqa: S105 - words about a field
    user = "" if auth == "none" else typed["out_user"] or typed["address"]
    smtp = Smtp(
        typed["out_host"],
        int(port or USUAL_PORT[security]),
        security,
        auth,
        user,
        password if auth == "password" else "",
    )
    return smtp, problems


def is_port(text: str) -> bool:
    """Return whether `text` is a port number."""
    return text.isascii() and text.isdecimal() and len(text) < 6 and 0 < int(text) < 65536
