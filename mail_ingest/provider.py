"""What the provider's filter thought of a mail: read only where a host we trust wrote it. Pure.

Headers of a mail stand in the order of its way, the newest on top: what stands above the first hop that is
not one of ours, our hosts wrote. Below it, anybody could have written anything. No word of the mail itself is
ever weighed.
"""

from collections.abc import Iterable, Iterator
from itertools import pairwise

from mail_ingest.authentication import is_host
from mail_ingest.parse.model import Headers

_MAX_HEADERS = 200
_YES = ("x-spam-flag", "x-spam", "x-spam-status", "x-ses-spam-verdict", "x-barracuda-spam-flag")
_LEVEL = "x-ms-exchange-organization-scl"
_REPORT = "x-forefront-antispam-report"
_SCL_SPAM = 5


def provider_says_spam(headers: Headers, hosts: Iterable[str]) -> str:
    """Return the header in which a trusted host calls this mail spam, or an empty string."""
    wanted = tuple(sorted({h.strip().lower().rstrip(".") for h in hosts} - {""}))
    if not wanted:
        return ""
    for name, value in _written_by(headers, wanted):
        said = " ".join(value.split())[:200]
        low = said.lower()
        if name in _YES and low.split(",")[0].split(" ")[0] in {"yes", "true", "fail", "spam"}:
            return f"{_shown(name)}: {said}"
        if name == _LEVEL and low.isdecimal() and len(low) < 3 and int(low) >= _SCL_SPAM:
            return f"{_shown(name)}: {said}"
        if name == _REPORT and {"sfv:spm", "cat:spm", "cat:hspm", "cat:phsh"} & set(low.split(";")):
            return f"{_shown(name)}: {said}"
    return ""


def _written_by(headers: Headers, wanted: tuple[str, ...]) -> Iterator[tuple[str, str]]:
    """Yield the headers that stand above a hop of ours, with none of others' above them.

    What stands under our last hop may be the sender's own filter's, so it is left alone.
    """
    above: list[tuple[str, str]] = []
    for name, value in headers.items[:_MAX_HEADERS]:
        low = name.lower()
        if low != "received":
            above.append((low, value))
        elif is_host(_by(value), wanted):
            yield from above
            above = []
        else:
            break


def _by(received: str) -> str:
    """Return the host that wrote a Received header ("from a by b with c")."""
    words = received[:2000].split()
    for before, word in pairwise(words):
        if before.lower() == "by":
            return word.strip("();,").lower()
    return "?"


def _shown(name: str) -> str:
    return "-".join(part.capitalize() for part in name.split("-"))
