"""The pages of the first run: guarded by the code until the administrator exists, then by the session."""

from hmac import compare_digest

from flask import Blueprint, abort, make_response, redirect, render_template, request, url_for
from werkzeug.wrappers import Response

from helpdesk.core import zones
from helpdesk.core.desk import Desk, desk
from helpdesk.core.errors import InvalidError, RefusedError
from helpdesk.core.i18n import gettext as _
from helpdesk.core.keys import ring
from helpdesk.core.pages import Choice, Fact, FieldErrors
from helpdesk.core.running import settings
from helpdesk.core.web import forms
from helpdesk.core.web.sessions import set_cookie
from helpdesk.mailboxes.fetching import SourceCard
from helpdesk.mailboxes.incoming import SECURITIES, Imap, imap_of
from helpdesk.mailboxes.queries import mailbox as mailbox_of
from helpdesk.mailboxes.queries import newest_source
from helpdesk.mailboxes.trying import remedy
from helpdesk.people.access import current_viewer, guard, viewer_or_none
from helpdesk.people.passwords import MIN_CHARS
from helpdesk.people.queries import teams
from helpdesk.people.rights import Right
from helpdesk.setup import code as codes
from helpdesk.setup import commands, pages
from helpdesk.setup.queries import FirstRun, first_run, is_on, nobody
from mail_ingest.imap.trial import Trial, try_source

bp = Blueprint("setup", __name__, template_folder="templates")
steps_bp = Blueprint("setup_steps", __name__, url_prefix="/setup")

SEAL = "first-run\0"
LEADS_HERE = frozenset({"portal.home", "people.sign_in", "people.sign_in_now"})


@bp.before_app_request
def lead_here() -> Response | None:
    """Hide these pages once they are over; until somebody works here, lead agents' pages to them."""
    if request.blueprint in {"setup", "setup_steps"}:
        return None if is_on() else abort(404)
    agents_page = request.path == "/a" or request.path.startswith("/a/")
    if (agents_page or request.endpoint in LEADS_HERE) and nobody():
        return redirect(url_for("setup.begin"))
    return None


guard(steps_bp, Right.MANAGE)


@bp.get("/setup")
def begin() -> Response | str:
    """Ask for the code; whoever is signed in already goes on."""
    if viewer_or_none() is not None:
        return redirect(url_for("setup_steps.desk_step"))
    if not nobody():
        return redirect(url_for("people.sign_in", next=url_for("setup.begin")))
    return render_template("setup/code.html", page=pages.CodePage())


@bp.post("/setup")
def enter() -> Response | str | tuple[str, int]:
    """Check the code; the next form carries that it was right."""
    if not nobody():
        return redirect(url_for("setup.begin"))
    typed = forms.text("code", 60).strip()
    if not forms.allowed(settings().sign_in_limit, "first-run", forms.remote()):
        return _code_page(typed, _("Too many tries. Wait a quarter of an hour and try again.")), 429
    run = first_run()
    if run is None or not compare_digest(run.digest, codes.digest(typed)):
        return _code_page(typed, _OLD_CODE()), 422
    return _you_page(run, {"name": "", "email": ""}, "")


@bp.get("/setup/you")
def you_again() -> Response:
    """Begin again: this page is only ever the answer to a code."""
    return redirect(url_for("setup.begin"))


@bp.post("/setup/you")
def you() -> Response | tuple[str, int]:
    """Make the administrator and sign them in."""
    if not nobody():
        return redirect(url_for("setup.begin"))
    typed, password = _about_you(), _password()
    run = first_run()
    try:
        forms.check_form_token(_purpose(run), request.form.get("form_token", ""))
    except InvalidError:
        return _code_page("", _OLD_CODE()), 422
    try:
        secret = commands.make_administrator(
            digest=run.digest if run else "",
            **typed,
            password=password,
            network=forms.remote(),
            browser=request.headers.get("User-Agent", ""),
        )
    except InvalidError as error:
        return _you_page(run, typed, password, FieldErrors(error.fields)), 422
    except RefusedError as error:
        return _code_page("", str(error)), 422
    response = make_response(redirect(url_for("setup_steps.desk_step")))
    set_cookie(response, secret, settings())
    return response


