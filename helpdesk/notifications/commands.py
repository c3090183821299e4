"""Writing down what somebody should hear, marking it read, and sending what nobody read by mail."""

from collections import defaultdict
from collections.abc import Iterable, Mapping
from datetime import datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

import sqlalchemy as sa

from helpdesk.core.clock import now
from helpdesk.core.db import command, insert_ignore, session
from helpdesk.core.desk import desk
from helpdesk.core.errors import InvalidError
from helpdesk.core.events import emit
from helpdesk.core.keys import ring
from helpdesk.core.running import settings
from helpdesk.mailboxes.addressing import agent_address, message_id
from helpdesk.mailboxes.events import NoticeWanted
from helpdesk.mailboxes.queries import MailboxCard, default_mailbox, is_ours, mailbox
from helpdesk.notifications.kinds import KINDS, WAYS, Choices, Kind, Way
from helpdesk.notifications.model import Notification, NotificationChoice
from helpdesk.notifications.queries import WHEN, choices_of
from helpdesk.notifications.wording import INTERNAL, News, TicketNews, daily_mail, ticket_mail
from helpdesk.people.queries import viewer_of_agent
from helpdesk.people.rights import Right, Viewer
from helpdesk.tickets.model import Message, Ticket
from helpdesk.tickets.queries.scope import ticket_id_of, visible_tickets

KEPT = timedelta(days=90)
"""How long what was read is kept."""

WORDS = 2000

TOGETHER = 5
"""News of more tickets than these at once (somebody gave you a whole list) is one mail."""


@command
def tell(
    *,
    ticket_id: int,
    agent_ids: Iterable[int],
    kind: Kind,
    cause: str,
    who: str,
    message_id: int | None = None,
) -> set[int]:
    """Note for agents what happened, once for a cause and kind; return who hears of it.

    Nobody hears of a ticket they may not see, or of one in the trash or marked as spam (L7).
    """
    wanted = sorted(set(agent_ids))
    ticket = session().get_one(Ticket, ticket_id)
    if not wanted or ticket.spam_at is not None or ticket.trashed_at is not None:
        return set()
    chosen, told = choices_of(wanted), set()
    for agent_id in wanted:
        way = chosen[agent_id].way(kind)
        viewer = viewer_of_agent(agent_id) if way is not Way.NONE else None
        if viewer is None or ticket_id_of(viewer, ticket.number) is None:
            continue
        by_mail = way is Way.MAIL and not _mails_nobody()
        told.add(agent_id)
        insert_ignore(
            Notification,
            {
                "agent_id": agent_id,
                "ticket_id": ticket_id,
                "message_id": message_id,
                "kind": kind,
                "cause": cause,
                "who": who[:200],
                "at": now(),
                "mail_at": _mail_at(agent_id, ticket_id, chosen[agent_id]) if by_mail else None,
                "digest": by_mail and chosen[agent_id].daily,
            },
        )
    return told


def _mails_nobody() -> bool:
    """A demo's people have no mailboxes, and a desk beside another one is silent."""
    return desk().demo or desk().shadow


def _zone() -> ZoneInfo:
    try:
        return ZoneInfo(desk().zone)
    except (KeyError, ValueError, OSError):
        return ZoneInfo("UTC")


def _mail_at(agent_id: int, ticket_id: int, choices: Choices) -> datetime:
    """Return when it goes by mail: with what waits about the same ticket, else when a new wait is over."""
    if choices.daily:
        return choices.mail_at(now(), _zone())
    waiting = session().scalar(
        sa.select(sa.func.min(Notification.mail_at)).where(
            Notification.agent_id == agent_id,
            Notification.ticket_id == ticket_id,
            Notification.mail_at.is_not(None),
            Notification.digest.is_(False),
        )
    )
    return waiting or choices.mail_at(now(), _zone())


@command
def read(*, agent_id: int, ticket_id: int | None = None) -> int:
    """Mark what an agent had to hear of a ticket (without one: of all) as read; return how many that were.

    What was read goes by mail no more.
    """
    query = sa.update(Notification).where(Notification.agent_id == agent_id, Notification.read_at.is_(None))
    if ticket_id is not None:
        query = query.where(Notification.ticket_id == ticket_id)
    result: Any = session().execute(query.values(read_at=now(), mail_at=None))
    return int(result.rowcount)


@command
def read_ticket(*, viewer: Viewer, number: int) -> int:
    """Mark what the viewer had to hear of the ticket `number` as read; return how many that were."""
    ticket_id = ticket_id_of(viewer, number)
    return 0 if ticket_id is None else read(agent_id=viewer.id, ticket_id=ticket_id)


