"""`helpdesk mail ...`: mail from files, for moving in and for trying things out."""

import sys
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime
from pathlib import Path

import click
from rich.progress import Progress

from helpdesk.core.db import db
from helpdesk.core.jobs.runner import run_due
from helpdesk.mailboxes.queries import default_mailbox, mailbox_receiving
from mail_ingest.queries import inbound_mail
from mail_ingest.store import accept

mail = click.Group("mail", help="Incoming mail.")


@mail.command("import")
@click.argument("paths", nargs=-1, required=True, type=click.Path(exists=True, path_type=Path))
@click.option("--mailbox", help="Address of the mailbox the mails belong to; default: the oldest.")
@click.option("--notify", is_flag=True, help="Acknowledge and notify as if the mails came in now.")
def import_mails(paths: tuple[Path, ...], mailbox: str | None, *, notify: bool) -> None:
    """Import .eml files, or folders of them; tells nobody unless asked to.

    Importing the same file again makes duplicates only in the log, never in tickets.
    Exit code 1 if any mail was set aside.

    Example: helpdesk mail import ./archive --mailbox support@shop.example
    """
    box = mailbox_receiving(mailbox) if mailbox else default_mailbox()
    if box is None:
        raise click.ClickException("There is no such mailbox. Add one first: helpdesk mailbox add ADDRESS")
    files = [f for p in paths for f in (sorted(p.rglob("*.eml")) if p.is_dir() else [p])]
    db.session.rollback()
    aside = 0
    with Progress(disable=not sys.stderr.isatty(), transient=True) as bar:
        task = bar.add_task("Importing", total=len(files))
        for file in files:
            raw = file.read_bytes()
            inbound_id = accept(
                raw,
                source="import",
                mailbox_id=box.id,
                received_at=_received(raw),
                quiet=not notify,
            )
            while run_due(limit=1):
                pass
            found = inbound_mail(inbound_id)
            aside += found.outcome == "quarantined"
            where = f" {found.number}" if found.number else ""
            click.echo(f"{file}: {found.outcome or found.state}{where}  {found.reason}")
            db.session.rollback()
            bar.advance(task)
    click.echo(f"{len(files)} mails, {aside} set aside.")
    if aside:
        sys.exit(1)


def _received(raw: bytes) -> datetime | None:
    """Return when a server took the mail, by its newest Received header, else its Date; None when neither."""
    head = raw[:65536].split(b"\n\n", 1)[0].split(b"\r\n\r\n", 1)[0].decode("latin-1")
    lines = head.replace("\r\n", "\n").replace("\n ", " ").replace("\n\t", " ").split("\n")
    for name in ("received:", "date:"):
        for line in lines:
            if line.lower().startswith(name):
                text = line.rsplit(";", 1)[-1] if name == "received:" else line.split(":", 1)[1]
                try:
                    moment = parsedate_to_datetime(text.strip())
                except (ValueError, TypeError, IndexError, OverflowError):
                    break
                return moment if moment.tzinfo else moment.replace(tzinfo=UTC)
    return None
