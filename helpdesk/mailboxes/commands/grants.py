"""What providers let us do: kept sealed, renewed ahead of time by one process at a time."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import timedelta
from typing import Any

import sqlalchemy as sa

from helpdesk.core.audit import SECRET, Who, record
from helpdesk.core.clock import now
from helpdesk.core.db import command, session
from helpdesk.core.errors import InvalidError, NotFoundError, RefusedError, TemporaryError
from helpdesk.core.events import emit
from helpdesk.core.keys import ring
from helpdesk.mailboxes.commands.boxes import box_to_change
from helpdesk.mailboxes.events import MailboxReady, SignInEnded
from helpdesk.mailboxes.model import ImapSource, Mailbox, OauthGrant, OauthProvider, SmtpServer
from helpdesk.mailboxes.oauth import SignInAgainError, Tokens, safe_address

AHEAD = timedelta(minutes=5)
"""So long before its end a token is renewed."""

RENEWING = timedelta(seconds=60)
"""Who renews has so long; meanwhile others use what there is or wait."""


@command
def save_provider(*, provider_id: int | None, values: Mapping[str, str], who: Who) -> int:
    """Keep a provider with our id and secret there; an empty secret keeps the one there is. Return its id.

    `values`: kind, name, authorize_url, token_url, scopes, client_id, secret.

    Raises:
        InvalidError: something is missing, or an address is not https; `fields` says what.
        RefusedError: another provider has the name.
    """
    problems = _problems(values)
    if provider_id is None and not values["secret"]:
        problems["secret"] = "The provider shows it once, where our program is registered."  # noqa: S105 - words about a field
    if problems:
        raise InvalidError("Something is missing.", **problems)
    taken = sa.select(OauthProvider.id).where(OauthProvider.name == values["name"].strip())
    if session().scalar(taken) not in {None, provider_id}:
        raise RefusedError("There is a provider of this name already.")
    before = None
    if provider_id is None:
        row = OauthProvider(created_at=now(), secret_sealed="")
        session().add(row)
    else:
        found = session().get(OauthProvider, provider_id, with_for_update=True)
        if found is None:
            raise NotFoundError("There is no such provider.")
        row, before = found, _facts(found)
    row.kind, row.name = values["kind"][:20], values["name"].strip()[:80]
    row.authorize_url, row.token_url = values["authorize_url"][:500], values["token_url"][:500]
    row.scopes, row.client_id = values["scopes"].strip()[:1000], values["client_id"].strip()[:300]
    if values["secret"]:
        row.secret_sealed = ring().encrypt(values["secret"])
    session().flush()
    after = _facts(row)
    if values["secret"]:
        after["secret"] = f"{SECRET}, set"
        if before is not None:
            before["secret"] = SECRET
    what = "added" if before is None else "changed"
    record(who, what, about="provider", about_id=row.id, name=row.name, before=before, after=after)
    return row.id


def _problems(values: Mapping[str, str]) -> dict[str, str]:
    needed = {
        "name": "Give it a name.",
        "client_id": "The provider shows it where our program is registered.",
        "scopes": "Say what to ask for.",
    }
    problems = {name: words for name, words in needed.items() if not values[name].strip()}
    for name in ("authorize_url", "token_url"):
        if not safe_address(values[name]):
            problems[name] = "This must be an https address."
    return problems


def _facts(row: OauthProvider) -> dict[str, Any]:
    names = ("kind", "name", "authorize_url", "token_url", "scopes", "client_id")
    return {name: getattr(row, name) for name in names}


@command
def keep_grant(*, mailbox_id: int, provider_id: int, tokens: Tokens, who: Who) -> None:
    """Keep what somebody agreed to, and let the mailbox sign in with it from now on."""
    box = box_to_change(mailbox_id)
    row = session().get(OauthGrant, mailbox_id, with_for_update=True)
    if row is None:
        row = OauthGrant(mailbox_id=mailbox_id)
        session().add(row)
    row.provider_id = provider_id
    row.refresh_sealed, row.access_sealed = ring().encrypt(tokens.refresh), ring().encrypt(tokens.access)
    row.expires_at = now() + timedelta(seconds=tokens.life_s)
    row.state, row.error, row.granted_at, row.lease_until = "ok", "", now(), None
    row.fence = (row.fence or 0) + 1
    for table in (ImapSource, SmtpServer):  # whoever waited for this tries again at once
        session().execute(
            sa.update(table).where(table.mailbox_id == mailbox_id).values(next_try_at=None, fails=0)
        )
    emit(MailboxReady(mailbox_id=mailbox_id))
    record(who, "signed in at the provider", about="mailbox", about_id=box.id, name=box.address)


@dataclass(frozen=True, slots=True)
class Renewal:
    """A permission to renew: ours alone while the fence holds."""

    provider_id: int
    refresh: str = field(repr=False)
    fence: int


@command
def take_grant(*, mailbox_id: int) -> str | Renewal:
    """Return a token that still lives for a while, or the task to renew it.

    Raises:
        SignInAgainError: nobody signed in, or the permission has ended.
        TemporaryError: another process is renewing it.
    """
    row = session().get(OauthGrant, mailbox_id, with_for_update=True)
    if row is None:
        raise SignInAgainError("Nobody has signed in at the provider for this mailbox yet.")
    if row.state != "ok":
        raise SignInAgainError(row.error)
    if row.expires_at > now() + AHEAD:
        return ring().decrypt(row.access_sealed)
    if row.lease_until is not None and row.lease_until > now():
        if row.expires_at > now() + timedelta(seconds=5):
            return ring().decrypt(row.access_sealed)
        raise TemporaryError("The sign-in is being renewed.", retry_in_s=5)
    row.lease_until = now() + RENEWING
    row.fence += 1
    return Renewal(row.provider_id, ring().decrypt(row.refresh_sealed), row.fence)


@command
def renewed(*, mailbox_id: int, fence: int, tokens: Tokens) -> None:
    """Keep renewed tokens, unless another process took over meanwhile."""
    values: dict[str, Any] = {
        "access_sealed": ring().encrypt(tokens.access),
        "expires_at": now() + timedelta(seconds=tokens.life_s),
        "renewed_at": now(),
        "lease_until": None,
    }
    if tokens.refresh:
        values["refresh_sealed"] = ring().encrypt(tokens.refresh)
    session().execute(
        sa.update(OauthGrant)
        .where(OauthGrant.mailbox_id == mailbox_id, OauthGrant.fence == fence)
        .values(**values)
    )


@command
def not_renewed(*, mailbox_id: int, fence: int, error: str, ended: bool) -> None:
    """Note that renewing failed; `ended`: the permission is gone and somebody has to sign in again."""
    row = session().get(OauthGrant, mailbox_id, with_for_update=True)
    if row is None or row.fence != fence:
        return
    row.lease_until = None
    if ended and row.state == "ok":
        row.state, row.error = "again", error[:1000]
        emit(SignInEnded(mailbox_id=mailbox_id, at=now(), why=error))


@command
def forget_grant(*, mailbox_id: int, who: Who) -> None:
    """Forget what was agreed to for a mailbox.

    Raises:
        RefusedError: it still signs in with it.
    """
    uses = session().scalar(
        sa.select(ImapSource.id).where(
            ImapSource.mailbox_id == mailbox_id, ImapSource.auth == "oauth", ImapSource.ended_at.is_(None)
        )
    )
    server = session().get(SmtpServer, mailbox_id)
    if uses is not None or (server is not None and server.auth == "oauth"):
        raise RefusedError("This mailbox signs in with it. Choose a password first.")
    session().execute(sa.delete(OauthGrant).where(OauthGrant.mailbox_id == mailbox_id))
    box = session().get_one(Mailbox, mailbox_id)
    record(who, "forgot the provider's sign-in", about="mailbox", about_id=box.id, name=box.address)
