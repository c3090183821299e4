"""The blueprint all ticket pages hang on; only signed-in agents pass."""

from flask import Blueprint

from helpdesk.core.i18n import lazy_gettext as _l
from helpdesk.people.access import guard

bp = Blueprint("tickets", __name__, template_folder="../templates", url_prefix="/a")
guard(bp)

SAID = {
    "sent": _l("Sent."),
    "canned-saved": _l("Saved. It is in the insert menu now."),
    "canned-deleted": _l("Deleted. What was written with it stays."),
    "inserted": _l("Inserted. Read it, then send."),
    "bulk-none": _l("Nothing was done: choose tickets, and write a tag if you tag."),
    "bulk-undone": _l("Undone, as far as nobody changed it since."),
    "cc": _l("In copy from now on."),
    "uncc": _l("No longer in copy."),
    "view-saved": _l("Kept. It is in the sidebar."),
    "view-gone": _l("Forgotten. The tickets are as they were."),
    "view-unnamed": _l("Give the view a name, thirty at most."),
    "field": _l("Filled in."),
    "saved": _l("Saved."),
    "opened": _l("The ticket is open."),
    "sending": _l("Goes out in a moment."),
    "later": _l("Goes out at its time."),
    "undone": _l("Not sent. Your text is back."),
    "dismissed": _l("Put away. The text is in your draft."),
    "noted": _l("Note added."),
    "assigned": _l("Assigned."),
    "unassigned": _l("Nobody is assigned now."),
    "moved": _l("Moved."),
    "state": _l("State changed."),
    "solved": _l("Resolved."),
    "priority": _l("Priority changed."),
    "accepted": _l("They take part now, and their message is public."),
    "left": _l("Left as a note."),
    "held": _l("It waits for a decision again."),
    "spam": _l("Marked as spam. It is out of the queue."),
    "not-spam": _l("Not spam. It is back as it was."),
    "nothing-next": _l("Nothing waits for you right now."),
    "subject": _l("Subject changed."),
    "tags": _l("Tags changed."),
    "linked": _l("Linked."),
    "unlinked": _l("Link removed."),
    "followed": _l("You follow this ticket now."),
    "unfollowed": _l("You no longer follow this ticket."),
    "snoozed": _l("Snoozed."),
    "awake": _l("It is back in the queue."),
    "trashed": _l("In the trash."),
    "restored": _l("Out of the trash, as it was."),
    "merged": _l("Merged."),
    "unmerged": _l("The merge is undone."),
    "split": _l("Split off. This is the new ticket."),
}
"""What a page may say after a redirect; the address carries the key only."""
