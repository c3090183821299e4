"""Content-Type and Content-Disposition: a value and its parameters (RFC 2045, RFC 2231)."""

import re
from urllib.parse import unquote_to_bytes

from mail_ingest.parse.charsets import decode
from mail_ingest.parse.words import decode_words

_SECTION = re.compile(r"^([^*]+)\*(?:(\d{1,4})(\*)?)?$")


def split_params(text: str) -> tuple[str, dict[str, str]]:
    """Return the lower-cased value of a structured header and its decoded parameters.

    Made for what mail really holds: unquoted blanks, missing semicolons at the end, encoded words in
    file names, and parameters in pieces (RFC 2231).
    """
    pieces = _pieces(text)
    value = pieces[0].strip().lower() if pieces else ""
    plain: dict[str, str] = {}
    sections: dict[str, dict[int, tuple[bool, str]]] = {}
    for piece in pieces[1:]:
        name, equals, rest = piece.partition("=")
        if not equals:
            continue
        key, content = name.strip().lower(), _unquoted(rest.strip())
        match = _SECTION.match(key)
        if match is None:
            plain.setdefault(key, decode_words(content))
            continue
        number = int(match[2] or 0)
        encoded = match[2] is None or match[3] is not None
        sections.setdefault(match[1], {}).setdefault(number, (encoded, content))
    for key, parts in sections.items():
        plain[key] = _joined(parts)
    return value, plain


def _pieces(text: str) -> list[str]:
    """Return a header value cut at its semicolons, those inside quotes excepted."""
    pieces: list[str] = []
    current: list[str] = []
    for index, chunk in enumerate(_quoted_chunks(text)):
        if index % 2:
            current.append(chunk)
            continue
        first, *more = chunk.split(";")
        current.append(first)
        for part in more:
            pieces.append("".join(current))
            current = [part]
    pieces.append("".join(current))
    return pieces


def _quoted_chunks(text: str) -> list[str]:
    """Return the text in turns: outside quotes, a quoted string with its quotes, outside, and so on."""
    chunks: list[str] = []
    position = 0
    while (start := text.find('"', position)) >= 0:
        end = _closing_quote(text, start + 1)
        if end < 0:
            break
        chunks += [text[position:start], text[start : end + 1]]
        position = end + 1
    chunks.append(text[position:])
    return chunks


def _closing_quote(text: str, position: int) -> int:
    """Return where a quoted string ends, skipping escaped characters; -1 when it never does."""
    while (end := text.find('"', position)) >= 0:
        slash = text.find("\\", position, end)
        if slash < 0:
            return end
        # A backslash before a letter or separator is a path, not an escape.
        position = slash + 2 if text[slash + 1 : slash + 2] in '"\\' else slash + 1
    return -1


def _unquoted(value: str) -> str:
    """Return a parameter value without its quotes and escapes."""
    if value.startswith('"'):
        inner = value[1:-1] if value.endswith('"') and len(value) > 1 else value[1:]
        return inner.replace('\\"', '"').replace("\\\\", "\\")
    return value


def _joined(parts: dict[int, tuple[bool, str]]) -> str:
    """Return one parameter from its numbered pieces; the first may name a charset (RFC 2231)."""
    charset: str | None = None
    data: list[bytes] = []
    for number in sorted(parts):
        encoded, content = parts[number]
        if not encoded:
            data.append(content.encode("utf-8", "replace"))
            continue
        if charset is None and content.count("'") >= 2:
            charset, _, content = content.split("'", 2)
        data.append(unquote_to_bytes(content))
    return decode_words(decode(b"".join(data), charset))
