"""One mailbox: its form, and around it how it fares, its test, its signing key, its sign-in."""

from dataclasses import replace
from hashlib import sha256

from flask import Response, make_response, redirect, render_template, request, url_for
from werkzeug.wrappers import Response as AnyResponse

from helpdesk.channels.signing import new_key, record_name, record_value
from helpdesk.channels.texts import SIGNATURE, explained, problem, signature
from helpdesk.core.audit import changes
from helpdesk.core.clock import now
from helpdesk.core.desk import Desk, desk
from helpdesk.core.errors import InvalidError, NotFoundError, RefusedError, TemporaryError
from helpdesk.core.i18n import gettext as _
from helpdesk.core.keys import ring
from helpdesk.core.pages import Choice, FieldErrors
from helpdesk.core.running import settings
from helpdesk.core.web import forms
from helpdesk.core.web.rendering import toasts_for
from helpdesk.mailboxes import commands
from helpdesk.mailboxes.commands.keys import keep_key, note_published, set_signing
from helpdesk.mailboxes.commands.testing import ask_test
from helpdesk.mailboxes.form import LANGUAGES, SENDER_STYLES, form_of, sender
from helpdesk.mailboxes.incoming import AFTERWARDS, SECURITIES
from helpdesk.mailboxes.queries import (
    ConnectionRun,
    Grant,
    MailboxSettings,
    grant,
    mailbox_settings,
    newest_test,
    providers,
    signing_key,
)
from helpdesk.mailboxes.trying import STEPS, Step, label, remedy
from helpdesk.mailroom.pages import (
    Around,
    ChangeLine,
    CountLine,
    GrantCard,
    MailboxPage,
    SigningCard,
    StepLine,
    TestCard,
)
from helpdesk.mailroom.queries import day_of, lookup
from helpdesk.mailroom.records import NoAnswerError, published
from helpdesk.mailroom.web.blueprint import bp, line, who
from helpdesk.mailroom.web.standing import incoming, outgoing
from helpdesk.people.access import current_viewer
from helpdesk.people.queries import teams
from helpdesk.tickets.queries.navigation import nav_for

SEAL = "mailbox form\0"
LIMITS = {
    "address": 254,
    "sender_name": 120,
    "sender_style": 20,
    "language": 16,
    "team": 10,
    "incoming": 16,
    "host": 253,
    "port": 10,
    "security": 16,
    "auth": 16,
    "user": 254,
    "folder": 200,
    "afterwards": 16,
    "move_to": 200,
    "outgoing": 16,
    "out_host": 253,
    "out_port": 10,
    "out_security": 16,
    "out_auth": 16,
    "out_user": 254,
    "acknowledge": 3,
}
SIGNATURE_CHARS = 2000
GONE_S = 180
"""A test without news for so long, in seconds, broke off: its page offers another."""


@bp.get("/mailboxes/new")
def new_mailbox() -> str:
    """Ask for a new mailbox."""
    here = desk().name
    typed = dict.fromkeys(LIMITS, "") | {
        "sender_name": "" if here == Desk().name else here,
        "incoming": "imap",
        "outgoing": "desk" if settings().smtp_host else "own",
        "security": "tls",
        "out_security": "starttls",
        "acknowledge": "yes",
        "signature": "",
        "language": desk().language,
    }
    return _render(_form_page(None, typed))


@bp.post("/mailboxes/new")
def add() -> AnyResponse | tuple[str, int]:
    """Make a mailbox; its connection test begins at once, fetching when somebody starts it."""
    return _save(None)


@bp.get("/mailboxes/<int:mailbox_id>")
def mailbox(mailbox_id: int) -> str:
    """Show a mailbox's form and how it fares."""
    one = mailbox_settings(mailbox_id)
    return _render(_form_page(one, _typed_of(one)))


@bp.post("/mailboxes/<int:mailbox_id>")
def save(mailbox_id: int) -> AnyResponse | tuple[str, int]:
    """Keep what was typed, unless somebody else changed the mailbox meanwhile."""
    return _save(mailbox_settings(mailbox_id))


@bp.get("/mailboxes/<int:mailbox_id>/live")
def live(mailbox_id: int) -> Response:
    """Give what stands around the form as a fragment; 304 while nothing changed."""
    one = mailbox_settings(mailbox_id)
    page = _form_page(one, _typed_of(one))
    stamp = page.around.stamp if page.around else ""
    if stamp in request.if_none_match:
        return Response(status=304, headers={"ETag": f'"{stamp}"'})
    response = make_response(render_template("mailroom/_around.html", page=page))
    response.set_etag(stamp)
    return response


