"""What a mail says once it is read: plain, frozen values."""

from dataclasses import dataclass
from datetime import datetime


@dataclass(frozen=True, slots=True)
class Address:
    """One mailbox: `email` has a lower-cased domain and the local part as typed."""

    name: str
    email: str

    @property
    def key(self) -> str:
        """The address to compare with: wholly lower-cased."""
        return self.email.lower()


@dataclass(frozen=True, slots=True)
class Attachment:
    """A file in the mail; `inline` when the mail shows it within its body."""

    filename: str
    content_type: str
    data: bytes
    content_id: str | None = None
    inline: bool = False


@dataclass(frozen=True, slots=True)
class Headers:
    """Decoded headers in the order of the mail; names are looked up without regard to case."""

    items: tuple[tuple[str, str], ...] = ()

    def get_all(self, name: str) -> tuple[str, ...]:
        """Return every value of a header, in order."""
        wanted = name.lower()
        return tuple(value for key, value in self.items if key.lower() == wanted)

    def get(self, name: str) -> str | None:
        """Return the first value of a header, or None when the mail has none."""
        wanted = name.lower()
        return next((value for key, value in self.items if key.lower() == wanted), None)

    def __contains__(self, name: str) -> bool:
        """Whether the mail has such a header, even an empty one."""
        return self.get(name) is not None


@dataclass(frozen=True, slots=True)
class ParsedMail:
    r"""A mail as plain values, safe to store: no NUL, no lone surrogate, no line break in a header.

    `text` is the plain body, made from the HTML when there is only that; line ends are "\n".
    `defects` names what had to be mended, in machine words.
    """

    from_: tuple[Address, ...]
    sender: tuple[Address, ...]
    reply_to: tuple[Address, ...]
    to: tuple[Address, ...]
    cc: tuple[Address, ...]
    delivered_to: tuple[str, ...]
    subject: str
    date: datetime | None
    message_id: str | None
    in_reply_to: tuple[str, ...]
    references: tuple[str, ...]
    headers: Headers
    text: str
    html: str | None
    attachments: tuple[Attachment, ...]
    received_count: int
    defects: tuple[str, ...]
