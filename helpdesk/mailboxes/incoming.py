"""Where a mailbox's mail is fetched from: what was typed, and what is wrong with it. Pure."""

from collections.abc import Mapping
from dataclasses import dataclass

from helpdesk.mailboxes.outgoing import is_port

AFTERWARDS = ("leave", "seen", "move")
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
    auth: str = "password"
    afterwards: str = "leave"
    move_to: str = ""

    @property
    def complete(self) -> bool:
        """Whether there is enough to connect with."""
        return bool(self.host and self.user and (self.password or self.auth == "oauth"))

    @property
    def place(self) -> tuple[str, str, str]:
        """Which folder this is: another place is another source."""
        return self.host.lower(), self.user, self.folder


def imap_of(typed: Mapping[str, str], password: str, *, kept: bool = False) -> tuple[Imap, dict[str, str]]:
    """Return what was typed as an IMAP source, usual values filled in, and what is wrong by field.

    `kept`: there is a password already, so none needs to be typed.
    """
    problems = {}
    security = typed["security"] if typed["security"] in SECURITIES else "tls"
    port = typed["port"]
    if port and not is_port(port):
        problems["port"] = "A port is a number from 1 to 65535."
        port = ""
    auth = "oauth" if typed.get("auth") == "oauth" else "password"
    if not typed["host"]:
        problems["host"] = "Fetching by IMAP needs this."
    if not password and not kept and auth == "password":
        problems["password"] = "Fetching by IMAP needs this."  # noqa: S105 - words about a field
    afterwards = typed.get("afterwards", "leave")
    if afterwards == "move" and not typed.get("move_to"):
        problems["move_to"] = "Name the folder that mail is moved to."
    source = Imap(
        typed["host"],
        int(port or USUAL_PORT[security]),
        security,
        typed["user"] or typed["address"],
        password if auth == "password" else "",
        typed["folder"] or "INBOX",
        auth,
        afterwards if afterwards in AFTERWARDS else "leave",
        typed.get("move_to", ""),
    )
    return source, problems
