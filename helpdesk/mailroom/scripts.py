"""`helpdesk mailbox test`: the connection test in a terminal."""

import sys
import time

import click

from helpdesk.core.db import db
from helpdesk.core.jobs.runner import run_due
from helpdesk.mailboxes.commands.testing import ask_test
from helpdesk.mailboxes.queries import ConnectionRun, connection_test, mailbox_receiving
from helpdesk.mailboxes.scripts import mailbox
from helpdesk.mailboxes.trying import DECIDED, STEPS, label, remedy

__all__ = ["mailbox", "mailbox_test"]

PATIENCE_S = 150.0
MARKS = {"ok": "ok   ", "warn": "warn ", "bad": "bad  ", "skipped": "-    "}


@mailbox.command("test")
@click.argument("address")
def mailbox_test(address: str) -> None:
    """Test a mailbox step by step; exit 1 when a step fails. Works with and without a running worker.

    Example: helpdesk mailbox test support@shop.example
    """
    box = mailbox_receiving(address)
    if box is None:
        raise click.ClickException(f"There is no mailbox {address}. See: helpdesk mailbox list")
    test_id = ask_test(mailbox_id=box.id)
    shown: set[str] = set()
    until = time.monotonic() + PATIENCE_S
    while time.monotonic() < until:
        run_due(limit=5)
        db.session.rollback()
        run = connection_test(test_id)
        if run is None:
            break
        _show(run, shown)
        if run.ended_at is not None:
            sys.exit(1 if run.failed else 0)
        time.sleep(0.2)
    raise click.ClickException("The test did not come to an end. Does a worker hold it up?")


def _show(run: ConnectionRun, shown: set[str]) -> None:
    steps = {step.step: step for step in run.steps}
    for name in STEPS:
        step = steps[name]
        if step.state not in DECIDED:
            return
        if name not in shown:
            shown.add(name)
            took = "" if step.ms is None else f" ({step.ms} ms)"
            click.echo(f"{MARKS[step.state]}{label(name)}{took}: {step.words}")
            if step.state in {"warn", "bad"} and (what := remedy(step.code)):
                click.echo(f"     {what}")
