"""What time and the outside make mailboxes do: renewing sign-ins, noticing silence."""

import time

from helpdesk.core.db import db
from helpdesk.core.desk import desk
from helpdesk.core.errors import HelpdeskError, TemporaryError
from helpdesk.mailboxes.commands.grants import Renewal, not_renewed, renewed, take_grant
from helpdesk.mailboxes.commands.sources import notice_silence
from helpdesk.mailboxes.oauth import SignInAgainError, renew
from helpdesk.mailboxes.queries import provider

_STARTED = time.monotonic()
GRACE_S = 120
"""A worker that has just begun lets its fetchers begin, too, before it calls anything silent."""


def access_token(mailbox_id: int) -> str:
    """Return a token that signs a mailbox in, renewed ahead of its end; talks to the provider if need be.

    Raises:
        SignInAgainError: somebody has to sign in again.
        TemporaryError: the provider does not answer, or another process is renewing it.
    """
    found = take_grant(mailbox_id=mailbox_id)
    if isinstance(found, str):
        return found
    return _renewed(mailbox_id, found)


def _renewed(mailbox_id: int, task: Renewal) -> str:
    who = provider(task.provider_id)
    db.session.rollback()  # hold no snapshot while the network is slow
    try:
        tokens = renew(who, task.refresh)
    except HelpdeskError as error:
        ended = isinstance(error, SignInAgainError)
        not_renewed(mailbox_id=mailbox_id, fence=task.fence, error=str(error), ended=ended)
        raise
    except Exception as error:
        not_renewed(mailbox_id=mailbox_id, fence=task.fence, error=type(error).__name__, ended=False)
        raise TemporaryError(f"The sign-in could not be renewed: {type(error).__name__}") from error
    renewed(mailbox_id=mailbox_id, fence=task.fence, tokens=tokens)
    return tokens.access


def watch_silence() -> int:
    """Count sources that nobody fetches from as stopped (a timer); return how many are new."""
    if time.monotonic() - _STARTED < GRACE_S or desk().held:
        return 0
    return notice_silence()