@steps_bp.get("/me")
def me() -> str:
    """Show who the administrator is, to put a slip right."""
    viewer = current_viewer()
    return _me_page({"name": viewer.name, "email": viewer.email})


@steps_bp.post("/me")
def correct_me() -> Response | tuple[str, int]:
    """Give the administrator another name or address."""
    typed = _about_you()
    try:
        commands.correct_administrator(agent_id=current_viewer().id, **typed)
    except InvalidError as error:
        return _me_page(typed, FieldErrors(error.fields)), 422
    return redirect(url_for("setup_steps.desk_step"))


@steps_bp.get("/desk")
def desk_step() -> str:
    """Ask for name, time zone and language."""
    here, fresh = desk(), Desk()
    name = "" if here.name == fresh.name else here.name
    return _desk_page(name, zones.here() if here.zone == fresh.zone else here.zone)


@steps_bp.post("/desk")
def desk_now() -> Response | tuple[str, int]:
    """Keep name, time zone and language."""
    name, zone = _line("name", 80), _line("zone", 60)
    try:
        commands.name_desk(name=name, zone=zone, language=_line("language", 16))
    except InvalidError as error:
        return _desk_page(name, zone, FieldErrors(error.fields)), 422
    return redirect(url_for("setup_steps.mailbox"))


@steps_bp.get("/mailbox")
def mailbox() -> str:
    """Ask for the first mailbox."""
    run = _run()
    box = mailbox_of(run.mailbox_id) if run.mailbox_id else None
    if box is None:
        name = desk().name
        return _mailbox_page({"sender_name": "" if name == Desk().name else name, "incoming": "imap"}, "")
    typed = {"address": box.address, "sender_name": box.sender_name, "incoming": "handover"}
    source = newest_source(box.id)
    if source is None:
        return _mailbox_page(typed, "")
    typed |= {
        "incoming": "imap",
        "host": source.host,
        "port": str(source.port),
        "security": source.security,
        "user": source.user,
        "folder": source.folder,
    }
    return _mailbox_page(typed, source.password)


@steps_bp.post("/mailbox")
def mailbox_now() -> Response | str | tuple[str, int]:
    """Test the connection, or keep the mailbox: what does not work yet is kept as paused."""
    typed, password = _about_mailbox(), _password()
    imap, problems = imap_of(typed, password) if typed["incoming"] == "imap" else (None, {})
    if request.form.get("do") == "test" and imap is not None:
        if problems:
            return _mailbox_page(typed, password, FieldErrors(problems)), 422
        return _mailbox_page(typed, password, trial=try_source(_card(imap)))
    try:
        commands.keep_mailbox(
            address=typed["address"],
            sender_name=typed["sender_name"],
            imap=imap,
            paused=_why_paused(imap, problems) if imap else "",
        )
    except InvalidError as error:
        return _mailbox_page(typed, password, FieldErrors(error.fields)), 422
    except RefusedError as error:
        return _mailbox_page(typed, password, FieldErrors({"address": str(error)})), 422
    return redirect(url_for("setup_steps.team"))


@steps_bp.get("/team")
def team() -> str:
    """Ask for the first team."""
    return _team_page(_team_name(_run()))


@steps_bp.post("/team")
def team_now() -> Response | tuple[str, int]:
    """Make the first team."""
    name = _line("name", 80)
    try:
        commands.name_team(agent_id=current_viewer().id, name=name)
    except InvalidError as error:
        return _team_page(name, FieldErrors(error.fields)), 422
    except RefusedError as error:
        return _team_page(name, FieldErrors({"name": str(error)})), 422
    return redirect(url_for("setup_steps.done"))


