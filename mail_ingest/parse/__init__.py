"""Raw bytes to a mail as plain values."""

from mail_ingest.parse.message import parse
from mail_ingest.parse.model import Address, Attachment, Headers, ParsedMail

__all__ = ["Address", "Attachment", "Headers", "ParsedMail", "parse"]
