"""Signing in and out, the second step, and a password by a mailed link."""

import json
from datetime import datetime, timedelta
from urllib.parse import urlsplit

from flask import Blueprint, make_response, redirect, render_template, request, url_for
from flask_login import current_user
from werkzeug.wrappers import Response

from helpdesk.core.clock import now
from helpdesk.core.errors import InvalidError, NotFoundError
from helpdesk.core.i18n import gettext as _
from helpdesk.core.keys import ring
from helpdesk.core.pages import FieldErrors
from helpdesk.core.running import settings
from helpdesk.core.web import forms
from helpdesk.core.web.sessions import clear_cookie, set_cookie
from helpdesk.people.access import viewer_or_none
from helpdesk.people.commands import (
    account_key,
    ask_for_new_password,
    clear_tries,
    end_session,
    start_session,
    take_back_try,
    take_code,
    try_once,
    use_way_in,
)
from helpdesk.people.pages import CodePage, ForgottenPage, SignInPage, WelcomePage
from helpdesk.people.passwords import MIN_CHARS, fits
from helpdesk.people.queries import SignInFacts, sign_in_facts, sign_in_facts_of, way_in

bp = Blueprint("people", __name__, template_folder="templates")

STEP_LIFE = timedelta(minutes=10)
RESETS_BY_NETWORK = 20
RESETS_BY_ADDRESS = 3
"""How many new passwords may be asked for in an hour, from a network address and for a mail address."""


@bp.get("/sign-in")
def sign_in() -> Response | str:
    """Show the sign-in page."""
    if viewer_or_none() is not None:
        return redirect(local(request.args.get("next")))
    return _page()


@bp.post("/sign-in")
def sign_in_now() -> Response | tuple[str, int] | str:
    """Sign in with address and password; one answer, in one time, for every miss.

    Misses are counted by network and by typed address, in the database: one count for all processes.
    """
    email, password = forms.text("email", 254).strip(), request.form.get("password", "")
    try:
        forms.check_form_token("sign-in", request.form.get("form_token", ""))
    except InvalidError as error:
        return _page(email, str(error)), 422
    most, seconds = forms.span(settings().sign_in_limit)
    network, account = _network_key(), account_key(email)
    if not try_once(keys={network: most, account: most}, seconds=seconds):
        return _page(email, _("Too many tries. Wait a quarter of an hour and try again.")), 429
    known = sign_in_facts(email)
    if not fits(password, known.password_hash if known else None) or known is None:
        return _page(email, _("Address or password is not right.")), 422
    clear_tries(key=account)
    take_back_try(key=network)
    if known.two_factor:
        return _code_page(_sealed_step(known))
    return _let_in(known.id)


@bp.post("/sign-in/code")
def code_now() -> Response | tuple[str, int] | str:
    """Take the code of the second step; only then there is a session."""
    step = request.form.get("step", "")[:2000]
    agent_id = _agent_of_step(step)
    if agent_id is None:
        return _page("", _("That took a while. Sign in once more.")), 422
    try:
        forms.check_form_token("code", request.form.get("form_token", ""))
    except InvalidError as error:
        return _code_page(step, str(error)), 422
    most, seconds = forms.span(settings().sign_in_limit)
    tries = f"code:{agent_id}"
    if not try_once(keys={tries: most}, seconds=seconds):
        return _code_page(step, _("Too many tries. Wait a quarter of an hour and try again.")), 429
    if not take_code(agent_id=agent_id, code=forms.text("code", 60)):
        words = _("This code is not right. Codes change every half minute, and each works once.")
        return _code_page(step, words), 422
    clear_tries(key=tries)
    return _let_in(agent_id)


@bp.get("/forgotten")
def forgotten() -> str:
    """Show where to ask for a new password."""
    return render_template("people/forgotten.html", page=ForgottenPage(forms.form_token("forgotten")))


@bp.post("/forgotten")
def forgotten_now() -> str | tuple[str, int]:
    """Note the wish for a new password: the same answer, after the same work, for every address."""
    token = forms.form_token("forgotten")
    try:
        forms.check_form_token("forgotten", request.form.get("form_token", ""))
    except InvalidError as error:
        page = ForgottenPage(token, errors=FieldErrors(form=str(error)))
        return render_template("people/forgotten.html", page=page), 422
    email = forms.text("email", 254).strip()
    keys = {f"new:{forms.remote()}"[:100]: RESETS_BY_NETWORK, f"new-{account_key(email)}": RESETS_BY_ADDRESS}
    if try_once(keys=keys, seconds=3600):
        ask_for_new_password(email=email)
    return render_template("people/forgotten.html", page=ForgottenPage(token, asked=True))


@bp.get("/welcome/<secret>")
def welcome(secret: str) -> str:
    """Show the form for a password to whoever has a mailed link."""
    return _welcome(secret, FieldErrors())


@bp.post("/welcome/<secret>")
def welcome_now(secret: str) -> Response | tuple[str, int]:
    """Set the password; the link is used up."""
    try:
        forms.check_form_token("welcome", request.form.get("form_token", ""))
        use_way_in(secret=secret, password=request.form.get("password", ""))
    except InvalidError as error:
        words = "" if error.fields else str(error)
        return _welcome(secret, FieldErrors(error.fields, words)), 422
    response = make_response(redirect(url_for("people.sign_in", said="password")))
    clear_cookie(response)
    return response


def _welcome(secret: str, errors: FieldErrors) -> str:
    found = way_in(secret[:200], now())
    if found is None:
        words = _("This link has been used or is too old. On the sign-in page you can ask for a new one.")
        raise NotFoundError(words)
    page = WelcomePage(
        found.kind == "invite", found.name, found.email, MIN_CHARS, forms.form_token("welcome"), errors
    )
    return render_template("people/welcome.html", page=page)


def _network_key() -> str:
    return f"net:{forms.remote()}"[:100]


def _let_in(agent_id: int) -> Response:
    secret = start_session(
        agent_id=agent_id, network=forms.remote(), browser=request.headers.get("User-Agent", "")
    )
    response = make_response(redirect(local(request.form.get("next"))))
    set_cookie(response, secret, settings())
    return response


def _code_page(step: str, problem: str = "") -> str:
    page = CodePage(
        step=step,
        next_url=local(request.form.get("next")),
        form_token=forms.form_token("code"),
        errors=FieldErrors({"code": problem} if problem else {}),
    )
    return render_template("people/code.html", page=page)


def _sealed_step(known: SignInFacts) -> str:
    """Return who passed the first step, sealed: it ends in ten minutes or with another password."""
    until = (now() + STEP_LIFE).isoformat()
    return ring().encrypt(json.dumps({"agent": known.id, "until": until, "mark": _mark(known)}))


def _agent_of_step(sealed: str) -> int | None:
    try:
        found = json.loads(ring().decrypt(sealed))
        known = sign_in_facts_of(int(found["agent"]))
        late = datetime.fromisoformat(found["until"]) <= now()
    except (ValueError, KeyError, TypeError):
        return None
    return None if known is None or late or found["mark"] != _mark(known) else known.id


def _mark(known: SignInFacts) -> str:
    return ring().sign("first-step", known.id, known.password_hash)


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
        notice=_("Your password is set. Sign in with it.") if request.args.get("said") == "password" else "",
    )
    return render_template("people/sign_in.html", page=page)
