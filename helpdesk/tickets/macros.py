"""What can be done to a ticket when a canned reply is said: "priority:4", "tag:late parcel". Pure."""

from collections.abc import Iterable

STATES = ("open", "pending", "on_hold", "solved")
KINDS = ("state", "priority", "team", "assign", "tag")
MOST = 20


def split(act: str) -> tuple[str, str]:
    """Return an act's kind and value; the kind is empty if it is no act.

    The value of `assign` is "me" alone: a macro belongs to whoever sends it.
    """
    kind, _sep, value = act.partition(":")
    good = {
        "state": value in STATES,
        "priority": value in {"1", "2", "3", "4"},
        "team": value.isascii() and value.isdecimal() and len(value) < 10,
        "assign": value == "me",
        "tag": 0 < len(value) <= 40 and value == " ".join(value.split()).lower(),
    }
    return (kind, value) if good.get(kind, False) else ("", "")


def tidy(acts: Iterable[str]) -> list[str]:
    """Return the acts that are some, each once, one of each kind but tags, in the order they are done.

    The team comes last: moving a ticket may take it out of the sender's sight.
    """
    last: dict[str, str] = {}
    for act in acts:
        kind, value = split(act)
        if kind:
            last[f"tag:{value}" if kind == "tag" else kind] = act
    order = {"tag": 0, "priority": 1, "state": 2, "assign": 3, "team": 4}
    return sorted(last.values(), key=lambda act: order[split(act)[0]])[:MOST]
