"""Signing in at a provider: our id and secret there, and the way there and back."""

import json
from datetime import datetime, timedelta
from typing import Any

from flask import redirect, render_template, request, url_for
from werkzeug.wrappers import Response as AnyResponse

from helpdesk.core.clock import now
from helpdesk.core.errors import HelpdeskError, InvalidError, RefusedError
from helpdesk.core.i18n import gettext as _
from helpdesk.core.keys import ring
from helpdesk.core.pages import FieldErrors
from helpdesk.core.running import settings
from helpdesk.core.web.rendering import toasts_for
from helpdesk.mailboxes.commands.grants import forget_grant, keep_grant, save_provider
from helpdesk.mailboxes.oauth import PRESETS, consent_address, exchange, new_verifier
from helpdesk.mailboxes.queries import mailbox_settings, provider
from helpdesk.mailboxes.queries import providers as known_providers
from helpdesk.mailroom.pages import ConsentPage, ProviderLine, ProviderPage, ProvidersPage
from helpdesk.mailroom.web.blueprint import bp, line, tabs, who
from helpdesk.people.access import current_viewer
from helpdesk.tickets.queries.navigation import nav_for

FIELDS = {"name": 80, "authorize_url": 500, "token_url": 500, "scopes": 1000, "client_id": 300}
CONSENT_LIFE = timedelta(minutes=15)


@bp.get("/mail-providers")
def providers() -> str:
    """List the providers we are known to."""
    page = ProvidersPage(
        tabs("providers"),
        tuple(
            ProviderLine(p.name, url_for("mailroom.provider_page", provider_id=p.id), p.mailboxes)
            for p in known_providers()
        ),
        tuple((kind, preset.name) for kind, preset in PRESETS.items()),
    )
    said = {"saved": _("Saved.")}
    return render_template(
        "mailroom/providers.html",
        page=page,
        nav=nav_for(current_viewer(), "mailboxes"),
        toasts=toasts_for(said, request.args.get("said")),
    )


@bp.get("/mail-providers/new")
def new_provider() -> str:
    """Ask for our id and secret at a provider."""
    kind = request.args.get("kind", "")
    preset = PRESETS.get(kind)
    typed = dict.fromkeys(FIELDS, "")
    if preset is not None:
        typed |= {
            "name": preset.name,
            "authorize_url": preset.authorize_url,
            "token_url": preset.token_url,
            "scopes": preset.scopes,
        }
    return _render(None, kind if preset else "other", typed)


@bp.post("/mail-providers/new")
def add_provider() -> AnyResponse | tuple[str, int]:
    """Keep a new provider."""
    return _save(None)


@bp.get("/mail-providers/<int:provider_id>")
def provider_page(provider_id: int) -> str:
    """Show what is kept about a provider; the secret never."""
    found = provider(provider_id)
    return _render(found.id, found.kind, {name: getattr(found, name) for name in FIELDS})


@bp.post("/mail-providers/<int:provider_id>")
def save_provider_page(provider_id: int) -> AnyResponse | tuple[str, int]:
    """Change what is kept about a provider."""
    return _save(provider(provider_id).id)


def _save(provider_id: int | None) -> AnyResponse | tuple[str, int]:
    kind = line("kind", 20)
    kind = kind if kind in PRESETS else "other"
    typed = {name: line(name, limit) for name, limit in FIELDS.items()}
    values = typed | {"kind": kind, "secret": request.form.get("secret", "").strip()[:1000]}
    try:
        save_provider(provider_id=provider_id, values=values, who=who())
    except InvalidError as error:
        return _render(provider_id, kind, typed, FieldErrors(error.fields)), 422
    except RefusedError as error:
        return _render(provider_id, kind, typed, FieldErrors({"name": str(error)})), 422
    return redirect(url_for("mailroom.providers", said="saved"))


def _render(
    provider_id: int | None, kind: str, typed: dict[str, str], errors: FieldErrors | None = None
) -> str:
    page = ProviderPage(provider_id, kind, typed, back_address(), errors or FieldErrors())
    return render_template("mailroom/provider.html", page=page, nav=nav_for(current_viewer(), "mailboxes"))


