"""Messages and events as the conversation shows them."""

from dataclasses import dataclass
from datetime import datetime
from typing import Any, Literal

from flask import url_for

from helpdesk.core.feature import panels
from helpdesk.core.i18n import gettext as _
from helpdesk.core.pages import Badge, Person
from helpdesk.people.queries import ContactCard
from helpdesk.tickets.model import Ticket
from helpdesk.tickets.pages import AttachmentTile, DeliveryLine, EventItem, MessageItem, Thread
from helpdesk.tickets.queries.ticket import Conversation, EventLine, FileLine, MessageLine
from helpdesk.tickets.web.relation_words import relation_event
from helpdesk.tickets.web.words_for import priority_words, state_words

SHOWN_TYPES = frozenset({"image/png", "image/jpeg", "image/gif", "image/webp"})
OPENS = SHOWN_TYPES | {"application/pdf"}
STAND_OPEN = 2
"""Of a stretch of events, so many lines stand open; the rest folds."""

KINDS: dict[str, Literal["customer", "team", "note", "system", "held"]] = {
    "customer": "customer",
    "team": "team",
    "note": "note",
    "held": "held",
    "auto": "system",
}


@dataclass(frozen=True, slots=True)
class Names:
    """Who is called what, for one page."""

    agents: dict[int, str]
    contacts: dict[int, ContactCard]
    teams: dict[int, str]

    def agent(self, agent_id: int | None) -> Person | None:
        """Return an agent to show."""
        if agent_id is None or agent_id not in self.agents:
            return None
        return Person.named(self.agents[agent_id], f"agent-{agent_id}", agent_id)


def thread_of(
    t: Ticket, said: Conversation, names: Names, stamp: str, args: dict[str, Any], read_seq: int
) -> Thread:
    """Return the conversation in order, events between the messages, long stretches folded."""
    sends: dict[int, tuple[DeliveryLine, ...]] = {}
    for offer in panels().values("message.foot", [m.id for m in said.messages]):
        sends.update(offer)
    recipient = names.contacts[t.requester_id].shown.split(" ")[0]
    unread = next((m.seq for m in said.messages if m.seq > read_seq), None) if read_seq else None
    messages: list[tuple[tuple[datetime, int], MessageItem | EventItem]] = [
        (
            (m.at, m.seq),
            message_item(
                t,
                m,
                said.files.get(m.id, []),
                sends.get(m.id, ()),
                recipient=recipient,
                first_unread=m.seq == unread,
                agents=names.agents,
            ),
        )
        for m in said.messages
    ]
    events: list[tuple[tuple[datetime, int], MessageItem | EventItem]] = [
        ((e.at, e.seq), item) for e in said.events if (item := event_item(e, names)) is not None
    ]
    merged = sorted([*messages, *events], key=lambda pair: pair[0])
    return Thread(
        items=_folded([item for _seq, item in merged]),
        stamp=stamp,
        last_seq=t.last_seq,
        hidden_count=said.hidden,
        show_all_url=url_for("tickets.ticket", number=t.number, **args, all=1) if said.hidden else None,
        hidden_after=1,
    )


def _folded(items: list[MessageItem | EventItem]) -> tuple[MessageItem | EventItem, ...]:
    found: list[MessageItem | EventItem] = []
    stretch: list[EventItem] = []

    def flush() -> None:
        if len(stretch) > STAND_OPEN + 1:
            last = stretch[-1]
            folded = tuple(stretch[:-1])
            found.append(EventItem(last.id, last.icon, last.words, last.at, folded))
        else:
            found.extend(stretch)
        stretch.clear()

    for item in items:
        if isinstance(item, EventItem):
            stretch.append(item)
        else:
            flush()
            found.append(item)
    flush()
    return tuple(found)


def message_item(
    t: Ticket,
    m: MessageLine,
    files: list[FileLine],
    sends: tuple[DeliveryLine, ...],
    *,
    recipient: str,
    first_unread: bool,
    agents: dict[int, str],
) -> MessageItem:
    """Return one message; `recipient` is who our public messages are addressed to."""
    kind = KINDS[m.kind]
    key = f"{m.author_kind}-{m.author_id}"
    return MessageItem(
        id=m.id,
        kind=kind,
        author=Person.named(m.author_name or m.author_email, key, m.author_id),
        address=m.author_email,
        at=m.at,
        new_text=m.new_text,
        quoted_text=m.text if m.text.strip() != m.new_text.strip() else "",
        has_html=m.has_html,
        html_url=url_for("tickets.message_html", number=t.number, message_id=m.id) if m.has_html else None,
        original_url=url_for("tickets.original", number=t.number, message_id=m.id) if m.raw_digest else None,
        attachments=tuple(_tile(t, f) for f in files),
        deliveries=sends,
        badges=_badges(m, agents),
        accept_url=(
            url_for("tickets.accept_sender", number=t.number, message_id=m.id)
            if m.held_waits and m.held_why != "agent"
            else None
        ),
        dismiss_url=(
            url_for("tickets.dismiss_held", number=t.number, message_id=m.id) if m.held_waits else None
        ),
        again_url=(
            url_for("tickets.hold_again", number=t.number, message_id=m.id)
            if m.kind == "held" and not m.held_waits
            else None
        ),
        held_words=_held_words(m) if m.held_waits else "",
        addressed_to=_("to %(name)s", name=recipient) if m.kind == "team" else "",
        first_unread=first_unread,
    )


