"""How addresses and Message-IDs carry a ticket: for ever, so every form here is final (contracts 16).

A reply address is `local+t.<number>.<participant>.<key><mac>@domain`, a Message-ID is
`<T.<number>.<rand>.<key><mac>@domain>`, a return path is `local+b.<delivery>.<key><mac>@domain`, and the path
of a customer's link is `<number>.<participant>.<version>.<key><mac>`. Pure but for the key ring handed in.
"""

import re
from dataclasses import dataclass

from helpdesk.core.keys import KeyRing

_REPLY = re.compile(r"t\.(\d{1,12})\.(\d{1,12})\.([a-z2-7]{17})", re.IGNORECASE)
_AGENT = re.compile(r"a\.(\d{1,12})\.(\d{1,12})\.([a-z2-7]{17})", re.IGNORECASE)
_MARK = re.compile(
    r"(?<![\d.])(\d{1,12})\.(\d{1,12})\.(?:(\d{1,6})\.)?([a-z2-7]{17})(?![a-z0-9])", re.IGNORECASE
)
MARK_CHARS, MARKS = 256 * 1024, 20
_BOUNCE = re.compile(r"b\.(\d{1,12})\.([a-z2-7]{17})", re.IGNORECASE)
_MESSAGE_ID = re.compile(r"<?T\.(\d{1,12})\.([a-z0-9]{4,20})\.([a-z2-7]{17})@([^\s<>@]+)>?", re.IGNORECASE)
_LINK = re.compile(r"(\d{1,12})\.(\d{1,12})\.(\d{1,6})\.([a-z2-7]{17})")


@dataclass(frozen=True, slots=True)
class ReplyToken:
    """What a valid reply address says: the ticket number and which participant it was made for."""

    number: int
    participant: int


def reply_address(ring: KeyRing, mailbox: str, number: int, participant: int) -> str:
    """Return the address a participant's answer to ticket `number` goes to."""
    local, domain = mailbox.rsplit("@", 1)
    return f"{local}+t.{number}.{participant}.{ring.sign('reply', number, participant)}@{domain}"


def read_reply_address(ring: KeyRing, address: str) -> ReplyToken | None:
    """Return what a reply address says, or None when it is none of ours."""
    match = _REPLY.fullmatch(_detail(address))
    if match is None:
        return None
    number, participant = int(match[1]), int(match[2])
    return ReplyToken(number, participant) if ring.verify(match[3], "reply", number, participant) else None


def agent_address(ring: KeyRing, mailbox: str, number: int, agent: int) -> str:
    """Return the Reply-To of a notification to an agent: their answer from it counts as theirs (mail rule 9).

    The form is `local+a.<number>.<agent>.<key><mac>@domain`; it names that one agent and that one ticket.
    """
    local, domain = mailbox.rsplit("@", 1)
    return f"{local}+a.{number}.{agent}.{ring.sign('agent', number, agent)}@{domain}"


def read_agent_address(ring: KeyRing, address: str) -> tuple[int, int] | None:
    """Return (ticket number, agent) of a notification's address, or None when it is none of ours."""
    match = _AGENT.fullmatch(_detail(address))
    if match is None:
        return None
    number, agent = int(match[1]), int(match[2])
    return (number, agent) if ring.verify(match[3], "agent", number, agent) else None


def body_mark(ring: KeyRing, number: int, participant: int) -> str:
    """Return the mark that our HTML carries unseen: it finds the ticket when nothing else is left."""
    return f"{number}.{participant}.{ring.sign('mark', number, participant)}"


def read_marks(ring: KeyRing, text: str) -> list[int]:
    """Return the ticket numbers of the marks and customers' links in a text; unsigned ones say nothing."""
    found: list[int] = []
    for tried, match in enumerate(_MARK.finditer(text[:MARK_CHARS])):
        if tried == MARKS:
            break
        number, participant = int(match[1]), int(match[2])
        good = (
            ring.verify(match[4], "link", number, participant, int(match[3]))
            if match[3]
            else ring.verify(match[4], "mark", number, participant)
        )
        if good and number not in found:
            found.append(number)
    return found


def return_path(ring: KeyRing, mailbox: str, delivery: int) -> str:
    """Return the envelope sender of one delivery: bounces to it name the delivery."""
    local, domain = mailbox.rsplit("@", 1)
    return f"{local}+b.{delivery}.{ring.sign('bounce', delivery)}@{domain}"


def read_return_path(ring: KeyRing, address: str) -> int | None:
    """Return the delivery a bounce to this address is about, or None."""
    match = _BOUNCE.fullmatch(_detail(address))
    if match is None or not ring.verify(match[2], "bounce", int(match[1])):
        return None
    return int(match[1])


def message_id(ring: KeyRing, domain: str, number: int, rand: str) -> str:
    """Return a Message-ID of ours, with angle brackets; `rand` is 4 to 20 letters or digits."""
    return f"<T.{number}.{rand}.{ring.sign('message-id', number, rand)}@{domain}>"


def read_message_id(ring: KeyRing, text: str) -> int | None:
    """Return the ticket number of a Message-ID we made, or None. Without a valid MAC it says nothing."""
    match = _MESSAGE_ID.fullmatch(text.strip())
    if match is None or not ring.verify(match[3], "message-id", int(match[1]), match[2].lower()):
        return None
    return int(match[1])


def link_token(ring: KeyRing, number: int, participant: int, version: int) -> str:
    """Return what stands in a customer's link to one request."""
    return f"{number}.{participant}.{version}.{ring.sign('link', number, participant, version)}"


def read_link_token(ring: KeyRing, text: str) -> tuple[int, int, int] | None:
    """Return (ticket number, participant, version) of a customer's link, or None."""
    match = _LINK.fullmatch(text)
    if match is None:
        return None
    number, participant, version = int(match[1]), int(match[2]), int(match[3])
    if not ring.verify(match[4], "link", number, participant, version):
        return None
    return number, participant, version


def mark_of_test(ring: KeyRing, test_id: int) -> str:
    """Return what the mail of a connection test carries in X-Helpdesk-Test."""
    return f"{test_id}.{ring.sign('connection test', test_id)}"


def read_test_mark(ring: KeyRing, text: str) -> int | None:
    """Return the connection test a mail is of, or None."""
    number, _, mac = text.strip().partition(".")
    if not (number.isascii() and number.isdecimal() and len(number) < 10):
        return None
    return int(number) if ring.verify(mac, "connection test", int(number)) else None


def base_address(address: str) -> str:
    """Return an address of ours without the detail behind `+`."""
    local, _, domain = address.rpartition("@")
    return f"{local.split('+', 1)[0]}@{domain}"


def _detail(address: str) -> str:
    local, _, _ = address.strip().rpartition("@")
    return local.partition("+")[2]
