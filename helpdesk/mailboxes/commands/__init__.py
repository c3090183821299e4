"""What changes mailboxes: the boxes themselves, where mail is fetched, where it is handed over, tests."""

from helpdesk.mailboxes.commands.boxes import (
    LOCAL_CHARS,
    add_mailbox,
    archive_mailbox,
    change_mailbox,
    give_mailbox,
    pause_mailbox,
    restore_mailbox,
    resume_mailbox,
)
from helpdesk.mailboxes.commands.saving import ChangedMeanwhileError, save_mailbox
from helpdesk.mailboxes.commands.servers import server_answered, server_failed, set_smtp_server
from helpdesk.mailboxes.commands.sources import (
    LeaseLostError,
    add_imap_source,
    hold_source,
    lease_source,
    release_source,
    remove_sources,
    resume_sources,
    source_answered,
    source_failed,
    start_fetching,
)

__all__ = [
    "LOCAL_CHARS",
    "ChangedMeanwhileError",
    "LeaseLostError",
    "add_imap_source",
    "add_mailbox",
    "archive_mailbox",
    "change_mailbox",
    "give_mailbox",
    "hold_source",
    "lease_source",
    "pause_mailbox",
    "release_source",
    "remove_sources",
    "restore_mailbox",
    "resume_mailbox",
    "resume_sources",
    "save_mailbox",
    "server_answered",
    "server_failed",
    "set_smtp_server",
    "source_answered",
    "source_failed",
    "start_fetching",
]
