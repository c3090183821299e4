"""Incoming mail: stored first, read in a confined process, settled in one transaction."""

from functools import partial

from helpdesk.core.feature import Feature, Timer
from helpdesk.core.jobs.runner import Job
from mail_ingest.alarms import alarm_held
from mail_ingest.aside import retry_some
from mail_ingest.auditing import audit_nightly, audit_source, fetch_missing
from mail_ingest.checks import CHECKS
from mail_ingest.confined import Reader
from mail_ingest.ingress import bp as ingress
from mail_ingest.intake import read_inbound
from mail_ingest.probes import MEASURES, PROBES
from mail_ingest.scripts import mail
from mail_ingest.web import bp
from mail_ingest.web.verdicts import bp as verdicts
from mail_ingest.web.verdicts import nav_desk, settings_pages, strips

feature = Feature(
    name="mail_ingest",
    blueprints=(bp, verdicts, ingress),
    jobs={
        "mail.read": Job(partial(read_inbound, Reader()), world=True),
        "mail.retry": Job(retry_some),
        "mail.audit": Job(audit_source, world=True, outward=True, looks=True),
        "mail.fetch_missing": Job(fetch_missing, world=True, outward=True, looks=True),
    },
    timers=(
        Timer("compare folders with what we hold", 600, audit_nightly),
        Timer("alarm about held mail", 60, alarm_held),
    ),
    panels={"nav.desk": nav_desk, "settings.pages": settings_pages, "desk.strips": strips},
    checks=CHECKS,
    commands=(mail,),
    probes=PROBES,
    measures=MEASURES,
)
