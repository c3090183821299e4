"""The tree of MIME parts of a mail (RFC 2046), as offsets into its bytes and within the caps."""

import re
from dataclasses import dataclass, field

from mail_ingest.limits import Limits, too_deep, too_many_parts
from mail_ingest.parse.header_block import HeaderBlock, read_headers
from mail_ingest.parse.params import split_params
from mail_ingest.parse.transfer import decode_transfer
from mail_ingest.parse.words import raw_text

_TYPE = re.compile(r"[\w!#$&^.+-]{1,100}/[\w!#$&^.+-]{1,100}")
_GUESS = re.compile(rb"\s{0,200}--([^\s-][^\r\n]{0,200}?)[ \t]{0,20}\r?\n(?:content-|\r?\n)", re.IGNORECASE)


@dataclass(slots=True)
class Part:
    """One part: its headers, its type, and where its body is in the raw mail."""

    raw: bytes
    headers: HeaderBlock
    start: int
    end: int
    content_type: str
    params: dict[str, str]
    disposition: str = ""
    disposition_params: dict[str, str] = field(default_factory=dict)
    encoding: str = ""
    children: list["Part"] = field(default_factory=list)

    @property
    def filename(self) -> str:
        """The name the sender gave, not yet made safe."""
        return self.disposition_params.get("filename") or self.params.get("name") or ""

    def data(self) -> bytes:
        """Return the decoded body."""
        return decode_transfer(self.raw[self.start : self.end], self.encoding)

    def walk(self) -> list["Part"]:
        """Return this part and all below it, in the order of the mail."""
        found = [self]
        for child in self.children:
            found += child.walk()
        return found


@dataclass(slots=True)
class _Reading:
    """What is carried along while a tree is read."""

    raw: bytes
    limits: Limits
    parts: int = 0


def read_tree(raw: bytes, limits: Limits) -> Part:
    """Return the root part of a mail.

    Raises:
        MailTooComplexError: the mail is over one of its caps.
    """
    return _read_part(_Reading(raw, limits), 0, len(raw), 1, "text/plain")


def _read_part(reading: _Reading, start: int, end: int, depth: int, default: str) -> Part:
    """Return the part between two offsets, with its children."""
    reading.parts += 1
    if reading.parts > reading.limits.parts:
        raise too_many_parts(reading.limits)
    if depth > reading.limits.depth:
        raise too_deep(reading.limits)
    headers, body = read_headers(reading.raw, start, end, reading.limits)
    part = _described(reading.raw, headers, body, end, default)
    if not part.content_type.startswith("multipart/"):
        return part
    child_default = "message/rfc822" if part.content_type == "multipart/digest" else "text/plain"
    for child_start, child_end in _split(reading, part):
        part.children.append(_read_part(reading, child_start, child_end, depth + 1, child_default))
    if not part.children and reading.raw[part.start : part.end].strip():
        part.content_type = "text/plain"
    return part


def _described(raw: bytes, headers: HeaderBlock, start: int, end: int, default: str) -> Part:
    """Return a part with its Content-* headers understood."""
    value, params = split_params(default)
    if (field_value := headers.first("content-type")) is not None:
        value, params = split_params(raw_text(field_value))
        match = _TYPE.match(value)
        value = match[0] if match else default
    part = Part(raw, headers, start, end, value, params)
    if (field_value := headers.first("content-disposition")) is not None:
        part.disposition, part.disposition_params = split_params(raw_text(field_value))
    if (field_value := headers.first("content-transfer-encoding")) is not None:
        part.encoding = raw_text(field_value).partition(";")[0].strip(" \"'").lower()
    return part


def _split(reading: _Reading, part: Part) -> list[tuple[int, int]]:
    """Return the offsets of a multipart's children."""
    boundary = part.params.get("boundary", "").rstrip().encode("utf-8", "replace")
    spans = _spans(reading, part, boundary) if boundary else []
    if not spans and (match := _GUESS.match(reading.raw, part.start, part.end)):
        spans = _spans(reading, part, match[1])
    return spans


def _spans(reading: _Reading, part: Part, boundary: bytes) -> list[tuple[int, int]]:
    """Return the spans between the lines that hold a boundary.

    Parts after a closing boundary are read too: gateways add them, and so do nested multiparts that
    share one boundary.
    """
    raw, end = reading.raw, part.end
    delimiter = b"--" + boundary
    spans: list[tuple[int, int]] = []
    opened = -1
    position = part.start
    while (hit := raw.find(delimiter, position, end)) >= 0:
        position = hit + len(delimiter)
        if hit > part.start and raw[hit - 1] != 10:
            continue
        newline = raw.find(b"\n", position, end)
        line_end = end if newline < 0 else newline
        tail = raw[position:line_end].strip()
        if tail not in (b"", b"--"):
            continue
        if opened >= 0:
            spans.append((opened, _before_newline(raw, opened, hit)))
        if len(spans) > reading.limits.parts:
            raise too_many_parts(reading.limits)
        opened = min(line_end + 1, end) if not tail else -1
        position = line_end
    if opened >= 0 and opened < end:
        spans.append((opened, end))
    return spans


def _before_newline(raw: bytes, start: int, end: int) -> int:
    """Return the end of a part's content: the line end before a boundary belongs to the boundary."""
    if end > start and raw[end - 1] == 10:
        end -= 1
        if end > start and raw[end - 1] == 13:
            end -= 1
    return end
