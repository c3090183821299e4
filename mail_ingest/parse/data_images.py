"""Pictures written into HTML as `data:` addresses, taken out and made inline attachments."""

from mail_ingest.parse.model import Attachment
from mail_ingest.parse.names import default_name
from mail_ingest.parse.transfer import decode_base64

_MARK = b"data:image/"
_TYPES = {
    b"png": "image/png",
    b"jpeg": "image/jpeg",
    b"jpg": "image/jpeg",
    b"gif": "image/gif",
    b"webp": "image/webp",
}
_QUOTES = (b'"', b"'")
_MOST = 100
_LONGEST_HEAD = 60


def lift_images(html: bytes, taken: int) -> tuple[bytes, list[Attachment]]:
    """Return HTML that shows its own pictures by Content-ID, and those pictures.

    `taken` is how many attachments there are already, to name the new ones apart.
    """
    images: list[Attachment] = []
    out: list[bytes] = []
    copied = position = 0
    while len(images) < _MOST and (start := html.find(_MARK, position)) >= 0:
        position = start + len(_MARK)
        quote = html[start - 1 : start] if start else b""
        end = html.find(quote, position) if quote in _QUOTES else -1
        if end < 0:
            continue
        head, comma, data = html[position:end].partition(b",")
        kind, _, coding = head.partition(b";")
        if not comma or len(head) > _LONGEST_HEAD or kind not in _TYPES or coding != b"base64":
            continue
        number = taken + len(images) + 1
        content_id = f"pasted-{number}@inline"
        images.append(_image(_TYPES[kind], data, number, content_id))
        out += [html[copied:start], f"cid:{content_id}".encode()]
        copied = position = end
    out.append(html[copied:])
    return b"".join(out), images


def _image(content_type: str, data: bytes, number: int, content_id: str) -> Attachment:
    """Return one picture as an inline attachment."""
    return Attachment(
        default_name(content_type, number), content_type, decode_base64(data), content_id, inline=True
    )
