"""What is decided about the desk on its settings pages."""

from typing import Any

from helpdesk.core.audit import Who, record
from helpdesk.core.db import command
from helpdesk.core.desk import desk, set_desk
from helpdesk.core.errors import InvalidError, RefusedError
from helpdesk.core.i18n import gettext as _
from helpdesk.core.i18n import ngettext
from helpdesk.core.zones import meant
from helpdesk.office.queries import held_by_team
from helpdesk.people.commands import Person, drop_team, give_way_in, take_in

UNDO_MOST_S = 30
LANGUAGES = ("en",)
"""Languages the pages speak."""


@command
def invite(*, person: Person, who: Who) -> tuple[int, str]:
    """Take somebody in and mail them a link to set their password; return their id and the link.

    Raises:
        InvalidError: no name, not an address, or teams are needed and none is chosen.
        RefusedError: an agent has this address.
    """
    agent_id = take_in(person=person, who=who)
    return agent_id, give_way_in(agent_id=agent_id, kind="invite", by=who.name)


@command
def remove_team(*, team_id: int, who: Who) -> None:
    """Remove a team that nothing belongs to.

    Raises:
        NotFoundError: there is no such team.
        RefusedError: tickets or mailboxes belong to it; the words say how many.
    """
    tickets, boxes = held_by_team(team_id)
    if tickets:
        words = ngettext(
            "%(num)s ticket belongs to this team, resolved and deleted ones included. Move it first.",
            "%(num)s tickets belong to this team, resolved and deleted ones included. Move them first.",
            tickets,
        )
        raise RefusedError(words)
    if boxes:
        words = ngettext(
            "New tickets of %(num)s mailbox go to this team. Choose another team there first.",
            "New tickets of %(num)s mailboxes go to this team. Choose another team there first.",
            boxes,
        )
        raise RefusedError(words)
    drop_team(team_id=team_id, who=who)


@command
def save_desk(*, name: str, zone: str, language: str, undo_seconds: str, who: Who) -> None:
    """Change what the desk is called, where it is, and how long a sent reply can be undone.

    Raises:
        InvalidError: with what is wrong by field.
    """
    wrong: dict[str, str] = {}
    found = meant(zone)
    if not name.strip():
        wrong["name"] = _("The desk needs a name.")
    if found is None:
        wrong["zone"] = _("There is no such time zone. Type a city, such as Europe/Berlin.")
    if language not in LANGUAGES:
        wrong["language"] = _("The pages do not speak this language yet.")
    good = undo_seconds.isascii() and undo_seconds.isdecimal() and len(undo_seconds) < 4
    if not good or int(undo_seconds) > UNDO_MOST_S:
        wrong["undo_seconds"] = _("Between 0 and %(most)s seconds.", most=UNDO_MOST_S)
    if wrong:
        raise InvalidError(_("Not saved yet."), **wrong)
    before = _facts()
    set_desk(name=name.strip()[:80], zone=found, language=language, undo_seconds=int(undo_seconds))
    record(who, "changed", about="desk", about_id=None, name=name.strip(), before=before, after=_facts())


def _facts() -> dict[str, Any]:
    here = desk()
    return {
        "name": here.name,
        "time zone": here.zone,
        "language": here.language,
        "seconds to undo": here.undo_seconds,
    }
