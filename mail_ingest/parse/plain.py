"""A read mail as plain data and back, to cross a pipe: JSON and the attachments' bytes, never pickle."""

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any

from mail_ingest.parse.model import Address, Attachment, Headers, ParsedMail

_PEOPLE = ("from_", "sender", "reply_to", "to", "cc")
_TEXTS = ("delivered_to", "in_reply_to", "references", "defects")
_VALUES = ("subject", "message_id", "text", "html", "received_count")


def mail_to_plain(mail: ParsedMail) -> tuple[dict[str, Any], list[bytes]]:
    """Return a mail as JSON-ready data, and its attachments' bytes apart."""
    plain: dict[str, Any] = {name: getattr(mail, name) for name in (*_TEXTS, *_VALUES)}
    for name in _PEOPLE:
        plain[name] = [(address.name, address.email) for address in getattr(mail, name)]
    plain["date"] = mail.date.isoformat() if mail.date else None
    plain["headers"] = mail.headers.items
    plain["attachments"] = [(a.filename, a.content_type, a.content_id, a.inline) for a in mail.attachments]
    return plain, [attachment.data for attachment in mail.attachments]


def mail_from_plain(plain: Mapping[str, Any], files: Sequence[bytes]) -> ParsedMail:
    """Return the mail that `mail_to_plain` took apart."""
    people: dict[str, Any] = {name: tuple(Address(*pair) for pair in plain[name]) for name in _PEOPLE}
    texts: dict[str, Any] = {name: tuple(plain[name]) for name in _TEXTS}
    return ParsedMail(
        **people,
        **texts,
        **{name: plain[name] for name in _VALUES},
        date=datetime.fromisoformat(plain["date"]) if plain["date"] else None,
        headers=Headers(tuple((name, value) for name, value in plain["headers"])),
        attachments=tuple(
            Attachment(name, kind, data, content_id, inline)
            for (name, kind, content_id, inline), data in zip(plain["attachments"], files, strict=True)
        ),
    )
