"""What reads mails: the confined reader, or a plain one in tests."""

from typing import Protocol

from mail_ingest.confined import ReadMail
from mail_ingest.parse.glance import Glimpse


class ReadsMail(Protocol):
    """Whatever turns raw bytes into a read mail."""

    def read(self, raw: bytes, envelope_from: str | None = None) -> ReadMail:
        """Return the mail read.

        Raises:
            MailRefusedError: it is over a cap, broken beyond reading, or took too long.
        """

    def glance(self, raw: bytes) -> Glimpse:
        """Return what can be read of a mail that was refused; never raises."""