@steps_bp.get("/done")
def done() -> str:
    """Show what there is now."""
    run, viewer, here = _run(), current_viewer(), desk()
    box = mailbox_of(run.mailbox_id) if run.mailbox_id else None
    page = pages.DonePage(
        steps=_steps(4),
        facts=(
            Fact(_("You"), f"{viewer.name}, {viewer.email}", url_for("setup_steps.me")),
            Fact(_("Desk"), f"{here.name}, {here.zone.replace('_', ' ')}", url_for("setup_steps.desk_step")),
            Fact(_("Mailbox"), box.address if box else _("none yet"), url_for("setup_steps.mailbox")),
            Fact(_("Team"), _team_name(run) or _("none yet"), url_for("setup_steps.team")),
        ),
        address=box.address if box else "",
        contact_url=settings().public_url + url_for("portal.contact"),
        back_url=url_for("setup_steps.team"),
        note=run.note,
    )
    return render_template("setup/done.html", page=page)


@steps_bp.post("/done")
def finish() -> Response:
    """End the first run and open the queue."""
    commands.finish()
    return redirect(url_for("tickets.queue"))


def _OLD_CODE() -> str:  # noqa: N802 - a sentence, translated when it is said
    return _(
        "This code is not right, or older than a day. The newest one stands where the desk was started; "
        "helpdesk setup-code prints another."
    )


def _run() -> FirstRun:
    return first_run() or abort(404)


def _purpose(run: FirstRun | None) -> str:
    """Return what form tokens are made for: a token of one code is worth nothing under the next."""
    return f"first-run {run.digest if run else ''}"


def _line(name: str, limit: int) -> str:
    return " ".join(forms.text(name, limit).split())


def _about_you() -> dict[str, str]:
    return {"name": _line("name", 120), "email": _line("email", 254)}


def _about_mailbox() -> dict[str, str]:
    limits = {"address": 254, "sender_name": 120, "host": 253, "port": 10, "user": 254, "folder": 200}
    typed = {name: _line(name, limit) for name, limit in limits.items()}
    return typed | {name: _line(name, 16) for name in ("incoming", "security")}


def _password() -> str:
    """Return the password typed now, or the one that came back sealed from an earlier try."""
    typed = request.form.get("password", "")[:1001]
    if typed:
        return typed
    try:
        opened = ring().decrypt(request.form.get("kept", ""))
    except ValueError:
        return ""
    return opened.removeprefix(SEAL) if opened.startswith(SEAL) else ""


def _sealed(password: str) -> str:
    return ring().encrypt(SEAL + password) if password else ""


def _steps(current: int) -> tuple[pages.Step, ...]:
    names = (
        (_("You"), "setup_steps.me"),
        (_("Desk"), "setup_steps.desk_step"),
        (_("Mailbox"), "setup_steps.mailbox"),
        (_("Team"), "setup_steps.team"),
    )
    return tuple(
        pages.Step(
            label,
            "done" if n < current else "current" if n == current else "coming",
            url_for(endpoint) if n < current else "",
        )
        for n, (label, endpoint) in enumerate(names)
    )


def _code_page(typed: str, problem: str) -> str:
    page = pages.CodePage(typed, FieldErrors({"code": problem}))
    return render_template("setup/code.html", page=page)


def _you_page(
    run: FirstRun | None, typed: dict[str, str], password: str, errors: FieldErrors | None = None
) -> str:
    errors = errors or FieldErrors()
    page = pages.YouPage(
        steps=_steps(0),
        action_url=url_for("setup.you"),
        form_token=forms.form_token(_purpose(run)),
        kept="" if errors.get("password") else _sealed(password),
        min_chars=MIN_CHARS,
        name=typed["name"],
        email=typed["email"],
        errors=errors,
    )
    return render_template("setup/you.html", page=page)


def _me_page(typed: dict[str, str], errors: FieldErrors | None = None) -> str:
    page = pages.YouPage(
        steps=_steps(0),
        action_url=url_for("setup_steps.correct_me"),
        skip_url=url_for("setup_steps.desk_step"),
        name=typed["name"],
        email=typed["email"],
        errors=errors or FieldErrors(),
    )
    return render_template("setup/you.html", page=page)


def _desk_page(name: str, zone: str, errors: FieldErrors | None = None) -> str:
    page = pages.DeskPage(
        steps=_steps(1),
        name=name,
        zone=zone,
        zones=zones.known(),
        languages=(Choice(_("English"), "en", current=True),),
        back_url=url_for("setup_steps.me"),
        skip_url=url_for("setup_steps.mailbox"),
        errors=errors or FieldErrors(),
    )
    return render_template("setup/desk.html", page=page)


