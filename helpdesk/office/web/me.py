"""One's own page: name, password, what follows an answer, two-factor sign-in, sessions."""

from flask import Blueprint, make_response, redirect, request, url_for
from flask_login import current_user
from werkzeug.wrappers import Response

from helpdesk.core.clock import now
from helpdesk.core.desk import desk
from helpdesk.core.errors import InvalidError
from helpdesk.core.i18n import gettext as _
from helpdesk.core.pages import Choice, FieldErrors
from helpdesk.core.running import settings
from helpdesk.core.web import forms
from helpdesk.core.web.sessions import set_cookie
from helpdesk.office.browsers import named
from helpdesk.office.pages import CodesPage, MePage, SessionRow
from helpdesk.office.web.blueprint import draw, line, who
from helpdesk.office.web.people import role_words
from helpdesk.people.access import current_viewer, guard
from helpdesk.people.commands import (
    begin_two_factor,
    change_own_password,
    clear_tries,
    end_one_session,
    finish_two_factor,
    remember_after_reply,
    rename_self,
    renew_recovery_codes,
    start_session,
    stop_two_factor,
    try_once,
)
from helpdesk.people.passcodes import grouped, picture, provisioning
from helpdesk.people.passwords import MIN_CHARS, fits
from helpdesk.people.queries import SessionLine, sessions_of, sign_in_facts_of, two_factor
from helpdesk.people.rights import Right

me_bp = Blueprint("me", __name__, template_folder="../templates", url_prefix="/a/me")
guard(me_bp, Right.READ)

AFTER = ("pending", "open", "solved")


@me_bp.get("")
def show() -> str:
    """Show one's own page."""
    return _render()


@me_bp.post("")
def save() -> Response | tuple[str, int]:
    """Keep name and what follows an answer."""
    viewer, name, after = current_viewer(), line("name", 120), line("after", 12)
    try:
        rename_self(agent_id=viewer.id, name=name)
    except InvalidError as error:
        return _render(FieldErrors(error.fields)), 422
    if after in AFTER and viewer.can_reply:
        remember_after_reply(agent_id=viewer.id, state=after)
    return redirect(url_for("me.show", said="saved"))


@me_bp.post("/password")
def password() -> Response | tuple[str, int]:
    """Change one's own password: every session ends, and this one begins anew."""
    viewer = current_viewer()
    if wrong := _wrong_password("current"):
        return _render(FieldErrors({"current": wrong})), 422
    try:
        change_own_password(agent_id=viewer.id, password=request.form.get("password", ""))
    except InvalidError as error:
        return _render(FieldErrors(error.fields)), 422
    secret = start_session(
        agent_id=viewer.id, network=forms.remote(), browser=request.headers.get("User-Agent", "")
    )
    response = make_response(redirect(url_for("me.show", said="password")))
    set_cookie(response, secret, settings())
    return response


@me_bp.post("/two-factor")
def begin() -> Response:
    """Begin to set two-factor sign-in up."""
    begin_two_factor(agent_id=current_viewer().id)
    return redirect(url_for("me.show", _anchor="two-factor"))


@me_bp.post("/two-factor/on")
def switch_on() -> str | tuple[str, int]:
    """Switch it on with a first code; show the recovery codes once."""
    try:
        codes = finish_two_factor(agent_id=current_viewer().id, code=forms.text("code", 20))
    except InvalidError as error:
        return _render(FieldErrors(error.fields)), 422
    return draw("codes", CodesPage(tuple(codes)), current="")


@me_bp.post("/two-factor/off")
def switch_off() -> Response | tuple[str, int]:
    """Switch it off, with the password; while it is being set up, without."""
    viewer = current_viewer()
    if two_factor(viewer.id).on_at is not None and (wrong := _wrong_password("off_password")):
        return _render(FieldErrors({"off_password": wrong})), 422
    stop_two_factor(agent_id=viewer.id, who=who())
    return redirect(url_for("me.show", said="off"))


@me_bp.post("/recovery-codes")
def new_codes() -> str | tuple[str, int]:
    """Make new recovery codes, with the password."""
    viewer = current_viewer()
    if wrong := _wrong_password("off_password"):
        return _render(FieldErrors({"off_password": wrong})), 422
    return draw("codes", CodesPage(tuple(renew_recovery_codes(agent_id=viewer.id))), current="")


@me_bp.post("/sessions/<int:session_id>/end")
def end(session_id: int) -> Response:
    """End one of one's own sessions."""
    end_one_session(agent_id=current_viewer().id, session_id=session_id)
    return redirect(url_for("me.show", said="ended"))


@me_bp.post("/sessions/end-others")
def end_others() -> Response:
    """End every session but this one."""
    viewer = current_viewer()
    for one in _sessions():
        if one.digest != current_user.digest:
            end_one_session(agent_id=viewer.id, session_id=one.id)
    return redirect(url_for("me.show", said="ended"))


def _wrong_password(field: str) -> str:
    """Return what is wrong with the password typed into a field; empty when it is right."""
    viewer = current_viewer()
    most, seconds = forms.span(settings().sign_in_limit)
    tries = f"own:{viewer.id}"
    if not try_once(keys={tries: most}, seconds=seconds):
        return _("Too many tries. Wait a quarter of an hour and try again.")
    known = sign_in_facts_of(viewer.id)
    if known is None or not fits(request.form.get(field, ""), known.password_hash):
        return _("This is not your password.")
    clear_tries(key=tries)
    return ""


def _sessions() -> list[SessionLine]:
    return sessions_of(current_viewer().id, now(), settings().session_days)


def _row(one: SessionLine) -> SessionRow:
    browser, system = named(one.browser)
    words = _("%(browser)s on %(system)s", browser=browser, system=system) if browser and system else ""
    shown = words or browser or system or _("Unknown browser")
    return SessionRow(one.id, shown, one.network, one.since, one.seen_at, one.digest == current_user.digest)


def _render(errors: FieldErrors | None = None) -> str:
    viewer = current_viewer()
    factor = two_factor(viewer.id)
    size, path = 0, ""
    if factor.secret:
        size, path = picture(provisioning(factor.secret, account=viewer.email, issuer=desk().name))
    after = {
        "pending": _("Waiting on customer"),
        "open": _("Open"),
        "solved": _("Resolved"),
    }
    page = MePage(
        name=viewer.name,
        email=viewer.email,
        role=role_words()[viewer.role][0],
        min_chars=MIN_CHARS,
        after=tuple(Choice(words, key, current=key == viewer.after_reply) for key, words in after.items())
        if viewer.can_reply
        else (),
        sessions=tuple(_row(one) for one in _sessions()),
        two_factor_since=factor.on_at,
        codes_left=factor.codes_left,
        qr_path=path,
        qr_size=size,
        secret=grouped(factor.secret),
        errors=errors or FieldErrors(),
    )
    said = {
        "saved": _("Saved."),
        "password": _("Your password is changed. Everywhere else you are signed out."),
        "off": _("Two-factor sign-in is off."),
        "ended": _("Ended."),
    }
    return draw("me", page, said, current="me")
