"""The blueprint all ticket pages hang on; only signed-in agents pass."""

from flask import Blueprint

from helpdesk.core.i18n import lazy_gettext as _l
from helpdesk.people.access import guard

bp = Blueprint("tickets", __name__, template_folder="../templates", url_prefix="/a")
guard(bp)

SAID = {
    "sent": _l("Sent."),
    "noted": _l("Note added."),
    "assigned": _l("Assigned."),
    "unassigned": _l("Nobody is assigned now."),
    "moved": _l("Moved."),
    "state": _l("State changed."),
    "solved": _l("Resolved."),
    "priority": _l("Priority changed."),
    "accepted": _l("They take part now, and their message is public."),
    "nothing-next": _l("Nothing waits for you right now."),
    "subject": _l("Subject changed."),
}
"""What a page may say after a redirect; the address carries the key only."""