@bp.post("/mailboxes/<int:mailbox_id>/test")
def test(mailbox_id: int) -> AnyResponse:
    """Begin a connection test; the worker does it."""
    ask_test(mailbox_id=mailbox_settings(mailbox_id).box.id)
    return _back(mailbox_id, "testing", "connection")


@bp.post("/mailboxes/<int:mailbox_id>/start")
def start(mailbox_id: int) -> AnyResponse:
    """Begin to fetch: from now on, or everything without telling anybody."""
    mailbox_settings(mailbox_id)
    commands.start_fetching(mailbox_id=mailbox_id, first_import=line("first", 10), who=who())
    return _back(mailbox_id, "started")


@bp.post("/mailboxes/<int:mailbox_id>/pause")
def pause(mailbox_id: int) -> AnyResponse:
    """Fetch and send nothing until it is resumed."""
    commands.pause_mailbox(mailbox_id=mailbox_id, who=who())
    return _back(mailbox_id, "paused")


@bp.post("/mailboxes/<int:mailbox_id>/resume")
def resume(mailbox_id: int) -> AnyResponse:
    """Fetch and send again."""
    commands.resume_mailbox(mailbox_id=mailbox_id, who=who())
    return _back(mailbox_id, "resumed")


@bp.post("/mailboxes/<int:mailbox_id>/archive")
def archive(mailbox_id: int) -> AnyResponse:
    """Retire it."""
    commands.archive_mailbox(mailbox_id=mailbox_id, who=who())
    return redirect(url_for("mailroom.mailboxes", said="archived"))


@bp.post("/mailboxes/<int:mailbox_id>/restore")
def restore(mailbox_id: int) -> AnyResponse:
    """Bring it back, paused."""
    commands.restore_mailbox(mailbox_id=mailbox_id, who=who())
    return _back(mailbox_id, "restored")


@bp.post("/mailboxes/<int:mailbox_id>/signing")
def signing(mailbox_id: int) -> AnyResponse:
    """Make a signing key, check its record, or switch signing on or off."""
    mailbox_settings(mailbox_id)
    wanted = line("do", 10)
    if wanted == "make":
        pair = new_key()
        keep_key(mailbox_id=mailbox_id, private=pair.private, public=pair.public, who=who())
        return _back(mailbox_id, "key", "signing")
    if wanted == "check":
        return _back(mailbox_id, _check(mailbox_id), "signing")
    set_signing(mailbox_id=mailbox_id, on=wanted == "on", who=who())
    return _back(mailbox_id, "signing" if wanted == "on" else "unsigned", "signing")


def _check(mailbox_id: int) -> str:
    key = signing_key(mailbox_id)
    if key is None:
        raise NotFoundError(_("This mailbox has no signing key."))
    try:
        found = published(key.domain, key.selector, key.public, lookup())
    except NoAnswerError as error:
        raise TemporaryError(_("The name servers did not answer. Try again in a moment.")) from error
    note_published(mailbox_id=mailbox_id, published=found)
    return "published" if found else "unpublished"


def _back(mailbox_id: int, said: str, anchor: str | None = None) -> AnyResponse:
    return redirect(url_for("mailroom.mailbox", mailbox_id=mailbox_id, said=said, _anchor=anchor))


def _said() -> dict[str, str]:
    return {
        "added": _("The mailbox is there. Its connection is being tested."),
        "saved": _("Saved. The connection is being tested."),
        "testing": _("The connection is being tested."),
        "started": _("Fetching begins within ten seconds."),
        "paused": _("The mailbox is paused."),
        "resumed": _("The mailbox is at work again."),
        "restored": _("The mailbox is back, paused."),
        "key": _("There is a key. Publish its record, then check it."),
        "published": _("The record is in the DNS."),
        "unpublished": _("The record is not in the DNS yet. That can take an hour."),
        "signing": _("Mail of this mailbox is signed from now on."),
        "unsigned": _("Mail of this mailbox is no longer signed."),
        "signed-in": _("Signed in at the provider."),
    }


