"""`helpdesk fsck`: checks what must always hold, by the invariants of docs/rules/trust.md."""

import json
import sys

import click
from flask.cli import with_appcontext

from helpdesk.app import FEATURES
from helpdesk.core.checks import CHECKS
from helpdesk.core.feature import Check

SHOWN = 20


def all_checks() -> list[Check]:
    """Return the checks of the house and of every feature, by invariant."""
    return sorted([*CHECKS, *(c for f in FEATURES for c in f.checks)], key=lambda c: c.invariant)


@click.command("fsck")
@click.option("--deep", is_flag=True, help="Read every stored file and compare it with its digest.")
@click.option("--json", "as_json", is_flag=True, help="One JSON document instead of lines.")
@with_appcontext
def fsck(*, deep: bool, as_json: bool) -> None:
    """Check what must always hold; exit 1 if anything does not.

    Example: helpdesk fsck --deep
    """
    found = [(check, list(check.run(deep))) for check in all_checks()]
    wrong = sum(len(breaches) for _, breaches in found)
    if as_json:
        lines = [{"invariant": c.invariant, "holds": c.words, "breaches": b} for c, b in found]
        click.echo(
            json.dumps({"version": 1, "breaches": wrong, "checks": lines}, ensure_ascii=False, indent=1)
        )
    else:
        for check, breaches in found:
            click.echo(f"{'ok  ' if not breaches else 'BAD '} {check.invariant}  {check.words}")
            for words in breaches[:SHOWN]:
                click.echo(f"       {words}")
            if len(breaches) > SHOWN:
                click.echo(f"       and {len(breaches) - SHOWN} more")
        click.echo(f"{len(found)} checks, {wrong} breaches.")
    if wrong:
        sys.exit(1)
