"""Settings pages about mail: mailboxes, providers, texts. Each module adds its views to the blueprint."""

from helpdesk.mailroom.web import mailbox, mailboxes, providers
from helpdesk.mailroom.web.blueprint import bp, nav_desk, strips

__all__ = ["bp", "mailbox", "mailboxes", "nav_desk", "providers", "strips"]
