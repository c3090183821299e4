"""What each step of the first run does."""

from dataclasses import replace
from datetime import timedelta
from hmac import compare_digest

from helpdesk.core.addresses import is_address
from helpdesk.core.clock import now
from helpdesk.core.db import command, insert_ignore, session
from helpdesk.core.desk import DeskSetting, set_desk
from helpdesk.core.errors import InvalidError, NotFoundError, RefusedError
from helpdesk.core.zones import meant
from helpdesk.mailboxes.commands import (
    add_imap_source,
    add_mailbox,
    change_mailbox,
    give_mailbox,
    remove_sources,
)
from helpdesk.mailboxes.incoming import Imap
from helpdesk.people.commands import (
    add_agent,
    add_team,
    change_agent,
    rename_team,
    set_teams,
    start_session,
)
from helpdesk.people.passwords import MIN_CHARS
from helpdesk.people.queries import anybody
from helpdesk.people.rights import Role
from helpdesk.setup import code
from helpdesk.setup.queries import NAME, FirstRun, read

CODE_LIFE = timedelta(hours=24)
LANGUAGES = ("en",)


@command
def new_code() -> str:
    """Return a fresh code for the first run; an older one opens nothing any more. Its digest alone is kept.

    Raises:
        RefusedError: somebody works at this desk already.
    """
    if anybody():
        raise RefusedError("This desk has people already. To let somebody in: helpdesk agent add --help")
    fresh = code.made()
    _keep(FirstRun(until=now() + CODE_LIFE, digest=code.digest(fresh)))
    return fresh


@command
def make_administrator(
    *, digest: str, name: str, email: str, password: str, network: str, browser: str
) -> str:
    """Make the first person, signed in, for who entered the code of `digest`; return the session's secret.

    Raises:
        RefusedError: the code is used, replaced or too old.
        InvalidError: something is missing; `fields` says what.
    """
    run = _locked()
    good = run is not None and run.until > now() and compare_digest(run.digest.encode(), digest.encode())
    if run is None or not good or not run.digest or anybody():
        raise RefusedError("This code opens nothing any more. Ask for a new one: helpdesk setup-code")
    problems = _about_you(name, email)
    if len(password) < MIN_CHARS:
        problems["password"] = f"A password needs at least {MIN_CHARS} characters."
    if problems:
        raise InvalidError("Something is missing.", **problems)
    made = add_agent(name=name, email=email, password=password, role=Role.ADMIN)
    _keep(FirstRun(until=now() + CODE_LIFE, admin_id=made))
    return start_session(agent_id=made, network=network, browser=browser)


@command
def correct_administrator(*, agent_id: int, name: str, email: str) -> None:
    """Give the first person another name or address.

    Raises:
        NotFoundError: the first run is over.
        InvalidError: something is missing; `fields` says what.
    """
    _going()
    if problems := _about_you(name, email):
        raise InvalidError("Something is missing.", **problems)
    change_agent(agent_id=agent_id, name=name, email=email)


@command
def name_desk(*, name: str, zone: str, language: str) -> None:
    """Say what the desk is called and where it sits.

    Raises:
        NotFoundError: the first run is over.
        InvalidError: no name, or an unknown zone or language.
    """
    _going()
    problems = {}
    if not name.strip():
        problems["name"] = "Give the desk a name. Customers see it, too."
    found = meant(zone)
    if found is None:
        problems["zone"] = "Choose a zone from the list, such as Europe/Berlin."
    if language not in LANGUAGES:
        problems["language"] = "Choose one of the list."
    if problems or found is None:
        raise InvalidError("Something is missing.", **problems)
    set_desk(name=name.strip()[:80], zone=found, language=language)


@command
def keep_mailbox(*, address: str, sender_name: str, imap: Imap | None, paused: str = "") -> None:
    """Keep the first mailbox, and where its mail is fetched from; a second time replaces the first.

    `imap` None: our mail server hands its mail over. `paused` says why nothing is fetched yet.

    Raises:
        NotFoundError: the first run is over.
        InvalidError: not a mail address, or no sender name.
        RefusedError: another mailbox has this address.
    """
    run = _going()
    problems = {}
    if not is_address(address) or "+" in address:
        problems["address"] = "A mailbox needs a plain mail address, without a + part."
    if not sender_name.strip():
        problems["sender_name"] = "Say who customers get answers from."
    if problems:
        raise InvalidError("Something is missing.", **problems)
    box = run.mailbox_id
    if box is None:
        box = add_mailbox(address=address, sender_name=sender_name, team_id=run.team_id)
    else:
        change_mailbox(mailbox_id=box, address=address, sender_name=sender_name)
        remove_sources(mailbox_id=box)
    if imap is not None and imap.complete:
        add_imap_source(
            mailbox_id=box,
            host=imap.host,
            port=imap.port,
            security=imap.security,
            user=imap.user,
            password=imap.password,
            folder=imap.folder,
            paused=paused,
        )
    _keep(replace(run, mailbox_id=box, note=paused))


@command
def name_team(*, agent_id: int, name: str) -> None:
    """Make the first team, with the administrator in it and the mailbox's tickets; again: rename it.

    Raises:
        NotFoundError: the first run is over.
        InvalidError: no name.
        RefusedError: another team has it.
    """
    run = _going()
    if run.team_id is not None:
        rename_team(team_id=run.team_id, name=name)
        return
    made = add_team(name=name)
    set_teams(agent_id=agent_id, team_ids=(made,))
    if run.mailbox_id is not None:
        give_mailbox(mailbox_id=run.mailbox_id, team_id=made)
    _keep(replace(run, team_id=made))


@command
def finish() -> None:
    """End the first run: its pages are gone from now on."""
    row = session().get(DeskSetting, NAME)
    if row is not None:
        session().delete(row)


def _about_you(name: str, email: str) -> dict[str, str]:
    problems = {}
    if not name.strip():
        problems["name"] = "Tell us your name. Customers see the first part of it."
    if not is_address(email):
        problems["email"] = "This is not a mail address. You sign in with it."
    return problems


def _locked() -> FirstRun | None:
    row = session().get(DeskSetting, NAME, with_for_update=True, populate_existing=True)
    return None if row is None else read(row.value)


def _going() -> FirstRun:
    run = _locked()
    if run is None or run.admin_id is None or run.until <= now():
        raise NotFoundError("The first run is over. Everything can be changed with helpdesk --help.")
    return run


def _keep(run: FirstRun) -> None:
    value = {
        "v": 1,
        "until": run.until.isoformat(),
        "digest": run.digest,
        "admin": run.admin_id,
        "mailbox": run.mailbox_id,
        "team": run.team_id,
        "note": run.note,
    }
    if not insert_ignore(DeskSetting, {"name": NAME, "value": value}):
        session().get_one(DeskSetting, NAME, with_for_update=True).value = value
