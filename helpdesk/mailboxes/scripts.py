"""Mailboxes on the command line."""

import json
import sys
from dataclasses import asdict
from typing import Any

import click

from helpdesk.mailboxes.commands import add_imap_source, add_mailbox, resume_sources
from helpdesk.mailboxes.queries import mailbox_receiving, mailboxes, paused_sources, sources_health

mailbox = click.Group("mailbox", help="The addresses customers write to.")


@mailbox.command("add")
@click.argument("address")
@click.option("--name", "sender_name", required=True, help="Sender name customers see.")
@click.option("--team", "team_id", type=int, help="Id of the team that gets its tickets.")
@click.option("--signature", default="", help="Below every answer.")
def mailbox_add(address: str, sender_name: str, team_id: int | None, signature: str) -> None:
    """Add an address to receive at and send from.

    Example: helpdesk mailbox add support@shop.example --name "Shop support"
    """
    made = add_mailbox(address=address, sender_name=sender_name, team_id=team_id, signature=signature)
    click.echo(f"Mailbox {made}: {sender_name} <{address}>.")


@mailbox.command("imap")
@click.argument("address")
@click.option("--host", required=True, help="Name of the IMAP server.")
@click.option("--port", type=int, help="Its port; 993 with tls, else 143.")
@click.option("--security", type=click.Choice(["tls", "starttls", "none"]), default="tls", show_default=True)
@click.option("--user", help="User name; default: the address.")
@click.option("--folder", default="INBOX", show_default=True)
@click.option(
    "--first",
    "first_import",
    type=click.Choice(["now", "all"]),
    default="now",
    show_default=True,
    help="Begin with mail that comes from now on, or with all there is (nobody is told of old mail).",
)
@click.option(
    "--afterwards", type=click.Choice(["leave", "seen", "move"]), default="leave", show_default=True
)
@click.option("--move-to", default="", help="Folder for --afterwards move.")
@click.password_option(confirmation_prompt=False, help="Asked for when left out.")
def mailbox_imap(address: str, **given: Any) -> None:
    """Let a mailbox's mail be fetched by IMAP; a running worker begins within ten seconds.

    Example: helpdesk mailbox imap support@shop.example --host imap.shop.example
    """
    box = mailbox_receiving(address)
    if box is None:
        raise click.ClickException(
            f"There is no mailbox {address}. Add it first: helpdesk mailbox add {address}"
        )
    given["port"] = given["port"] or (993 if given["security"] == "tls" else 143)
    given["user"] = given["user"] or address
    made = add_imap_source(mailbox_id=box.id, **given)
    click.echo(
        f"Source {made}: {given['user']} at {given['host']}:{given['port']}, folder {given['folder']}."
    )


@mailbox.command("resume")
@click.argument("address")
def mailbox_resume(address: str) -> None:
    """Fetch again from the paused sources of a mailbox.

    Example: helpdesk mailbox resume support@shop.example
    """
    box = mailbox_receiving(address)
    if box is None:
        raise click.ClickException(f"There is no mailbox {address}. See: helpdesk mailbox list")
    click.echo(f"{resume_sources(mailbox_id=box.id)} resumed.")


@mailbox.command("list")
@click.option("--json", "as_json", is_flag=True, help="One JSON document instead of lines.")
def mailbox_list(*, as_json: bool) -> None:
    """List mailboxes, and how fetching fares; exit 1 when it has stopped somewhere.

    Example: helpdesk mailbox list --json
    """
    boxes, health = mailboxes(), sources_health()
    if as_json:
        document = {
            "version": 1,
            "mailboxes": [{"id": b.id, "address": b.address, "sender_name": b.sender_name} for b in boxes],
            "sources": [asdict(h) for h in health],
        }
        click.echo(json.dumps(document, default=str, ensure_ascii=False, indent=1))
    else:
        for b in boxes:
            click.echo(f"{b.id:>4}  {b.address}  ({b.sender_name})")
        for p in paused_sources():
            click.echo(f"      imap {p.user} at {p.host}, {p.folder}: paused; {p.why}")
        for h in health:
            last = f"{h.last_ok_at:%Y-%m-%d %H:%M} UTC" if h.last_ok_at else "never"
            click.echo(f"      imap {h.user} at {h.host}, {h.folder}: {h.state}, last fetched {last}")
            if h.error:
                click.echo(f"      {h.error}")
    if any(h.stopped for h in health):
        sys.exit(1)
