"""What a connection test says: its steps, how each went, what to do about one that failed. Pure."""

from collections.abc import Mapping
from dataclasses import asdict, dataclass
from typing import Any, Literal

from helpdesk.core.i18n import gettext as _

STEPS = ("server", "sign_in", "send", "round_trip", "loop", "dns")
State = Literal["waiting", "running", "ok", "warn", "bad", "skipped"]
DECIDED = frozenset({"ok", "warn", "bad", "skipped"})


@dataclass(frozen=True, slots=True)
class Step:
    """How one step went. `words` is one sentence, `code` leads to the remedy, `ms` how long it took."""

    step: str
    state: State
    words: str = ""
    code: str = ""
    ms: int | None = None

    def to_json(self) -> dict[str, Any]:
        """Return it as it is kept."""
        return asdict(self)

    @classmethod
    def from_json(cls, kept: Mapping[str, Any]) -> "Step":
        """Return what was kept."""
        return cls(kept["step"], kept["state"], kept["words"], kept["code"], kept["ms"])


def label(step: str) -> str:
    """Return what a step is called on pages."""
    return {
        "server": _("Server found, certificate valid"),
        "sign_in": _("Signed in, folder open"),
        "send": _("Test message sent"),
        "round_trip": _("Test message came back"),
        "loop": _("No mail loop"),
        "dns": _("SPF, DKIM and DMARC"),
    }[step]


def remedy(code: str) -> str:
    """Return what to do about a failure; empty when there is nothing to add."""
    return {
        "in server": _(
            "Check name and port: usual are 993 with TLS and 143 with STARTTLS. A firewall may be in the way."
        ),
        "in certificate": _(
            "Use the name that the certificate was made for, or ask whoever runs the server for a valid one."
        ),
        "in sign in": _(
            "Check user and password. Many providers want a password made for programs, "
            "or IMAP to be switched on first."
        ),
        "in folder": _("INBOX is always there."),
        "again": _("Sign in at the provider again, on this page."),
        "out server": _(
            "Check name and port of the outgoing server: usual are 587 with STARTTLS and 465 with TLS. "
            "Many networks block port 25."
        ),
        "out certificate": _("Use the name that the outgoing server's certificate was made for."),
        "out sign in": _(
            "Check user and password of the outgoing server. Sending may have to be allowed for it first."
        ),
        "out refused": _(
            "The server does not let this account send from this address. Allow it there, "
            "or use the account that the address belongs to."
        ),
        "out later": _("The server wants us to come back later. Wait a little and test again."),
        "out unanswered": _("The server went away in the middle. Test again."),
        "out none": _("Set an outgoing server on this page. Until then answers stay in the local outbox."),
        "silent": _("Nothing leaves this desk now: it is held or in shadow mode. Test again afterwards."),
        "no round trip": _(
            "It was sent and did not arrive within a minute. Look into the spam folder, and whether mail for "
            "this address goes to the folder above. Forwarding and slow filters can take longer."
        ),
        "spf": _("Add the outgoing server to the domain's SPF record."),
        "dmarc": _(
            "Add a TXT record _dmarc with v=DMARC1; p=none and an address for reports, then tighten it."
        ),
        "dmarc none": _("Mail may land in spam at some providers. When reports look well, set p=quarantine."),
        "dkim": _("Add the TXT record shown below under Signing, then check it."),
        "dkim off": _("Your mail server may sign by itself. If it does not, switch signing on below."),
        "dns": _("The name server did not answer. Test again."),
    }.get(code, "")