def _save(one: MailboxSettings | None) -> AnyResponse | tuple[str, int]:
    typed = {name: line(name, limit) for name, limit in LIMITS.items()}
    typed["signature"] = forms.text("signature", SIGNATURE_CHARS)
    passwords = _password("password", "kept"), _password("out_password", "out_kept")
    kept = (
        bool(one and one.incoming and one.incoming.has_password),
        bool(one and one.outgoing and one.outgoing.has_password),
    )
    form, problems = form_of(typed, passwords, kept=kept)
    if typed["signature"].strip() and (wrong := problem(typed["signature"], SIGNATURE, (), SIGNATURE_CHARS)):
        problems["signature"] = wrong
    version = line("version", 10)
    conflict = ""
    if not problems:
        try:
            saved = commands.save_mailbox(
                mailbox_id=one.box.id if one else None,
                version=int(version) if version.isascii() and version.isdecimal() else 0,
                form=form,
                who=who(),
            )
        except InvalidError as error:
            problems = dict(error.fields)
        except commands.ChangedMeanwhileError:
            conflict = _meanwhile(one)
        except RefusedError as error:
            problems = {"address": str(error)}
        else:
            ask_test(mailbox_id=saved)
            return _back(saved, "saved" if one else "added")
    page = replace(
        _form_page(one, typed),
        kept=_sealed(passwords[0]),
        out_kept=_sealed(passwords[1]),
        conflict=conflict,
        errors=FieldErrors(problems, _("Not saved yet. What you typed is still here.") if problems else ""),
    )
    return _render(page), 409 if conflict else 422


def _meanwhile(one: MailboxSettings | None) -> str:
    """Return what somebody else changed while this page was open, in one sentence."""
    if one is None:
        return ""
    last = next(iter(changes("mailbox", one.box.id, limit=1)), None)
    changed = ", ".join(sorted({*last.before, *last.after})).replace("_", " ") if last else ""
    return _(
        "%(who)s changed this mailbox meanwhile (%(what)s). What you typed is kept below: "
        "look it over and save again.",
        who=last.who if last else _("Somebody"),
        what=changed or _("settings"),
    )


def _password(name: str, kept: str) -> str:
    """Return the password typed now, or the one that came back sealed from an earlier try."""
    typed = request.form.get(name, "")[:1001]
    if typed:
        return typed
    try:
        opened = ring().decrypt(request.form.get(kept, ""))
    except ValueError:
        return ""
    return opened.removeprefix(SEAL) if opened.startswith(SEAL) else ""


def _sealed(password: str) -> str:
    return ring().encrypt(SEAL + password) if password else ""


def _typed_of(one: MailboxSettings) -> dict[str, str]:
    box, source, server = one.box, one.incoming, one.outgoing
    typed = dict.fromkeys(LIMITS, "") | {
        "address": box.address,
        "sender_name": box.sender_name,
        "sender_style": box.sender_style,
        "language": box.language,
        "team": str(box.team_id or ""),
        "acknowledge": "yes" if box.acknowledge else "",
        "signature": box.signature,
        "incoming": "imap" if source else "handover",
        "outgoing": "own" if server else "desk",
        "security": "tls",
        "out_security": "starttls",
    }
    if source:
        typed |= {
            "host": source.host,
            "port": str(source.port),
            "security": source.security,
            "auth": source.auth,
            "user": source.user,
            "folder": source.folder,
            "afterwards": source.afterwards,
            "move_to": source.move_to,
        }
    if server:
        typed |= {
            "out_host": server.host,
            "out_port": str(server.port),
            "out_security": server.security,
            "out_auth": server.auth,
            "out_user": server.user,
        }
    return typed


def _render(page: MailboxPage) -> str:
    return render_template(
        "mailroom/mailbox.html",
        page=page,
        nav=nav_for(current_viewer(), "mailboxes"),
        toasts=toasts_for(_said(), request.args.get("said")),
    )


def _choices(known: dict[str, str], current: str) -> tuple[Choice, ...]:
    return tuple(Choice(words, value, current=value == current) for value, words in known.items())


def _form_page(one: MailboxSettings | None, typed: dict[str, str]) -> MailboxPage:
    encryption = {"tls": _("TLS"), "starttls": "STARTTLS", "none": _("none, only inside your own network")}
    ways = {"password": _("Password"), "oauth": _("At a provider (OAuth2)")}
    name = typed["sender_name"] or _("Your shop")
    running = settings()
    listening = (("SMTP", running.smtp_listen_port), ("LMTP", running.lmtp_listen_port))
    return MailboxPage(
        id=one.box.id if one else None,
        title=one.box.address if one else _("New mailbox"),
        typed=typed,
        version=one.version if one else 0,
        archived=bool(one and one.archived),
        securities=_choices({s: encryption[s] for s in SECURITIES}, typed["security"] or "tls"),
        out_securities=_choices({s: encryption[s] for s in SECURITIES}, typed["out_security"] or "starttls"),
        auths=_choices(ways, typed["auth"] or "password"),
        out_auths=_choices(ways | {"none": _("No sign-in")}, typed["out_auth"] or "password"),
        afterwards=_choices(
            dict(
                zip(
                    AFTERWARDS,
                    (_("Leave it as it is"), _("Mark it as read"), _("Move it to a folder")),
                    strict=True,
                )
            ),
            typed["afterwards"] or "leave",
        ),
        styles=_choices({s: sender(s, "Joana Melo", name) for s in SENDER_STYLES}, typed["sender_style"]),
        languages=_choices(LANGUAGES, typed["language"] or "en"),
        teams=(
            Choice(_("No team"), "", current=not typed["team"]),
            *(Choice(t.name, str(t.id), current=str(t.id) == typed["team"]) for t in teams()),
        ),
        doors=tuple(
            _("%(kind)s at %(host)s, port %(port)s", kind=kind, host=running.mail_listen_host, port=port)
            for kind, port in listening
            if port
        ),
        desk_server=running.smtp_host,
        has_password=bool(one and one.incoming and one.incoming.has_password),
        has_out_password=bool(one and one.outgoing and one.outgoing.has_password),
        signature_preview=_signature(typed, name),
        placeholders=tuple((f"{{{p}}}", *explained(p)) for p in SIGNATURE),
        around=_around(one) if one else None,
    )


