"""From the tree of parts to what is read and what is attached."""

import re
from dataclasses import dataclass, field
from html import escape

from mail_ingest.limits import Limits
from mail_ingest.parse import calendar
from mail_ingest.parse.body_text import part_text
from mail_ingest.parse.data_images import lift_images
from mail_ingest.parse.html_lines import html_to_text
from mail_ingest.parse.model import Attachment
from mail_ingest.parse.names import default_name, safe_name, type_of_name
from mail_ingest.parse.tnef import PackedFile, unpack
from mail_ingest.parse.tree import Part
from mail_ingest.parse.words import decode_words, header_text, one_line

_READABLE = ("text/plain", "text/html")
_TYPE = re.compile(r"[\w!#$&^.+-]{1,100}/[\w!#$&^.+-]{1,100}")
_PACKED = ("application/ms-tnef", "application/vnd.ms-tnef")


@dataclass(slots=True)
class Block:
    """A stretch of the body: its plain form, its HTML form, or both."""

    plain: str | None = None
    html: str | None = None

    def as_text(self) -> str:
        """Return the stretch as plain text, made from its HTML when there is only that."""
        return self.plain if self.plain is not None else html_to_text(self.html or "")

    def as_html(self) -> str:
        """Return the stretch as HTML, made from its plain text when there is only that."""
        if self.html is not None:
            return self.html
        return f'<div style="white-space: pre-wrap">{escape(self.plain or "")}</div>'


@dataclass(slots=True)
class Body:
    """Everything found in a mail's parts, in order."""

    blocks: list[Block] = field(default_factory=list)
    attachments: list[Attachment] = field(default_factory=list)
    # How many more bytes of text may be read.
    room: list[int] = field(default_factory=list)
    # The first readable part that came as a file, for mails in which all is files.
    spare: Part | None = None

    def text(self) -> str:
        """Return the whole body as plain text."""
        return "\n".join(block.as_text() for block in self.blocks)

    def html(self) -> str | None:
        """Return the whole body as HTML, None when no part of it came as HTML."""
        if all(block.html is None for block in self.blocks):
            return None
        if len(self.blocks) == 1:
            return self.blocks[0].html
        return "\n".join(block.as_html() for block in self.blocks)


def read_body(root: Part, limits: Limits) -> Body:
    """Return the body and the attachments of a mail."""
    body = Body(room=[limits.readable_bytes])
    _walk(root, body, root=True)
    _unpack(body, limits)
    if not body.blocks and body.spare is not None:
        _read(body.spare, body)
    if not body.blocks and (line := _invited(body)):
        body.blocks.append(Block(plain=line))
    _merge_twins(body)
    return body


def _walk(part: Part, body: Body, root: bool = False) -> None:
    """Add one part and those below it."""
    if part.children:
        if part.content_type == "multipart/alternative":
            _alternative(part, body)
            return
        for child in part.children:
            _walk(child, body)
        return
    if part.content_type.startswith("multipart/"):
        return
    readable = part.content_type in _READABLE and part.disposition != "attachment"
    named = bool(part.filename)
    if readable and (root or not named or (part.disposition == "inline" and not body.blocks)):
        if _read(part, body) and not named:
            return
    elif body.spare is None and (readable or part.content_type == "message/delivery-status"):
        body.spare = part
    if part.start < part.end or named:
        body.attachments.append(_attachment(part, len(body.attachments) + 1))


def _read(part: Part, body: Body) -> bool:
    """Add a readable part as a stretch of the body; return whether that is all of it."""
    data = part.data()
    if part.content_type == "text/html":
        data, images = lift_images(data, len(body.attachments))
        body.attachments += images
    size, room = len(data), body.room[0]
    body.room[0] = max(0, room - size)
    text = part_text(part, data[:room])
    body.blocks.append(Block(html=text) if part.content_type == "text/html" else Block(plain=text))
    return size <= room


