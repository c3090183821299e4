"""The blueprint of what agents decide about mail: held messages, spam, senders; and shadow mode."""

from flask import Blueprint, url_for

from helpdesk.core.desk import desk
from helpdesk.core.i18n import gettext as _
from helpdesk.core.i18n import lazy_gettext as _l
from helpdesk.core.i18n import ngettext
from helpdesk.core.pages import Banner, Choice, NavItem, SettingsLink
from helpdesk.people.access import guard
from helpdesk.people.rights import Right, Viewer
from mail_ingest.web import blueprint
from mail_ingest.web.waiting import waiting_mail

bp = Blueprint("verdicts", __name__, template_folder="../templates", url_prefix="/a")
guard(bp, Right.CHANGE)

SAID = {
    "accepted": _l("They take part now, and their message is public."),
    "dismissed": _l("Left as a note."),
    "again": _l("It waits for a decision again."),
    "ticket": _l("It has a ticket of its own now."),
    "kept": _l("Left as it is."),
    "retried": _l("It is being read again."),
    "spam": _l("Marked as spam."),
    "not-spam": _l("Not spam. It is back as it was."),
    "decided": _l("Decided. It holds for mail that comes from now on."),
    "removed": _l("Removed."),
    "shadow": _l("Shadow mode is on. Nothing leaves this desk."),
    "live": _l("The desk is live."),
}
"""What a page may say after a redirect; the address carries the key only."""


def tabs(viewer: Viewer, current: str) -> tuple[Choice, ...]:
    """Return the links between these pages that the viewer may open."""
    pages = [("held", _("Held mail")), ("spam", _("Spam"))]
    if viewer.sees_mail:
        pages.append(("senders", _("Senders")))
    if viewer.can_manage:
        pages.append(("shadow", _("Shadow mode")))
    return tuple(Choice(words, name, name == current, url_for(f"verdicts.{name}")) for name, words in pages)


def nav_desk(viewer: Viewer, current: str) -> tuple[NavItem, ...]:
    """Return the places of all pages about incoming mail in the sidebar (panel `nav.desk`)."""
    if not viewer.may(Right.CHANGE):
        return ()
    found = waiting_mail(viewer)
    url = url_for("verdicts.held")
    mine = NavItem(_("Held mail"), url, "pause", found.held or None, found.held_late > 0, current == "held")
    return (mine, *blueprint.nav_desk(viewer, current, found.aside))


def settings_pages(viewer: Viewer) -> tuple[SettingsLink, ...]:
    """Return the pages where something is decided for good (panel `settings.pages`)."""
    if not viewer.can_manage:
        return ()
    who, beside = url_for("verdicts.senders"), url_for("verdicts.shadow")
    return (
        SettingsLink("mail", _("Senders"), _("Who is blocked, allowed or trusted"), who, "ban"),
        SettingsLink(
            "mail", _("Shadow mode"), _("Runs beside another desk and sends nothing"), beside, "eye"
        ),
    )


def strips(viewer: Viewer) -> tuple[Banner, ...]:
    """Return what the whole desk should know (panel `desk.strips`): shadow mode, for leads what is late."""
    found = []
    if desk().shadow:
        words = _("Shadow mode: this desk takes mail in and sends nothing. Another desk answers.")
        may = viewer.can_manage
        url = url_for("verdicts.shadow") if may else ""
        found.append(Banner(words, "info", _("See what it would do") if may else "", url))
    if viewer.may(Right.MAIL) and (late := waiting_mail(viewer).late):
        words = ngettext(
            "%(num)s held message has waited for over an hour.",
            "%(num)s held messages have waited for over an hour.",
            late,
        )
        found.append(Banner(words, "bad", _("Decide"), url_for("verdicts.held")))
    return tuple(found)
