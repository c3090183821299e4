"""Who a note mentions: @Joana, or @Joana Melo. Pure."""

import re
import unicodedata
from collections.abc import Iterable

_LETTER = r"[^\W_]"


def mentioned(text: str, agents: Iterable[tuple[int, str]]) -> set[int]:
    """Return the agents a text mentions; `agents` are ids and names.

    A mention is @ and a full or a first name, whatever the case, where no letter stands before the @ (so an
    address is none) or behind the name. A first name that several people have means all of them; with the
    full name only that one is meant.
    """
    text = _plain(text)
    names: dict[str, set[int]] = {}
    for agent_id, name in agents:
        full = " ".join(_plain(name).split())
        for one in {full, full.split(" ")[0]} - {""}:
            names.setdefault(one, set()).add(agent_id)
    if "@" not in text or not names:
        return set()
    longest_first = sorted(names, key=lambda one: (-len(one), one))
    spelled = "|".join(r"\s+".join(map(re.escape, one.split(" "))) for one in longest_first)
    found = re.finditer(rf"(?<!{_LETTER})(?<![.\-_@+])@({spelled})(?!{_LETTER})(?!-\w)", text)
    return {agent for match in found for agent in names[" ".join(match[1].split())]}


def _plain(text: str) -> str:
    return unicodedata.normalize("NFC", text).casefold()