def back_address() -> str:
    """Return where providers send people back to; it is registered there."""
    return settings().public_url + url_for("mailroom.consent")


@bp.post("/mailboxes/<int:mailbox_id>/sign-in")
def sign_in(mailbox_id: int) -> str:
    """Show the way to the provider, to agree there: a link, for forms may not lead elsewhere (the policy)."""
    one = mailbox_settings(mailbox_id)
    wanted = line("provider", 10)
    chosen = provider(int(wanted) if wanted.isascii() and wanted.isdecimal() else 0)
    verifier = new_verifier()
    state = {
        "mailbox": mailbox_id,
        "provider": chosen.id,
        "agent": current_viewer().id,
        "verifier": verifier,
        "until": (now() + CONSENT_LIFE).isoformat(),
    }
    account = one.incoming.user if one.incoming else one.box.address
    there = consent_address(
        chosen,
        back=back_address(),
        state=ring().encrypt(json.dumps(state)),
        verifier=verifier,
        account=account,
    )
    back = url_for("mailroom.mailbox", mailbox_id=mailbox_id, _anchor="sign-in")
    return _consent(ConsentPage(one.box.address, chosen.name, "", "", "", back, there_url=there))


@bp.get("/mail-consent")
def consent() -> str:
    """Show who came back from the provider, with the one button that finishes it: GET changes nothing."""
    found = _state(request.args.get("state", ""))
    refused = request.args.get("error_description") or request.args.get("error") or ""
    code = request.args.get("code", "")[:4000]
    if found is None or (not code and not refused):
        words = _("This way back is too old or was not begun by you. Begin once more on the mailbox's page.")
        return _consent(ConsentPage("", "", "", "", words, url_for("mailroom.mailboxes")))
    one, chosen = mailbox_settings(found["mailbox"]), provider(found["provider"])
    back = url_for("mailroom.mailbox", mailbox_id=one.box.id, _anchor="sign-in")
    problem = ""
    if refused:
        problem = _("%(who)s says: %(what)s", who=chosen.name, what=" ".join(refused.split())[:200])
    state = request.args.get("state", "")
    return _consent(ConsentPage(one.box.address, chosen.name, code, state, problem, back))


@bp.post("/mail-consent")
def finish_consent() -> AnyResponse | tuple[str, int]:
    """Exchange the code for tokens and keep them."""
    found = _state(request.form.get("state", ""))
    if found is None:
        words = _("This way back is too old or was not begun by you. Begin once more on the mailbox's page.")
        return _consent(ConsentPage("", "", "", "", words, url_for("mailroom.mailboxes"))), 400
    chosen = provider(found["provider"])
    back = url_for("mailroom.mailbox", mailbox_id=found["mailbox"], _anchor="sign-in")
    try:
        tokens = exchange(
            chosen, code=request.form.get("code", ""), back=back_address(), verifier=found["verifier"]
        )
    except HelpdeskError as error:
        return _consent(ConsentPage("", chosen.name, "", "", str(error), back)), 422
    keep_grant(mailbox_id=found["mailbox"], provider_id=chosen.id, tokens=tokens, who=who())
    return redirect(
        url_for("mailroom.mailbox", mailbox_id=found["mailbox"], said="signed-in", _anchor="sign-in")
    )


@bp.post("/mailboxes/<int:mailbox_id>/forget-sign-in")
def forget(mailbox_id: int) -> AnyResponse:
    """Forget what was agreed to at the provider."""
    forget_grant(mailbox_id=mailbox_id, who=who())
    return redirect(url_for("mailroom.mailbox", mailbox_id=mailbox_id, _anchor="sign-in"))


def _state(sealed: str) -> dict[str, Any] | None:
    """Return what we sent along, if it is ours, fresh, and of whoever is signed in."""
    try:
        found: dict[str, Any] = json.loads(ring().decrypt(sealed[:4000]))
        good = found["agent"] == current_viewer().id and datetime.fromisoformat(found["until"]) > now()
    except (ValueError, KeyError, TypeError):
        return None
    return found if good else None


def _consent(page: ConsentPage) -> str:
    return render_template("mailroom/consent.html", page=page, nav=nav_for(current_viewer(), "mailboxes"))
