"""winmail.dat: what Outlook packed into one file (TNEF, [MS-OXTNEF]), unpacked within caps, never raising.

A stream of attributes; the files' long names are MAPI properties ([MS-OXCMSG]) within them.
"""

import struct
from collections.abc import Iterator
from dataclasses import dataclass, field

from mail_ingest.parse.charsets import clean, decode

_SIGNATURE = 0x223E9F78
_MAX_FILES = 200
_MAX_PROPERTIES = 5_000
_MAX_DEPTH = 3
_MAX_TEXT = 2 * 1024 * 1024
_ATTRIBUTE = struct.Struct("<BII")
_LONG = struct.Struct("<I")
_PAIR = struct.Struct("<HH")

_BODY, _CODEPAGE, _PROPERTIES, _SUBJECT = 0x0002800C, 0x00069007, 0x00069003, 0x00018004
_FILE_BEGINS, _FILE_TITLE, _FILE_DATA, _FILE_PROPERTIES = 0x00069002, 0x00018010, 0x0006800F, 0x00069005

_FIXED = {2: 4, 3: 4, 4: 4, 5: 8, 6: 8, 7: 8, 0xA: 4, 0xB: 4, 0x14: 8, 0x40: 8, 0x48: 16}
_VARIABLE = {0xD, 0x1E, 0x1F, 0x102}
_NAME, _SHORT_NAME, _DISPLAY_NAME, _MIME, _CONTENT_ID = 0x3707, 0x3704, 0x3001, 0x370E, 0x3712
_DATA, _TEXT, _HTML, _RTF, _TOPIC = 0x3701, 0x1000, 0x1013, 0x1009, 0x0037


@dataclass(slots=True)
class PackedFile:
    """A file out of a winmail.dat, its name not yet made safe."""

    name: str = ""
    content_type: str = ""
    content_id: str = ""
    data: bytes = b""


@dataclass(slots=True)
class Unpacked:
    """What was in a winmail.dat: the body in up to two forms, and the files. Empty when it is none."""

    text: str = ""
    html: str = ""
    subject: str = ""
    files: list[PackedFile] = field(default_factory=list)

    @property
    def empty(self) -> bool:
        """Whether nothing came out of it."""
        return not (self.text.strip() or self.html.strip() or self.files)


def unpack(data: bytes, depth: int = 0) -> Unpacked:
    """Return what a winmail.dat holds, as far as it can be read."""
    found = Unpacked()
    if len(data) < 6 or _LONG.unpack_from(data)[0] != _SIGNATURE or depth > _MAX_DEPTH:
        return found
    codepage = "cp1252"
    for kind, value in _attributes(data):
        if kind == _CODEPAGE and len(value) >= 4:
            codepage = f"cp{_LONG.unpack_from(value)[0]}"
        elif kind == _BODY:
            found.text = found.text or _words(value[:_MAX_TEXT], codepage)
        elif kind == _SUBJECT:
            found.subject = _words(value[:2_000], codepage)
        elif kind == _PROPERTIES:
            _read_message(found, value, codepage)
        elif kind == _FILE_BEGINS:
            if len(found.files) == _MAX_FILES:
                break
            found.files.append(PackedFile())
        elif found.files:
            _read_file(found.files[-1], kind, value, codepage, depth)
    found.files = [f for f in found.files if f.data]
    return found


def _attributes(data: bytes) -> Iterator[tuple[int, bytes]]:
    """Yield id and value of each attribute, the last perhaps cut short."""
    at = 6
    while at + _ATTRIBUTE.size <= len(data):
        level, kind, size = _ATTRIBUTE.unpack_from(data, at)
        at += _ATTRIBUTE.size
        if level not in (1, 2):
            return
        yield kind, data[at : at + size]
        at += size + 2


