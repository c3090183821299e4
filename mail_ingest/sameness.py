"""When two mails are one (contracts 26). Pure."""

from hashlib import sha256


def body_digest(text: str, html: str | None, attachments: tuple[tuple[str, int], ...]) -> str:
    """Return a digest of what a mail says, blind to white space: transports fold and pad on the way."""
    sum_ = sha256(" ".join(text.split()).encode())
    sum_.update(b"\0" + " ".join((html or "").split()).encode())
    for name, size in sorted(attachments):
        sum_.update(f"\0{name}\0{size}".encode())
    return sum_.hexdigest()
