"""Signing in and out."""

from urllib.parse import urlsplit

from flask import Blueprint, make_response, redirect, render_template, request, url_for
from flask_login import current_user
from werkzeug.wrappers import Response

from helpdesk.core.errors import InvalidError
from helpdesk.core.i18n import gettext as _
from helpdesk.core.pages import FieldErrors
from helpdesk.core.running import settings
from helpdesk.core.web import forms
from helpdesk.core.web.sessions import clear_cookie, set_cookie
from helpdesk.people.access import viewer_or_none
from helpdesk.people.commands import end_session, start_session
from helpdesk.people.pages import SignInPage
from helpdesk.people.passwords import fits
from helpdesk.people.queries import sign_in_facts

bp = Blueprint("people", __name__, template_folder="templates")


@bp.get("/sign-in")
def sign_in() -> Response | str:
    """Show the sign-in page."""
    if viewer_or_none() is not None:
        return redirect(local(request.args.get("next")))
    return _page()


@bp.post("/sign-in")
def sign_in_now() -> Response | tuple[str, int]:
    """Sign in with address and password; one answer, in one time, for every miss."""
    email, password = forms.text("email", 254).strip(), request.form.get("password", "")
    try:
        forms.check_form_token("sign-in", request.form.get("form_token", ""))
    except InvalidError as error:
        return _page(email, str(error)), 422
    limit = settings().sign_in_limit
    if not (
        forms.allowed(limit, "sign-in", forms.remote()) and forms.allowed(limit, "sign-in-as", email.lower())
    ):
        return _page(email, _("Too many tries. Wait a quarter of an hour and try again.")), 429
    known = sign_in_facts(email)
    if not fits(password, known[1] if known else None) or known is None:
        return _page(email, _("Address or password is not right.")), 422
    secret = start_session(
        agent_id=known[0], network=forms.remote(), browser=request.headers.get("User-Agent", "")
    )
    response = make_response(redirect(local(request.form.get("next"))))
    set_cookie(response, secret, settings())
    return response


@bp.post("/sign-out")
def sign_out() -> Response:
    """End this session."""
    if viewer_or_none() is not None:
        end_session(digest=current_user.digest)
    response = make_response(redirect(url_for("people.sign_in")))
    clear_cookie(response)
    return response


def local(target: str | None) -> str:
    """Return `target` if it is a path on this site, else the queue: no open redirects."""
    queue = "/a/queue"
    if not target or not target.startswith("/") or target.startswith(("//", "/\\")):
        return queue
    if any(c in target for c in "\\\r\n\t\0") or not target.isprintable():
        return queue
    parts = urlsplit(target)
    return queue if parts.scheme or parts.netloc else target


def _page(email: str = "", problem: str = "") -> str:
    page = SignInPage(
        email=email,
        next_url=local(request.values.get("next")),
        errors=FieldErrors(form=problem),
        form_token=forms.form_token("sign-in"),
    )
    return render_template("people/sign_in.html", page=page)
