"""What changes mailboxes."""

import sqlalchemy as sa

from helpdesk.core.addresses import is_address, key_of
from helpdesk.core.clock import now
from helpdesk.core.db import command, session
from helpdesk.core.errors import InvalidError, RefusedError
from helpdesk.mailboxes.model import Mailbox


@command
def add_mailbox(
    *,
    address: str,
    sender_name: str,
    team_id: int | None = None,
    signature: str = "",
    acknowledge: bool = True,
) -> int:
    """Make a mailbox; the first active one also sends for web forms.

    Raises:
        InvalidError: not an address, or one with a `+` part, which our reply addresses need.
        RefusedError: there is one with this address.
    """
    if not is_address(address) or "+" in address:
        words = "A mailbox needs a plain mail address, without a + part."
        raise InvalidError(words, address=words)
    if session().scalar(sa.select(Mailbox.id).where(Mailbox.key == key_of(address))) is not None:
        raise RefusedError("There is a mailbox with this address already.")
    mailbox = Mailbox(
        address=address.strip(),
        key=key_of(address),
        sender_name=sender_name.strip()[:120],
        team_id=team_id,
        signature=signature,
        acknowledge=acknowledge,
        created_at=now(),
    )
    session().add(mailbox)
    session().flush()
    return mailbox.id
