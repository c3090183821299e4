"""What a person wrote now, apart from what a mail quotes."""

from mail_ingest.quoting.headings import is_forward_subject
from mail_ingest.quoting.model import Kind, Reply, Segment
from mail_ingest.quoting.split import split

__all__ = ["Kind", "Reply", "Segment", "is_forward_subject", "split"]
