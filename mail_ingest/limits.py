"""How big and how tangled a mail may be before we refuse to read it (M6)."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Limits:
    """The caps that hold before and while a mail is read; sizes in bytes."""

    mail_bytes: int = 40 * 1024 * 1024
    header_block_bytes: int = 256 * 1024
    headers: int = 1_000
    header_bytes: int = 10 * 1024
    depth: int = 50
    parts: int = 1_000
    # More text than this is not read but attached; nobody reads two megabytes.
    readable_bytes: int = 2 * 1024 * 1024


DEFAULT = Limits()
READER_DIED = "reader_died"
"""The reason when the reading process ended in the middle of a mail."""


class MailRefusedError(Exception):
    """A mail that is not read: `reason` for machines, `sentence` fit to show to people, `detail` for a log.

    The raw mail is kept by the caller; refusing never loses anything.
    """

    def __init__(self, reason: str, sentence: str, detail: str = "") -> None:
        super().__init__(sentence)
        self.reason = reason
        self.sentence = sentence
        self.detail = detail


class MailTooComplexError(MailRefusedError):
    """The mail is over one of the caps in `Limits`."""


class MailUnreadableError(MailRefusedError):
    """Reading the mail took too long, too much memory, or failed."""


def too_big(limits: Limits) -> MailTooComplexError:
    """Return the refusal of a mail with too many bytes."""
    size = limits.mail_bytes // (1024 * 1024)
    return MailTooComplexError("mail_too_big", f"This mail is larger than {size} MB.")


def header_block_too_big(limits: Limits) -> MailTooComplexError:
    """Return the refusal of a mail whose headers are too many bytes together."""
    size = limits.header_block_bytes // 1024
    return MailTooComplexError("header_block_too_big", f"The headers of this mail are larger than {size} KB.")


def too_many_headers(limits: Limits) -> MailTooComplexError:
    """Return the refusal of a mail with too many headers."""
    return MailTooComplexError("too_many_headers", f"This mail has more than {limits.headers:,} headers.")


def header_too_long(limits: Limits, name: str) -> MailTooComplexError:
    """Return the refusal of a mail with one header that is too long."""
    size = limits.header_bytes // 1024
    sentence = f"The header {name[:60]} of this mail is longer than {size} KB."
    return MailTooComplexError("header_too_long", sentence)


def too_deep(limits: Limits) -> MailTooComplexError:
    """Return the refusal of a mail with parts nested too deeply."""
    return MailTooComplexError(
        "too_deep", f"The parts of this mail are nested more than {limits.depth} levels deep."
    )


def too_many_parts(limits: Limits) -> MailTooComplexError:
    """Return the refusal of a mail with too many parts."""
    return MailTooComplexError("too_many_parts", f"This mail has more than {limits.parts:,} parts.")
