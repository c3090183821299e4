"""Whether mail can leave."""

from collections.abc import Iterator, Mapping

import sqlalchemy as sa

from helpdesk.channels.model import Delivery
from helpdesk.channels.transport import trouble
from helpdesk.core.db import session
from helpdesk.core.feature import Finding, Measure
from helpdesk.core.running import settings


def outgoing() -> Iterator[Finding]:
    """Look whether the outgoing server takes us, and what did not get out."""
    running = settings()
    if not running.smtp_host:
        yield Finding(
            "mail out", "warn", "no server is set: mail stays in the local outbox", "Set HELPDESK_SMTP_HOST."
        )
    elif why := trouble(running):
        yield Finding("mail out", "bad", why, "Mail waits here and goes out when this is put right.")
    else:
        yield Finding("mail out", "ok", f"{running.smtp_host}:{running.smtp_port} takes our mail")
    failed = by_state().get("failed", 0) + by_state().get("bounced", 0)
    if failed:
        yield Finding(
            "deliveries", "warn", f"{failed:.0f} did not arrive", "See the outbox, and send them again."
        )


def by_state() -> Mapping[str, float]:
    """Return how many deliveries there are, by state."""
    rows = session().execute(sa.select(Delivery.state, sa.func.count()).group_by(Delivery.state))
    return {str(row[0]): float(row[1]) for row in rows}


PROBES = (outgoing,)
MEASURES = (Measure("helpdesk_deliveries", "Copies of outgoing mail", by_state, "state"),)
