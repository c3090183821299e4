"""What a bounce says: whom it could not reach, why, and which message came back (RFC 3464)."""

import re
from dataclasses import dataclass

from mail_ingest.limits import DEFAULT
from mail_ingest.parse.header_block import HeaderBlock, read_headers
from mail_ingest.parse.identifiers import message_ids
from mail_ingest.parse.model import Attachment, ParsedMail
from mail_ingest.parse.words import header_text

_STATUS_TYPES = ("message/delivery-status", "message/global-delivery-status")
_RETURNED_TYPES = ("message/rfc822", "text/rfc822-headers", "message/global", "message/rfc822-headers")
_STATUS = re.compile(r"(?<![\d.])([245]\.\d{1,3}\.\d{1,3})(?![\d.])")
_ID_LINE = re.compile(
    r"^[> \t]{0,8}Message-ID:[ \t]{0,4}\n?[ \t]{0,4}<([^<>\s]{3,250})>", re.IGNORECASE | re.MULTILINE
)
# An address on a line of its own, as servers that know no delivery status write it.
_ADDRESS = re.compile(r"^[ \t]{0,8}<?([^<>\s@:\"]{1,100}@[^<>\s@:]{1,200})>?:?[ \t]{0,8}$", re.MULTILINE)
_MAX_TEXT = 64 * 1024
_MAX_GROUPS = 200
_MAX_PARTS = 10


@dataclass(frozen=True, slots=True)
class BounceFacts:
    """A delivery that failed or is late; each fact is None when the bounce does not tell it."""

    recipient: str | None = None
    status: str | None = None
    diagnostic: str | None = None
    original_message_id: str | None = None
    action: str | None = None

    @property
    def permanent(self) -> bool:
        """Whether trying again is of no use."""
        if self.action in ("delayed", "delivered", "relayed", "expanded"):
            return False
        return not (self.status or "").startswith(("2", "4"))


def bounce_facts(mail: ParsedMail) -> BounceFacts:
    """Return what a bounce says, from its delivery status or else from its words."""
    group = _failed_group(mail)
    text = mail.text[:_MAX_TEXT]
    recipient = _typed(group.first("original-recipient")) or _typed(group.first("final-recipient"))
    if recipient is None:
        failed = mail.headers.get("X-Failed-Recipients")
        recipient = failed.partition(",")[0].strip() if failed else _first(_ADDRESS, text)
    diagnostic = _value(group, "diagnostic-code")
    status = _value(group, "status") or diagnostic or text
    return BounceFacts(
        recipient=recipient.lower() if recipient else None,
        status=_first(_STATUS, status),
        diagnostic=_after_type(diagnostic),
        original_message_id=_original_id(mail) or _first(_ID_LINE, text),
        action=(_value(group, "action") or "").lower() or None,
    )


def _first(pattern: re.Pattern[str], text: str) -> str | None:
    """Return the first group of a pattern's first match."""
    match = pattern.search(text)
    return match[1] if match else None


def _value(group: HeaderBlock, name: str) -> str | None:
    """Return a field of a group as text."""
    raw = group.first(name)
    return header_text(raw) or None if raw is not None else None


def _after_type(value: str | None) -> str | None:
    """Return what stands behind a type, as in "smtp; 550 no such user"."""
    if value is None:
        return None
    kind, semicolon, words = value.partition(";")
    return (words if semicolon else kind).strip() or None


def _typed(raw: bytes | None) -> str | None:
    """Return the address of a field such as "rfc822; ann@example.com"."""
    if raw is None:
        return None
    return (_after_type(header_text(raw)) or "").strip("<> ") or None


def _failed_group(mail: ParsedMail) -> HeaderBlock:
    """Return the fields about the first recipient that failed, or else about the first one."""
    parts = [item for item in mail.attachments if item.content_type in _STATUS_TYPES]
    groups = [group for part in parts[:_MAX_PARTS] for group in _groups(part)]
    about = [group for group in groups if group.first("final-recipient") or group.first("original-recipient")]
    failed = (group for group in about if (_value(group, "action") or "failed").lower() == "failed")
    return next(failed, about[0] if about else HeaderBlock())


def _groups(part: Attachment) -> list[HeaderBlock]:
    """Return the groups of fields in a delivery status."""
    text = part.data[:_MAX_TEXT].replace(b"\r\n", b"\n")
    pieces = [piece.strip(b"\n") for piece in text.split(b"\n\n")][:_MAX_GROUPS]
    return [
        read_headers(piece, 0, len(piece), DEFAULT)[0]
        for piece in pieces
        if len(piece) < DEFAULT.header_bytes
    ]


def _original_id(mail: ParsedMail) -> str | None:
    """Return the Message-ID of the message that came back."""
    for part in mail.attachments:
        if part.content_type in _RETURNED_TYPES:
            head = part.data[: DEFAULT.header_block_bytes].lstrip(b"\r\n")
            match = re.search(
                rb"^message-id:([^\n]{0,1000}\n?(?:[ \t][^\n]{0,1000})?)", head, re.IGNORECASE | re.MULTILINE
            )
            ids = message_ids(header_text(match[1])) if match else ()
            if ids:
                return ids[0]
    return None
