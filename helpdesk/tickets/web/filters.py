"""The queue's filters as a sentence: each condition in words with its other values, and what can be added."""

from dataclasses import replace
from typing import Any

from flask import url_for

from helpdesk.core.i18n import gettext as _
from helpdesk.core.pages import Choice, Filter
from helpdesk.people.queries import AgentLine, TeamLine
from helpdesk.tickets.condition import FIELDS, MOST, Condition
from helpdesk.tickets.pages import FilterAdd
from helpdesk.tickets.queries.queue import QueueFilter
from helpdesk.tickets.web.words_for import priority_words


def list_args(wanted: QueueFilter) -> dict[str, Any]:
    """Return the query string that leads back to a list."""
    args: dict[str, Any] = {"view": wanted.view}
    if wanted.state != "open":
        args["state"] = wanted.state
    if wanted.tag:
        args["tag"] = wanted.tag
    if wanted.more:
        args["f"] = [str(one) for one in wanted.more]
    return {**args, "saved": wanted.saved} if wanted.saved else args


def condition_filters(
    wanted: QueueFilter, all_teams: list[TeamLine], people: list[AgentLine]
) -> tuple[Filter, ...]:
    """Return the conditions of a list in words, each with the way to another value and to none."""
    known = _values(all_teams, people)
    found = []
    for one in wanted.more:
        rest = tuple(other for other in wanted.more if other != one)
        options = [Choice(_("Take this filter off"), "", False, _url(wanted, rest))]
        for value, label in known.get(one.field, ()):
            other = replace(one, value=value)
            more = tuple(other if each == one else each for each in wanted.more)
            options.append(Choice(label, value, value == one.value, _url(wanted, more)))
        words = dict(known.get(one.field, ())).get(one.value, one.value)
        if one.op not in {"is", "has"}:
            words = f"{FIELDS[one.field].ops[one.op]} {words}"
        found.append(Filter(str(FIELDS[one.field].label), words, tuple(options)))
    return tuple(found)


def filter_add(wanted: QueueFilter, all_teams: list[TeamLine], people: list[AgentLine]) -> FilterAdd | None:
    """Return what "+ Filter" offers; None when a list carries as many conditions as it can."""
    if len(wanted.more) >= MOST:
        return None
    groups = []
    for field, values in _values(all_teams, people).items():
        if any(one.field == field for one in wanted.more):
            continue
        op = "at_least" if field == "priority" else "is"
        choices = (
            Choice(label, value, False, _url(wanted, (*wanted.more, Condition(field, op, value))))
            for value, label in values
        )
        title = _("Priority at least") if field == "priority" else str(FIELDS[field].label)
        groups.append((title, tuple(choices)))
    return FilterAdd(url_for("tickets.add_filter"), tuple(_hidden(wanted)), tuple(groups))


def _values(all_teams: list[TeamLine], people: list[AgentLine]) -> dict[str, list[tuple[str, str]]]:
    return {
        "assignee": [("me", _("me")), ("none", _("nobody")), *((str(a.id), a.name) for a in people)],
        "team": [("none", _("no team")), *((str(t.id), t.name) for t in all_teams)],
        "priority": [(str(n), priority_words(n)) for n in (4, 3, 2, 1)],
    }


def _hidden(wanted: QueueFilter) -> list[tuple[str, str]]:
    found = []
    for name, value in list_args(replace(wanted, saved=0)).items():
        found += [(name, str(one)) for one in (value if isinstance(value, list) else [value])]
    return found


def _url(wanted: QueueFilter, more: tuple[Condition, ...]) -> str:
    return url_for("tickets.queue", **list_args(replace(wanted, more=more, saved=0)))