def _around(one: MailboxSettings) -> Around:
    granted, run, day = grant(one.box.id), newest_test(one.box.id), day_of(one.box.id)
    source, server = one.incoming, one.outgoing
    can_start = bool(source and not source.active and not one.archived)
    key = signing_key(one.box.id)
    around = Around(
        incoming=incoming(one, granted, held=desk().held, now=now()),
        outgoing=outgoing(one, granted, desk_server=settings().smtp_host, now=now()),
        test=_test_card(run),
        can_start=can_start,
        paused=one.paused_at is not None,
        day=_counts(day.by_outcome),
        bars=day.by_hour,
        last_mail=day.last_at,
        changes=tuple(
            ChangeLine(c.at, c.who, _what(c.what, sorted({*c.before, *c.after})))
            for c in changes("mailbox", one.box.id, limit=5)
        ),
        signing=SigningCard(
            record_name(key.selector, key.domain),
            record_value(key.public),
            key.signing,
            key.checked_at,
            key.published_at is not None,
        )
        if key
        else None,
        grant=_grant_card(granted),
        providers=tuple(Choice(p.name, str(p.id)) for p in providers()),
        uses_provider=bool((source and source.auth == "oauth") or (server and server.auth == "oauth")),
        live_url=url_for("mailroom.live", mailbox_id=one.box.id),
        stamp="",
    )
    return replace(around, stamp=sha256(f"{around!r}".encode()).hexdigest()[:20])


def _what(what: str, names: list[str]) -> str:
    if what != "changed":
        return what
    return f"{what}: {', '.join(names).replace('_', ' ')}"


def _test_card(run: ConnectionRun | None) -> TestCard:
    if run is None:
        return TestCard((), running=False, asked_at=None, failed=False, mails=None)
    gone = (now() - run.asked_at).total_seconds() > GONE_S
    steps = {s.step: s for s in run.steps}
    return TestCard(
        tuple(_step_line(steps[name]) for name in STEPS if name in steps),
        running=run.ended_at is None and not gone,
        asked_at=run.asked_at,
        failed=run.failed or (gone and run.ended_at is None),
        mails=run.mails,
    )


def _step_line(step: Step) -> StepLine:
    took = "" if step.ms is None else f"{step.ms} ms" if step.ms < 1000 else f"{step.ms / 1000:.1f} s"
    return StepLine(label(step.step), step.state, step.words, remedy(step.code), took)


def _grant_card(granted: Grant | None) -> GrantCard | None:
    if granted is None:
        return None
    words = _("Signed in") if granted.state == "ok" else granted.error
    return GrantCard(granted.provider, granted.state, words, granted.granted_at)


def _counts(by_outcome: dict[str, int]) -> tuple[CountLine, ...]:
    named = (
        (_("Became tickets"), ("new_ticket",)),
        (_("Joined a ticket"), ("added",)),
        (_("Automatic, folded"), ("automatic",)),
        (_("Doubles and refused"), ("duplicate", "rejected")),
        (_("Set aside, need a look"), ("quarantined",)),
    )
    lines = [CountLine(_("Received"), sum(by_outcome.values()), url_for("mail_ingest.inbound"))]
    for words, outcomes in named:
        lines.append(CountLine(words, sum(by_outcome.get(o, 0) for o in outcomes)))
    return tuple(lines)


def _signature(typed: dict[str, str], mailbox_name: str) -> str:
    """Return how the signature looks below an answer of an agent of the example."""
    values = {name: explained(name)[1] for name in SIGNATURE}
    values |= {"mailbox_name": mailbox_name, "desk_name": desk().name}
    if typed["address"]:
        values["mailbox_address"] = typed["address"]
    return signature(typed["signature"], values)
