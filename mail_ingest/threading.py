"""Which ticket a mail may belong to: evidence only, weakest last. Who may speak there is `authority`."""

import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from typing import Literal

from helpdesk.core.keys import KeyRing
from helpdesk.mailboxes.addressing import (
    read_agent_address,
    read_marks,
    read_message_id,
    read_reply_address,
)

REFERENCE_CAP = 50

Source = Literal[
    "reply address",
    "notification address",
    "our Message-ID",
    "known Message-ID",
    "mark in the quoted part",
    "subject tag",
]

_TAG = re.compile(r"\[#(\d{4,12})\]")
_DATA_REF = re.compile(r"data-ref=[\"']?([0-9a-zA-Z.]{20,60})")
_MAX_HTML, _MAX_REFS = 512 * 1024, 20


@dataclass(frozen=True, slots=True)
class Evidence:
    """One pointer to a ticket: by number when we signed it, by Message-ID when we only know it.

    `agent` is whom a notification address was made for. A subject tag is nothing we signed: it counts only
    for somebody who takes part and whose domain vouches for the mail (mail rule 7).
    """

    source: Source
    number: int | None = None
    message_id: str | None = None
    agent: int | None = None


def evidence(
    ring: KeyRing,
    recipients: Iterable[str],
    ids: Iterable[str],
    *,
    quoted: str = "",
    html: str = "",
    subject: str = "",
) -> Iterator[Evidence]:
    """Yield pointers to tickets, strongest first (mail rules 4 to 7).

    `recipients` are all addresses the mail came to, `ids` In-Reply-To and then References from last to
    first. `quoted` is the quoted part of the text: our own links and marks are looked for there and in the
    marks of `html`, never in what the person wrote. A number without our MAC points nowhere, save as a tag.
    """
    for address in dict.fromkeys(recipients):
        if (token := read_reply_address(ring, address)) is not None:
            yield Evidence("reply address", number=token.number)
        elif (notified := read_agent_address(ring, address)) is not None:
            yield Evidence("notification address", number=notified[0], agent=notified[1])
    wanted = list(dict.fromkeys(ids))[:REFERENCE_CAP]
    for one in wanted:
        number = read_message_id(ring, one)
        if number is not None:
            yield Evidence("our Message-ID", number=number)
    for one in wanted:
        if read_message_id(ring, one) is None:
            yield Evidence("known Message-ID", message_id=one)
    refs = (m[1] for _, m in zip(range(_MAX_REFS), _DATA_REF.finditer(html[:_MAX_HTML]), strict=False))
    for number in dict.fromkeys([*read_marks(ring, " ".join(refs)), *read_marks(ring, quoted)]):
        yield Evidence("mark in the quoted part", number=number)
    if tag := _TAG.search(subject[:400]):
        yield Evidence("subject tag", number=int(tag[1]))


def thread_ids(in_reply_to: Iterable[str], references: Iterable[str]) -> list[str]:
    """Return the ids a mail refers to, nearest first."""
    return [*in_reply_to, *reversed(list(references))]
