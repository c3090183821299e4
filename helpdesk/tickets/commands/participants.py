"""Who takes part in a ticket changes here."""

from helpdesk.core.clock import now
from helpdesk.core.db import command, insert_ignore
from helpdesk.tickets.model import Participant


@command
def add_participant(*, ticket_id: int, contact_id: int, role: str) -> None:
    """Let a contact take part: they get public replies, and their answers are public."""
    values = {
        "ticket_id": ticket_id,
        "contact_id": contact_id,
        "role": role,
        "link_version": 1,
        "added_at": now(),
    }
    insert_ignore(Participant, values)
