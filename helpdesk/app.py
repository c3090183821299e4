"""create_app: reads the features, wires events, work, panels, pages and errors."""

import uuid
from collections.abc import Mapping
from functools import partial
from pathlib import Path
from typing import Any

import structlog
from flask import Flask, Response, g
from flask_babel import Babel
from flask_migrate import Migrate
from flask_wtf import CSRFProtect
from sqlalchemy.exc import SQLAlchemyError
from werkzeug.middleware.proxy_fix import ProxyFix

from helpdesk.channels.feature import feature as channels
from helpdesk.core import log
from helpdesk.core.db import db
from helpdesk.core.desk import Desk, desk
from helpdesk.core.events import After, Bus, Event, rebuild
from helpdesk.core.feature import Feature, Panels
from helpdesk.core.files import FileStore
from helpdesk.core.jobs import redis_bell
from helpdesk.core.jobs.runner import Job
from helpdesk.core.keys import load_ring
from helpdesk.core.web import errors, forms, headers, numbers, rendering, static
from helpdesk.core.web.sessions import DerivedSession
from helpdesk.health import bp as health
from helpdesk.health import page_bp as health_page
from helpdesk.health import settings_pages as health_settings
from helpdesk.mailboxes.feature import feature as mailboxes
from helpdesk.mailroom.feature import feature as mailroom
from helpdesk.notifications.feature import feature as notifications
from helpdesk.office.feature import feature as office
from helpdesk.people import access
from helpdesk.people.feature import feature as people
from helpdesk.portal.feature import feature as portal
from helpdesk.presence.feature import feature as presence
from helpdesk.settings import Settings
from helpdesk.setup.feature import feature as setup
from helpdesk.signed_in import template_values
from helpdesk.tickets.feature import feature as tickets
from mail_ingest.feature import feature as mail_in

FEATURES: tuple[Feature, ...] = (
    people,
    mailboxes,
    tickets,
    notifications,
    presence,
    channels,
    mail_in,
    portal,
    mailroom,
    office,
    setup,
)

__all__ = ["FEATURES", "create_app", "migrations_folder"]


def create_app(settings: Settings | None = None) -> Flask:
    """Return the application. It touches no database until the first request or command."""
    settings = settings or Settings()
    settings.data.mkdir(parents=True, exist_ok=True, mode=0o700)
    log.set_up(settings)
    app = Flask(
        "helpdesk", static_folder=None, template_folder=str(Path(__file__).parent / "core" / "templates")
    )
    app.extensions["settings"] = settings
    _configure(app, settings)
    app.extensions["keys"] = load_ring(settings.data / "secret.keys")
    app.extensions["files"] = FileStore(settings.data / "files")
    app.config["SECRET_KEY"] = app.extensions["keys"].derived("flask")
    app.config["WTF_CSRF_SECRET_KEY"] = app.extensions["keys"].derived("csrf-token")
    db.init_app(app)
    Migrate(app, db, directory=str(migrations_folder()), render_as_batch=True, compare_type=True)
    Babel(app, locale_selector=_language)
    numbers.init_app(app)
    _wire(app)
    _guard(app, settings)
    redis_bell.init_app(settings)
    for theirs in ("db", "limiter"):  # verbs of libraries: ours are `helpdesk migrate` and the settings
        app.cli.commands.pop(theirs, None)
    return app


def _configure(app: Flask, settings: Settings) -> None:
    app.config.update(
        SQLALCHEMY_DATABASE_URI=settings.database_url,
        SQLALCHEMY_ENGINE_OPTIONS={"pool_pre_ping": not settings.sqlite, "pool_size": 10, "max_overflow": 10},
        MAX_CONTENT_LENGTH=settings.upload_max_bytes * max(settings.upload_max_files, 1) + 5_000_000,
        MAX_FORM_MEMORY_SIZE=2_000_000,
        MAX_FORM_PARTS=200,
        WTF_CSRF_TIME_LIMIT=None,
        WTF_CSRF_SSL_STRICT=False,
        RATELIMIT_STORAGE_URI=_limit_storage(settings.redis_url),
        RATELIMIT_STORAGE_OPTIONS=_limit_options(settings.redis_url),
        RATELIMIT_HEADERS_ENABLED=False,
    )
    if settings.trusted_proxies:
        n = settings.trusted_proxies
        app.wsgi_app = ProxyFix(app.wsgi_app, x_for=n, x_proto=n, x_host=n)  # type: ignore[method-assign] # the WSGI hook Flask documents


def _language() -> str:
    """Return the desk's language; the default while the database is away, so that errors have words."""
    try:
        return desk().language
    except SQLAlchemyError:
        return Desk().language


def _limit_options(redis_url: str) -> dict[str, Any]:
    """Return how long a count may wait for Redis, in seconds, and that its errors are to be ours."""
    return {"wrap_exceptions": True, "socket_timeout": 1, "socket_connect_timeout": 1} if redis_url else {}


def _limit_storage(redis_url: str) -> str:
    """Return where rates are counted, as the limits library spells it."""
    return f"redis+{redis_url}" if redis_url.startswith("unix://") else redis_url or "memory://"


def _wire(app: Flask) -> None:
    bus, panels = Bus(), Panels()
    jobs: dict[str, Job] = {}
    for feature in FEATURES:
        bus.listen(feature.within, feature.after)
        jobs.update(feature.jobs)
        for slot, offer in feature.panels.items():
            panels.add(slot, offer)
        for blueprint in feature.blueprints:
            app.register_blueprint(blueprint)
        for group in feature.commands:
            app.cli.add_command(group)
    for kind, reactions in bus.after.items():
        for later in reactions:
            jobs[f"on:{later.name}"] = Job(partial(_react, kind, later), world=later.world)
    bus.init_app(app)
    app.extensions["jobs"] = jobs
    app.extensions["panels"] = panels
    app.extensions["features"] = FEATURES
    panels.add("settings.pages", health_settings)
    app.register_blueprint(health)
    app.register_blueprint(health_page)


def _react(kind: type[Event], later: After, body: Mapping[str, Any]) -> None:
    later.run(rebuild(kind, body))


def _guard(app: Flask, settings: Settings) -> None:
    app.session_interface = DerivedSession()

    @app.before_request
    def name_request() -> None:
        g.request_id = uuid.uuid4().hex[:12]
        structlog.contextvars.clear_contextvars()
        structlog.contextvars.bind_contextvars(request=g.request_id)

    @app.after_request
    def tell_request(response: Response) -> Response:
        response.headers["X-Request-ID"] = getattr(g, "request_id", "")
        return response

    headers.init_app(app, settings)
    access.init_app(app)
    csrf = CSRFProtect(app)
    for door in ("sign_in_now", "code_now", "forgotten_now", "welcome_now"):  # guarded by form tokens
        csrf.exempt(f"helpdesk.people.web.{door}")
    for open_door in ("portal", "ingress"):  # guarded by form tokens and by a bearer token
        csrf.exempt(app.blueprints[open_door])
    csrf.exempt(app.blueprints["setup"])
    forms.limiter.init_app(app)
    rendering.init_app(app)
    errors.init_app(app)
    static.init_app(app)
    app.context_processor(template_values)


def migrations_folder() -> Path:
    """Return where the migrations are: beside the packages in a checkout, inside them when installed."""
    inside = Path(__file__).parent / "_migrations"
    return inside if inside.is_dir() else Path(__file__).parent.parent / "migrations"
