"""Pages about incoming mail; each concern has its own module."""

from mail_ingest.web.blueprint import bp
from mail_ingest.web.inbound import nav_desk

__all__ = ["bp", "nav_desk"]
