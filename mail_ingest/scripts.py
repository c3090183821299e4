"""`helpdesk mail ...`: mail from files and from mail servers' pipes."""

import json
import sys
from dataclasses import asdict
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime
from pathlib import Path

import click
import structlog
from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeRemainingColumn

from helpdesk.core.db import db
from helpdesk.core.errors import HelpdeskError
from helpdesk.core.jobs.runner import run_due
from helpdesk.mailboxes.queries import (
    MailboxCard,
    default_mailbox,
    mailbox_receiving,
    source,
    sources_health,
)
from mail_ingest.auditing import Audit, audit
from mail_ingest.confined import Reader
from mail_ingest.explaining import explain
from mail_ingest.queries import inbound_mail
from mail_ingest.sources import Found, count_in, mails_in
from mail_ingest.store import accept

log = structlog.get_logger(__name__)

TRY_AGAIN = 75
"""EX_TEMPFAIL: a mail server keeps the mail and comes back."""

mail = click.Group("mail", help="Incoming mail.")


@mail.command("import")
@click.argument(
    "paths", nargs=-1, required=True, type=click.Path(exists=True, allow_dash=True, path_type=Path)
)
@click.option("--mailbox", help="Address of the mailbox the mails belong to; default: the oldest.")
@click.option("--notify", is_flag=True, help="Acknowledge and notify as if the mails came in now.")
def import_mails(paths: tuple[Path, ...], mailbox: str | None, *, notify: bool) -> None:
    """Import mails from .eml files, mbox files, Maildirs, folders of them, or standard input (-).

    Tells nobody unless asked to. Prints a line for each mail. May be broken off and started again: mails the
    desk has already are told apart by their content. Exit code 1 if any mail was set aside.

    Example: helpdesk mail import ./archive old.mbox --mailbox support@shop.example
    """
    box = _mailbox(mailbox)
    totals = [count_in(path) for path in paths]
    known = [n for n in totals if n is not None]
    total = sum(known) if len(known) == len(totals) else None
    done = aside = 0
    columns = (TextColumn("Importing"), BarColumn(), MofNCompleteColumn(), TimeRemainingColumn())
    shown = Console(stderr=True)
    with Progress(*columns, console=shown, disable=not shown.is_terminal, transient=True) as bar:
        task = bar.add_task("", total=total)
        for path in paths:
            for found in mails_in(path):
                outcome = _import_one(found, box, quiet=not notify)
                aside += outcome == "quarantined"
                done += 1
                bar.advance(task)
    click.echo(f"{done} mails, {aside} set aside.")
    if aside:
        sys.exit(1)


@mail.command("pipe")
@click.option("--mailbox", help="Address of the mailbox; default: the one the recipient names.")
@click.option("--sender", default="", help="Envelope sender, as the mail server knows it.")
@click.option("--recipient", "recipients", multiple=True, help="Envelope recipient; may be repeated.")
def pipe(mailbox: str | None, sender: str, recipients: tuple[str, ...]) -> None:
    """Take one mail from standard input, for mail servers that deliver to a command.

    Exit code 0: the mail is on the disk and noted. 75: keep it and try again. 67: no such mailbox.

    Example (Postfix master.cf): helpdesk mail pipe --sender ${sender} --recipient ${recipient}
    """
    raw = sys.stdin.buffer.read()
    try:
        named = [box for r in recipients if (box := mailbox_receiving(r))]
        box = mailbox_receiving(mailbox) if mailbox else (named[0] if named else None)
        if box is None and (mailbox or recipients):
            click.echo("No such mailbox.", err=True)
            sys.exit(67)
        box = box or _mailbox(None)
        db.session.rollback()
        kept = accept(
            raw,
            source="pipe",
            mailbox_id=box.id,
            envelope_from=sender,
            envelope_to=recipients or (box.address,),
        )
    except Exception as error:  # noqa: BLE001 - whatever it is, the mail server must keep the mail
        log.error("pipe.failed", error=f"{type(error).__name__}: {error}")
        sys.exit(TRY_AGAIN)
    click.echo(f"Kept as {kept}.")


