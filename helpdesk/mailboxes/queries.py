"""Reads about mailboxes."""

from dataclasses import dataclass
from datetime import datetime

import sqlalchemy as sa

from helpdesk.core.addresses import key_of
from helpdesk.core.db import session
from helpdesk.core.keys import ring
from helpdesk.mailboxes.addressing import base_address
from helpdesk.mailboxes.fetching import ALARM_AFTER, SourceCard
from helpdesk.mailboxes.model import ImapSource, Mailbox


@dataclass(frozen=True, slots=True)
class MailboxCard:
    """A mailbox as others need it."""

    id: int
    address: str
    sender_name: str
    team_id: int | None
    signature: str
    language: str
    acknowledge: bool

    @property
    def domain(self) -> str:
        """The domain Message-IDs are made in."""
        return self.address.rsplit("@", 1)[1]


_COLUMNS = (
    Mailbox.id,
    Mailbox.address,
    Mailbox.sender_name,
    Mailbox.team_id,
    Mailbox.signature,
    Mailbox.language,
    Mailbox.acknowledge,
)


def mailbox(mailbox_id: int) -> MailboxCard | None:
    """Return a mailbox, active or not."""
    row = session().execute(sa.select(*_COLUMNS).where(Mailbox.id == mailbox_id)).one_or_none()
    return None if row is None else MailboxCard(*row)


def mailboxes() -> list[MailboxCard]:
    """Return the active mailboxes, oldest first."""
    return [
        MailboxCard(*row)
        for row in session().execute(sa.select(*_COLUMNS).where(Mailbox.active).order_by(Mailbox.id))
    ]


def default_mailbox() -> MailboxCard | None:
    """Return the mailbox that sends when nothing says which: the oldest active one."""
    row = (
        session()
        .execute(sa.select(*_COLUMNS).where(Mailbox.active).order_by(Mailbox.id).limit(1))
        .one_or_none()
    )
    return None if row is None else MailboxCard(*row)


def mailbox_receiving(address: str) -> MailboxCard | None:
    """Return the active mailbox that mail to `address` (with or without a `+` part) is for."""
    row = (
        session()
        .execute(sa.select(*_COLUMNS).where(Mailbox.key == key_of(base_address(address)), Mailbox.active))
        .one_or_none()
    )
    return None if row is None else MailboxCard(*row)


def is_ours(address: str) -> bool:
    """Return whether an address belongs to one of our mailboxes, active or not, with or without `+` part."""
    return (
        session().scalar(sa.select(Mailbox.id).where(Mailbox.key == key_of(base_address(address))))
        is not None
    )


def active_sources() -> list[int]:
    """Return the IMAP sources to fetch from."""
    return list(
        session().scalars(
            sa.select(ImapSource.id)
            .join(Mailbox, Mailbox.id == ImapSource.mailbox_id)
            .where(ImapSource.active, Mailbox.active)
            .order_by(ImapSource.id)
        )
    )


def source(source_id: int) -> SourceCard | None:
    """Return an IMAP source with its password open."""
    row = session().get(ImapSource, source_id, populate_existing=True)
    return None if row is None or not row.active else _card(row)


def _card(row: ImapSource) -> SourceCard:
    return SourceCard(
        row.id,
        row.mailbox_id,
        row.host,
        row.port,
        row.security,
        row.user,
        ring().decrypt(row.password_sealed),
        row.folder,
        row.first_import,
        row.afterwards,
        row.move_to,
    )


@dataclass(frozen=True, slots=True)
class PausedSource:
    """A source that nothing is fetched from until somebody resumes it, and why."""

    address: str
    host: str
    port: int
    security: str
    user: str
    folder: str
    why: str


def paused_sources() -> list[PausedSource]:
    """Return the sources that were set up and are not fetched from."""
    rows = session().execute(
        sa.select(
            Mailbox.address,
            ImapSource.host,
            ImapSource.port,
            ImapSource.security,
            ImapSource.user,
            ImapSource.folder,
            ImapSource.error,
        )
        .join(Mailbox, Mailbox.id == ImapSource.mailbox_id)
        .where(ImapSource.active.is_(False), Mailbox.active)
        .order_by(ImapSource.id)
    )
    return [PausedSource(*row) for row in rows]


def newest_source(mailbox_id: int) -> SourceCard | None:
    """Return the IMAP source of a mailbox that was set up last, paused or not, with its password open."""
    row = session().scalar(
        sa.select(ImapSource)
        .where(ImapSource.mailbox_id == mailbox_id)
        .order_by(ImapSource.id.desc())
        .limit(1)
    )
    return None if row is None else _card(row)


@dataclass(frozen=True, slots=True)
class SourceHealth:
    """How fetching from a source fares."""

    id: int
    address: str
    host: str
    user: str
    folder: str
    state: str
    last_ok_at: datetime | None
    error: str
    fails: int
    next_try_at: datetime | None

    @property
    def stopped(self) -> bool:
        """Whether somebody should look: several failures in a row."""
        return self.fails >= ALARM_AFTER


def sources_health() -> list[SourceHealth]:
    """Return how every active IMAP source fares."""
    rows = session().execute(
        sa.select(
            ImapSource.id,
            Mailbox.address,
            ImapSource.host,
            ImapSource.user,
            ImapSource.folder,
            ImapSource.state,
            ImapSource.last_ok_at,
            ImapSource.error,
            ImapSource.fails,
            ImapSource.next_try_at,
        )
        .join(Mailbox, Mailbox.id == ImapSource.mailbox_id)
        .where(ImapSource.active)
        .order_by(ImapSource.id)
    )
    return [SourceHealth(*tuple(row)) for row in rows]
