"""The whole mail: headers, people, ids, body and attachments."""

import re

from mail_ingest.limits import DEFAULT, Limits, too_big
from mail_ingest.parse.addresses import normal, read_addresses
from mail_ingest.parse.body import read_body
from mail_ingest.parse.charsets import clean
from mail_ingest.parse.header_block import HeaderBlock
from mail_ingest.parse.identifiers import message_ids, moment
from mail_ingest.parse.model import Address, Headers, ParsedMail
from mail_ingest.parse.tree import Part, read_tree
from mail_ingest.parse.words import header_text

_ENVELOPE = ("delivered-to", "x-original-to", "envelope-to", "x-envelope-to", "x-forwarded-to")
_RECEIVED_FOR = re.compile(r"\bfor <?([^\s<>;]{1,256}@[^\s<>;]{1,255})>?")
_MBOX_LINE = re.compile(rb">?From [^\r\n]*\r?\n")


def parse(raw: bytes, limits: Limits = DEFAULT) -> ParsedMail:
    """Return what a raw mail says.

    Raises:
        MailTooComplexError: the mail is over one of the caps; nothing else is ever raised.
    """
    if len(raw) > limits.mail_bytes:
        raise too_big(limits)
    root = read_tree(_trimmed(raw, limits), limits)
    charset = _declared_charset(root)
    block = root.headers
    headers = Headers(tuple((name, header_text(value, charset)) for name, value in block.items))
    to, cc = (read_addresses(block.every(name), charset) for name in ("to", "cc"))
    date, defects = moment(headers.get("Date")), _defects(root)
    if date is None and (received := headers.get("Received")):
        date = moment(received.rpartition(";")[2])
        defects += ("date_from_received",) if date else ()
    ids = message_ids(headers.get("Message-ID"))
    body = read_body(root, limits)
    return ParsedMail(
        from_=read_addresses(block.every("from"), charset),
        sender=read_addresses(block.every("sender"), charset),
        reply_to=read_addresses(block.every("reply-to"), charset),
        to=to,
        cc=cc,
        delivered_to=_delivered_to(block, headers, (*to, *cc), charset),
        subject=headers.get("Subject") or "",
        date=date,
        message_id=ids[0] if ids else None,
        in_reply_to=message_ids(" ".join(headers.get_all("In-Reply-To"))),
        references=message_ids(" ".join(headers.get_all("References"))),
        headers=headers,
        text=clean(body.text()),
        html=body.html(),
        attachments=tuple(body.attachments),
        received_count=len(headers.get_all("Received")),
        defects=defects,
    )


def _trimmed(raw: bytes, limits: Limits) -> bytes:
    """Return the mail without what stands before its headers, and with line feeds as line ends."""
    raw = raw.removeprefix(b"\xef\xbb\xbf").lstrip(b"\r\n")
    match = _MBOX_LINE.match(raw[:1_000])
    if match:
        raw = raw[match.end() :]
    if b"\n" not in raw[: limits.header_block_bytes] and b"\r" in raw:
        raw = raw.replace(b"\r", b"\n")
    return raw


def _declared_charset(root: Part) -> str | None:
    """Return the first charset that the mail declares: the best guess for 8-bit headers."""
    return next((charset for part in root.walk() if (charset := part.params.get("charset"))), None)


def _delivered_to(
    block: HeaderBlock, headers: Headers, visible: tuple[Address, ...], charset: str | None
) -> tuple[str, ...]:
    """Return every address that the mail may have been delivered to, surest first (M1.0)."""
    found = [address.key for name in _ENVELOPE for address in read_addresses(block.every(name), charset)]
    found += [address.key for address in visible]
    for line in headers.get_all("Received"):
        found += [normal(email).lower() for email in _RECEIVED_FOR.findall(line)]
    return tuple(dict.fromkeys(found))


def _defects(root: Part) -> tuple[str, ...]:
    """Return what had to be mended."""
    found = []
    if any(part.headers.repaired for part in root.walk()):
        found.append("header_repaired")
    if root.headers.first("from") is None:
        found.append("no_from")
    if root.headers.first("date") is None:
        found.append("no_date")
    if len(root.headers.every("from")) > 1:
        found.append("many_from_headers")
    return tuple(found)
