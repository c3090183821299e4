"""Numbers about tickets, for monitoring."""

from collections.abc import Mapping

import sqlalchemy as sa

from helpdesk.core.db import session
from helpdesk.core.feature import Measure
from helpdesk.tickets.model import Ticket


def by_state() -> Mapping[str, float]:
    """Return how many tickets there are, by state."""
    rows = session().execute(sa.select(Ticket.state, sa.func.count()).group_by(Ticket.state))
    return {str(row[0]): float(row[1]) for row in rows}


MEASURES = (Measure("helpdesk_tickets", "Tickets", by_state, "state"),)
