"""Header values: unfolding, 8-bit bytes, and encoded words (RFC 2047) the way mail really has them."""

import binascii
import re

from mail_ingest.parse.charsets import clean, codec, decode

_OPENING = re.compile(r"=\?([^?\s]{1,80})\?([bBqQ])\?")
_BREAKS = re.compile("[\x00-\x1f\x7f\x85\u2028\u2029]+")
_FOLD = re.compile(rb"\r*\n[ \t]*")
_NOT_BASE64 = re.compile(r"[^A-Za-z0-9+/]+")


def unfold(raw: bytes) -> bytes:
    """Return a raw header value on one line."""
    if b"\n" in raw:
        raw = _FOLD.sub(b" ", raw)
    return raw.strip()


def raw_text(raw: bytes, charset: str | None = None) -> str:
    """Return an unfolded header value as text, its encoded words untouched.

    8-bit bytes are read as UTF-8, then as the mail's declared charset, then as cp1252.
    """
    value = unfold(raw)
    if value.isascii() and b"\x1b" not in value:
        return value.decode("ascii")
    try:
        return value.decode("utf-8") if b"\x1b" not in value else decode(value, charset)
    except UnicodeDecodeError:
        return decode(value, charset)


def header_text(raw: bytes, charset: str | None = None) -> str:
    """Return a header value as people read it, on one line."""
    return one_line(decode_words(raw_text(raw, charset)))


def one_line(text: str) -> str:
    """Return a text with every control character and line break made a space."""
    return clean(_BREAKS.sub(" ", text)).strip()


def encoded_words(text: str) -> list[tuple[int, int, str, str, str]]:
    """Return the encoded words of a text as (start, end, charset, "B" or "Q", data)."""
    found: list[tuple[int, int, str, str, str]] = []
    position = 0
    while (opening := _OPENING.search(text, position)) is not None:
        end = text.find("?=", opening.end())
        if end < 0:
            break
        position = end + 2
        found.append((opening.start(), position, opening[1], opening[2].upper(), text[opening.end() : end]))
    return found


def decode_words(text: str) -> str:
    """Return a text with its encoded words decoded.

    Neighbours of one charset are joined before decoding, since senders split characters between them.
    """
    if "=?" not in text:
        return text
    out: list[str] = []
    pending: list[bytes] = []
    pending_charset = ""
    position = 0
    for start, end, charset, kind, data in encoded_words(text):
        gap = text[position:start]
        apart = bool(gap.strip())
        if pending and (apart or codec(charset) != codec(pending_charset)):
            out.append(decode(b"".join(pending), pending_charset))
            pending = []
        if apart or (gap and not pending and not out):
            out.append(gap)
        pending.append(_word_bytes(kind, data))
        pending_charset = charset
        position = end
    if pending:
        out.append(decode(b"".join(pending), pending_charset))
    out.append(text[position:])
    return "".join(out)


def _word_bytes(kind: str, data: str) -> bytes:
    """Return the bytes of one encoded word."""
    if kind == "B":
        letters = _NOT_BASE64.sub("", data)
        if len(letters) % 4 == 1:
            letters = letters[:-1]
        return binascii.a2b_base64(letters + "=" * (-len(letters) % 4))
    return binascii.a2b_qp(data.encode("utf-8", "replace"), header=True)
