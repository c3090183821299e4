"""How much mail came in, and what became of it."""

from collections.abc import Iterator, Mapping

import sqlalchemy as sa

from helpdesk.core.db import session
from helpdesk.core.feature import Finding, Measure
from helpdesk.core.running import settings
from mail_ingest.model import Inbound


def incoming() -> Iterator[Finding]:
    """Look at what was set aside and at the doors that are open."""
    running = settings()
    doors = [
        f"{name} on {running.mail_listen_host}:{port}"
        for name, port in (("SMTP", running.smtp_listen_port), ("LMTP", running.lmtp_listen_port))
        if port
    ]
    yield Finding("mail in", "ok", ", ".join(doors) or "no listener is set")
    aside = by_outcome().get("quarantined", 0)
    if aside:
        yield Finding(
            "set aside", "warn", f"{aside:.0f} mails", "Look at them: Mail that came in, Set aside."
        )


def by_outcome() -> Mapping[str, float]:
    """Return how many mails came in, by outcome; `waiting` ones are not read yet."""
    rows = session().execute(sa.select(Inbound.outcome, sa.func.count()).group_by(Inbound.outcome))
    return {str(row[0] or "waiting"): float(row[1]) for row in rows}


PROBES = (incoming,)
MEASURES = (Measure("helpdesk_inbound_mails", "Mails that came in", by_outcome, "outcome"),)
