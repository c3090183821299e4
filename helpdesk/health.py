"""`/healthz`: the process answers. `/readyz`: it can do its work. `/metrics`, and a page for people."""

import hmac

from flask import Blueprint, Response, abort, jsonify, render_template, request, url_for

from helpdesk.core.db import db
from helpdesk.core.i18n import gettext as _
from helpdesk.core.pages import SettingsLink
from helpdesk.core.probes import database, place
from helpdesk.core.running import settings
from helpdesk.doctor import findings
from helpdesk.doctor import metrics as measured
from helpdesk.people.access import current_viewer, guard
from helpdesk.people.rights import Right, Viewer
from helpdesk.tickets.queries.navigation import nav_for

bp = Blueprint("health", __name__)
page_bp = Blueprint("health_page", __name__, url_prefix="/a")
guard(page_bp, Right.MANAGE)

LOOPBACK = frozenset({"127.0.0.1", "::1"})


@bp.get("/healthz")
def healthz() -> Response:
    """Say that the process answers."""
    return jsonify(status="ok")


@bp.get("/readyz")
def readyz() -> tuple[Response, int]:
    """Say whether the database answers at the right migration and the disk has room."""
    checks = {f.name: f.state == "ok" for probe in (database, place) for f in probe()}
    db.session.rollback()
    good = all(checks.values())
    return jsonify(status="ready" if good else "not ready", checks=checks), 200 if good else 503


@bp.get("/metrics")
def metrics() -> Response:
    """Give Prometheus its numbers: to this machine, or to who shows the token."""
    token = settings().metrics_token.get_secret_value()
    shown = request.headers.get("Authorization", "").removeprefix("Bearer ")
    if token:
        if not hmac.compare_digest(token.encode(), shown.encode()):
            abort(404)
    elif request.remote_addr not in LOOPBACK or "X-Forwarded-For" in request.headers:
        abort(404)  # a proxy on this machine is not this machine
    return Response(measured(), content_type="text/plain; version=0.0.4; charset=utf-8")


@page_bp.get("/health")
def page() -> str:
    """Show what the doctor found."""
    return render_template("health.html", page=findings(), nav=nav_for(current_viewer(), "health"))


def settings_pages(viewer: Viewer) -> tuple[SettingsLink, ...]:
    """Return this page for the index of settings (panel `settings.pages`)."""
    if not viewer.may(Right.MANAGE):
        return ()
    words = _("What works here, and what to do about the rest")
    return (SettingsLink("desk", _("System health"), words, url_for("health_page.page"), "shield"),)
