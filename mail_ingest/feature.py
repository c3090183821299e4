"""Incoming mail: stored first, read in a confined process, settled in one transaction."""

from functools import partial

from helpdesk.core.feature import Feature
from helpdesk.core.jobs.runner import Job
from mail_ingest.checks import CHECKS
from mail_ingest.confined import Reader
from mail_ingest.ingress import bp as ingress
from mail_ingest.intake import read_inbound
from mail_ingest.probes import MEASURES, PROBES
from mail_ingest.scripts import mail
from mail_ingest.web import bp, nav_desk

feature = Feature(
    name="mail_ingest",
    blueprints=(bp, ingress),
    jobs={"mail.read": Job(partial(read_inbound, Reader()), world=True)},
    panels={"nav.desk": nav_desk},
    checks=CHECKS,
    commands=(mail,),
    probes=PROBES,
    measures=MEASURES,
)
