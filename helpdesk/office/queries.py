"""What removing a team would leave behind."""

import sqlalchemy as sa

from helpdesk.core.db import session
from helpdesk.mailboxes.model import Mailbox
from helpdesk.tickets.model import Ticket


def held_by_team(team_id: int) -> tuple[int, int]:
    """Return how many tickets, in any state, and how many mailboxes belong to a team."""
    tickets = sa.select(sa.func.count()).select_from(Ticket).where(Ticket.team_id == team_id)
    boxes = sa.select(sa.func.count()).select_from(Mailbox).where(Mailbox.team_id == team_id)
    return session().scalar(tickets) or 0, session().scalar(boxes) or 0
