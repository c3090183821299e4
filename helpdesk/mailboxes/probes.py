"""How the mailboxes fare."""

from collections.abc import Iterator, Mapping
from typing import Literal

from helpdesk.core.feature import Finding, Measure
from helpdesk.mailboxes.queries import mailboxes, paused_sources, sources_health


def boxes() -> Iterator[Finding]:
    """Look whether there is an address to write to, and whether fetching works."""
    if not mailboxes():
        yield Finding(
            "mailboxes", "bad", "there is none", "Add one: helpdesk mailbox add ADDRESS --name NAME"
        )
    for box in mailboxes():
        yield Finding("mailbox", "ok", box.address)
    for paused in paused_sources():
        remedy = f"When it is put right: helpdesk mailbox resume {paused.address}"
        yield Finding(f"imap {paused.user}", "warn", f"paused: {paused.why}", remedy)
    for health in sources_health():
        name = f"imap {health.user}"
        if health.state == "ok":
            yield Finding(
                name, "ok", f"{health.host} answers, last at {health.last_ok_at:%Y-%m-%d %H:%M} UTC"
            )
        elif health.state == "new":
            yield Finding(name, "warn", "not fetched yet", "Start a worker: helpdesk worker")
        else:
            state: Literal["bad", "warn"] = "bad" if health.stopped else "warn"
            yield Finding(
                name, state, health.error, "Nothing is lost: the mail waits on the server. Put this right."
            )


def fetching() -> Mapping[str, float]:
    """Return 1 for each source that is fetched from, 0 for each that fails."""
    return {f"{h.user}@{h.host}": float(h.state == "ok") for h in sources_health()}


PROBES = (boxes,)
MEASURES = (Measure("helpdesk_imap_up", "Whether fetching from a source works", fetching, "source"),)
