"""Facts about tickets, for other features."""

from dataclasses import dataclass
from typing import Any

from helpdesk.core.events import Event


@dataclass(frozen=True, kw_only=True)
class TicketOpened(Event):
    """A ticket exists. `acknowledge`: a person wrote and may be told; `quiet`: an import, tell nobody."""

    ticket_id: int
    message_id: int
    channel: str
    acknowledge: bool
    quiet: bool


@dataclass(frozen=True, kw_only=True)
class CustomerWrote(Event):
    """A participant's public message joined a ticket (the first one included)."""

    ticket_id: int
    message_id: int
    quiet: bool


@dataclass(frozen=True, kw_only=True)
class TeamReplied(Event):
    """An agent's public message joined a ticket; channels carry it to the participants.

    `recipients`: who takes part and their addresses, frozen when the button was pressed; None: those of now.
    """

    ticket_id: int
    message_id: int
    quiet: bool
    recipients: list[dict[str, Any]] | None = None


@dataclass(frozen=True, kw_only=True)
class NoteAdded(Event):
    """An internal message joined a ticket (a note, a held or an automatic message)."""

    ticket_id: int
    message_id: int


@dataclass(frozen=True, kw_only=True)
class ReplyStopped(Event):
    """A reply that was to go later could not; its text is its writer's draft again."""

    ticket_id: int
    reply_id: int
    agent_id: int


@dataclass(frozen=True, kw_only=True)
class TicketSeen(Event):
    """An agent has a ticket before their eyes, with everything in it so far."""

    ticket_id: int
    agent_id: int


@dataclass(frozen=True, kw_only=True)
class StateChanged(Event):
    """A ticket went from one state to another."""

    ticket_id: int
    event_id: int
    old: str
    new: str


@dataclass(frozen=True, kw_only=True)
class TicketMerged(Event):
    """A ticket's messages went into another; `undone`: they came back."""

    ticket_id: int
    into_id: int
    event_id: int
    undone: bool


@dataclass(frozen=True, kw_only=True)
class FieldChanged(Event):
    """A field of a ticket has another value: a column, or tags, snooze, spam, trash, link, follower."""

    ticket_id: int
    event_id: int
    field: str