@mail.command("explain")
@click.argument("file", type=click.Path(exists=True, allow_dash=True, dir_okay=False, path_type=Path))
@click.option("--mailbox", help="Address of the mailbox it would come to; default: the oldest.")
@click.option("--json", "as_json", is_flag=True, help="One JSON document instead of lines.")
def explain_mail(file: Path, mailbox: str | None, *, as_json: bool) -> None:
    """Say what would happen to a mail if it came in now, and why. Changes nothing.

    Example: helpdesk mail explain strange.eml
    """
    box = _mailbox(mailbox)
    raw = sys.stdin.buffer.read() if str(file) == "-" else file.read_bytes()
    with Reader() as reader:
        found = explain(reader, raw, mailbox_id=box.id, envelope_to=(box.address,))
    segments = [{"kind": s.kind, "text": s.text} for s in found.reply.segments] if found.reply else []
    if as_json:
        document = {
            "version": 1,
            "outcome": found.outcome,
            "reason": found.reason,
            "sender": found.sender,
            "subject": found.subject,
            "trace": list(found.trace),
            "segments": segments,
        }
        click.echo(json.dumps(document, ensure_ascii=False, indent=1))
        return
    click.echo(f"{found.sender or 'nobody named'}: {found.subject}")
    for step in found.trace:
        click.echo(f"  {step['step']:<10} {step['verdict']}  {step['why']}")
    click.echo(f"Outcome: {found.outcome}. {found.reason}")
    for segment in segments:
        click.echo(f"-- {segment['kind']}\n{segment['text'].rstrip()}")


@mail.command("audit")
@click.option("--json", "as_json", is_flag=True, help="One JSON document instead of lines.")
def audit_mail(*, as_json: bool) -> None:
    """Compare every IMAP folder with what the desk holds of it, mail by mail; exit 1 if anything is missing.

    Example: helpdesk mail audit
    """
    audits, troubles = [], []
    for health in sources_health():
        card = source(health.id)
        db.session.rollback()
        if card is None:
            continue
        try:
            audits.append(audit(card, health.address))
        except HelpdeskError as error:
            troubles.append(f"{health.address}: {error}")
    if as_json:
        document = {"version": 1, "folders": [asdict(a) for a in audits], "troubles": troubles}
        click.echo(json.dumps(document, ensure_ascii=False, indent=1))
    else:
        for one in audits:
            _tell(one)
    for words in troubles:
        click.echo(words, err=True)
    if troubles or any(not a.equal for a in audits):
        sys.exit(1)


def _tell(a: Audit) -> None:
    since = a.on_server - a.before_us
    sign = "=" if a.held == since else "vs."
    click.echo(f"{a.address}, {a.folder}: server {since:,} {sign} held {a.held:,}")
    if a.before_us:
        click.echo(f"  {a.before_us:,} older ones were there before this desk began")
    if a.waiting:
        click.echo(f"  {a.waiting:,} are waiting to be fetched")
    for uid in a.missing:
        click.echo(f"  missing: UID {uid}")


def _mailbox(address: str | None) -> MailboxCard:
    box = mailbox_receiving(address) if address else default_mailbox()
    if box is None:
        raise click.ClickException("There is no such mailbox. Add one first: helpdesk mailbox add ADDRESS")
    db.session.rollback()
    return box


def _import_one(found: Found, box: MailboxCard, *, quiet: bool) -> str:
    try:
        inbound_id = accept(
            found.raw,
            source="import",
            mailbox_id=box.id,
            received_at=_received(found.raw),
            quiet=quiet,
            again=True,
        )
        while run_due(limit=5):
            pass
        row = inbound_mail(inbound_id)
    except HelpdeskError as error:
        click.echo(f"{found.where}: not stored: {error}")
        raise
    finally:
        db.session.rollback()
    where = f" {row.number}" if row.number else ""
    click.echo(f"{found.where}: {row.outcome or row.state}{where}  {row.reason}")
    return row.outcome or row.state


def _received(raw: bytes) -> datetime | None:
    """Return when a server took the mail, by its newest Received header, else its Date; None when neither."""
    head = raw[:65536].replace(b"\r\n", b"\n").split(b"\n\n", 1)[0].decode("latin-1")
    lines = head.replace("\n ", " ").replace("\n\t", " ").split("\n")
    for name in ("received:", "date:"):
        line = next((x for x in lines if x.lower().startswith(name)), None)
        if line is None:
            continue
        text = line.rsplit(";", 1)[-1] if name == "received:" else line.split(":", 1)[1]
        try:
            moment = parsedate_to_datetime(text.strip())
        except (ValueError, TypeError, IndexError, OverflowError):
            continue
        return moment if moment.tzinfo else moment.replace(tzinfo=UTC)
    return None
