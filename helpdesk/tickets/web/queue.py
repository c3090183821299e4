"""The queue page and its live fragment."""

from collections.abc import Iterable
from dataclasses import replace
from datetime import datetime, timedelta
from hashlib import sha256
from typing import Any, cast

from flask import Response, make_response, redirect, render_template, request, url_for
from werkzeug.wrappers import Response as AnyResponse

from helpdesk.core.clock import now
from helpdesk.core.i18n import gettext as _
from helpdesk.core.i18n import ngettext
from helpdesk.core.pages import Choice, Empty, Filter, Kind, Person, Toast
from helpdesk.core.web.numbers import whole
from helpdesk.core.web.rendering import toasts_for, zone
from helpdesk.people.access import current_viewer
from helpdesk.people.queries import AgentLine, TeamLine, agents, teams
from helpdesk.people.rights import Right, Viewer
from helpdesk.tickets import condition
from helpdesk.tickets.fold import PAUSED_AT
from helpdesk.tickets.pages import BulkBar, KeptView, QueueGroup, QueuePage, QueueRow, State
from helpdesk.tickets.queries import queue as reads
from helpdesk.tickets.queries.bulk import act_of
from helpdesk.tickets.queries.canned import may_share
from helpdesk.tickets.queries.navigation import nav_for
from helpdesk.tickets.queries.views import views_of
from helpdesk.tickets.web.blueprint import SAID, bp
from helpdesk.tickets.web.bulk_words import act_words, left_words, may_undo
from helpdesk.tickets.web.filters import condition_filters, filter_add, list_args
from helpdesk.tickets.web.moments import moments
from helpdesk.tickets.web.words_for import waiting

STATES = ("open", "waiting", "snoozed", "solved", "spam", "trash")


@bp.get("/")
def home() -> AnyResponse:
    """Lead to the queue."""
    return redirect(url_for("tickets.queue"))


@bp.get("/queue")
def queue() -> str:
    """Show a list of tickets, what waits longest first."""
    viewer = current_viewer()
    tag, wanted, all_teams = _stamp(viewer), wanted_list(), teams()
    return render_template(
        "tickets/queue.html",
        page=_page(viewer, wanted, all_teams, tag),
        nav=nav_for(viewer, _current(wanted), all_teams),
        toasts=toasts_for(SAID, request.args.get("said")) + _act_toasts(viewer),
    )


@bp.get("/queue/rows")
def queue_rows() -> Response:
    """Give the same list as a fragment; 304 while nothing on the desk changed."""
    viewer = current_viewer()
    tag = _stamp(viewer)
    if tag in request.if_none_match:
        return Response(status=304, headers={"ETag": f'"{tag}"'})
    wanted, all_teams = wanted_list(), teams()
    nav = nav_for(viewer, _current(wanted), all_teams)
    page = _page(viewer, wanted, all_teams, tag)
    response = make_response(render_template("tickets/_rows.html", page=page, nav=nav))
    response.set_etag(tag)
    return response


def wanted_list() -> reads.QueueFilter:
    """Return the list the address asks for; what is not known becomes the viewer's own queue."""
    view, state = request.args.get("view", "mine"), request.args.get("state", "open")
    known_state = cast("reads.StateFilter", state) if state in STATES else "open"
    tag = " ".join(request.args.get("tag", "").split())[:40].lower()
    more = condition.read_all(request.args.getlist("f")[:20])
    wanted = reads.QueueFilter(view, known_state, tag, more, whole(request.args.get("saved", "")) or 0)
    known = view in {"mine", "unassigned", "all"} or wanted.team_id is not None
    return wanted if known else replace(wanted, view="mine")


@bp.get("/queue/filter")
def add_filter() -> AnyResponse:
    """Lead to the list with one more condition that was typed."""
    wanted = wanted_list()
    for field in ("tag", "customer"):
        if typed := request.args.get(f"{field}_has", ""):
            more = condition.read_all([*map(str, wanted.more), f"{field}:has:{typed.lstrip('#')}"])
            wanted = replace(wanted, more=more, saved=0)
    return redirect(url_for("tickets.queue", **list_args(wanted)))


def _stamp(viewer: Viewer) -> str:
    minute = int(now().timestamp()) // 300
    return sha256(f"{viewer!r}{reads.stamp()}.{minute}".encode()).hexdigest()[:20]


