"""An act on many tickets in words."""

from helpdesk.core.clock import now
from helpdesk.core.i18n import gettext as _
from helpdesk.core.i18n import ngettext
from helpdesk.people.queries import agent_names, teams
from helpdesk.people.rights import Viewer
from helpdesk.tickets.commands.bulk import UNDO_WITHIN
from helpdesk.tickets.queries.bulk import ActLine
from helpdesk.tickets.web.words_for import priority_words, state_words


def may_undo(act: ActLine) -> bool:
    """Return whether an act can still be undone."""
    return act.state == "done" and bool(act.done) and now() < act.made_at + UNDO_WITHIN


def act_words(viewer: Viewer, act: ActLine) -> str:
    """Return an act in words: "12 tickets resolved"."""
    count = ngettext(
        "%(num)s ticket", "%(num)s tickets", len(act.done) if act.state != "running" else act.total
    )
    if act.what == "assign":
        names = agent_names([int(act.value)]) if act.value else {}
        who = names.get(int(act.value), "") if act.value else _("nobody")
        return _(
            "%(count)s assigned to %(who)s", count=count, who=_("you") if act.value == str(viewer.id) else who
        )
    if act.what == "team":
        name = next((t.name for t in teams() if str(t.id) == act.value), _("no team"))
        return _("%(count)s moved to %(team)s", count=count, team=name)
    if act.what == "priority":
        return _("%(count)s set to priority %(value)s", count=count, value=priority_words(int(act.value)))
    if act.what == "state":
        return _("%(count)s set to %(state)s", count=count, state=state_words(act.value))
    words = {
        "tag": _("%(count)s tagged", count=count),
        "untag": _("%(count)s untagged", count=count),
        "snooze": _("%(count)s snoozed", count=count),
        "trash": _("%(count)s put in the trash", count=count),
    }
    return words[act.what]


def _named(viewer: Viewer, value: str) -> str:
    if not value:
        return _("nobody")
    if value == str(viewer.id):
        return _("you")
    return agent_names([int(value)]).get(int(value), _("somebody"))


def left_words(act: ActLine) -> str:
    """Return what was left out and why, in a line; empty if nothing was."""
    if not act.left:
        return ""
    words = ngettext("%(num)s left out.", "%(num)s left out.", len(act.left))
    return f" {words} #{act.left[0]['number']}: {act.left[0]['why']}"
