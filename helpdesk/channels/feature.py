"""Outgoing mail: replies and acknowledgements are frozen with their cause and sent by the outbox."""

from helpdesk.channels.checks import CHECKS
from helpdesk.channels.jobs import send, send_notice
from helpdesk.channels.probes import MEASURES, PROBES
from helpdesk.channels.queries import sending_stamp
from helpdesk.channels.reactions import (
    acknowledge,
    send_reply,
    tell_sign_in,
    tell_stopped,
    tell_way_in,
    tell_works,
    wake,
    write_wanted,
)
from helpdesk.channels.web import bp, message_foot, nav_desk, strips
from helpdesk.core.feature import Feature
from helpdesk.core.jobs.runner import Job
from helpdesk.mailboxes.events import (
    FetchingStopped,
    FetchingWorks,
    MailboxReady,
    NoticeWanted,
    SignInEnded,
)
from helpdesk.people.events import WayInGiven
from helpdesk.tickets.events import TeamReplied, TicketOpened

feature = Feature(
    name="channels",
    blueprints=(bp,),
    within={
        TeamReplied: [send_reply],
        TicketOpened: [acknowledge],
        FetchingStopped: [tell_stopped],
        FetchingWorks: [tell_works],
        SignInEnded: [tell_sign_in],
        MailboxReady: [wake],
        WayInGiven: [tell_way_in],
        NoticeWanted: [write_wanted],
    },
    checks=CHECKS,
    jobs={
        "mail.send": Job(send, world=True, outward=True),
        "notice.send": Job(send_notice, world=True, outward=True),
    },
    panels={
        "message.foot": message_foot,
        "ticket.stamp": sending_stamp,
        "nav.desk": nav_desk,
        "desk.strips": strips,
    },
    probes=PROBES,
    measures=MEASURES,
)
