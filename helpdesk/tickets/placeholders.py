"""What a canned reply may leave open, like {customer.name}, and how it is filled in for a ticket. Pure.

Braces around words and dots are a placeholder; anything else in braces is itself. What is filled in is never
looked at again, so words of a stranger cannot hold a placeholder. A value that is missing leaves a gap,
[[customer.name]], which `doubts` asks about before a reply goes.
"""

import re
from collections.abc import Mapping
from difflib import get_close_matches

NAMES = (
    "customer.name",
    "customer.first_name",
    "ticket.number",
    "ticket.subject",
    "agent.name",
    "agent.first_name",
    "desk.name",
)
"""Every placeholder, in the order they are explained."""

_PLACEHOLDER = re.compile(r"\{([A-Za-z_]+(?:\.[A-Za-z_]+)*)\}")


def fill(text: str, values: Mapping[str, str]) -> str:
    """Return `text` with its placeholders filled in, in one pass; those without a value leave a gap."""
    return _PLACEHOLDER.sub(
        lambda found: (values.get(found[1]) or f"[[{found[1]}]]") if found[1] in NAMES else found[0], text
    )


def unknown(text: str) -> tuple[str, str] | None:
    """Return the first placeholder of `text` that there is none of, and the known one it resembles, or ''."""
    for name in _PLACEHOLDER.findall(text):
        if name not in NAMES:
            near = get_close_matches(name.lower(), NAMES, n=1, cutoff=0.5)
            return name, near[0] if near else ""
    return None


def first_name(name: str) -> str:
    """Return what somebody is called by: the first word of their name."""
    return name.split()[0] if name.strip() else ""
