"""A bounce finds the copy it is about, and says at it what went wrong (mail rule 3)."""

from datetime import timedelta

from helpdesk.channels.commands import note_delay, returned
from helpdesk.channels.queries import delivery_returned
from helpdesk.core.clock import now
from helpdesk.core.errors import NotFoundError
from helpdesk.core.keys import ring
from helpdesk.mailboxes.addressing import read_return_path
from mail_ingest.model import Inbound
from mail_ingest.parse.model import ParsedMail
from mail_ingest.parse.returned import BounceFacts, bounce_facts
from mail_ingest.trace import Trace

RECENT = timedelta(days=5)
"""A bounce that names only an address is about something sent there within this time."""

STILL_TRYING = frozenset({"delayed", "relayed", "expanded", "delivered"})
FULL = "5.2.2"


def return_paths(row: Inbound, mail: ParsedMail) -> list[int]:
    """Return the deliveries whose return path a mail came to."""
    found = (read_return_path(ring(), address) for address in _came_to(row, mail))
    return [x for x in found if x is not None]


def _came_to(row: Inbound, mail: ParsedMail) -> list[str]:
    return list(dict.fromkeys((*row.envelope_to, *mail.delivered_to, *(a.email for a in mail.to))))


def note_bounce(row: Inbound, mail: ParsedMail, trace: Trace) -> str:
    """Note a bounce at the delivery it is about, if it names one; return what came of it in words."""
    facts = bounce_facts(mail)
    found = [(delivery, "by its return path") for delivery in return_paths(row, mail)[:1]]
    forged = not found and any("+b." in address.lower() for address in _came_to(row, mail))
    if not found and not forged:
        about = delivery_returned(
            message_id=facts.original_message_id, recipient=facts.recipient, since=now() - RECENT
        )
        found = [about] if about else []
    for delivery_id, by in found:
        trace.note("bounce", f"delivery {delivery_id}", by)
        try:
            return _tell(delivery_id, facts, mail, sure="address" not in by)
        except NotFoundError:
            break
    why = "it came to a return path that is not ours" if forged else "it names no copy of ours"
    trace.note("bounce", "unmatched", why)
    return "A bounce that names no mail of ours."


def _tell(delivery_id: int, facts: BounceFacts, mail: ParsedMail, *, sure: bool) -> str:
    """Tell it at the delivery; what only names an address anybody may have written, so it is never hard."""
    words = _words(facts, mail)
    if facts.action in STILL_TRYING:
        note_delay(delivery_id=delivery_id, answer=words)
        return "A notice that a copy is late or on its way, noted at it."
    soft = not facts.permanent or facts.status == FULL
    returned(delivery_id=delivery_id, answer=words, hard=sure and not soft)
    return "A bounce, noted at the message it answers."


def _words(facts: BounceFacts, mail: ParsedMail) -> str:
    """Return why a copy came back: the diagnosis, else the first words of the bounce."""
    said = facts.diagnostic or " ".join(mail.text.split()) or mail.subject
    said = " ".join(said.split())[:300]
    return f"{facts.status} {said}" if facts.status and facts.status not in said else said
