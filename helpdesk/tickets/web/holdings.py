"""What is said above a ticket that was taken for spam, or whose sender is disowned."""

from flask import url_for

from helpdesk.core.i18n import gettext as _
from helpdesk.core.pages import Banner
from helpdesk.people.rights import Right, Viewer
from helpdesk.tickets.model import Ticket
from helpdesk.tickets.queries.spam import spam_why
from helpdesk.tickets.queries.ticket import MessageLine


def spam_banner(viewer: Viewer, t: Ticket) -> Banner | None:
    """Return what is said above a ticket that was taken for spam, with the way back."""
    if t.spam_at is None:
        return None
    why = spam_why(t.id)
    words = _("Spam: %(why)s. It is out of the queue, and nobody is told.", why=why or _("marked by hand"))
    if not viewer.may(Right.CHANGE):
        return Banner(words, "warn")
    return Banner(words, "warn", _("Not spam"), url_for("tickets.spam", number=t.number, on=0), True, "spam")


def disowned_banner(messages: tuple[MessageLine, ...]) -> Banner | None:
    """Return a warning when the newest customer's message is disowned by its domain (mail rule 11)."""
    last = next((m for m in reversed(messages) if m.kind == "customer"), None)
    if last is None or last.sender_check != "fail":
        return None
    words = _(
        "%(domain)s says the last message is not from it. Check before you follow links or change an order.",
        domain=last.author_email.rpartition("@")[2],
    )
    return Banner(words, "bad")
