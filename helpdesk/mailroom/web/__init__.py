"""Settings pages about mail: mailboxes, providers, texts. Each module adds its views to the blueprint."""

from helpdesk.mailroom.web import mailbox, mailboxes, providers, texts
from helpdesk.mailroom.web.blueprint import bp, settings_pages, strips
from helpdesk.mailroom.web.signature import own_bp

__all__ = ["bp", "mailbox", "mailboxes", "own_bp", "providers", "settings_pages", "strips", "texts"]
