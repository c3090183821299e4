"""What waits for a decision, asked once a request: the sidebar, the strip and the pages all say it."""

from flask import g

from helpdesk.core.clock import now
from helpdesk.people.rights import Viewer
from mail_ingest import queries


def waiting_mail(viewer: Viewer) -> queries.Waiting:
    """Return how much waits for the viewer's decision."""
    if "waiting_mail" not in g:
        g.waiting_mail = queries.waiting(viewer, now())
    found: queries.Waiting = g.waiting_mail
    return found