def _page(viewer: Viewer, wanted: reads.QueueFilter, all_teams: list[TeamLine], tag: str) -> QueuePage:
    """Return the page; `tag` was read before the rows, so what comes between is fetched next time."""
    cursor = reads.Cursor.read(request.args.get("after", ""))
    found = reads.queue(viewer, wanted, cursor)
    total, long = reads.count_of(viewer, wanted, now())
    args = list_args(wanted)
    shown = str(total) if total < reads.COUNT_CAP else f"{reads.COUNT_CAP - 1}+"
    words = {
        "open": _("%(n)s open", n=shown),
        "waiting": _("%(n)s waiting", n=shown),
        "solved": _("%(n)s resolved", n=shown),
        "snoozed": _("%(n)s snoozed", n=shown),
        "spam": _("%(n)s spam", n=shown),
        "trash": _("%(n)s in the trash", n=shown),
    }
    in_own = wanted.view == "mine"
    people = agents()
    rows = [row_of(line, args, show_assignee=not in_own) for line in found.rows]
    groups = _groups(zip(found.rows, rows, strict=True), wanted)
    kept = _kept(viewer, wanted)
    return QueuePage(
        title=kept.name or list_title(wanted, all_teams),
        kept=kept,
        view=wanted.view,
        open_count=words[wanted.state],
        late_count=long if wanted.state == "open" else 0,
        late_words=ngettext("%(num)s waiting over a day", "%(num)s waiting over a day", long),
        groups=groups,
        rows_url=url_for("tickets.queue_rows", **args, after=request.args.get("after")),
        stamp=tag,
        empty=_empty(wanted),
        filters=(
            _state_filter(wanted),
            *_tag_filter(wanted),
            *condition_filters(wanted, all_teams, people),
        ),
        add=filter_add(wanted, all_teams, people),
        next_url=url_for("tickets.queue", **args, after=str(found.after)) if found.after else None,
        prev_url=url_for("tickets.queue", **args, after=str(found.before)) if found.before else None,
        take_next_url=url_for("tickets.take_next") if viewer.may(Right.CHANGE) else None,
        bulk=_bulk(viewer, wanted, (all_teams, people), total, len(rows), shown) if found.rows else None,
    )


def _current(wanted: reads.QueueFilter) -> str:
    """Return which line of the sidebar a list is."""
    return f"saved-{wanted.saved}" if wanted.saved else wanted.view


def _kept(viewer: Viewer, wanted: reads.QueueFilter) -> KeptView:
    line = next((v for v in views_of(viewer) if v.id == wanted.saved), None)
    args = list_args(replace(wanted, saved=0))
    gone = url_for("tickets.delete_view", view_id=line.id, **args) if line and line.may_delete else ""
    return KeptView(
        name=line.name if line else "",
        save_url=url_for("tickets.save_view", **args),
        delete_url=gone,
        may_share=may_share(viewer),
    )


def _act_toasts(viewer: Viewer) -> tuple[Toast, ...]:
    act_id = whole(request.args.get("bulk", ""))
    act = act_of(viewer, act_id) if act_id else None
    if act is None:
        return ()
    args = list_args(wanted_list())
    url = url_for("tickets.undo_bulk", act_id=act.id, **args) if may_undo(act) else None
    return (Toast(f"{act_words(viewer, act)}.{left_words(act)}", undo_url=url),)


def _bulk(
    viewer: Viewer,
    wanted: reads.QueueFilter,
    who: tuple[list[TeamLine], list[AgentLine]],
    total: int,
    here: int,
    shown: str,
) -> BulkBar | None:
    if not viewer.may(Right.CHANGE) or wanted.state in {"trash", "spam"}:
        return None
    return BulkBar(
        url=url_for("tickets.act_on_many", **list_args(wanted)),
        agents=tuple(Choice(a.name, str(a.id)) for a in who[1] if a.id != viewer.id),
        teams=tuple(Choice(t.name, str(t.id)) for t in who[0]),
        snoozes=moments(),
        all_count=shown if total > here else "",
    )


