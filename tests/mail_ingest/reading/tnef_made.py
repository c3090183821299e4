"""Makes winmail.dat as Outlook does, and broken ones."""

import struct
from collections.abc import Sequence


def prop(name: int, value: bytes | str, kind: int | None = None) -> bytes:
    """Return a MAPI property: text as UTF-16, bytes as binary."""
    kind = kind or (0x1F if isinstance(value, str) else 0x102)
    data = (value + "\0").encode("utf-16-le") if isinstance(value, str) else value
    return struct.pack("<HHII", kind, name, 1, len(data)) + data + b"\0" * (-len(data) % 4)


def props(*found: bytes, count: int | None = None) -> bytes:
    """Return properties as an attribute holds them."""
    return struct.pack("<I", len(found) if count is None else count) + b"".join(found)


def attribute(level: int, kind: int, value: bytes) -> bytes:
    """Return an attribute with its checksum."""
    return struct.pack("<BII", level, kind, len(value)) + value + struct.pack("<H", sum(value) & 0xFFFF)


def stream(*attributes: bytes) -> bytes:
    """Return a whole winmail.dat."""
    return struct.pack("<IH", 0x223E9F78, 1) + b"".join(attributes)


def a_file(title: str, data: bytes, *more: bytes) -> bytes:
    """Return the attributes of a file: a short title, its bytes, and its properties."""
    return (
        attribute(2, 0x00069002, b"\0" * 14)
        + attribute(2, 0x00018010, title.encode("cp1252") + b"\0")
        + attribute(2, 0x0006800F, data)
        + (attribute(2, 0x00069005, props(*more)) if more else b"")
    )


def winmail(files: Sequence[tuple[str, str, bytes]] = (), html: str = "", text: str = "") -> bytes:
    """Return a winmail.dat with files of long names and a body."""
    body = [prop(0x1013, html.encode())] if html else []
    body += [prop(0x1000, text)] if text else []
    head = [attribute(1, 0x00069007, struct.pack("<II", 1252, 0)), attribute(1, 0x00069003, props(*body))]
    made = [a_file("SHORT~1.DAT", data, prop(0x3707, name), prop(0x370E, kind)) for name, kind, data in files]
    return stream(*head, *made)
