"""What customers do on their pages."""

from helpdesk.core.addresses import is_address
from helpdesk.core.db import command
from helpdesk.core.errors import InvalidError
from helpdesk.core.once import remember, seen_before
from helpdesk.mailboxes.queries import default_mailbox
from helpdesk.people.commands import contact_for
from helpdesk.tickets.actor import Actor
from helpdesk.tickets.commands.opening import open_ticket
from helpdesk.tickets.content import Content, FileIn, MailFacts
from helpdesk.tickets.lifecycle import Channel
from helpdesk.tickets.queries.customer import number_of


@command
def send_request(
    *, email: str, name: str, subject: str, body: str, files: tuple[FileIn, ...], form_key: str
) -> int:
    """Make a ticket of a customer's form; sending it twice makes one. Returns its number.

    Raises:
        InvalidError: something is missing; `fields` says what.
    """
    problems = {}
    if not is_address(email):
        problems["email"] = "Give us a mail address we can answer to."
    if not subject.strip():
        problems["subject"] = "Tell us in a few words what it is about."
    if not body.strip():
        problems["body"] = "Tell us what happened."
    if problems:
        raise InvalidError("Something is missing.", **problems)
    if (earlier := seen_before(f"request:{form_key}")) is not None:
        return number_of(earlier)
    contact_id = contact_for(email=email, name=name)
    box = default_mailbox()
    made = open_ticket(
        requester_id=contact_id,
        author_name=name or email,
        subject=subject,
        content=Content(text=body.strip(), files=files),
        channel=Channel.WEB,
        actor=Actor.contact(contact_id, "web"),
        mailbox_id=box.id if box else None,
        team_id=box.team_id if box else None,
        mail=MailFacts(from_email=email, from_name=name),
    )
    remember(f"request:{form_key}", made.ticket_id)
    return made.number
