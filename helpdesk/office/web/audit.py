"""Who changed what about the desk."""

from collections.abc import Callable

from flask import request, url_for

from helpdesk.core.audit import known_kinds, known_whos, recent
from helpdesk.core.i18n import gettext as _
from helpdesk.core.pages import Choice, Filter
from helpdesk.core.web import forms
from helpdesk.core.web.numbers import whole
from helpdesk.office.pages import AuditPage, ChangeLine
from helpdesk.office.web.blueprint import bp, details, draw

PAGE = 50


@bp.get("/audit")
def audit() -> str:
    """List the changes, newest first, by person and by what they were made to."""
    who, about = (
        forms.clean(request.args.get("who", ""))[:120],
        forms.clean(request.args.get("about", ""))[:40],
    )
    found = recent(limit=PAGE + 1, before=whole(request.args.get("before", "")), who=who, about=about)
    rows = tuple(
        ChangeLine(
            one.at, one.who, f"{one.what} {one.about} {one.name}".strip(), details(one.before, one.after)
        )
        for one in found[:PAGE]
    )
    page = AuditPage(
        rows,
        (
            _filter(_("Who"), _("everybody"), who, known_whos(), lambda one: _url(one, about)),
            _filter(_("What"), _("everything"), about, known_kinds(), lambda one: _url(who, one)),
        ),
        _url(who, about, found[PAGE - 1].id) if len(found) > PAGE else None,
    )
    return draw("audit", page)


def _url(who: str, about: str, before: int | None = None) -> str:
    return url_for("office.audit", who=who or None, about=about or None, before=before)


def _filter(label: str, every: str, chosen: str, known: list[str], url: Callable[[str], str]) -> Filter:
    options = [Choice(every, current=not chosen, url=url(""))]
    options += [Choice(one, one, current=one == chosen, url=url(one)) for one in known]
    return Filter(label, chosen if chosen in known else every, tuple(options))
