"""Where did my mail go? Pages about mail that came in, and about what is decided of it and its senders."""

from mail_ingest.web import aside, audit, explain, held, inbound, senders, shadow, spam, verdicts
from mail_ingest.web.blueprint import bp

__all__ = [
    "aside",
    "audit",
    "bp",
    "explain",
    "held",
    "inbound",
    "senders",
    "shadow",
    "spam",
    "verdicts",
]
