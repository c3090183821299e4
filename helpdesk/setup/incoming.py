"""Where the mail of the first mailbox comes from: what was typed, and what is wrong with it. Pure."""

from collections.abc import Mapping
from dataclasses import dataclass

SECURITIES = ("tls", "starttls", "none")
USUAL_PORT = {"tls": 993, "starttls": 143, "none": 143}


@dataclass(frozen=True, slots=True)
class Imap:
    """A folder on an IMAP server, as typed. The password is open and never leaves memory."""

    host: str
    port: int
    security: str
    user: str
    password: str
    folder: str

    @property
    def complete(self) -> bool:
        """Whether there is enough to connect with."""
        return bool(self.host and self.user and self.password)


def imap_of(typed: Mapping[str, str], password: str) -> tuple[Imap, dict[str, str]]:
    """Return what was typed as an IMAP source, usual values filled in, and what is wrong by field."""
    problems = {}
    security = typed["security"] if typed["security"] in SECURITIES else "tls"
    port = typed["port"]
    if port and not (port.isascii() and port.isdecimal() and len(port) < 6 and 0 < int(port) < 65536):
        problems["port"] = "A port is a number from 1 to 65535."
        port = ""
    for name, value in (("host", typed["host"]), ("password", password)):
        if not value:
            problems[name] = "Fetching by IMAP needs this."
    source = Imap(
        typed["host"],
        int(port or USUAL_PORT[security]),
        security,
        typed["user"] or typed["address"],
        password,
        typed["folder"] or "INBOX",
    )
    return source, problems
