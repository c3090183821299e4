"""Which ticket a mail may belong to: evidence only, weakest last. Who may speak there is `authority`."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from typing import Literal

from helpdesk.core.keys import KeyRing
from helpdesk.mailboxes.addressing import read_message_id, read_reply_address

REFERENCE_CAP = 50

Source = Literal["reply address", "our Message-ID", "known Message-ID"]


@dataclass(frozen=True, slots=True)
class Evidence:
    """One pointer to a ticket: by number when we signed it, by Message-ID when we only know it."""

    source: Source
    number: int | None = None
    message_id: str | None = None


def evidence(ring: KeyRing, recipients: Iterable[str], ids: Iterable[str]) -> Iterator[Evidence]:
    """Yield pointers to tickets, strongest first (mail rules 4 and 5).

    `recipients` are all addresses the mail came to, `ids` In-Reply-To and then References from last to
    first. A subject, a number in the text or an id without our MAC never points anywhere.
    """
    for address in dict.fromkeys(recipients):
        token = read_reply_address(ring, address)
        if token is not None:
            yield Evidence("reply address", number=token.number)
    wanted = list(dict.fromkeys(ids))[:REFERENCE_CAP]
    for one in wanted:
        number = read_message_id(ring, one)
        if number is not None:
            yield Evidence("our Message-ID", number=number)
    for one in wanted:
        if read_message_id(ring, one) is None:
            yield Evidence("known Message-ID", message_id=one)


def thread_ids(in_reply_to: Iterable[str], references: Iterable[str]) -> list[str]:
    """Return the ids a mail refers to, nearest first."""
    return [*in_reply_to, *reversed(list(references))]
