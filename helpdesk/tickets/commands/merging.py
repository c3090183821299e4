"""Messages change tickets here: merge, its undoing, and split (L8, L9)."""

from collections.abc import Sequence
from datetime import timedelta
from typing import Any

import sqlalchemy as sa

from helpdesk.core.clock import now
from helpdesk.core.db import command, session
from helpdesk.core.errors import InvalidError, NotFoundError, RefusedError
from helpdesk.core.events import emit
from helpdesk.core.once import next_number
from helpdesk.people.rights import Right, Viewer
from helpdesk.tickets import fold
from helpdesk.tickets.actor import Actor
from helpdesk.tickets.commands.changing import change_state, visible
from helpdesk.tickets.commands.participants import add_participant
from helpdesk.tickets.commands.relating import put_link, tag_ticket
from helpdesk.tickets.events import TicketMerged
from helpdesk.tickets.history import locked, record
from helpdesk.tickets.lifecycle import State, after_customer_message
from helpdesk.tickets.model import Attachment, Draft, Follower, Message, Participant, Ticket, TicketEvent

UNDO_WITHIN = timedelta(minutes=10)
SOURCES = 50


@command
def merge(*, viewer: Viewer, numbers: Sequence[int], into: int, other_people: bool = False) -> int:
    """Move everything said in some tickets into one; return the event that can be undone.

    Messages keep their time, author, visibility and Message-IDs. The target keeps its subject, assignee,
    priority and state; somebody unanswered opens it. The other requester of a merged ticket is never added
    (contracts 25).

    Raises:
        NotFoundError: the viewer does not see one of them.
        RefusedError: one is closed, spam, in the trash, or somebody else's and `other_people` is not said.
        InvalidError: nothing to merge.
    """
    numbers = [n for n in dict.fromkeys(numbers) if n != into]
    if not numbers or len(numbers) > SOURCES:
        raise InvalidError("Choose another ticket to merge.", into="Choose another ticket.")
    target = _mergeable(viewer, into)
    actor = Actor.agent(viewer.id)
    event_id = 0
    for number in numbers:
        source = _mergeable(viewer, number)
        if source.requester_id != target.requester_id and not other_people:
            raise RefusedError(
                f"Ticket {number} is another customer's. Merging shows their messages to who reads this one."
            )
        event_id = _absorb(source, target, actor)
    return event_id


def _mergeable(viewer: Viewer, number: int) -> Ticket:
    ticket = visible(viewer, number, Right.CHANGE)
    if ticket.spam_at is not None or ticket.trashed_at is not None:
        raise RefusedError(f"Ticket {number} is set aside. Take it out first.")
    return ticket


def _absorb(source: Ticket, target: Ticket, actor: Actor) -> int:
    messages = _messages(source.id)
    unanswered = source.waiting_since
    was = fold.before_merge(source)
    entry = record(
        target,
        "absorb",
        {
            "from": source.id,
            "number": source.number,
            "waiting_since": unanswered.isoformat() if unanswered else None,
            "was_waiting_since": target.waiting_since.isoformat() if target.waiting_since else None,
            "messages": [[m.id, m.seq] for m in messages],
        },
        actor=actor,
    )
    record(source, "merged_away", {"into": target.id, "number": target.number, "was": was}, actor=actor)
    _move(messages, target, actor, moved_from=source.number)
    if source.requester_id == target.requester_id:
        _take_along(source.id, target.id)
    _followers_and_drafts(source.id, target.id)
    tag_ticket(target, add=source.tags, actor=actor)
    if unanswered is not None:
        change_state(target, after_customer_message(State(target.state)), actor=actor)
    target.snippet = _newest_words(target.id) or target.snippet
    emit(TicketMerged(ticket_id=source.id, into_id=target.id, event_id=entry.id, undone=False))
    return entry.id


def _messages(ticket_id: int) -> Sequence[Message]:
    return (
        session()
        .scalars(sa.select(Message).where(Message.ticket_id == ticket_id).order_by(Message.at, Message.seq))
        .all()
    )


