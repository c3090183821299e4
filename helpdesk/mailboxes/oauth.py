"""Signing in at a provider: addresses, questions and answers of OAuth 2.0 (RFC 6749) with PKCE (RFC 7636).

The one user of the HTTP client. Authlib makes and reads what travels; the database is in `commands`.
"""

import secrets
from dataclasses import dataclass, field
from urllib.parse import urlsplit

import httpx
from authlib.oauth2.rfc6749.parameters import prepare_grant_uri, prepare_token_request
from authlib.oauth2.rfc7636 import create_s256_code_challenge

from helpdesk.core.errors import PermanentError, TemporaryError

TIMEOUT_S = 15
LOOPBACK = frozenset({"127.0.0.1", "localhost", "::1"})


@dataclass(frozen=True, slots=True)
class Preset:
    """What is known of a provider beforehand; `extra` goes into the address where people agree."""

    name: str
    authorize_url: str
    token_url: str
    scopes: str
    extra: tuple[tuple[str, str], ...] = ()


PRESETS = {
    "google": Preset(
        "Google",
        "https://accounts.google.com/o/oauth2/v2/auth",
        "https://oauth2.googleapis.com/token",
        "https://mail.google.com/",
        (("access_type", "offline"), ("prompt", "consent")),
    ),
    "microsoft": Preset(
        "Microsoft 365",
        "https://login.microsoftonline.com/common/oauth2/v2.0/authorize",
        "https://login.microsoftonline.com/common/oauth2/v2.0/token",
        "offline_access https://outlook.office.com/IMAP.AccessAsUser.All "
        "https://outlook.office.com/SMTP.Send",
        (("prompt", "select_account"),),
    ),
}


@dataclass(frozen=True, slots=True)
class Provider:
    """A provider with our id and open secret there."""

    id: int
    kind: str
    name: str
    authorize_url: str
    token_url: str
    scopes: str
    client_id: str
    secret: str = field(repr=False)


@dataclass(frozen=True, slots=True)
class Tokens:
    """What a provider gave us. `refresh` is empty when it gave no new one; `life_s` is in seconds."""

    access: str = field(repr=False)
    refresh: str = field(repr=False)
    life_s: int


class SignInAgainError(PermanentError):
    """The provider lets us in no more until somebody signs in again."""


def safe_address(url: str) -> bool:
    """Return whether a provider may be asked at `url`: by https, or on this very machine."""
    try:
        parts = urlsplit(url)
        host = parts.hostname or ""
    except ValueError:
        return False
    return bool(host) and (parts.scheme == "https" or (parts.scheme == "http" and host in LOOPBACK))


def new_verifier() -> str:
    """Return a secret that only who asked for the code can show afterwards."""
    return secrets.token_urlsafe(48)


def consent_address(provider: Provider, *, back: str, state: str, verifier: str, account: str) -> str:
    """Return where a person agrees; the provider sends them to `back` with `state` and a code."""
    preset = PRESETS.get(provider.kind)
    return str(
        prepare_grant_uri(
            provider.authorize_url,
            provider.client_id,
            "code",
            redirect_uri=back,
            scope=provider.scopes,
            state=state,
            code_challenge=create_s256_code_challenge(verifier),
            code_challenge_method="S256",
            login_hint=account,
            **dict(preset.extra if preset else ()),
        )
    )


def exchange(provider: Provider, *, code: str, back: str, verifier: str) -> Tokens:
    """Return the tokens for a code somebody came back with.

    Raises:
        SignInAgainError: the provider refuses the code or our id and secret.
        TemporaryError: it does not answer.
    """
    tokens = _ask(
        provider,
        prepare_token_request("authorization_code", redirect_uri=back, code=code, code_verifier=verifier),
    )
    if not tokens.refresh:
        raise SignInAgainError(
            f"{provider.name} gave no lasting permission. Remove the program from the account there "
            "and sign in once more."
        )
    return tokens


def renew(provider: Provider, refresh: str) -> Tokens:
    """Return fresh tokens.

    Raises:
        SignInAgainError: the permission has ended.
        TemporaryError: the provider does not answer.
    """
    return _ask(provider, prepare_token_request("refresh_token", refresh_token=refresh))


def _ask(provider: Provider, body: str) -> Tokens:
    own = prepare_token_request("", client_id=provider.client_id, client_secret=provider.secret)
    fields = body + "&" + "&".join(p for p in own.split("&") if not p.startswith("grant_type="))
    try:
        answer = httpx.post(
            provider.token_url,
            content=fields,
            headers={"Content-Type": "application/x-www-form-urlencoded", "Accept": "application/json"},
            timeout=TIMEOUT_S,
            follow_redirects=False,
        )
        said = answer.json() if answer.content else {}
    except (httpx.HTTPError, ValueError) as error:
        words = f"{provider.name} does not answer as it should: {type(error).__name__}"
        raise TemporaryError(words) from error
    said = said if isinstance(said, dict) else {}
    if answer.status_code >= 500 or answer.status_code == 429:
        raise TemporaryError(f"{provider.name} is busy: {answer.status_code}")
    access = said.get("access_token")
    if answer.status_code != 200 or not isinstance(access, str):
        why = str(said.get("error_description") or said.get("error") or answer.status_code)
        raise SignInAgainError(f"{provider.name} refused: {' '.join(why.split())[:200]}")
    life = said.get("expires_in", 3600)
    return Tokens(
        access,
        str(said.get("refresh_token") or ""),
        max(60, int(life)) if isinstance(life, int | str) and str(life).isdecimal() else 3600,
    )
