"""A look at a mail that is refused: who, what about, the first words. Never raises, whatever the mail is."""

from dataclasses import dataclass

from mail_ingest.limits import DEFAULT, MailRefusedError
from mail_ingest.parse.message import parse

_LOOK_BYTES = 256 * 1024
_VALUE_BYTES = 2_000
_TEXT_CHARS = 2_000
_WANTED = (
    b"from", b"to", b"cc", b"subject", b"date", b"message-id", b"mime-version", b"content-type",
    b"content-transfer-encoding",
)  # fmt: skip


@dataclass(frozen=True, slots=True)
class Glimpse:
    """What could be read of a mail: its first sender, its subject, its id, the first 2,000 letters."""

    name: str = ""
    email: str = ""
    subject: str = ""
    message_id: str | None = None
    text: str = ""


def glance(raw: bytes) -> Glimpse:
    """Return what can be read of the first quarter megabyte of a mail."""
    head, body = _cut(raw[:_LOOK_BYTES])
    kept = _kept(head)
    for candidate in (kept + b"\n\n" + body, _bare(kept) + b"\n\n"):
        try:
            mail = parse(candidate, DEFAULT)
        except MailRefusedError:
            continue
        sender = mail.from_[0] if mail.from_ else None
        return Glimpse(
            name=sender.name if sender else "",
            email=sender.email if sender else "",
            subject=mail.subject,
            message_id=mail.message_id,
            text=mail.text.strip()[:_TEXT_CHARS],
        )
    return Glimpse()


def _cut(raw: bytes) -> tuple[bytes, bytes]:
    """Return the header block and the rest, with line feeds as line ends."""
    plain = raw.removeprefix(b"\xef\xbb\xbf").replace(b"\r\n", b"\n").replace(b"\r", b"\n").lstrip(b"\n")
    head, _, body = plain.partition(b"\n\n")
    return head, body


def _kept(head: bytes) -> bytes:
    """Return the headers worth a look, the first of each name, each cut to a bearable length."""
    found: dict[bytes, list[bytes]] = {}
    current: list[bytes] | None = None
    for line in head.split(b"\n"):
        if line[:1] in (b" ", b"\t"):
            if current is not None:
                current.append(line)
            continue
        name = line.partition(b":")[0].strip().lower()
        current = None
        if name in _WANTED and name not in found:
            current = found[name] = [line]
    return b"\n".join(b"\n".join(lines)[:_VALUE_BYTES] for lines in found.values())


def _bare(kept: bytes) -> bytes:
    """Return kept headers without those that say how the body is made."""
    return b"\n".join(h for h in kept.split(b"\n") if not h.lower().startswith((b"content-", b"mime-")))