def _mailbox_page(
    typed: dict[str, str], password: str, errors: FieldErrors | None = None, trial: Trial | None = None
) -> str:
    running = settings()
    security = typed.get("security") or SECURITIES[0]
    listening = (("SMTP", running.smtp_listen_port), ("LMTP", running.lmtp_listen_port))
    names = {"tls": _("TLS"), "starttls": "STARTTLS", "none": _("none, only inside your own network")}
    page = pages.MailboxPage(
        steps=_steps(2),
        address=typed.get("address", ""),
        sender_name=typed.get("sender_name", ""),
        incoming="handover" if typed.get("incoming") == "handover" else "imap",
        host=typed.get("host", ""),
        port=typed.get("port", ""),
        user=typed.get("user", ""),
        folder=typed.get("folder", ""),
        securities=tuple(Choice(names[s], s, current=s == security) for s in SECURITIES),
        doors=tuple(
            _("%(kind)s at %(host)s, port %(port)s", kind=kind, host=running.mail_listen_host, port=port)
            for kind, port in listening
            if port
        ),
        out_words=_outgoing(),
        back_url=url_for("setup_steps.desk_step"),
        skip_url=url_for("setup_steps.team"),
        kept=_sealed(password),
        trial=_in_words(trial) if trial else (),
        trial_words=_counted(trial) if trial and not trial.failure else "",
        errors=errors or FieldErrors(),
    )
    return render_template("setup/mailbox.html", page=page)


def _team_page(name: str, errors: FieldErrors | None = None) -> str:
    page = pages.TeamPage(
        steps=_steps(3),
        name=name,
        back_url=url_for("setup_steps.mailbox"),
        skip_url=url_for("setup_steps.done"),
        note=_run().note,
        errors=errors or FieldErrors(),
    )
    return render_template("setup/team.html", page=page)


def _team_name(run: FirstRun) -> str:
    return next((t.name for t in teams() if t.id == run.team_id), "")


def _outgoing() -> str:
    running = settings()
    if running.smtp_host:
        return _(
            "Answers leave through %(host)s, port %(port)s, as the settings say.",
            host=running.smtp_host,
            port=running.smtp_port,
        )
    return _(
        "No server for outgoing mail is set yet: answers are kept in the local outbox. "
        "Set HELPDESK_SMTP_HOST and start the desk again to send them."
    )


def _card(imap: Imap) -> SourceCard:
    return SourceCard(
        id=0,
        mailbox_id=0,
        host=imap.host,
        port=imap.port,
        security=imap.security,
        user=imap.user,
        password=imap.password,
        folder=imap.folder,
        first_import="now",
        afterwards="leave",
        move_to="",
    )


def _why_paused(imap: Imap, problems: dict[str, str]) -> str:
    """Return why a source cannot be fetched from yet, in one sentence; empty when it can."""
    if not imap.complete:
        return _("Server, user or password is missing.")
    if problems:
        return next(iter(problems.values()))
    failure = try_source(_card(imap)).failure
    return failure.words if failure else ""


def _counted(trial: Trial) -> str:
    if not trial.mails:
        return _("It works. The folder is empty; mail is taken from now on.")
    return _(
        "It works. The folder holds %(count)s mails: they stay where they are, mail is taken from now on.",
        count=trial.mails,
    )


def _in_words(trial: Trial) -> tuple[pages.TrialLine, ...]:
    labels = {
        "server": _("Reach the server"),
        "certificate": _("Check its certificate"),
        "sign in": _("Sign in"),
        "folder": _("Open the folder"),
    }
    there = ", ".join(trial.folders[:12])
    folder = _("There are: %(names)s.", names=there) if there else remedy("in folder")
    states = {"ok": _("done"), "not reached": _("not reached")}
    return tuple(
        pages.TrialLine(
            labels[t.step],
            t.state,
            t.words or states.get(t.state, ""),
            "" if t.state != "bad" else folder if t.step == "folder" else remedy(f"in {t.step}"),
        )
        for t in trial.steps
    )
