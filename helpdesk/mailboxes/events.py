"""What happens to mailboxes that others may want to know."""

from dataclasses import dataclass

from helpdesk.core.events import Event


@dataclass(frozen=True, kw_only=True)
class FetchingStopped(Event):
    """Several tries in a row failed, or nothing was fetched for long: somebody should look. Once a stop."""

    source_id: int
    why: str


@dataclass(frozen=True, kw_only=True)
class FetchingWorks(Event):
    """Fetching works again after it had stopped."""

    source_id: int


@dataclass(frozen=True, kw_only=True)
class SignInEnded(Event):
    """A provider lets us in no more: somebody has to sign in again."""

    mailbox_id: int
    why: str
