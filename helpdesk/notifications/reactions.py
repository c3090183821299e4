"""Who hears of what happens to tickets: never the one who did it."""

import sqlalchemy as sa

from helpdesk.core.db import session
from helpdesk.core.desk import desk
from helpdesk.notifications.commands import move, read, tell
from helpdesk.notifications.kinds import Kind
from helpdesk.notifications.mentions import mentioned
from helpdesk.notifications.queries import who_cares
from helpdesk.people.queries import agent_names, agents, viewer_of_agent
from helpdesk.tickets.commands.relating import follow
from helpdesk.tickets.events import (
    CustomerWrote,
    FieldChanged,
    NoteAdded,
    ReplyStopped,
    TeamReplied,
    TicketMerged,
    TicketSeen,
)
from helpdesk.tickets.model import Message, Ticket, TicketEvent
from helpdesk.tickets.queries.scope import ticket_id_of


def field_changed(event: FieldChanged) -> None:
    """Tell an agent that a ticket is theirs now, or that one of theirs is back (L6)."""
    if event.field == "assignee_id":
        _assigned(event)
    elif event.field == "snooze":
        _woke(event)


def _assigned(event: FieldChanged) -> None:
    entry = session().get_one(TicketEvent, event.event_id)
    to = entry.data.get("to")
    by_self = entry.actor_kind == "agent" and entry.actor_id == to
    if to is not None and not by_self:
        who = agent_names([entry.actor_id]) if entry.actor_kind == "agent" and entry.actor_id else {}
        tell(
            ticket_id=event.ticket_id,
            agent_ids=[to],
            kind=Kind.ASSIGNED,
            cause=f"event:{entry.id}",
            who=next(iter(who.values()), desk().name),
        )


def _woke(event: FieldChanged) -> None:
    entry = session().get_one(TicketEvent, event.event_id)
    if entry.actor_kind != "system" or entry.data.get("until") is not None:
        return
    ticket = session().get_one(Ticket, event.ticket_id)
    whose = ticket.assignee_id if ticket.assignee_id is not None else _who_snoozed(entry)
    if whose is not None:
        tell(
            ticket_id=ticket.id,
            agent_ids=[whose],
            kind=Kind.WOKE,
            cause=f"event:{entry.id}",
            who=desk().name,
        )


def _who_snoozed(entry: TicketEvent) -> int | None:
    return session().scalar(
        sa.select(TicketEvent.actor_id)
        .where(
            TicketEvent.ticket_id == entry.ticket_id,
            TicketEvent.seq < entry.seq,
            TicketEvent.kind == "snooze",
            TicketEvent.actor_kind == "agent",
        )
        .order_by(TicketEvent.seq.desc())
        .limit(1)
    )


def customer_wrote(event: CustomerWrote) -> None:
    """Tell those who care that the customer wrote."""
    if not event.quiet:
        _said(event.ticket_id, event.message_id, Kind.CUSTOMER)


def team_replied(event: TeamReplied) -> None:
    """Tell those who care that a colleague answered."""
    if not event.quiet:
        _said(event.ticket_id, event.message_id, Kind.COLLEAGUE)


def note_added(event: NoteAdded) -> None:
    """Tell who is mentioned, and follows from then on, then the others who care; machines tell nobody."""
    message = session().get_one(Message, event.message_id)
    if message.kind == "held":
        _said(event.ticket_id, event.message_id, Kind.CUSTOMER)
    elif message.kind == "note":
        _said(event.ticket_id, event.message_id, Kind.COLLEAGUE, but=_mentions(message))


def _mentions(message: Message) -> set[int]:
    """Tell whom a note mentions, and let them follow; return who hears of it."""
    if message.author_kind != "agent" or message.author_id is None or "@" not in message.new_text:
        return set()
    found = mentioned(message.new_text, ((a.id, a.name) for a in agents())) - {message.author_id}
    author = viewer_of_agent(message.author_id)
    number = session().get_one(Ticket, message.ticket_id).number
    told = tell(
        ticket_id=message.ticket_id,
        agent_ids=found,
        kind=Kind.MENTIONED,
        cause=f"message:{message.id}",
        who=message.author_name,
        message_id=message.id,
    )
    for agent_id in sorted(found):
        viewer = viewer_of_agent(agent_id)
        if author is not None and viewer is not None and ticket_id_of(viewer, number) is not None:
            follow(viewer=author, number=number, on=True, agent_id=agent_id)
    return told


def _said(ticket_id: int, message_id: int, kind: Kind, *, but: set[int] | None = None) -> None:
    ticket = session().get_one(Ticket, ticket_id)
    if ticket.message_count <= 1 and ticket.assignee_id is None:
        return  # just opened: nobody has it, and nobody can follow it yet
    message = session().get_one(Message, message_id)
    own = {message.author_id} if message.author_kind == "agent" else set()
    tell(
        ticket_id=ticket_id,
        agent_ids=who_cares(ticket) - own - (but or set()),
        kind=kind,
        cause=f"message:{message_id}",
        who=message.author_name or message.author_email,
        message_id=message_id,
    )


def reply_stopped(event: ReplyStopped) -> None:
    """Tell the writer of a reply that it could not go at its moment."""
    tell(
        ticket_id=event.ticket_id,
        agent_ids=[event.agent_id],
        kind=Kind.STOPPED,
        cause=f"reply:{event.reply_id}",
        who=desk().name,
    )


def merged(event: TicketMerged) -> None:
    """What is unread of the merged ticket is read in the one it went into."""
    if not event.undone:
        move(ticket_id=event.ticket_id, into_id=event.into_id)


def seen(event: TicketSeen) -> None:
    """What was looked at in its ticket is read."""
    read(agent_id=event.agent_id, ticket_id=event.ticket_id)
