"""Tickets: pages, the timer that closes what was solved, and the commands for scripts."""

from helpdesk.core.feature import Feature, Timer
from helpdesk.core.jobs.runner import Job
from helpdesk.tickets.checks import CHECKS
from helpdesk.tickets.commands.bulk import run_bulk
from helpdesk.tickets.commands.changing import close_settled
from helpdesk.tickets.commands.indexing import index_missing
from helpdesk.tickets.commands.relating import wake_snoozed
from helpdesk.tickets.commands.sending import send_due
from helpdesk.tickets.events import (
    CustomerWrote,
    FieldChanged,
    NoteAdded,
    TeamReplied,
    TicketMerged,
    TicketOpened,
)
from helpdesk.tickets.probes import MEASURES, PROBES
from helpdesk.tickets.reactions import field_changed, merged, message_joined
from helpdesk.tickets.scripts import ticket
from helpdesk.tickets.web import bp
from helpdesk.tickets.web.canned import nav_desk
from helpdesk.tickets.web.fields import settings_pages

feature = Feature(
    name="tickets",
    blueprints=(bp,),
    panels={"nav.desk": nav_desk, "settings.pages": settings_pages},
    timers=(
        Timer("close solved tickets", 60, close_settled),
        Timer("index tickets for the search", 15, index_missing),
        Timer("wake snoozed tickets", 30, wake_snoozed),
    ),
    within={
        TicketOpened: [message_joined],
        CustomerWrote: [message_joined],
        TeamReplied: [message_joined],
        NoteAdded: [message_joined],
        FieldChanged: [field_changed],
        TicketMerged: [merged],
    },
    jobs={"reply.send": Job(send_due), "tickets.bulk": Job(run_bulk)},
    checks=CHECKS,
    commands=(ticket,),
    probes=PROBES,
    measures=MEASURES,
)
