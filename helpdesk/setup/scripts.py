"""The first run on the command line: a code, and where to use it."""

from collections.abc import Callable

import click
from flask.cli import with_appcontext

from helpdesk.core.running import settings
from helpdesk.setup.commands import new_code


def tell_code(say: Callable[[str], None]) -> None:
    """Print a fresh code and the address of the first-run pages."""
    fresh = new_code()
    say("  Nobody works at this desk yet. Open this page and enter the code; it is good for a day, once.")
    say("")
    say(f"    {settings().public_url}/setup")
    say(f"    code  {fresh}")
    say("")


@click.command("setup-code")
@with_appcontext
def setup_code() -> None:
    """Print a fresh one-time code for the first-run pages; older codes are void.

    Example: helpdesk setup-code
    """
    tell_code(click.echo)
