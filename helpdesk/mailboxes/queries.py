"""Reads about mailboxes."""

from dataclasses import dataclass, field
from datetime import datetime

import sqlalchemy as sa

from helpdesk.core.addresses import key_of
from helpdesk.core.db import session
from helpdesk.core.errors import NotFoundError
from helpdesk.core.keys import ring
from helpdesk.mailboxes.addressing import base_address
from helpdesk.mailboxes.fetching import ALARM_AFTER, SourceCard
from helpdesk.mailboxes.model import (
    ConnectionTest,
    DkimKey,
    ImapSource,
    Mailbox,
    OauthGrant,
    OauthProvider,
    SmtpServer,
)
from helpdesk.mailboxes.oauth import Provider
from helpdesk.mailboxes.outgoing import ServerCard, Smtp
from helpdesk.mailboxes.trying import Step


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
    sender_style: str = "first"
    paused: bool = False
    active: bool = True

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
    Mailbox.sender_style,
    Mailbox.paused_at.is_not(None).label("paused"),
    Mailbox.active,
)


def mailbox(mailbox_id: int) -> MailboxCard | None:
    """Return a mailbox, active or not."""
    row = session().execute(sa.select(*_COLUMNS).where(Mailbox.id == mailbox_id)).one_or_none()
    return None if row is None else MailboxCard(*tuple(row))


def mailboxes() -> list[MailboxCard]:
    """Return the active mailboxes, oldest first."""
    return [
        MailboxCard(*tuple(row))
        for row in session().execute(sa.select(*_COLUMNS).where(Mailbox.active).order_by(Mailbox.id))
    ]


def default_mailbox() -> MailboxCard | None:
    """Return the mailbox that sends when nothing says which: the oldest active one."""
    row = (
        session()
        .execute(sa.select(*_COLUMNS).where(Mailbox.active).order_by(Mailbox.id).limit(1))
        .one_or_none()
    )
    return None if row is None else MailboxCard(*tuple(row))


def mailbox_receiving(address: str) -> MailboxCard | None:
    """Return the active mailbox that mail to `address` (with or without a `+` part) is for."""
    row = (
        session()
        .execute(sa.select(*_COLUMNS).where(Mailbox.key == key_of(base_address(address)), Mailbox.active))
        .one_or_none()
    )
    return None if row is None else MailboxCard(*tuple(row))


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
            .where(ImapSource.active, Mailbox.active, Mailbox.paused_at.is_(None))
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
        row.auth,
        row.next_try_at,
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
        .where(ImapSource.active.is_(False), ImapSource.ended_at.is_(None), Mailbox.active)
        .order_by(ImapSource.id)
    )
    return [PausedSource(*row) for row in rows]


def newest_source(mailbox_id: int) -> SourceCard | None:
    """Return the IMAP source of a mailbox that was set up last, paused or not, with its password open."""
    row = session().scalar(
        sa.select(ImapSource)
        .where(ImapSource.mailbox_id == mailbox_id, ImapSource.ended_at.is_(None))
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
    stopped_at: datetime | None

    @property
    def stopped(self) -> bool:
        """Whether somebody should look: several failures in a row, or silence for long."""
        return self.stopped_at is not None or self.fails >= ALARM_AFTER


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
            ImapSource.stopped_at,
        )
        .join(Mailbox, Mailbox.id == ImapSource.mailbox_id)
        .where(ImapSource.active, Mailbox.active, Mailbox.paused_at.is_(None))
        .order_by(ImapSource.id)
    )
    return [SourceHealth(*tuple(row)) for row in rows]


def smtp_server(mailbox_id: int) -> ServerCard | None:
    """Return the outgoing server of a mailbox's own with its password open, or None: the desk's sends."""
    row = session().get(SmtpServer, mailbox_id, populate_existing=True)
    if row is None:
        return None
    password = ring().decrypt(row.password_sealed) if row.password_sealed else ""
    smtp = Smtp(row.host, row.port, row.security, row.auth, row.user, password)
    return ServerCard(mailbox_id, smtp, row.state, row.error, row.fails, row.next_try_at, row.last_ok_at)