def _held_words(m: MessageLine) -> str:
    if m.held_why == "agent":
        return _("This came from an address of your team, but nothing proves that they sent it.")
    name = m.author_name or m.author_email
    return _("%(name)s has not taken part here so far. The message counts once you accept it.", name=name)


def _badges(m: MessageLine, agents: dict[int, str]) -> tuple[Badge, ...]:
    found = []
    if m.kind == "held" and m.held_why == "agent":
        found.append(Badge(_("not verified"), "soon", _("Only your team sees this.")))
    elif m.kind == "held":
        words = _("Only your team sees this until you let them in.")
        found.append(Badge(_("not a participant"), "soon", words))
    elif m.kind == "auto":
        found.append(Badge(_("automatic"), "plain"))
    elif m.via == "web" and m.kind == "customer":
        found.append(Badge(_("from the web"), "plain"))
    if m.sender_check == "fail":
        words = _("The sender's domain says this mail is not from it.")
        found.append(Badge(_("sender disowned"), "late", words))
    if m.forwarded_by is not None:
        who = agents.get(m.forwarded_by, _("somebody"))
        found.append(Badge(_("forwarded by %(who)s", who=who), "plain"))
    return tuple(found)


def _tile(t: Ticket, f: FileLine) -> AttachmentTile:
    url = url_for("tickets.attachment", number=t.number, attachment_id=f.id)
    image = f.content_type in SHOWN_TYPES
    return AttachmentTile(
        id=f.id,
        name=f.name,
        size=f.size,
        content_type=f.content_type,
        url=f"{url}?show=1" if f.content_type in OPENS else url,
        previewable=f.content_type in OPENS,
        is_image=image,
        preview_url=f"{url}?show=1" if image and f.size < 2_000_000 else "",
    )


def event_item(e: EventLine, names: Names) -> EventItem | None:
    """Return one event as a line, or None when it says nothing a reader needs."""
    who = _who(e, names)
    if e.kind == "status":
        if e.actor_kind == "system" and e.data["to"] == "open":
            if e.data["from"] != "solved":
                return None  # the message or the assignment above says it
            return EventItem(e.id, "undo", _("The message opened the ticket again"), e.at)
        words = _("%(who)s set the state to %(state)s", who=who, state=state_words(e.data["to"]))
        return EventItem(e.id, "check" if e.data["to"] in {"solved", "closed"} else "clock", words, e.at)
    if e.kind == "set":
        words = _set_words(who, e.data, names)
        return EventItem(e.id, "user" if e.data["field"] == "assignee_id" else "bolt", words, e.at)
    if e.kind in {"accepted", "dismissed", "held_again"}:
        return EventItem(e.id, "user", _held_event(e, who), e.at)
    if (told := relation_event(e.kind, e.data, who, names.agents)) is not None:
        return EventItem(e.id, told[0], told[1], e.at)
    return None


def _held_event(e: EventLine, who: str) -> str:
    if e.kind == "accepted":
        return _("%(who)s let the sender take part", who=who)
    if e.kind == "held_again":
        return _("%(who)s wants the message decided again", who=who)
    words = _("%(who)s left the message as a note", who=who)
    return f"{words}: {e.data['reason']}" if e.data.get("reason") else words


def _who(e: EventLine, names: Names) -> str:
    if e.actor_kind == "agent":
        return names.agents.get(e.actor_id or 0, _("Somebody"))
    if e.actor_kind == "contact":
        card = names.contacts.get(e.actor_id or 0)
        return card.shown if card else _("The customer")
    return _("Help desk")


def _set_words(who: str, data: dict[str, Any], names: Names) -> str:
    field, new = data["field"], data["to"]
    if field == "assignee_id":
        if new is None:
            return _("%(who)s removed the assignee", who=who)
        if names.agents.get(new) == who:
            return _("%(who)s took it", who=who)
        return _("%(who)s assigned %(name)s", who=who, name=names.agents.get(new, _("somebody")))
    if field == "team_id":
        return _("%(who)s moved it to %(team)s", who=who, team=names.teams.get(new, _("no team")))
    if field == "priority":
        return _("%(who)s set the priority to %(priority)s", who=who, priority=priority_words(new))
    return _('%(who)s changed the subject to "%(subject)s"', who=who, subject=new)
