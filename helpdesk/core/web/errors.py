"""Whatever goes wrong becomes a page in plain words, or problem+json, with a reference to the log."""

from http import HTTPStatus

import structlog
from flask import Flask, Response, g, jsonify, render_template, request
from markupsafe import Markup
from sqlalchemy.exc import OperationalError, SQLAlchemyError
from werkzeug.exceptions import HTTPException

from helpdesk.core.errors import HelpdeskError, InvalidError
from helpdesk.core.i18n import gettext as _
from helpdesk.core.pages import ErrorPage

log = structlog.get_logger(__name__)


def init_app(app: Flask) -> None:
    """Register the handlers."""
    app.register_error_handler(HelpdeskError, _ours)
    app.register_error_handler(HTTPException, _http)
    app.register_error_handler(OperationalError, _database)
    app.register_error_handler(Exception, _bug)


def _ours(error: HelpdeskError) -> Response:
    fields = error.fields if isinstance(error, InvalidError) else {}
    return answer(HTTPStatus(error.status), str(error), fields)


def _http(error: HTTPException) -> Response:
    status = HTTPStatus(error.code or 500)
    response = answer(status, _WORDS.get(status, status.description))
    for name, value in error.get_headers():
        if name.lower() in {"allow", "retry-after", "location"}:
            response.headers[name] = value
    return response


def _database(error: OperationalError) -> Response:
    log.error("database.away", error=str(error.orig))
    words = _(
        "The database does not answer right now. Nothing you sent was lost on our side; try again shortly."
    )
    response = answer(HTTPStatus.SERVICE_UNAVAILABLE, words)
    response.headers["Retry-After"] = "10"
    return response


def _bug(error: Exception) -> Response:
    log.error("request.failed", exc_info=error)
    words = _("Something went wrong on our side. It is logged; tell us the reference below if it stays.")
    return answer(HTTPStatus.INTERNAL_SERVER_ERROR, words)


_WORDS = {
    HTTPStatus.NOT_FOUND: "There is no such page, or it is not yours to see.",
    HTTPStatus.METHOD_NOT_ALLOWED: "This address does not take that kind of request.",
    HTTPStatus.REQUEST_ENTITY_TOO_LARGE: "That is more than fits. Send fewer or smaller files.",
    HTTPStatus.TOO_MANY_REQUESTS: "That was a lot in a short time. Wait a little and try again.",
    HTTPStatus.BAD_REQUEST: "We could not read that request.",
}


def wants_json() -> bool:
    """Return whether the asker wants JSON rather than a page."""
    best = request.accept_mimetypes.best_match(["text/html", "application/json", "application/problem+json"])
    return request.path.startswith("/api/") or best in {"application/json", "application/problem+json"}


def answer(status: HTTPStatus, words: str, fields: dict[str, str] | None = None) -> Response:
    """Return an error page, or problem+json (RFC 9457)."""
    reference = str(getattr(g, "request_id", ""))
    if wants_json():
        problem: dict[str, object] = {
            "type": "about:blank",
            "title": status.phrase,
            "status": status.value,
            "detail": words,
            "instance": f"urn:request:{reference}",
        }
        if fields:
            problem["errors"] = fields
        response = jsonify(problem)
        response.content_type = "application/problem+json"
    else:
        response = Response(_page(status, words, reference), mimetype="text/html")
    response.status_code = status
    return response


def _page(status: HTTPStatus, words: str, reference: str) -> str:
    """Return the error page; a bare one when what the page's frame needs (the database) is what is broken."""
    title = _title(status)
    try:
        return render_template("errors/error.html", page=ErrorPage(status.value, title, words, reference))
    except SQLAlchemyError:
        log.error("error_page.bare", status=status.value)
        bare = Markup("<!doctype html><title>{}</title><h1>{}</h1><p>{}</p><p>{}</p>")
        return str(bare.format(title, title, words, reference))


def _title(status: HTTPStatus) -> str:
    titles = {
        404: _("Not found"),
        403: _("Not allowed"),
        409: _("That does not work now"),
        422: _("Something is missing"),
        429: _("A little slower"),
        503: _("Back in a moment"),
    }
    other = _("Something went wrong") if status.value >= 500 else status.phrase
    return str(titles.get(status.value, other))
