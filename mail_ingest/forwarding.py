"""Whose words somebody forwards: a colleague's "Fwd:" belongs to the customer who wrote it. Pure."""

import re
from dataclasses import dataclass

from helpdesk.core.addresses import is_address
from mail_ingest.limits import DEFAULT
from mail_ingest.parse.header_block import read_headers
from mail_ingest.parse.model import ParsedMail
from mail_ingest.parse.words import header_text
from mail_ingest.quoting.headings import (
    header_block,
    is_forward,
    is_forward_subject,
    is_original_message,
    label_of,
)

_ADDRESS = re.compile(r"[^\s<>\[\]:;\"'(),]{1,64}@[^\s<>\[\]:;\"'(),]{1,190}")
_MAX_LINES = 400


@dataclass(frozen=True, slots=True)
class Forwarded:
    """A forwarded mail: who wrote it, its words, and what was said above it by whoever forwarded it."""

    name: str
    email: str
    subject: str
    text: str
    comment: str


def forwarded(mail: ParsedMail) -> Forwarded | None:
    """Return what a mail forwards, within its text or attached; None when it forwards nothing we can tell."""
    if not is_forward_subject(mail.subject):
        return None
    return _within(mail) or _attached(mail)


def _within(mail: ParsedMail) -> Forwarded | None:
    lines = mail.text.split("\n")
    announced = False
    for start, line in enumerate(lines[:_MAX_LINES]):
        if is_forward(line) or is_original_message(line):
            announced = True
            continue
        if not line.strip():
            continue
        end = header_block(lines, start, sure=announced)
        if end > start:
            return _of_block(lines, start, end)
        announced = False
    return None


def _of_block(lines: list[str], start: int, end: int) -> Forwarded | None:
    said: dict[str, str] = {}
    for line in lines[start:end]:
        kind, value = label_of(line)
        if kind is not None:
            said.setdefault(kind, value)
    found = _ADDRESS.search(said.get("from", ""))
    if found is None or not is_address(found[0]):
        return None
    name = said["from"][: found.start()].replace("mailto", "").strip(" \"'<[(*:")
    above = [x for x in lines[:start] if not (is_forward(x) or is_original_message(x))]
    text = "\n".join(lines[end:]).strip()
    return Forwarded(name[:200], found[0], said.get("subject", ""), text, "\n".join(above).strip())


def _attached(mail: ParsedMail) -> Forwarded | None:
    """Return the sender of the one message that is attached; its words stay in the attachment."""
    whole = [a for a in mail.attachments if a.content_type in {"message/rfc822", "message/global"}]
    if len(whole) != 1:
        return None
    data = whole[0].data[: DEFAULT.header_block_bytes].lstrip(b"\r\n")
    head = read_headers(data, 0, len(data), DEFAULT)[0]
    sender = header_text(head.first("from") or b"")
    found = _ADDRESS.search(sender)
    if found is None or not is_address(found[0]):
        return None
    name = sender[: found.start()].strip(" \"'<[(")
    subject = header_text(head.first("subject") or b"")
    return Forwarded(name[:200], found[0], subject, mail.text.strip(), "")
