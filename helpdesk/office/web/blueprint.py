"""The blueprint of these settings pages, and what their views share."""

from collections.abc import Iterable, Mapping
from typing import Any

from flask import Blueprint, render_template, request, url_for

from helpdesk.core.audit import Change, Who
from helpdesk.core.i18n import gettext as _
from helpdesk.core.pages import NavItem, SettingsLink
from helpdesk.core.web import forms
from helpdesk.core.web.numbers import whole
from helpdesk.core.web.rendering import toasts_for
from helpdesk.office.pages import ChangeLine
from helpdesk.people.access import current_viewer, guard
from helpdesk.people.rights import Right, Viewer
from helpdesk.tickets.queries.navigation import nav_for

bp = Blueprint("office", __name__, template_folder="../templates", url_prefix="/a/settings")
guard(bp, Right.MANAGE)


def nav_desk(viewer: Viewer, current: str) -> tuple[NavItem, ...]:
    """Return the place of all settings in the sidebar (panel `nav.desk`)."""
    if not viewer.may(Right.MANAGE):
        return ()
    here = current in {"settings", "mailboxes", "health"}
    return (NavItem(_("Settings"), url_for("office.index"), "sliders", current=here),)


def settings_pages(viewer: Viewer) -> tuple[SettingsLink, ...]:
    """Return these pages for the index (panel `settings.pages`)."""
    if not viewer.may(Right.MANAGE):
        return ()
    return (
        SettingsLink(
            "people", _("People"), _("Who works here, and what they may do"), url_for("office.people"), "user"
        ),
        SettingsLink("people", _("Teams"), _("What tickets belong to"), url_for("office.teams"), "users"),
        SettingsLink(
            "desk", _("Desk"), _("Name, time zone, seconds to undo"), url_for("office.desk_page"), "desk"
        ),
        SettingsLink(
            "desk", _("Audit"), _("Who changed what about the desk"), url_for("office.audit"), "history"
        ),
    )


def who() -> Who:
    """Return who is signed in, as the audit names them."""
    viewer = current_viewer()
    return Who(viewer.id, viewer.name)


def line(name: str, limit: int) -> str:
    """Return a form field as one clean line."""
    return " ".join(forms.text(name, limit).split())


def ids(name: str) -> tuple[int, ...]:
    """Return the whole numbers posted under a name, each once."""
    found = (whole(value) for value in request.form.getlist(name)[:500])
    return tuple(sorted({one for one in found if one is not None}))


def draw(
    template: str, page: object, said: Mapping[str, str] | None = None, current: str = "settings"
) -> str:
    """Return a page in its frame, with the feedback after a redirect."""
    return render_template(
        f"office/{template}.html",
        page=page,
        nav=nav_for(current_viewer(), current),
        toasts=toasts_for(dict(said or {}), request.args.get("said")),
    )


def told(changes: Iterable[Change]) -> tuple[ChangeLine, ...]:
    """Return changes made to one thing in words."""
    return tuple(ChangeLine(c.at, c.who, c.what, details(c.before, c.after)) for c in changes)


def details(before: Mapping[str, Any], after: Mapping[str, Any]) -> tuple[str, ...]:
    """Return what differs, a line for each field."""
    found = []
    for name in [*before, *(key for key in after if key not in before)]:
        old, new = _shown(before.get(name)), _shown(after.get(name))
        if name in before and name in after:
            found.append(_("%(name)s: %(old)s, now %(new)s", name=name, old=old, new=new))
        else:
            found.append(f"{name}: {new if name in after else old}")
    return tuple(found)


def _shown(value: object) -> str:
    if isinstance(value, bool):
        return _("yes") if value else _("no")
    if isinstance(value, dict | list | tuple):
        return ", ".join(_shown(one) for one in (value.values() if isinstance(value, dict) else value))
    words = " ".join(str(value).split()) if value not in {None, ""} else _("nothing")
    return words if len(words) <= 160 else words[:159] + "…"