def _alternative(part: Part, body: Body) -> None:
    """Add the parts of which a reader shows one: the plain form and the richest HTML form are both kept."""
    plain: str | None = None
    html: str | None = None
    for child in part.children:
        if child.content_type == "text/x-amp-html":
            continue
        inner = Body(room=body.room)
        _walk(child, inner)
        inner_html = inner.html()
        if inner_html is not None:
            html = inner_html or html
            if plain is None and any(block.plain is not None for block in inner.blocks):
                plain = inner.text()
        elif inner.blocks and not (plain or "").strip():
            plain = inner.text()
        body.attachments += inner.attachments
    if plain is not None and not plain.strip() and html:
        plain = None
    if plain is not None or html is not None:
        body.blocks.append(Block(plain, html))


def _merge_twins(body: Body) -> None:
    """Join a plain and an HTML part that say the same but were not sent as alternatives."""
    if len(body.blocks) != 2:
        return
    first, second = body.blocks
    if first.html is not None or second.plain is not None or not first.plain or not second.html:
        return
    left, right = _start(first.plain), _start(html_to_text(second.html))
    if left and right and (left.startswith(right[:200]) or right.startswith(left[:200])):
        body.blocks = [Block(first.plain, second.html)]


def _start(text: str) -> str:
    """Return the first letters of a text without white space."""
    return "".join(text[:2_000].split())


def _unpack(body: Body, limits: Limits) -> None:
    """Put what is in each winmail.dat in its place; one that holds nothing stays as it is."""
    kept: list[Attachment] = []
    for found in body.attachments:
        if found.content_type not in _PACKED and found.filename.lower() != "winmail.dat":
            kept.append(found)
            continue
        inner = unpack(found.data)
        if inner.empty:
            kept.append(found)
            continue
        if not body.blocks and (inner.text.strip() or inner.html.strip()):
            body.blocks.append(Block(plain=inner.text or None, html=inner.html or None))
        room = max(0, limits.parts - len(kept))
        kept += [_packed(file, len(kept) + n) for n, file in enumerate(inner.files[:room], 1)]
    body.attachments = kept


def _packed(file: PackedFile, number: int) -> Attachment:
    """Return a file out of a winmail.dat as an attachment."""
    name = safe_name(one_line(file.name))
    kind = one_line(file.content_type).lower()
    content_type = kind if _TYPE.fullmatch(kind) else type_of_name(name)
    content_id = one_line(file.content_id).strip("<> ") or None
    return Attachment(
        name or default_name(content_type, number), content_type, file.data, content_id, bool(content_id)
    )


def _invited(body: Body) -> str:
    """Return in a line what the first calendar of a mail says that has nothing else to read."""
    found = (calendar.summary(a.data) for a in body.attachments if a.content_type == "text/calendar")
    return next((line for line in found if line), "")


def _attachment(part: Part, number: int) -> Attachment:
    """Return a part as an attachment."""
    raw_id = part.headers.first("content-id")
    content_id = header_text(raw_id).strip("<> ") if raw_id else None
    inline = part.disposition == "inline" or bool(content_id and part.disposition != "attachment")
    data = part.data()
    name = safe_name(one_line(decode_words(part.filename)))
    if not name and part.content_type == "message/rfc822":
        name = _message_name(data)
    if not name and part.content_type == "text/calendar":
        name = safe_name(calendar.file_name(data))
    return Attachment(
        name or default_name(part.content_type, number), part.content_type, data, content_id or None, inline
    )


def _message_name(data: bytes) -> str:
    """Return a file name for an attached mail: its subject."""
    head = data[:20_000].replace(b"\r\n", b"\n").split(b"\n\n", 1)[0]
    position = (b"\n" + head.lower()).find(b"\nsubject:")
    if position < 0:
        return ""
    value = head[position + 8 :].replace(b"\n ", b" ").replace(b"\n\t", b" ").split(b"\n", 1)[0]
    subject = safe_name(header_text(value))[:120].rstrip(". ")
    return f"{subject}.eml" if subject else ""
