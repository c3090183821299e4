"""The index of all settings."""

from itertools import chain

from helpdesk.core.feature import panels
from helpdesk.core.i18n import gettext as _
from helpdesk.office.pages import IndexPage, SettingsGroup
from helpdesk.office.web.blueprint import bp, draw
from helpdesk.people.access import current_viewer


@bp.get("")
def index() -> str:
    """List the settings pages of every feature."""
    links = tuple(chain.from_iterable(panels().values("settings.pages", current_viewer())))
    titles = {"people": _("People"), "mail": _("Mail"), "tickets": _("Tickets"), "desk": _("The desk")}
    groups = (
        SettingsGroup(title, tuple(one for one in links if one.group == key)) for key, title in titles.items()
    )
    return draw("index", IndexPage(tuple(group for group in groups if group.links)))
