"""Spam and not spam, by hand (L7). What the desk decides by itself, whoever takes mail in says."""

from helpdesk.core.db import command
from helpdesk.core.errors import RefusedError
from helpdesk.people.rights import Right, Viewer
from helpdesk.tickets.actor import Actor
from helpdesk.tickets.commands.changing import visible
from helpdesk.tickets.commands.relating import put_spam


@command
def set_spam(*, viewer: Viewer, number: int, on: bool, why: str = "") -> None:
    """Mark a ticket as spam, or bring it back as it was; twice is once.

    Raises:
        NotFoundError: the viewer does not see such a ticket.
        RefusedError: it was merged away.
    """
    ticket = visible(viewer, number, Right.CHANGE, closed_too=True)
    if ticket.merged_into_id is not None:
        raise RefusedError("This ticket was merged. Its messages are in the other one.")
    put_spam(ticket, on=on, why=why, actor=Actor.agent(viewer.id))
