"""Mailboxes: the command that adds one."""

import click

from helpdesk.core.feature import Feature
from helpdesk.mailboxes.commands import add_mailbox

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


feature = Feature(name="mailboxes", commands=(mailbox,))