@dataclass(frozen=True, slots=True)
class Incoming:
    """Where a mailbox is fetched from and how that fares, without its password."""

    id: int
    host: str
    port: int
    security: str
    auth: str
    user: str
    has_password: bool
    folder: str
    first_import: str
    afterwards: str
    move_to: str
    active: bool
    state: str
    error: str
    fails: int
    last_ok_at: datetime | None
    next_try_at: datetime | None
    stopped_at: datetime | None


@dataclass(frozen=True, slots=True)
class Outgoing:
    """Where a mailbox's mail is handed over and how that fares, without its password."""

    host: str
    port: int
    security: str
    auth: str
    user: str
    has_password: bool
    state: str
    error: str
    fails: int
    next_try_at: datetime | None
    last_ok_at: datetime | None


@dataclass(frozen=True, slots=True)
class MailboxSettings:
    """A mailbox as its page shows it."""

    box: MailboxCard
    version: int
    archived: bool
    paused_at: datetime | None
    incoming: Incoming | None
    outgoing: Outgoing | None


def all_settings() -> list[MailboxSettings]:
    """Return every mailbox with how it fares: active ones first, oldest first."""
    boxes = session().execute(
        sa.select(*_COLUMNS, Mailbox.version, Mailbox.archived_at, Mailbox.paused_at).order_by(
            Mailbox.archived_at.is_not(None), Mailbox.id
        )
    )
    sources = {
        row.mailbox_id: row
        for row in session().scalars(
            sa.select(ImapSource)
            .where(ImapSource.ended_at.is_(None))
            .order_by(ImapSource.id)
            .execution_options(populate_existing=True)
        )
    }
    servers = {
        row.mailbox_id: row
        for row in session().scalars(sa.select(SmtpServer).execution_options(populate_existing=True))
    }
    return [
        MailboxSettings(
            MailboxCard(*tuple(row)[: len(_COLUMNS)]),
            row.version,
            row.archived_at is not None,
            row.paused_at,
            _incoming(sources.get(row.id)),
            _outgoing(servers.get(row.id)),
        )
        for row in boxes
    ]


def mailbox_settings(mailbox_id: int) -> MailboxSettings:
    """Return one mailbox as its page shows it.

    Raises:
        NotFoundError: there is none.
    """
    found = next((one for one in all_settings() if one.box.id == mailbox_id), None)
    if found is None:
        raise NotFoundError("There is no such mailbox.")
    return found


def _incoming(row: ImapSource | None) -> Incoming | None:
    if row is None:
        return None
    return Incoming(
        row.id,
        row.host,
        row.port,
        row.security,
        row.auth,
        row.user,
        bool(ring().decrypt(row.password_sealed)),
        row.folder,
        row.first_import,
        row.afterwards,
        row.move_to,
        row.active,
        row.state,
        row.error,
        row.fails,
        row.last_ok_at,
        row.next_try_at,
        row.stopped_at,
    )


def _outgoing(row: SmtpServer | None) -> Outgoing | None:
    if row is None:
        return None
    return Outgoing(
        row.host,
        row.port,
        row.security,
        row.auth,
        row.user,
        bool(row.password_sealed),
        row.state,
        row.error,
        row.fails,
        row.next_try_at,
        row.last_ok_at,
    )


def stopped_addresses() -> list[str]:
    """Return the mailboxes whose fetching has stopped, each once (for the strip on every agent page)."""
    return list(
        session().scalars(
            sa.select(Mailbox.address)
            .join(ImapSource, ImapSource.mailbox_id == Mailbox.id)
            .where(
                ImapSource.stopped_at.is_not(None),
                ImapSource.active,
                ImapSource.ended_at.is_(None),
                Mailbox.active,
                Mailbox.paused_at.is_(None),
            )
            .distinct()
            .order_by(Mailbox.address)
        )
    )


@dataclass(frozen=True, slots=True)
class SourceOf:
    """Which mailbox a source belongs to."""

    mailbox_id: int
    address: str
    host: str
    auth: str
    stopped_at: datetime | None


def source_of(source_id: int) -> SourceOf | None:
    """Return which mailbox a source belongs to."""
    row = (
        session()
        .execute(
            sa.select(
                ImapSource.mailbox_id,
                Mailbox.address,
                ImapSource.host,
                ImapSource.auth,
                ImapSource.stopped_at,
            )
            .join(Mailbox, Mailbox.id == ImapSource.mailbox_id)
            .where(ImapSource.id == source_id)
        )
        .one_or_none()
    )
    return None if row is None else SourceOf(*row)