def row_of(line: reads.QueueLine, args: dict[str, Any], *, show_assignee: bool) -> QueueRow:
    """Return one row as the list shows it."""
    assignee = None
    if show_assignee and line.assignee_id is not None and line.assignee_name:
        assignee = Person.named(line.assignee_name, f"agent-{line.assignee_id}", line.assignee_id)
    return QueueRow(
        number=line.number,
        url=url_for("tickets.ticket", number=line.number, **args),
        subject=line.subject,
        customer=line.contact_name or line.contact_email or _("Unknown"),
        snippet=line.snippet,
        state=cast("State", line.state),
        priority=line.priority,
        waiting=waiting(line.state, line.queue_at, line.waiting_since, line.updated_at),
        updated_at=line.updated_at,
        draft=line.draft,
        unread=line.unread,
        assignee=assignee,
        held=line.held,
        tags=tuple(line.tags),
    )


def _groups(
    pairs: Iterable[tuple[reads.QueueLine, QueueRow]], wanted: reads.QueueFilter
) -> tuple[QueueGroup, ...]:
    found: dict[str, list[QueueRow]] = {}
    for line, row in pairs:
        found.setdefault(_group_key(line, wanted), []).append(row)
    return tuple(_group(key, rows) for key, rows in found.items())


def _group_key(line: reads.QueueLine, wanted: reads.QueueFilter) -> str:
    if wanted.state == "snoozed":
        return "snoozed"
    if wanted.state in reads.NEWEST_FIRST:
        return "done-" + ("today" if _local_day(line.updated_at) == _local_day(now()) else "before")
    if line.queue_at >= PAUSED_AT:
        return "paused"
    if line.waiting_since is None:
        return "answered"
    age = now() - line.waiting_since
    if age >= timedelta(days=1):
        return "day"
    return "today" if age >= timedelta(hours=1) else "hour"


def _local_day(at: datetime) -> object:
    return at.astimezone(zone()).date()


def _group(key: str, rows: list[QueueRow]) -> QueueGroup:
    titles = {
        "day": _("Waiting over a day"),
        "today": _("Waiting over an hour"),
        "hour": _("Came in within the hour"),
        "answered": _("Answered and open"),
        "paused": _("Waiting on someone else"),
        "snoozed": _("Back at its time"),
        "done-today": _("Today"),
        "done-before": _("Before today"),
    }
    kinds: dict[str, Kind] = {"day": "late", "paused": "paused", "snoozed": "paused"}
    detail = ngettext("%(num)s ticket", "%(num)s tickets", len(rows))
    return QueueGroup(key, titles[key], detail, kinds.get(key, "plain"), tuple(rows))


def list_title(wanted: reads.QueueFilter, all_teams: list[TeamLine]) -> str:
    """Return what a list is called."""
    if wanted.team_id is not None:
        names = {t.id: t.name for t in all_teams}
        return str(names.get(wanted.team_id, _("Team")))
    return str({"mine": _("My queue"), "unassigned": _("Unassigned"), "all": _("All tickets")}[wanted.view])


def _state_filter(wanted: reads.QueueFilter) -> Filter:
    labels = {
        "open": _("not resolved"),
        "waiting": _("waiting on someone"),
        "snoozed": _("snoozed"),
        "solved": _("resolved"),
        "spam": _("spam"),
        "trash": _("in the trash"),
    }
    args = list_args(wanted)
    options = tuple(
        Choice(label, key, wanted.state == key, url_for("tickets.queue", **{**args, "state": key}))
        for key, label in labels.items()
    )
    return Filter(_("State"), labels[wanted.state], options)


def _tag_filter(wanted: reads.QueueFilter) -> tuple[Filter, ...]:
    if not wanted.tag:
        return ()
    everything = url_for("tickets.queue", **list_args(replace(wanted, tag="")))
    options = (Choice(_("any tag"), "", False, everything), Choice(wanted.tag, wanted.tag, True, ""))
    return (Filter(_("Tag"), wanted.tag, options),)


def _empty(wanted: reads.QueueFilter) -> Empty:
    if wanted.more:
        url = url_for("tickets.queue", **list_args(replace(wanted, more=(), saved=0)))
        return Empty(_("No tickets match."), _("Take the filters off"), url)
    if wanted.state != "open":
        url = url_for("tickets.queue", view=wanted.view)
        return Empty(_("No tickets match."), _("Show what is not resolved"), url)
    if wanted.view == "mine":
        return Empty(
            _("Nothing waits for you. Unassigned tickets could use a hand."),
            _("Show unassigned"),
            url_for("tickets.queue", view="unassigned"),
        )
    return Empty(_("Nothing waits here. New mail and forms appear by themselves."))