def _move(messages: Sequence[Message], target: Ticket, actor: Actor, *, moved_from: int) -> None:
    """Put messages into another ticket's log at its end; readers see them at their own time."""
    for message in messages:
        data: dict[str, Any] = {
            "message_id": message.id,
            "kind": message.kind,
            "from": {"contact": "customer", "agent": "agent"}.get(message.author_kind, "system"),
            "public": message.kind in {"customer", "team"},
            "auto": message.kind == "auto",
            "moved": moved_from,
        }
        entry = record(target, "message", data, actor=actor, at=message.at)
        message.ticket_id, message.seq = target.id, entry.seq
        session().flush()
    ids = [m.id for m in messages]
    session().execute(sa.update(Attachment).where(Attachment.message_id.in_(ids)).values(ticket_id=target.id))


def _take_along(source_id: int, target_id: int) -> None:
    people = session().scalars(
        sa.select(Participant.contact_id).where(Participant.ticket_id == source_id, Participant.role == "cc")
    )
    for contact_id in people.all():
        add_participant(ticket_id=target_id, contact_id=contact_id, role="cc")


def _followers_and_drafts(source_id: int, target_id: int) -> None:
    has = sa.select(Follower.agent_id).where(Follower.ticket_id == target_id)
    session().execute(
        sa.update(Follower)
        .where(Follower.ticket_id == source_id, Follower.agent_id.not_in(has))
        .values(ticket_id=target_id)
        .execution_options(synchronize_session=False)
    )
    for draft in session().scalars(sa.select(Draft).where(Draft.ticket_id == source_id)).all():
        kept = session().get(Draft, (target_id, draft.agent_id, draft.kind))
        if kept is None:
            session().add(
                Draft(
                    ticket_id=target_id,
                    agent_id=draft.agent_id,
                    kind=draft.kind,
                    body=draft.body,
                    files=draft.files,
                    updated_at=draft.updated_at,
                )
            )
        else:
            kept.body = f"{kept.body.rstrip()}\n\n{draft.body}"
            kept.files = [*kept.files, *draft.files]
        session().delete(draft)
    session().flush()


@command
def unmerge(*, viewer: Viewer, number: int, event_id: int) -> None:
    """Undo a merge within ten minutes, unless something public was said since (L8).

    Raises:
        NotFoundError: there is no such merge in a ticket the viewer sees.
        RefusedError: it is too late, or it was undone before.
    """
    target = visible(viewer, number, Right.CHANGE, closed_too=True)
    merged = session().scalar(
        sa.select(TicketEvent).where(
            TicketEvent.id == event_id, TicketEvent.ticket_id == target.id, TicketEvent.kind == "absorb"
        )
    )
    if merged is None:
        raise NotFoundError("There is no such merge.")
    source = locked(merged.data["from"], closed_too=True)
    if source.merged_into_id != target.id:
        raise RefusedError("This merge was undone already.")
    places: dict[int, int] = dict(merged.data["messages"])
    if now() > merged.recorded_at + UNDO_WITHIN or _public_since(target.id, merged.seq, places):
        raise RefusedError("It is too late to undo this merge. Split the messages off instead.")
    away = (
        session()
        .scalars(
            sa.select(TicketEvent)
            .where(TicketEvent.ticket_id == source.id, TicketEvent.kind == "merged_away")
            .order_by(TicketEvent.seq.desc())
            .limit(1)
        )
        .one()
    )
    back = [m for m in _messages(target.id) if m.id in places]
    if len(back) != len(places):
        raise RefusedError("Some of these messages were split off since. Merge or split by hand.")
    for message in back:
        message.ticket_id, message.seq = source.id, places[message.id]
    session().flush()
    session().execute(
        sa.update(Attachment).where(Attachment.message_id.in_(places)).values(ticket_id=source.id)
    )
    actor = Actor.agent(viewer.id)
    record(source, "unmerged", {"was": away.data["was"], "from": target.id}, actor=actor)
    entry = record(
        target,
        "released",
        {
            "messages": sorted(places),
            "number": source.number,
            "waiting_since": merged.data["was_waiting_since"],
            "last_message_seq": _last_message_seq(target.id),
        },
        actor=actor,
    )
    target.snippet = _newest_words(target.id) or ""
    source.snippet = _newest_words(source.id) or ""
    emit(TicketMerged(ticket_id=source.id, into_id=target.id, event_id=entry.id, undone=True))


