"""Reads about incoming mail: the answer to "where did my mail go?"."""

import re
from dataclasses import dataclass
from datetime import datetime

import sqlalchemy as sa

from helpdesk.core.db import session
from helpdesk.core.errors import NotFoundError
from helpdesk.core.tables import Json
from helpdesk.mailboxes.model import Mailbox
from helpdesk.people.model import Agent
from helpdesk.people.rights import Viewer
from helpdesk.tickets.holding import HELD_DUE
from helpdesk.tickets.model import Ticket
from helpdesk.tickets.queries.held import held_counts
from mail_ingest.model import Inbound, MailAudit, MailRetry

PAGE = 50
OUTCOMES = ("new_ticket", "added", "automatic", "duplicate", "rejected", "quarantined")
_DIGEST = re.compile(r"[0-9a-fA-F]{8,64}")
_NEEDS_A_LOOK = (Inbound.outcome == "quarantined", Inbound.kept_at.is_(None))


@dataclass(frozen=True, slots=True)
class InboundFacts:
    """One accepted mail as pages need it."""

    id: int
    source: str
    state: str
    outcome: str | None
    reason: str
    sender: str
    subject: str
    mailbox: str | None
    received_at: datetime
    recorded_at: datetime
    size: int
    digest: str
    tries: int
    message_id: str | None
    envelope_from: str | None
    envelope_to: list[str]
    trace: list[Json]
    duplicate_of: int | None
    number: int | None
    cause: str = ""
    preview: str = ""
    kept_at: datetime | None = None


def _select() -> sa.Select[*tuple[object, ...]]:
    return (
        sa.select(
            Inbound.id,
            Inbound.source,
            Inbound.state,
            Inbound.outcome,
            Inbound.reason,
            Inbound.sender,
            Inbound.subject,
            Mailbox.address,
            Inbound.received_at,
            Inbound.recorded_at,
            Inbound.size,
            Inbound.digest,
            Inbound.tries,
            Inbound.message_id,
            Inbound.envelope_from,
            Inbound.envelope_to,
            Inbound.trace,
            Inbound.duplicate_of,
            Ticket.number,
            Inbound.cause,
            Inbound.preview,
            Inbound.kept_at,
        )
        .outerjoin(Mailbox, Mailbox.id == Inbound.mailbox_id)
        .outerjoin(Ticket, Ticket.id == Inbound.ticket_id)
    )


@dataclass(frozen=True, slots=True)
class Search:
    """What is looked for among the mails that came in; empty fields say nothing.

    `words`: in sender, subject or Message-ID, or the beginning of a file's SHA-256. `since` and `until` bound
    when it arrived, `until` left out.
    """

    words: str = ""
    mailbox_id: int | None = None
    since: datetime | None = None
    until: datetime | None = None

    def conditions(self) -> list[sa.ColumnElement[bool]]:
        """Return it as conditions."""
        found: list[sa.ColumnElement[bool]] = []
        if self.words:
            fields = (Inbound.sender, Inbound.subject, Inbound.message_id)
            any_of = [f.icontains(self.words, autoescape=True) for f in fields]
            if _DIGEST.fullmatch(self.words):
                any_of.append(Inbound.digest.startswith(self.words.lower()))
            found.append(sa.or_(*any_of))
        if self.mailbox_id is not None:
            found.append(Inbound.mailbox_id == self.mailbox_id)
        if self.since is not None:
            found.append(Inbound.received_at >= self.since)
        if self.until is not None:
            found.append(Inbound.received_at < self.until)
        return found


def inbound_mails(
    search: Search = Search(),
    *,
    outcome: str | None = None,
    before: int | None = None,
    after: int | None = None,
) -> list[InboundFacts]:
    """Return accepted mails, newest first, one more than a page: those `before` an id, or next `after` one.

    With `after` the one too many is the first, else the last.
    """
    query = _select().where(*search.conditions())
    if outcome in OUTCOMES:
        query = query.where(Inbound.outcome == outcome)
    elif outcome == "waiting":
        query = query.where(Inbound.state == "stored")
    if after is not None:
        rows = session().execute(query.where(Inbound.id > after).order_by(Inbound.id).limit(PAGE + 1)).all()
        return [_facts(row) for row in reversed(rows)]
    if before is not None:
        query = query.where(Inbound.id < before)
    rows = session().execute(query.order_by(Inbound.id.desc()).limit(PAGE + 1)).all()
    return [_facts(row) for row in rows]


def counts(search: Search) -> dict[str, int]:
    """Return how many mails of a search had each outcome; `waiting` ones are not read yet."""
    rows = session().execute(
        sa.select(Inbound.outcome, sa.func.count()).where(*search.conditions()).group_by(Inbound.outcome)
    )
    return {str(row[0] or "waiting"): int(row[1]) for row in rows}


def inbound_mail(inbound_id: int) -> InboundFacts:
    """Return one accepted mail.

    Raises:
        NotFoundError: there is none.
    """
    row = session().execute(_select().where(Inbound.id == inbound_id)).one_or_none()
    if row is None:
        raise NotFoundError("There is no such mail.")
    return _facts(row)


def _facts(row: object) -> InboundFacts:
    return InboundFacts(*tuple(row))  # type: ignore[arg-type] # a row of _select, in the order of the fields


