"""The moments that can be chosen for later: snooze, send later."""

from datetime import datetime

from helpdesk.core import words
from helpdesk.core.clock import now
from helpdesk.core.desk import desk
from helpdesk.core.i18n import gettext as _
from helpdesk.core.pages import Choice
from helpdesk.core.web.rendering import zone
from helpdesk.tickets import snoozing


def moments() -> tuple[Choice, ...]:
    """Return the moments that can be chosen for later, in words."""
    labels = {
        "tonight": _("Tonight"),
        "tomorrow": _("Tomorrow"),
        "monday": _("Monday"),
        "week": _("In a week"),
    }
    language = desk().language

    def at(moment: datetime) -> str:
        return f"{words.weekday(moment.date(), language)} {words.clock(moment, zone(), language)}"

    return tuple(
        Choice(f"{labels[key]}, {at(moment)}", key) for key, moment in snoozing.choices(now(), zone())
    )
