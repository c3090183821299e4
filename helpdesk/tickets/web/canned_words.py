"""What a macro does, and what placeholders stand for, in words."""

from collections.abc import Iterable

from helpdesk.core.i18n import gettext as _
from helpdesk.people.queries import TeamLine
from helpdesk.tickets import macros
from helpdesk.tickets.web.words_for import priority_words, state_words


def act_words(act: str, all_teams: Iterable[TeamLine]) -> str:
    """Return an act in words: "Set to Resolved", "Tag late parcel"."""
    kind, value = macros.split(act)
    if kind == "state":
        return _("Set to %(state)s", state=state_words(value))
    if kind == "priority":
        return _("Priority %(value)s", value=priority_words(int(value)))
    if kind == "team":
        names = {t.id: t.name for t in all_teams}
        return _("Move to %(team)s", team=names.get(int(value), _("a team that is gone")))
    if kind == "assign":
        return _("Assign to me")
    return _("Tag %(tag)s", tag=value)


def explained() -> tuple[tuple[str, str], ...]:
    """Return every placeholder with what it stands for."""
    return (
        ("{customer.name}", _("Full name of the customer")),
        ("{customer.first_name}", _("First name of the customer")),
        ("{ticket.number}", _("Number of the ticket")),
        ("{ticket.subject}", _("Subject of the ticket")),
        ("{agent.name}", _("Full name of whoever answers")),
        ("{agent.first_name}", _("First name of whoever answers")),
        ("{desk.name}", _("Name of the desk")),
    )
