"""How much mail came in, and what became of it."""

from collections.abc import Iterator, Mapping
from datetime import timedelta

import sqlalchemy as sa

from helpdesk.core.clock import now
from helpdesk.core.db import session
from helpdesk.core.feature import Finding, Measure
from helpdesk.core.running import settings
from helpdesk.mailboxes.queries import sources_health
from mail_ingest.model import Inbound
from mail_ingest.queries import audits as last_audits
from mail_ingest.queries import quarantined_count

LATE = timedelta(hours=36)
"""A folder that was not compared for so long should have been."""


def incoming() -> Iterator[Finding]:
    """Look at what was set aside and at the doors that are open."""
    running = settings()
    doors = [
        f"{name} on {running.mail_listen_host}:{port}"
        for name, port in (("SMTP", running.smtp_listen_port), ("LMTP", running.lmtp_listen_port))
        if port
    ]
    yield Finding("mail in", "ok", ", ".join(doors) or "no listener is set")
    aside = quarantined_count()
    if aside:
        yield Finding("set aside", "warn", f"{aside} mails", "Look at them: Set aside.")


def audits() -> Iterator[Finding]:
    """Look whether each folder was compared with what we hold lately, and whether it was the same."""
    for health in sources_health():
        name = f"mail audit {health.user}"
        last = next(iter(last_audits(health.id, 1)), None)
        if last is None:
            yield Finding(name, "ok", "not compared yet; it runs every night")
        elif last.error:
            yield Finding(
                name, "warn", f"not compared: {last.error}", "Put this right; it is tried tomorrow."
            )
        elif last.missing:
            words = f"{len(last.missing)} mails are on the server and not here"
            yield Finding(name, "bad", words, "Fetch them: Mail that came in, Audit.")
        elif last.at < now() - LATE:
            yield Finding(
                name, "warn", f"last compared {last.at:%Y-%m-%d %H:%M} UTC", "Start a worker: helpdesk worker"
            )
        else:
            yield Finding(name, "ok", f"server {last.since:,} = held {last.held:,}")


def by_outcome() -> Mapping[str, float]:
    """Return how many mails came in, by outcome; `waiting` ones are not read yet."""
    rows = session().execute(sa.select(Inbound.outcome, sa.func.count()).group_by(Inbound.outcome))
    return {str(row[0] or "waiting"): float(row[1]) for row in rows}


PROBES = (incoming, audits)
MEASURES = (Measure("helpdesk_inbound_mails", "Mails that came in", by_outcome, "outcome"),)
