"""Tickets: pages, the timer that closes what was solved, and the commands for scripts."""

from helpdesk.core.feature import Feature, Timer
from helpdesk.core.jobs.runner import Job
from helpdesk.tickets.checks import CHECKS
from helpdesk.tickets.commands.changing import close_settled
from helpdesk.tickets.commands.relating import wake_snoozed
from helpdesk.tickets.commands.sending import send_due
from helpdesk.tickets.probes import MEASURES, PROBES
from helpdesk.tickets.scripts import ticket
from helpdesk.tickets.web import bp

feature = Feature(
    name="tickets",
    blueprints=(bp,),
    timers=(
        Timer("close solved tickets", 60, close_settled),
        Timer("wake snoozed tickets", 30, wake_snoozed),
    ),
    jobs={"reply.send": Job(send_due)},
    checks=CHECKS,
    commands=(ticket,),
    probes=PROBES,
    measures=MEASURES,
)
