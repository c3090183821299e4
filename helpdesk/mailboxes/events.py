"""What happens to mailboxes that others may want to know."""

from dataclasses import dataclass
from datetime import datetime

from helpdesk.core.events import Event


@dataclass(frozen=True, kw_only=True)
class FetchingStopped(Event):
    """Several tries in a row failed, or nothing was fetched for long: somebody should look. Once a stop."""

    source_id: int
    at: datetime
    why: str


@dataclass(frozen=True, kw_only=True)
class FetchingWorks(Event):
    """Fetching works again after it had stopped at `since`."""

    source_id: int
    since: datetime


@dataclass(frozen=True, kw_only=True)
class SignInEnded(Event):
    """A provider lets us in no more: somebody has to sign in again."""

    mailbox_id: int
    at: datetime
    why: str


@dataclass(frozen=True, kw_only=True)
class NoticeWanted(Event):
    """Somebody of the desk should get a mail from a mailbox; once for a `key`.

    `reply_to`: where an answer goes; empty: to the mailbox. `thread`: the Message-ID it is filed under.
    """

    key: str
    mailbox_id: int
    recipient: str
    subject: str
    text: str
    reply_to: str = ""
    thread: str = ""


@dataclass(frozen=True, kw_only=True)
class MailboxReady(Event):
    """A mailbox may send again: it was resumed, or its outgoing server or sign-in was changed."""

    mailbox_id: int