def provider(provider_id: int) -> Provider:
    """Return a provider with our secret there open.

    Raises:
        NotFoundError: there is none.
    """
    row = session().get(OauthProvider, provider_id, populate_existing=True)
    if row is None:
        raise NotFoundError("There is no such provider.")
    return Provider(
        row.id,
        row.kind,
        row.name,
        row.authorize_url,
        row.token_url,
        row.scopes,
        row.client_id,
        ring().decrypt(row.secret_sealed),
    )


@dataclass(frozen=True, slots=True)
class ProviderLine:
    """A provider in a list."""

    id: int
    kind: str
    name: str
    mailboxes: int


def providers() -> list[ProviderLine]:
    """Return the providers we are known to, by name, and how many mailboxes use each."""
    used = (
        sa.select(sa.func.count())
        .where(OauthGrant.provider_id == OauthProvider.id)
        .correlate(OauthProvider)
        .scalar_subquery()
    )
    rows = session().execute(
        sa.select(OauthProvider.id, OauthProvider.kind, OauthProvider.name, used).order_by(OauthProvider.name)
    )
    return [ProviderLine(*tuple(row)) for row in rows]


@dataclass(frozen=True, slots=True)
class Grant:
    """What a provider lets us do for a mailbox, without the tokens."""

    provider_id: int
    provider: str
    state: str
    error: str
    granted_at: datetime
    expires_at: datetime


def grant(mailbox_id: int) -> Grant | None:
    """Return what a provider lets us do for a mailbox."""
    row = (
        session()
        .execute(
            sa.select(
                OauthGrant.provider_id,
                OauthProvider.name,
                OauthGrant.state,
                OauthGrant.error,
                OauthGrant.granted_at,
                OauthGrant.expires_at,
            )
            .join(OauthProvider, OauthProvider.id == OauthGrant.provider_id)
            .where(OauthGrant.mailbox_id == mailbox_id)
        )
        .one_or_none()
    )
    return None if row is None else Grant(*row)


@dataclass(frozen=True, slots=True)
class SigningKey:
    """The key a mailbox's mail is signed with; the private part is open and stays in memory."""

    domain: str
    selector: str
    public: str
    signing: bool
    created_at: datetime
    checked_at: datetime | None
    published_at: datetime | None
    private: str = field(repr=False)


def signing_key(mailbox_id: int) -> SigningKey | None:
    """Return the signing key of a mailbox."""
    row = session().get(DkimKey, mailbox_id, populate_existing=True)
    if row is None:
        return None
    return SigningKey(
        row.domain,
        row.selector,
        row.public,
        row.signing,
        row.created_at,
        row.checked_at,
        row.published_at,
        ring().decrypt(row.private_sealed),
    )


@dataclass(frozen=True, slots=True)
class ConnectionRun:
    """A connection test: its steps in order, and how many mails the folder holds."""

    id: int
    mailbox_id: int
    asked_at: datetime
    sent_at: datetime | None
    ended_at: datetime | None
    mails: int | None
    steps: tuple[Step, ...]

    @property
    def failed(self) -> bool:
        """Whether some step did not go well."""
        return any(step.state == "bad" for step in self.steps)


def _test(row: ConnectionTest | None) -> ConnectionRun | None:
    if row is None:
        return None
    steps = tuple(Step.from_json(one) for one in row.steps)
    return ConnectionRun(row.id, row.mailbox_id, row.asked_at, row.sent_at, row.ended_at, row.mails, steps)


def connection_test(test_id: int) -> ConnectionRun | None:
    """Return a connection test."""
    return _test(session().get(ConnectionTest, test_id, populate_existing=True))


def newest_test(mailbox_id: int) -> ConnectionRun | None:
    """Return the last connection test of a mailbox, done or under way."""
    return _test(
        session().scalar(
            sa.select(ConnectionTest)
            .where(ConnectionTest.mailbox_id == mailbox_id)
            .order_by(ConnectionTest.id.desc())
            .limit(1)
            .execution_options(populate_existing=True)
        )
    )
