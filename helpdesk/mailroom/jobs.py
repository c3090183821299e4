"""The connection test: what the worker does for it, piece by piece, so that it holds nothing up for long."""

import time
from collections.abc import Mapping
from dataclasses import replace
from datetime import timedelta
from email.message import EmailMessage
from email.utils import format_datetime
from typing import Any

from helpdesk.channels.letter import POLICY
from helpdesk.channels.routes import NoRouteError, send_for
from helpdesk.channels.transport import ServerTroubleError, UnansweredError
from helpdesk.core.clock import now
from helpdesk.core.db import command, db
from helpdesk.core.desk import desk
from helpdesk.core.errors import PermanentError, TemporaryError
from helpdesk.core.jobs.outbox import enqueue
from helpdesk.core.keys import ring
from helpdesk.mailboxes import queries
from helpdesk.mailboxes.addressing import mark_of_test
from helpdesk.mailboxes.commands.testing import came_back, note_sent, note_step
from helpdesk.mailboxes.fetching import SourceCard
from helpdesk.mailboxes.oauth import SignInAgainError
from helpdesk.mailboxes.queries import MailboxCard
from helpdesk.mailboxes.trying import Step
from helpdesk.mailroom.queries import lookup
from helpdesk.mailroom.records import about
from mail_ingest.imap.session import Folder, ImapError

TIMEOUT_S = 10.0
LOOK_AGAIN_S = 3
PATIENCE = timedelta(seconds=60)
"""So long the test mail may take to come back."""

PHASES = ("receive", "send", "dns", "look")
HEADER = "X-Helpdesk-Test"


def run_phase(payload: Mapping[str, Any]) -> None:
    """Do one phase of a test and queue the next; a phase done twice changes nothing that is decided."""
    run = queries.connection_test(int(payload["test"]))
    if run is None or run.ended_at is not None:
        return
    box = queries.mailbox(run.mailbox_id)
    if box is None:
        return
    phase = str(payload.get("phase", PHASES[0]))
    db.session.rollback()
    again = PHASE[phase](run.id, box)
    following = phase if again else PHASES[PHASES.index(phase) + 1] if phase != PHASES[-1] else ""
    if following:
        queue(test_id=run.id, phase=following, wait_s=LOOK_AGAIN_S if again else 0)


@command
def queue(*, test_id: int, phase: str, wait_s: int) -> None:
    """Queue a phase of a test."""
    enqueue("mailbox.test", {"test": test_id, "phase": phase}, not_before=now() + timedelta(seconds=wait_s))


def _receive(test_id: int, box: MailboxCard) -> bool:
    source = queries.newest_source(box.id)
    db.session.rollback()
    if source is None:
        for step in ("server", "sign_in"):
            note_step(test_id=test_id, step=Step(step, "skipped", "Your mail server hands mail over to us."))
        return False
    note_step(test_id=test_id, step=Step("server", "running"))
    folder = Folder(replace(source, afterwards="leave"), timeout_s=TIMEOUT_S)
    began = time.monotonic()
    try:
        with folder:
            words = folder.encryption() or "Without encryption"
            note_step(
                test_id=test_id, step=Step("server", "ok", f"{source.host}: {words}.", ms=folder.reached_ms)
            )
            words = f"{folder.mails:,} messages in {source.folder}."
            opened = Step("sign_in", "ok", words, ms=folder.opened_ms)
            note_step(test_id=test_id, step=opened, mails=folder.mails)
    except ImapError as error:
        ms = round((time.monotonic() - began) * 1000)
        if error.step in {"server", "certificate"}:
            note_step(test_id=test_id, step=Step("server", "bad", str(error), f"in {error.step}", ms))
            note_step(test_id=test_id, step=Step("sign_in", "skipped", "Not reached."))
        else:
            again = isinstance(error.__cause__, SignInAgainError)
            code = "again" if again else f"in {error.step or 'sign in'}"
            words = _with_folders(error, source)
            note_step(
                test_id=test_id, step=Step("server", "ok", f"{source.host} answers.", ms=folder.reached_ms)
            )
            note_step(test_id=test_id, step=Step("sign_in", "bad", words, code, ms))
    return False


