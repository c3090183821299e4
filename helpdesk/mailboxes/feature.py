"""Mailboxes: their commands, and the watch over what nobody fetches from."""

from helpdesk.core.feature import Feature, Timer
from helpdesk.mailboxes.jobs import watch_silence
from helpdesk.mailboxes.probes import MEASURES, PROBES
from helpdesk.mailboxes.scripts import mailbox

feature = Feature(
    name="mailboxes",
    commands=(mailbox,),
    timers=(Timer("notice silent mailboxes", 60, watch_silence),),
    probes=PROBES,
    measures=MEASURES,
)
