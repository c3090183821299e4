"""The pages where mail is set up, the connection test, and what the doctor says about domains."""

from helpdesk.core.feature import Feature
from helpdesk.core.jobs.runner import Job
from helpdesk.mailroom.jobs import run_phase
from helpdesk.mailroom.probes import PROBES
from helpdesk.mailroom.scripts import mailbox
from helpdesk.mailroom.web import bp, own_bp, settings_pages, strips

feature = Feature(
    name="mailroom",
    blueprints=(bp, own_bp),
    jobs={"mailbox.test": Job(run_phase, world=True)},
    panels={"settings.pages": settings_pages, "desk.strips": strips},
    commands=(mailbox,),
    probes=PROBES,
)