def _with_folders(error: ImapError, source: SourceCard) -> str:
    """Return the failure; for a folder that is not there with the names of those that are."""
    if error.step != "folder":
        return str(error)
    try:
        with Folder(replace(source, folder="INBOX", afterwards="leave"), timeout_s=TIMEOUT_S) as inbox:
            names = sorted(inbox.names(), key=lambda name: (name != "INBOX", name))
    except ImapError:
        return str(error)
    return f"{error} There are: {', '.join(names[:12])}."


def _send(test_id: int, box: MailboxCard) -> bool:
    if desk().held or desk().shadow:
        note_step(test_id=test_id, step=Step("send", "skipped", "Nothing leaves this desk now.", "silent"))
        _not_reached(test_id)
        return False
    note_step(test_id=test_id, step=Step("send", "running"))
    began = time.monotonic()
    note_sent(test_id=test_id)
    try:
        answer = send_for(box.id, box.address, box.address, _mail(test_id, box))
    except NoRouteError:
        step = Step("send", "warn", "No outgoing server is set for this mailbox or the desk.", "out none")
    except ServerTroubleError as error:
        again = isinstance(error.__cause__, SignInAgainError)
        step = Step("send", "bad", str(error), "again" if again else f"out {error.step}")
    except UnansweredError as error:
        step = Step("send", "bad", str(error), "out unanswered")
    except PermanentError as error:
        step = Step("send", "bad", f"The server refused it: {error}.", "out refused")
    except TemporaryError as error:
        step = Step("send", "bad", f"The server put it off: {error}.", "out later")
    else:
        step = Step("send", "ok", f"Accepted: {answer}.")
    note_step(test_id=test_id, step=replace(step, ms=round((time.monotonic() - began) * 1000)))
    if step.state == "ok":
        note_step(test_id=test_id, step=Step("round_trip", "running"))
    else:
        _not_reached(test_id)
    return False


def _not_reached(test_id: int) -> None:
    for name in ("round_trip", "loop"):
        note_step(test_id=test_id, step=Step(name, "skipped", "Not reached."))


def _dns(test_id: int, box: MailboxCard) -> bool:
    key = queries.signing_key(box.id)
    db.session.rollback()
    note_step(
        test_id=test_id,
        step=about(
            box.domain,
            lookup(),
            selector=key.selector if key else "",
            public=key.public if key else "",
            signing=key.signing if key else False,
        ),
    )
    return False


def _look(test_id: int, box: MailboxCard) -> bool:
    """Look whether the test mail is back: in the folder, unless a fetcher brings it anyway."""
    run = queries.connection_test(test_id)
    source = queries.newest_source(box.id)
    db.session.rollback()
    if run is None or run.ended_at is not None or run.sent_at is None:
        return False
    if source is not None:
        try:
            with Folder(replace(source, afterwards="leave"), timeout_s=TIMEOUT_S) as folder:
                if folder.has_mark(HEADER, mark_of_test(ring(), test_id)) is not None:
                    came_back(test_id=test_id, at=now())
                    return False
        except ImapError:
            source = None
    if now() < run.sent_at + PATIENCE:
        return True
    step = Step("round_trip", "bad", "It was sent and did not come back within a minute.", "no round trip")
    note_step(test_id=test_id, step=step)
    note_step(test_id=test_id, step=Step("loop", "skipped", "Not reached."))
    return False


def _mail(test_id: int, box: MailboxCard) -> bytes:
    message_id = f"<test.{test_id}.{ring().sign('test id', test_id, now().isoformat())}@{box.domain}>"
    mail = EmailMessage(policy=POLICY)
    mail["From"] = box.address
    mail["To"] = box.address
    mail["Subject"] = "Connection test"
    mail["Date"] = format_datetime(now())
    mail["Message-ID"] = message_id
    mail["Auto-Submitted"] = "auto-generated"
    mail["X-Auto-Response-Suppress"] = "All"
    mail["X-Helpdesk-Instance"] = ring().sign("instance", message_id)
    mail[HEADER] = mark_of_test(ring(), test_id)
    mail.set_content(
        "The help desk sent this to itself to see whether mail goes out and comes back.\n"
        "It becomes no ticket. You may delete it.\n"
    )
    return bytes(mail)


PHASE = {"receive": _receive, "send": _send, "dns": _dns, "look": _look}
