"""Notifications: written with their cause, shown in the app, and mailed if nobody read them in time."""

from helpdesk.core.feature import Feature, Timer
from helpdesk.notifications.commands import forget_old, mail_due
from helpdesk.notifications.reactions import (
    customer_wrote,
    field_changed,
    merged,
    note_added,
    reply_stopped,
    seen,
    team_replied,
)
from helpdesk.notifications.web import bp, names_for_notes, nav_desk
from helpdesk.tickets.events import (
    CustomerWrote,
    FieldChanged,
    NoteAdded,
    ReplyStopped,
    TeamReplied,
    TicketMerged,
    TicketSeen,
)

feature = Feature(
    name="notifications",
    blueprints=(bp,),
    timers=(
        Timer("mail unread notifications", 15, mail_due),
        Timer("forget old notifications", 3600, forget_old),
    ),
    within={
        FieldChanged: [field_changed],
        CustomerWrote: [customer_wrote],
        TeamReplied: [team_replied],
        NoteAdded: [note_added],
        ReplyStopped: [reply_stopped],
        TicketMerged: [merged],
        TicketSeen: [seen],
    },
    panels={"nav.desk": nav_desk, "ticket.strips": names_for_notes},
)