def _read_message(found: Unpacked, value: bytes, codepage: str) -> None:
    """Take body and subject from the properties of the message."""
    for kind, name, content in _properties(value):
        if name == _TEXT and not found.text:
            found.text = _string(kind, content[:_MAX_TEXT], codepage)
        elif name == _HTML and not found.html:
            found.html = _string(0x1E if kind == 0x102 else kind, content[:_MAX_TEXT], codepage)
        elif name == _TOPIC and not found.subject:
            found.subject = _string(kind, content[:2_000], codepage)


def _read_file(file: PackedFile, kind: int, value: bytes, codepage: str, depth: int) -> None:
    """Take what one attribute says of a file."""
    if kind == _FILE_DATA:
        file.data = value
    elif kind == _FILE_TITLE:
        file.name = file.name or _words(value[:2_000], codepage)
    elif kind == _FILE_PROPERTIES:
        names: dict[int, str] = {}
        for sort, name, content in _properties(value):
            if name == _DATA and sort == 0xD:
                _read_message_within(file, content, depth)
            elif name == _DATA:
                file.data = file.data or content
            elif name in (_NAME, _SHORT_NAME, _DISPLAY_NAME, _MIME, _CONTENT_ID):
                names[name] = _string(sort, content[:2_000], codepage)
        file.name = names.get(_NAME) or file.name or names.get(_DISPLAY_NAME) or names.get(_SHORT_NAME, "")
        file.content_type = names.get(_MIME, "")
        file.content_id = names.get(_CONTENT_ID, "")


def _read_message_within(file: PackedFile, content: bytes, depth: int) -> None:
    """Take an attached message as a text file: 16 bytes of interface id stand before its own stream."""
    inner = unpack(content[16:], depth + 1)
    text = inner.text or inner.html
    if text.strip():
        file.data = text.encode("utf-8", "replace")
        file.name = f"{inner.subject or 'message'}.{'txt' if inner.text else 'html'}"
        file.content_type = "text/plain" if inner.text else "text/html"


def _properties(value: bytes) -> Iterator[tuple[int, int, bytes]]:
    """Yield type, id and first value of each property; ends at the first that cannot be read."""
    try:
        count = _LONG.unpack_from(value)[0]
        at = 4
        for _ in range(min(count, _MAX_PROPERTIES)):
            kind, name = _PAIR.unpack_from(value, at)
            at += 4
            if name >= 0x8000:
                at = _after_name(value, at)
            many, kind = bool(kind & 0x1000), kind & 0xFFF
            content, at = _value(value, at, kind, many)
            yield kind, name, content
    except struct.error:
        return


def _after_name(value: bytes, at: int) -> int:
    """Return where a named property goes on after its name."""
    by_string = _LONG.unpack_from(value, at + 16)[0] == 1
    if not by_string:
        return at + 24
    size: int = _LONG.unpack_from(value, at + 20)[0]
    return at + 24 + size + (-size % 4)


def _value(value: bytes, at: int, kind: int, many: bool) -> tuple[bytes, int]:
    """Return the first value of a property and where the next property begins.

    Raises:
        struct.error: the value is cut short, or of no known type.
    """
    if kind not in _VARIABLE and kind not in _FIXED:
        raise struct.error("no such type")
    count = 1
    if many or kind in _VARIABLE:
        count = _LONG.unpack_from(value, at)[0]
        at += 4
    first = b""
    for n in range(count):
        if kind in _FIXED:
            size = _FIXED[kind]
        else:
            size = _LONG.unpack_from(value, at)[0]
            at += 4
        if at + size > len(value):
            raise struct.error("cut short")
        if n == 0:
            first = value[at : at + size]
        at += size + (-size % 4)
    return first, at


def _string(kind: int, content: bytes, codepage: str) -> str:
    if kind == 0x1F:
        return clean(content.decode("utf-16-le", "replace")).rstrip("\0")
    return _words(content, codepage)


def _words(content: bytes, codepage: str) -> str:
    return clean(decode(content.split(b"\0", 1)[0], "utf-8" if codepage == "cp65001" else codepage))
