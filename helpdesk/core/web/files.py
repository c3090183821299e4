"""Sending files that strangers gave us: the bytes decide what may open in a browser, never the name."""

import mimetypes
from urllib.parse import quote

from flask import Response

from helpdesk.core.files import store
from helpdesk.core.web.headers import FILE_POLICY

_MAGIC = (
    (b"\x89PNG\r\n\x1a\n", "image/png"),
    (b"\xff\xd8\xff", "image/jpeg"),
    (b"GIF87a", "image/gif"),
    (b"GIF89a", "image/gif"),
    (b"%PDF-", "application/pdf"),
)


def sniff(content: bytes) -> str | None:
    """Return the type of content that is safe to open in a browser, by its first bytes; else None."""
    for magic, kind in _MAGIC:
        if content.startswith(magic):
            return kind
    if content[:4] == b"RIFF" and content[8:12] == b"WEBP":
        return "image/webp"
    return None


def send_stored(digest: str, name: str, *, inline: bool = False) -> Response:
    """Send a stored file; it opens in the browser only when asked for and its bytes are of a safe type."""
    content = store().get(digest)
    return send_bytes(content, name, inline=inline)


def send_bytes(content: bytes, name: str, *, inline: bool = False) -> Response:
    """Send bytes as a file under its own strict policy."""
    kind = sniff(content)
    opens = inline and kind is not None
    response = Response(content, content_type=kind if opens else "application/octet-stream")
    how = "inline" if opens else "attachment"
    plain = "".join(c if c.isascii() and c.isprintable() and c not in '"\\' else "_" for c in name) or "file"
    response.headers["Content-Disposition"] = (
        f"{how}; filename=\"{plain}\"; filename*=UTF-8''{quote(name, safe='')}"
    )
    response.headers["Content-Security-Policy"] = FILE_POLICY
    response.headers["X-Content-Type-Options"] = "nosniff"
    response.headers["Cache-Control"] = "private, no-store"
    return response


def type_of(name: str, content: bytes) -> str:
    """Return the content type to note for an uploaded file: by bytes, else by name."""
    return sniff(content) or mimetypes.guess_type(name)[0] or "application/octet-stream"
