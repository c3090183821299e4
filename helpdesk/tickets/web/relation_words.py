"""What the log says about tags, links, followers, merges and standing aside, in words."""

from datetime import datetime
from typing import Any

from helpdesk.core.i18n import gettext as _
from helpdesk.core.web.rendering import in_words


def relation_event(
    kind: str, data: dict[str, Any], who: str, agents: dict[int, str]
) -> tuple[str, str] | None:
    """Return (icon, words) for an event of these kinds; None for any other."""
    number = data.get("number")
    if kind == "field":
        return "pen", _field(data, who)
    if kind == "tags":
        return "tag", _tags(data, who)
    if kind == "snooze":
        if data["until"] is None:
            return "clock", _("%(who)s brought it back", who=who)
        until = in_words(datetime.fromisoformat(data["until"]))
        return "clock", _("%(who)s snoozed it until %(when)s", who=who, when=until)
    if kind in {"spam", "trash"}:
        return "ban" if kind == "spam" else "box", _aside(kind, data, who)
    if kind == "cc":
        added, gone = _("%(who)s put somebody in copy"), _("%(who)s took somebody out of copy")
        return "users", (added if data["on"] else gone) % {"who": who}
    if kind == "follower":
        name = agents.get(data["agent_id"], _("somebody"))
        words = _("%(name)s follows the ticket") if data["on"] else _("%(name)s no longer follows the ticket")
        return "eye", words % {"name": name}
    told = {
        "absorb": ("merge", _("%(who)s merged #%(number)s into this ticket")),
        "merged_away": ("merge", _("%(who)s merged this ticket into #%(number)s")),
        "released": ("undo", _("%(who)s undid the merge of #%(number)s")),
        "unmerged": ("undo", _("%(who)s undid the merge")),
        "moved_out": ("split", _("%(who)s split messages off into #%(number)s")),
        "split": ("split", _("%(who)s split this from #%(number)s")),
        "linked": ("link", _("%(who)s linked it with #%(number)s")),
        "unlinked": ("link", _("%(who)s removed the link with #%(number)s")),
    }.get(kind)
    if told is None:
        return None
    number = number or data.get("other") or data.get("from")
    return told[0], told[1] % {"who": who, "number": number}


def _field(data: dict[str, Any], who: str) -> str:
    name = data["key"].replace("_", " ")
    if data["to"] is None:
        return _("%(who)s emptied %(field)s", who=who, field=name)
    return _("%(who)s set %(field)s to %(value)s", who=who, field=name, value=data["to"])


def _tags(data: dict[str, Any], who: str) -> str:
    added, removed = ", ".join(data["added"]), ", ".join(data["removed"])
    if added and removed:
        return _(
            "%(who)s added the tag %(added)s and removed %(removed)s", who=who, added=added, removed=removed
        )
    if added:
        return _("%(who)s added the tag %(added)s", who=who, added=added)
    return _("%(who)s removed the tag %(removed)s", who=who, removed=removed)


def _aside(kind: str, data: dict[str, Any], who: str) -> str:
    if kind == "spam":
        if data["on"]:
            why = data.get("why", "")
            words = _("%(who)s marked it as spam", who=who)
            return f"{words}: {why}" if why else words
        return _("%(who)s marked it as not spam", who=who)
    if data["on"]:
        return _("%(who)s put it in the trash", who=who)
    return _("%(who)s took it out of the trash", who=who)