@command
def choose(*, viewer: Viewer, ways: Mapping[str, str], daily: bool) -> None:
    """Keep how the viewer wants to hear of things; kinds that are not named stay as they were.

    Raises:
        InvalidError: there is no such kind or way.
    """
    for kind, way in ways.items():
        if kind not in KINDS or way not in WAYS:
            raise InvalidError("Choose one of the list.", **{kind: "Choose one of the list."})
    for kind, way in {**ways, WHEN: "daily" if daily else "now"}.items():
        keys = {"agent_id": viewer.id, "kind": kind}
        if not insert_ignore(NotificationChoice, {**keys, "way": way}):
            session().get_one(NotificationChoice, (viewer.id, kind)).way = way


@command
def mail_due(*, limit: int = 500) -> int:
    """Send by mail what is due and still unread: one mail for an agent and ticket, or one for the morning.

    News of many tickets at once is one mail, too. Who no longer works here, or may no longer see the ticket,
    gets none. Return how many mails that are.
    """
    rows = (
        session()
        .scalars(
            sa.select(Notification)
            .where(Notification.mail_at <= now())
            .order_by(Notification.mail_at, Notification.id)
            .limit(limit)
            .with_for_update(skip_locked=True)
        )
        .all()
    )
    by_agent: defaultdict[int, list[Notification]] = defaultdict(list)
    for row in rows:
        by_agent[row.agent_id].append(row)
        row.mail_at = None
    return sum(_mail(agent_id, part) for agent_id, found in by_agent.items() for part in _parts(found))


def _parts(rows: list[Notification]) -> list[list[Notification]]:
    """Return what goes in a mail each: the morning's together, and so are many tickets at once."""
    parts: defaultdict[int | None, list[Notification]] = defaultdict(list)
    many = len({row.ticket_id for row in rows if not row.digest}) > TOGETHER
    for row in rows:
        parts[None if row.digest or many else row.ticket_id].append(row)
    return list(parts.values())


def _mail(agent_id: int, rows: list[Notification]) -> bool:
    viewer = viewer_of_agent(agent_id)
    if viewer is None or is_ours(viewer.email) or _mails_nobody():
        return False
    by_ticket: defaultdict[int, list[Notification]] = defaultdict(list)
    for row in rows:
        by_ticket[row.ticket_id].append(row)
    tickets = {
        t.id: t
        for t in session().scalars(
            visible_tickets(viewer).where(Ticket.id.in_(by_ticket), Ticket.spam_at.is_(None))
        )
    }
    box = _sender(next(iter(tickets.values()))) if tickets else None
    if box is None:
        return False
    news = [_news(t, by_ticket[t.id]) for t in sorted(tickets.values(), key=lambda t: t.number)]
    letter = _letter(viewer, box, news, together=rows[0].digest or len(by_ticket) > 1)
    emit(letter)
    for row in rows:
        if row.ticket_id in tickets:
            row.mailed_at = now()
    return True


def _letter(viewer: Viewer, box: MailboxCard, news: list[TicketNews], *, together: bool) -> NoticeWanted:
    public = settings().public_url
    key = f"notification:{viewer.id}:{news[0].number}:{int(together)}:{now().isoformat()}"
    if together:
        words = daily_mail(news, public)
        return NoticeWanted(
            key=key, mailbox_id=box.id, recipient=viewer.email, subject=words.subject, text=words.text
        )
    number = news[0].number
    # What answers a colleague's note must not reach the customer: such mail carries no address for answers,
    # and what is sent to the mailbox all the same is held as not verified (mail rule 9).
    inside = any(one.kind in INTERNAL for one in news[0].news)
    words = ticket_mail(news[0], public, answers=viewer.may(Right.REPLY), inside=inside)
    return NoticeWanted(
        key=key,
        mailbox_id=box.id,
        recipient=viewer.email,
        subject=words.subject,
        text=words.text,
        reply_to="" if inside else agent_address(ring(), box.address, number, viewer.id),
        thread=message_id(ring(), box.domain, number, "root"),
    )


def _sender(ticket: Ticket) -> MailboxCard | None:
    found = mailbox(ticket.mailbox_id) if ticket.mailbox_id is not None else None
    return found if found is not None and found.active else default_mailbox()


def _news(ticket: Ticket, rows: list[Notification]) -> TicketNews:
    ids = [row.message_id for row in rows if row.message_id is not None]
    found = session().execute(
        sa.select(Message.id, sa.func.substr(Message.new_text, 1, WORDS)).where(Message.id.in_(ids))
    )
    said = {row[0]: str(row[1]) for row in found}
    return TicketNews(
        ticket.number,
        ticket.subject,
        tuple(News(Kind(row.kind), row.who, said.get(row.message_id or 0, "").strip()) for row in rows),
    )


@command
def move(*, ticket_id: int, into_id: int) -> None:
    """What is unread of a ticket belongs to the one it was merged into."""
    session().execute(
        sa.update(Notification)
        .where(Notification.ticket_id == ticket_id, Notification.read_at.is_(None))
        .values(ticket_id=into_id)
    )


@command
def forget_old() -> int:
    """Forget what was read long ago; return how many notifications that were."""
    result: Any = session().execute(sa.delete(Notification).where(Notification.read_at < now() - KEPT))
    return int(result.rowcount)
