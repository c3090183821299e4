"""What the ticket page shows of tags, links, followers, snooze, and of where a ticket went."""

from typing import Any, cast

from flask import url_for

from helpdesk.core.i18n import gettext as _
from helpdesk.core.pages import Banner, Choice
from helpdesk.core.web.rendering import in_words
from helpdesk.people.rights import Right, Viewer
from helpdesk.tickets.commands.relating import BY_HAND
from helpdesk.tickets.model import Ticket
from helpdesk.tickets.pages import LinkedTicket, OwnField, Relations, State
from helpdesk.tickets.queries.customer import number_of
from helpdesk.tickets.queries.fields import fields_of
from helpdesk.tickets.queries.relations import LinkLine, followers_and_tags, links_of
from helpdesk.tickets.web.conversation import Names
from helpdesk.tickets.web.moments import moments


def shown_state(t: Ticket) -> State:
    """Return the state a reader sees: where a ticket stands aside says more than its state."""
    if t.trashed_at is not None:
        return "trash"
    if t.spam_at is not None:
        return "spam"
    return "merged" if t.merged_into_id is not None else cast("State", t.state)


def relation_words(kind: str, *, outward: bool) -> str:
    """Return how a link reads from this ticket."""
    both = {
        "related": (_("Related"), _("Related")),
        "duplicate": (_("Duplicate of"), _("Has the duplicate")),
        "child": (_("Child of"), _("Parent of")),
        "incident": (_("Incident of the problem"), _("Problem behind")),
        "split": (_("Split from"), _("Split off")),
    }
    return str(both[kind][0 if outward else 1])


def aside_banner(viewer: Viewer, t: Ticket, args: dict[str, Any]) -> Banner | None:
    """Return what is said above a ticket that stands aside, with the way back."""
    may = viewer.may(Right.CHANGE)
    if t.trashed_at is not None:
        said = _(
            "In the trash since %(when)s. It takes no message and no change until it is taken out.",
            when=in_words(t.trashed_at),
        )
        url = url_for("tickets.trash", number=t.number, on=0, **args) if may else ""
        return Banner(said, "warn", _("Take it out") if may else "", url, post=True)
    if t.merged_into_id is not None:
        other = number_of(t.merged_into_id)
        url = url_for("tickets.ticket", number=other, **args)
        return Banner(
            _("Everything said here is now in #%(number)s.", number=other), "info", _("Open it"), url
        )
    if t.snoozed_until is not None:
        said = _("Snoozed until %(when)s. Its clocks go on.", when=in_words(t.snoozed_until))
        url = url_for("tickets.snooze", number=t.number, until="off", **args) if may else ""
        return Banner(said, "info", _("Bring it back now") if may else "", url, post=True)
    return None


def relations_of(viewer: Viewer, t: Ticket, names: Names, args: dict[str, Any], *, may: bool) -> Relations:
    """Return tags, links, followers and snooze with their forms, as far as the viewer may use them."""

    def url(endpoint: str, **more: Any) -> str:
        return url_for(f"tickets.{endpoint}", number=t.number, **more, **args)

    followers, tag_names = followers_and_tags(t.id)
    changes = viewer.may(Right.CHANGE)
    return Relations(
        tags_url=url("change_tags") if may else "",
        tag_names=tuple(tag_names) if may else (),
        tag_urls=tuple((tag, url_for("tickets.queue", view="all", tag=tag)) for tag in t.tags),
        links=tuple(_linked(line, t.number, args, may=changes) for line in links_of(viewer, t.id)),
        links_url=url("add_link") if changes else "",
        link_kinds=tuple(Choice(relation_words(k, outward=True), k) for k in BY_HAND) if changes else (),
        follow_url=url("follow"),
        following=viewer.id in followers,
        followers=tuple(names.agents[i] for i in followers if i in names.agents),
        snooze_url=url("snooze") if may and t.state not in {"solved", "closed"} else "",
        snoozes=moments() if may else (),
        snoozed=in_words(t.snoozed_until) if t.snoozed_until else "",
        trash_url=url("trash") if changes and t.merged_into_id is None and t.trashed_at is None else "",
        merge_url=url("merge_page") if may else "",
        split_url=url("split_page") if may and t.message_count > 1 else "",
    )


def own_fields(t: Ticket, args: dict[str, Any], *, may: bool) -> tuple[OwnField, ...]:
    """Return the desk's own fields of a ticket with what they hold."""
    return tuple(
        OwnField(
            f.key,
            f.label,
            f.kind,
            t.fields.get(f.key, ""),
            tuple(f.options),
            f.required,
            url_for("tickets.set_field", number=t.number, key=f.key, **args) if may and f.active else "",
        )
        for f in fields_of(t)
    )


def _linked(line: LinkLine, number: int, args: dict[str, Any], *, may: bool) -> LinkedTicket:
    remove = url_for("tickets.remove_link", number=number, link_id=line.id, **args) if may else ""
    here = url_for("tickets.ticket", number=line.number, **args)
    relation = relation_words(line.kind, outward=line.outward)
    return LinkedTicket(relation, line.number, here, line.subject, cast("State", line.state), remove)
