"""Where did my mail go? Pages about mail that came in: the log, what is set aside, the audit, explaining."""

from mail_ingest.web import aside, audit, explain, inbound
from mail_ingest.web.blueprint import bp, nav_desk

__all__ = ["aside", "audit", "bp", "explain", "inbound", "nav_desk"]
