"""Content-Transfer-Encoding: the bytes that a part stands for (RFC 2045 6), however damaged it came."""

import binascii
import re

_BASE64 = b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/="
_NOT_BASE64 = bytes(set(range(256)) - set(_BASE64))
_MOST_PIECES = 10_000
# A full line of uuencode has 61 letters; far shorter ones throughout are no file.
_SHORTEST_LINE = 20
_BEGIN = re.compile(rb"^begin [0-7]{3,4} [^\r\n]{0,255}\r?\n", re.MULTILINE)


def decode_transfer(body: bytes, encoding: str) -> bytes:
    """Return the decoded body; an encoding that nobody knows leaves it as it is."""
    if encoding == "base64":
        return decode_base64(body)
    if encoding == "quoted-printable":
        return binascii.a2b_qp(body)
    if encoding in ("x-uuencode", "uuencode", "x-uue", "uue"):
        return decode_uu(body)
    return body


def decode_base64(body: bytes) -> bytes:
    """Return the bytes of base64, foreign characters skipped and lost ends forgiven.

    Pieces that were encoded apart and glued together are each decoded.
    """
    letters = body.translate(None, _NOT_BASE64)
    ends = letters.count(b"=")
    if ends > _MOST_PIECES:
        return _quads(letters.replace(b"=", b""))
    if ends <= 2 and b"=" not in letters[:-2]:
        return _quads(letters.rstrip(b"="))
    return b"".join(_quads(piece) for piece in letters.split(b"=") if piece)


def _quads(letters: bytes) -> bytes:
    """Return the bytes of base64 letters without padding."""
    if len(letters) % 4 == 1:
        letters = letters[:-1]
    return binascii.a2b_base64(letters + b"=" * (-len(letters) % 4))


def decode_uu(body: bytes) -> bytes:
    """Return the bytes of a uuencoded file."""
    match = _BEGIN.search(body)
    out: list[bytes] = []
    rest = body[match.end() if match else 0 :]
    if rest.count(b"\n") > len(rest) // _SHORTEST_LINE + 100:
        return body
    for line in rest.splitlines():
        if line.strip() in (b"end", b"`", b""):
            continue
        try:
            out.append(binascii.a2b_uu(line))
        except binascii.Error:
            # Some encoders write a wrong length: take as many characters as it says.
            count = (((line[0] - 32) & 63) * 4 + 5) // 3
            try:
                out.append(binascii.a2b_uu(line[:count]))
            except binascii.Error:
                continue
    return b"".join(out)
