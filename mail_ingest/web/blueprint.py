"""The blueprint the pages about incoming mail hang on; only those who see the mail log pass."""

from flask import Blueprint, url_for

from helpdesk.core.i18n import gettext as _
from helpdesk.core.i18n import lazy_gettext as _l
from helpdesk.core.pages import Choice, NavItem
from helpdesk.people.access import guard
from helpdesk.people.rights import Viewer

bp = Blueprint("mail_ingest", __name__, template_folder="../templates", url_prefix="/a/mail")
guard(bp, lambda viewer: viewer.sees_mail)

SAID = {
    "again": _l("It is being read again."),
    "all-again": _l("They are being read again."),
    "kept": _l("Left as it is."),
    "ticket": _l("Made into a ticket."),
    "comparing": _l("The folder is being compared. The result appears here."),
    "fetching": _l("The missing mails are being fetched."),
}
"""What a page may say after a redirect; the address carries the key only."""


def nav_desk(viewer: Viewer, current: str, aside: int) -> tuple[NavItem, ...]:
    """Return these pages' places in the sidebar; `aside` is how many mails set aside need a look."""
    if not viewer.sees_mail:
        return ()
    log, look = url_for("mail_ingest.inbound"), url_for("mail_ingest.aside_list")
    return (
        NavItem(_("Mail that came in"), log, "route", current=current == "mail", key="w"),
        NavItem(_("Set aside"), look, "warn", aside or None, aside > 0, current == "mail-aside"),
    )


def tabs(current: str) -> tuple[Choice, ...]:
    """Return the links between the pages about incoming mail."""
    pages = (
        ("inbound", _("Where did my mail go?")),
        ("aside_list", _("Set aside")),
        ("audit_page", _("Audit")),
        ("explain_page", _("Explain a mail")),
    )
    return tuple(
        Choice(words, name, name == current, url_for(f"mail_ingest.{name}")) for name, words in pages
    )
