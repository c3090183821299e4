"""Filling an empty desk on the first start, and telling how to sign in."""

import os
import secrets
from collections.abc import Callable
from pathlib import Path

import sqlalchemy as sa

from helpdesk.core.db import db
from helpdesk.core.desk import desk, set_desk
from helpdesk.core.running import settings
from helpdesk.demo.story import tell_story
from helpdesk.mailboxes.queries import default_mailbox
from helpdesk.people.model import Agent

Say = Callable[[str], None]


def first_start(say: Say) -> None:
    """Fill the desk if nobody works at it yet; keep everything otherwise."""
    somebody = db.session.scalar(sa.select(Agent.id).limit(1))
    db.session.rollback()
    if somebody is not None:
        return
    password = secrets.token_urlsafe(9)
    set_desk(demo=True)
    story = tell_story(password=password, say=say)
    _keep(password)
    say(f"demo: {story}")


def tell(say: Say) -> None:
    """Print where the desk is and how to sign in."""
    running = settings()
    say("")
    say(f"  Agents      {running.public_url}/a/queue")
    say(f"  Customers   {running.public_url}/contact")
    box = default_mailbox()
    if running.smtp_listen_port and box is not None:
        server = f"{running.mail_listen_host}:{running.smtp_listen_port}"
        say(f"  Mail in     {box.address}  by smtp://{server}")
    if not running.smtp_host:
        say(f"  Mail out    kept in the local outbox: {running.public_url}/a/outbox")
    if desk().demo and (password := _kept()):
        say("")
        say("  This is a demo desk. Sign in as")
        say(f"    joana@tidemark.example   password  {password}   (administrator)")
        say(f"    mara@tidemark.example    password  {password}   (agent)")
        say("  Send it a mail, for example:")
        say(f"    python3 -m helpdesk.demo.knock --port {running.smtp_listen_port}")
        say("  Seen enough? Stop it, then begin with a desk of your own: helpdesk demo remove")
    say("")
    db.session.rollback()


def _keep(password: str) -> None:
    path = _path()
    handle = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600)
    with os.fdopen(handle, "w") as file:
        file.write(password + "\n")


def _kept() -> str:
    path = _path()
    return path.read_text().strip() if path.exists() else ""


def _path() -> Path:
    return settings().data / "demo-password.txt"
