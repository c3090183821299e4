"""What follows within tickets when something happens to one: the search learns it (contracts 5)."""

from helpdesk.core.db import command_state, on_finish
from helpdesk.tickets.commands.indexing import index_ticket
from helpdesk.tickets.events import (
    CustomerWrote,
    FieldChanged,
    NoteAdded,
    TeamReplied,
    TicketMerged,
    TicketOpened,
)

SEARCHED_FIELDS = frozenset({"subject", "tags", "cc"})


def message_joined(event: TicketOpened | CustomerWrote | TeamReplied | NoteAdded) -> None:
    """Index the ticket once at the end of the command, however many facts there were."""
    _later(event.ticket_id)


def field_changed(event: FieldChanged) -> None:
    """Index the ticket if what changed is searched."""
    if event.field in SEARCHED_FIELDS or event.field.startswith("field:"):
        _later(event.ticket_id)


def merged(event: TicketMerged) -> None:
    """Index both tickets."""
    _later(event.ticket_id)
    _later(event.into_id)


def _later(ticket_id: int) -> None:
    command_state().setdefault("to_index", set()).add(ticket_id)


def _index() -> bool:
    for ticket_id in sorted(command_state().pop("to_index", ())):
        index_ticket(ticket_id)
    return False


on_finish(_index)
