"""The blueprint of the settings pages about mail, and what their views share."""

from flask import Blueprint, url_for

from helpdesk.core.audit import Who
from helpdesk.core.i18n import gettext as _
from helpdesk.core.pages import Banner, SettingsLink
from helpdesk.core.web import forms
from helpdesk.mailboxes.queries import stopped_addresses
from helpdesk.mailroom.pages import Tab
from helpdesk.people.access import current_viewer, guard
from helpdesk.people.rights import Right, Viewer

bp = Blueprint("mailroom", __name__, template_folder="../templates", url_prefix="/a/settings")
guard(bp, Right.MANAGE)


def who() -> Who:
    """Return who is signed in, as the audit names them."""
    viewer = current_viewer()
    return Who(viewer.id, viewer.name)


def line(name: str, limit: int) -> str:
    """Return a form field as one clean line."""
    return " ".join(forms.text(name, limit).split())


def tabs(current: str) -> tuple[Tab, ...]:
    """Return the settings pages about mail with one of them marked."""
    known = (
        ("mailboxes", _("Mailboxes"), url_for("mailroom.mailboxes")),
        ("texts", _("Mail texts"), url_for("mailroom.mail_texts")),
        ("providers", _("Sign-in providers"), url_for("mailroom.providers")),
    )
    return tuple(Tab(label, url, key == current) for key, label, url in known)


def settings_pages(viewer: Viewer) -> tuple[SettingsLink, ...]:
    """Return these pages for the index of settings (panel `settings.pages`)."""
    if not viewer.may(Right.MANAGE):
        return ()
    boxes, texts = url_for("mailroom.mailboxes"), url_for("mailroom.mail_texts")
    providers = url_for("mailroom.providers")
    return (
        SettingsLink("mail", _("Mailboxes"), _("Where mail comes in and goes out"), boxes, "mails"),
        SettingsLink("mail", _("Mail texts"), _("The words of our mails"), texts, "pen"),
        SettingsLink(
            "mail", _("Sign-in providers"), _("Google, Microsoft 365 and others"), providers, "lock"
        ),
    )


def strips(viewer: Viewer) -> tuple[Banner, ...]:
    """Say on every page of administrators that fetching has stopped somewhere (panel `desk.strips`)."""
    if not viewer.may(Right.MANAGE):
        return ()
    stopped = stopped_addresses()
    if not stopped:
        return ()
    words = _(
        "No mail comes in for %(which)s. Nothing is lost: it waits on the server.", which=", ".join(stopped)
    )
    return (Banner(words, "warn", _("Look"), url_for("mailroom.mailboxes")),)