def quarantined_count() -> int:
    """Return how many mails are set aside and need a look, up to 1,000."""
    inner = sa.select(Inbound.id).where(*_NEEDS_A_LOOK).limit(1000).subquery()
    return session().scalar(sa.select(sa.func.count()).select_from(inner)) or 0


def causes() -> dict[str, int]:
    """Return how many mails that need a look were set aside for each cause."""
    rows = session().execute(
        sa.select(Inbound.cause, sa.func.count())
        .where(*_NEEDS_A_LOOK)
        .group_by(Inbound.cause)
        .order_by(Inbound.cause)
    )
    return {str(row[0]): int(row[1]) for row in rows}


def set_aside(
    *, cause: str | None = None, kept: bool = False, before: int | None = None
) -> list[InboundFacts]:
    """Return mails set aside, newest first, one more than a page: those that need a look, or the `kept`."""
    looked = Inbound.kept_at.is_not(None) if kept else Inbound.kept_at.is_(None)
    query = _select().where(Inbound.outcome == "quarantined", looked)
    if cause is not None:
        query = query.where(Inbound.cause == cause)
    if before is not None:
        query = query.where(Inbound.id < before)
    rows = session().execute(query.order_by(Inbound.id.desc()).limit(PAGE + 1)).all()
    return [_facts(row) for row in rows]


def longest_set_aside(limit: int) -> list[InboundFacts]:
    """Return the mails that need a look for the longest."""
    rows = session().execute(_select().where(*_NEEDS_A_LOOK).order_by(Inbound.id).limit(limit)).all()
    return [_facts(row) for row in rows]


@dataclass(frozen=True, slots=True)
class Waiting:
    """How much waits for a decision: held messages and mail set aside, and how much of each is late."""

    held: int
    held_late: int
    aside: int
    aside_late: int

    @property
    def late(self) -> int:
        """How much of all of it is late."""
        return self.held_late + self.aside_late


def waiting(viewer: Viewer, moment: datetime) -> Waiting:
    """Return what waits for the viewer's decision, each number up to 1,000, in one statement."""
    held, late = held_counts(viewer, moment)
    aside = sa.select(Inbound.id).where(*_NEEDS_A_LOOK)
    if not viewer.sees_mail:
        aside = aside.where(sa.false())
    due = Inbound.recorded_at < moment - HELD_DUE
    both = [
        sa.select(sa.func.count()).select_from(q.limit(1000).subquery()).scalar_subquery()
        for q in (aside, aside.where(due))
    ]
    return Waiting(*session().execute(sa.select(held, late, *both)).one())


@dataclass(frozen=True, slots=True)
class RetryFacts:
    """How far a reading again of many mails is."""

    id: int
    cause: str
    total: int
    read: int
    aside: int
    started_at: datetime
    by: str

    @property
    def under_way(self) -> bool:
        """Whether some are still to be read."""
        return self.read < self.total


def last_retry() -> RetryFacts | None:
    """Return the newest reading again of many mails; what was settled by hand meanwhile counts as read."""
    row = (
        session()
        .execute(
            sa.select(MailRetry, Agent.name)
            .join(Agent, Agent.id == MailRetry.agent_id)
            .order_by(MailRetry.id.desc())
            .limit(1)
        )
        .one_or_none()
    )
    if row is None:
        return None
    asked, name = row
    tally = session().execute(
        sa.select(Inbound.state, sa.func.count()).where(Inbound.retry_id == asked.id).group_by(Inbound.state)
    )
    states = {str(row[0]): int(row[1]) for row in tally}
    taken = sum(states.values())
    to_come = session().scalar(
        sa.select(sa.func.count()).where(
            Inbound.outcome == "quarantined",
            Inbound.kept_at.is_(None),
            Inbound.cause == asked.cause if asked.cause else sa.true(),
            Inbound.id <= asked.upto_id,
            sa.func.coalesce(Inbound.retry_id, 0) != asked.id,
        )
    )
    left = states.get("stored", 0) + (0 if taken >= asked.total else int(to_come or 0))
    aside = states.get("quarantined", 0)
    return RetryFacts(
        asked.id, asked.cause, asked.total, max(0, asked.total - left), aside, asked.started_at, name
    )


@dataclass(frozen=True, slots=True)
class AuditFacts:
    """One comparison of a folder with what we hold of it."""

    id: int
    source_id: int
    at: datetime
    on_server: int
    before_us: int
    held: int
    waiting: int
    missing: list[int]
    error: str

    @property
    def since(self) -> int:
        """How many mails the server holds since we began."""
        return self.on_server - self.before_us

    @property
    def equal(self) -> bool:
        """Whether the comparison came about, and nothing is missing."""
        return not self.missing and not self.error


def audits(source_id: int, limit: int = 30) -> list[AuditFacts]:
    """Return the last comparisons of a source, newest first."""
    rows = session().execute(
        sa.select(
            MailAudit.id,
            MailAudit.source_id,
            MailAudit.at,
            MailAudit.on_server,
            MailAudit.before_us,
            MailAudit.held,
            MailAudit.waiting,
            MailAudit.missing,
            MailAudit.error,
        )
        .where(MailAudit.source_id == source_id)
        .order_by(MailAudit.id.desc())
        .limit(limit)
    )
    return [AuditFacts(*row) for row in rows]