def _public_since(ticket_id: int, seq: int, moved: dict[int, int]) -> bool:
    later = sa.exists().where(
        Message.ticket_id == ticket_id,
        Message.seq > seq,
        Message.kind.in_(("customer", "team")),
        Message.id.not_in(sorted(moved)),
    )
    return bool(session().scalar(sa.select(later)))


@command
def split(*, viewer: Viewer, number: int, message_ids: Sequence[int], subject: str) -> int:
    """Move chosen messages into a new ticket; return its number (L9).

    Its requester is the contact who wrote the first of them, else the requester of this ticket.

    Raises:
        InvalidError: no message chosen, or none would stay, or no subject.
        NotFoundError: a message is not of this ticket.
    """
    subject = " ".join(subject.split())[:300]
    if not subject:
        raise InvalidError("A subject needs words.", subject="Write a few words.")
    source = visible(viewer, number, Right.CHANGE)
    everything = _messages(source.id)
    wanted = set(message_ids)
    chosen = [m for m in everything if m.id in wanted]
    if not chosen or len(chosen) != len(wanted):
        raise InvalidError("Choose at least one message of this ticket.", messages="Choose a message.")
    if len(chosen) == len(everything):
        raise InvalidError("At least one message has to stay here.", messages="Leave one out.")
    actor = Actor.agent(viewer.id)
    writer = next((m.author_id for m in chosen if m.author_kind == "contact" and m.author_id), None)
    made = Ticket(number=next_number("ticket"))
    record(
        made,
        "created",
        {
            "subject": subject,
            "priority": source.priority,
            "channel": source.channel,
            "mailbox_id": source.mailbox_id,
            "team_id": source.team_id,
            "assignee_id": None,
            "requester_id": writer or source.requester_id,
            "follow_up_of": None,
            "by": "split",
        },
        actor=actor,
    )
    add_participant(ticket_id=made.id, contact_id=made.requester_id, role="requester")
    _move(chosen, made, actor, moved_from=source.number)
    left = [m for m in everything if m.id not in wanted]
    record(
        source,
        "moved_out",
        {
            "messages": sorted(wanted),
            "number": made.number,
            "waiting_since": _waiting_of(left, source),
            "last_message_seq": _last_message_seq(source.id),
        },
        actor=actor,
    )
    # Its clocks start now (S40): an unanswered customer waits for an answer to this, from here on.
    record(made, "split", {"from": source.number, "waiting": _unanswered(chosen)}, actor=actor)
    made.snippet = _newest_words(made.id) or ""
    source.snippet = _newest_words(source.id) or source.snippet
    put_link(made, source, "split", actor=actor)
    return made.number


def _unanswered(messages: Sequence[Message]) -> bool:
    public = [m for m in messages if m.kind in {"customer", "team"}]
    return bool(public) and public[-1].kind == "customer"


def _waiting_of(left: Sequence[Message], source: Ticket) -> str | None:
    """Return since when the customer waits in what stays; never longer than before."""
    if source.waiting_since is None or not _unanswered(left):
        return None
    return source.waiting_since.isoformat()


def _last_message_seq(ticket_id: int) -> int:
    top = sa.select(sa.func.max(Message.seq)).where(Message.ticket_id == ticket_id)
    return session().scalar(top) or 0


def _newest_words(ticket_id: int) -> str | None:
    words = session().scalar(
        sa.select(Message.new_text)
        .where(Message.ticket_id == ticket_id, Message.kind.in_(("customer", "team")))
        .order_by(Message.at.desc(), Message.seq.desc())
        .limit(1)
    )
    return None if words is None else fold.snippet_of(words)
