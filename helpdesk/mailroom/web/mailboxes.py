"""The list of mailboxes, alive."""

from hashlib import sha256

from flask import Response, make_response, render_template, request, url_for

from helpdesk.core.clock import now
from helpdesk.core.desk import desk
from helpdesk.core.i18n import gettext as _
from helpdesk.core.running import settings
from helpdesk.core.web.rendering import toasts_for
from helpdesk.mailboxes.queries import MailboxSettings, all_settings, grant
from helpdesk.mailroom.pages import MailboxesPage, MailboxLine
from helpdesk.mailroom.web.blueprint import bp, tabs
from helpdesk.mailroom.web.standing import incoming, outgoing
from helpdesk.people.access import current_viewer
from helpdesk.people.queries import teams
from helpdesk.tickets.queries.navigation import nav_for


@bp.get("/mailboxes")
def mailboxes() -> str:
    """List the mailboxes and how each fares."""
    said = {"archived": _("The mailbox is archived.")}
    return render_template(
        "mailroom/mailboxes.html",
        page=_page(),
        nav=nav_for(current_viewer(), "mailboxes"),
        toasts=toasts_for(said, request.args.get("said")),
    )


@bp.get("/mailboxes/live")
def mailboxes_live() -> Response:
    """Give the list as a fragment; 304 while nothing changed."""
    page = _page()
    if page.stamp in request.if_none_match:
        return Response(status=304, headers={"ETag": f'"{page.stamp}"'})
    response = make_response(render_template("mailroom/_mailboxes.html", page=page))
    response.set_etag(page.stamp)
    return response


def _page() -> MailboxesPage:
    names = {t.id: t.name for t in teams()}
    lines = [(one.archived, _line(one, names)) for one in all_settings()]
    return MailboxesPage(
        tabs("mailboxes"),
        tuple(shown for archived, shown in lines if not archived),
        tuple(shown for archived, shown in lines if archived),
        url_for("mailroom.mailboxes_live"),
        sha256(f"{lines!r}".encode()).hexdigest()[:20],
    )


def _line(one: MailboxSettings, names: dict[int, str]) -> MailboxLine:
    granted = grant(one.box.id)
    return MailboxLine(
        one.box.id,
        url_for("mailroom.mailbox", mailbox_id=one.box.id),
        one.box.address,
        one.box.sender_name,
        names.get(one.box.team_id or 0, ""),
        incoming(one, granted, held=desk().held, now=now()),
        outgoing(one, granted, desk_server=settings().smtp_host, now=now()),
    )
