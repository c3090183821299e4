"""`/healthz`: the process answers. `/readyz`: it can do its work."""

import shutil

import sqlalchemy as sa
from alembic.runtime.migration import MigrationContext
from alembic.script import ScriptDirectory
from flask import Blueprint, Response, current_app, jsonify

from helpdesk.core.db import db
from helpdesk.core.running import settings

bp = Blueprint("health", __name__)
LEAST_DISK = 0.05


@bp.get("/healthz")
def healthz() -> Response:
    """Say that the process answers."""
    return jsonify(status="ok")


@bp.get("/readyz")
def readyz() -> tuple[Response, int]:
    """Say whether the database answers at the right migration and the disk has room."""
    checks = {"database": _database(), "migrations": _migrations(), "disk": _disk()}
    good = all(checks.values())
    return jsonify(status="ready" if good else "not ready", checks=checks), 200 if good else 503


def _database() -> bool:
    try:
        return bool(db.session.scalar(sa.text("SELECT 1")) == 1)
    except sa.exc.SQLAlchemyError:
        return False


def _migrations() -> bool:
    try:
        here = MigrationContext.configure(db.session.connection()).get_current_heads()
    except sa.exc.SQLAlchemyError:
        return False
    wanted = ScriptDirectory(current_app.extensions["migrate"].directory).get_heads()
    return set(here) == set(wanted)


def _disk() -> bool:
    usage = shutil.disk_usage(settings().data)
    return usage.free / usage.total > LEAST_DISK
