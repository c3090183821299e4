"""The block of header lines before a body: where it ends, and each header's raw bytes (RFC 5322 2.2)."""

import re
from dataclasses import dataclass, field

from mail_ingest.limits import Limits, header_block_too_big, header_too_long, too_many_headers

_NAME = re.compile(rb"([!-9;-~]+)[ \t]*:")
_KNOWN = re.compile(
    rb"^(?:from|to|cc|subject|date|mime-version|content-[a-z-]{1,30}|message-id|received|reply-to"
    rb"|x-[!-9;-~]{1,60})[ \t]*:",
    re.IGNORECASE | re.MULTILINE,
)
_END = re.compile(rb"\r*\n\r*\n")


@dataclass(slots=True)
class HeaderBlock:
    """Raw headers in order, names as sent, values still folded and undecoded."""

    items: list[tuple[str, bytes]] = field(default_factory=list)
    repaired: bool = False

    def first(self, name: str) -> bytes | None:
        """Return the first value of a header given by its lower-cased name."""
        return next((value for key, value in self.items if key.lower() == name), None)

    def every(self, name: str) -> list[bytes]:
        """Return all values of a header given by its lower-cased name."""
        return [value for key, value in self.items if key.lower() == name]


def read_headers(raw: bytes, start: int, end: int, limits: Limits) -> tuple[HeaderBlock, int]:
    """Return the headers that begin at `start` and the offset where the body begins.

    A stray line without a colon is folded into the header above it when real headers follow, and
    otherwise begins the body.

    Raises:
        MailTooComplexError: the block, its number of headers or one header is over its cap.
    """
    blank = _leading_blank(raw, start, end)
    if blank:
        return HeaderBlock(), start + blank
    window_end = min(end, start + limits.header_block_bytes + 4)
    match = _END.search(raw, start, window_end)
    stop, body = (match.start(), match.end()) if match else (window_end, window_end)
    cut = match is None and window_end < end
    if cut:
        stop = max(start, raw.rfind(b"\n", start, window_end))
    block, used = _read_lines(raw[start:stop], limits)
    if used < stop - start:
        return block, start + used
    if cut or stop - start > limits.header_block_bytes:
        raise header_block_too_big(limits)
    return block, body


def _leading_blank(raw: bytes, start: int, end: int) -> int:
    """Return the length of the blank line at the very start, 0 when there is none."""
    if raw.startswith(b"\n", start, end):
        return 1
    return 2 if raw.startswith(b"\r\n", start, end) else 0


def _read_lines(block: bytes, limits: Limits) -> tuple[HeaderBlock, int]:
    """Return the headers of a block and how many of its bytes belong to them."""
    found = HeaderBlock()
    lines: list[tuple[str, list[bytes]]] = []
    last_known: int | None = None
    offset = 0
    for line in block.split(b"\n"):
        folded = line[:1] in (b" ", b"\t")
        if not folded and (match := _NAME.match(line)):
            lines.append((match[1].decode("ascii"), [line[match.end() :]]))
            if len(lines) > limits.headers:
                raise too_many_headers(limits)
        elif not folded:
            last_known = _last_known(block) if last_known is None else last_known
            if offset > last_known:
                break
            found.repaired = True
            folded = not line.startswith((b"From ", b">From "))
        if folded and lines:
            lines[-1][1].append(line if line[:1] in (b" ", b"\t") else b" " + line)
        offset += len(line) + 1
    found.items = _joined(lines, limits)
    return found, min(offset, len(block))


def _joined(lines: list[tuple[str, list[bytes]]], limits: Limits) -> list[tuple[str, bytes]]:
    """Return each header with its lines as one value."""
    items: list[tuple[str, bytes]] = []
    for name, parts in lines:
        value = b"\n".join(parts)
        if len(value) > limits.header_bytes:
            raise header_too_long(limits, name)
        items.append((name, value))
    return items


def _last_known(block: bytes) -> int:
    """Return where the last header with a well-known name begins, -1 when there is none."""
    position = -1
    for match in _KNOWN.finditer(block):
        position = match.start()
    return position
