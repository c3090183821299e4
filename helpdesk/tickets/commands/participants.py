"""Who takes part in a ticket changes here."""

import sqlalchemy as sa

from helpdesk.core.addresses import is_address
from helpdesk.core.clock import now
from helpdesk.core.db import command, insert_ignore, session
from helpdesk.core.errors import InvalidError, NotFoundError
from helpdesk.core.events import emit
from helpdesk.mailboxes.queries import is_ours
from helpdesk.people.commands import contact_for
from helpdesk.people.queries import agent_id_of_address
from helpdesk.people.rights import Right, Viewer
from helpdesk.tickets.actor import Actor
from helpdesk.tickets.commands.changing import visible
from helpdesk.tickets.events import FieldChanged
from helpdesk.tickets.history import record
from helpdesk.tickets.model import Participant, Ticket

CC_EACH = 48
"""How many people a ticket may have in copy (L11)."""

GONE = "gone"
"""The role of somebody who was taken off: what was sent to them stays told, nothing more goes there."""


@command
def add_participant(*, ticket_id: int, contact_id: int, role: str) -> None:
    """Let a contact take part: they get public replies, and their answers are public."""
    values = {
        "ticket_id": ticket_id,
        "contact_id": contact_id,
        "role": role,
        "link_version": 1,
        "added_at": now(),
    }
    if not insert_ignore(Participant, values):
        session().execute(
            sa.update(Participant)
            .where(
                Participant.ticket_id == ticket_id,
                Participant.contact_id == contact_id,
                Participant.role == GONE,
            )
            .values(role=role, link_revoked_at=None)
        )


@command
def add_cc(*, viewer: Viewer, number: int, email: str) -> None:
    """Let somebody take part in copy: they get public replies from now on, and may answer (L11).

    Raises:
        InvalidError: not an address, one of ours, a colleague's (they follow instead), or over 48.
        NotFoundError: the viewer does not see such a ticket.
    """
    email = email.strip()
    ticket = visible(viewer, number, Right.CHANGE)
    words = _not_in_copy(ticket, email)
    if words:
        raise InvalidError(words, email=words)
    contact_id = contact_for(email=email)
    add_participant(ticket_id=ticket.id, contact_id=contact_id, role="cc")
    _told(ticket, contact_id, on=True, viewer=viewer)


def _not_in_copy(ticket: Ticket, email: str) -> str:
    if not is_address(email):
        return "This is not a mail address."
    if is_ours(email):
        return "This is one of our own mailboxes."
    if agent_id_of_address(email) is not None:
        return "This is a colleague. Colleagues follow a ticket; customers see who is in copy."
    count = sa.select(sa.func.count()).where(Participant.ticket_id == ticket.id, Participant.role == "cc")
    if (session().scalar(count) or 0) >= CC_EACH:
        return f"At most {CC_EACH} people can be in copy."
    return ""


@command
def remove_cc(*, viewer: Viewer, number: int, contact_id: int) -> None:
    """Take somebody out of copy: nothing more goes to them, their link opens nothing, their mail is held.

    Raises:
        NotFoundError: they are not in copy, or the viewer does not see such a ticket.
    """
    ticket = visible(viewer, number, Right.CHANGE)
    gone = session().execute(
        sa.update(Participant)
        .where(
            Participant.ticket_id == ticket.id,
            Participant.contact_id == contact_id,
            Participant.role == "cc",
        )
        .values(role=GONE, link_revoked_at=now(), link_version=Participant.link_version + 1)
        .returning(Participant.id)
    )
    if gone.first() is None:
        raise NotFoundError("There is nobody like that in copy.")
    _told(ticket, contact_id, on=False, viewer=viewer)


def _told(ticket: Ticket, contact_id: int, *, on: bool, viewer: Viewer) -> None:
    data = {"contact_id": contact_id, "on": on}
    entry = record(ticket, "cc", data, actor=Actor.agent(viewer.id))
    emit(FieldChanged(ticket_id=ticket.id, event_id=entry.id, field="cc"))
