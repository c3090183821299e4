"""`helpdesk ticket ...`: the desk for scripts. JSON carries a version; exit code 1: not found, not equal."""

import json
import sys
from datetime import datetime
from typing import Any

import click

from helpdesk.core.errors import NotFoundError
from helpdesk.people.rights import Role, Scope, Viewer
from helpdesk.tickets.queries import queue as queue_reads
from helpdesk.tickets.queries import ticket as reads
from helpdesk.tickets.queries.replaying import differences

VERSION = 1
OPERATOR = Viewer(0, "operator", "", Role.ADMIN, Scope.ALL)
"""Whoever may run this program on this machine reads everything."""

ticket = click.Group("ticket", help="Tickets, for scripts.")


@ticket.command("list")
@click.option("--state", type=click.Choice(["open", "waiting", "solved"]), default="open", show_default=True)
@click.option("--view", default="all", show_default=True, help="all, unassigned or team-<id>.")
@click.option("--limit", type=click.IntRange(1, 1000), default=50, show_default=True)
@click.option("--json", "as_json", is_flag=True, help="One JSON document instead of lines.")
def list_tickets(state: str, view: str, limit: int, *, as_json: bool) -> None:
    """List tickets, what waits longest first.

    Example: helpdesk ticket list --state waiting --json
    """
    wanted = queue_reads.QueueFilter(view, state)  # type: ignore[arg-type] # click has checked it
    found = queue_reads.queue(OPERATOR, wanted, size=limit)
    rows = [
        {
            "number": r.number,
            "subject": r.subject,
            "state": r.state,
            "priority": r.priority,
            "requester": r.contact_name or r.contact_email,
            "assignee": r.assignee_name,
            "waiting_since": r.waiting_since,
            "updated_at": r.updated_at,
        }
        for r in found.rows
    ]
    if as_json:
        _print({"version": VERSION, "tickets": rows, "more": found.after is not None})
        return
    for row in rows:
        click.echo(f"{row['number']:>7}  {row['state']!s:<8} {row['requester']!s:<28.28} {row['subject']}")


@ticket.command("show")
@click.argument("number", type=int)
@click.option("--json", "as_json", is_flag=True, help="One JSON document instead of lines.")
def show_ticket(number: int, *, as_json: bool) -> None:
    """Show one ticket with its messages and its log.

    Example: helpdesk ticket show 1042 --json
    """
    try:
        found = reads.ticket_seen_by(OPERATOR, number)
    except NotFoundError:
        click.echo(f"There is no ticket {number}.", err=True)
        sys.exit(1)
    said = reads.conversation(found, whole=True)
    document = {
        "version": VERSION,
        "number": found.number,
        "subject": found.subject,
        "state": found.state,
        "priority": found.priority,
        "channel": found.channel,
        "opened_at": found.opened_at,
        "updated_at": found.updated_at,
        "solved_at": found.solved_at,
        "messages": [
            {
                "id": m.id,
                "kind": m.kind,
                "author": m.author_name,
                "email": m.author_email,
                "at": m.at,
                "text": m.new_text,
                "files": [
                    {"name": f.name, "size": f.size, "sha256": f.digest} for f in said.files.get(m.id, [])
                ],
            }
            for m in said.messages
        ],
        "events": [
            {"seq": e.seq, "at": e.at, "kind": e.kind, "by": e.actor_kind, "via": e.via, "data": e.data}
            for e in said.events
        ],
    }
    if as_json:
        _print(document)
        return
    click.echo(f"{found.number}  {found.subject}  [{found.state}]")
    for m in said.messages:
        click.echo(f"\n-- {m.at:%Y-%m-%d %H:%M} {m.kind}: {m.author_name} {m.author_email}\n{m.new_text}")


@ticket.command("replay")
@click.option("--json", "as_json", is_flag=True, help="One JSON document instead of lines.")
def replay_tickets(*, as_json: bool) -> None:
    """Replay the log of every ticket and compare with its row; exit 1 if any differs.

    Example: helpdesk ticket replay
    """
    checked, wrong = differences()
    if as_json:
        _print({"version": VERSION, "checked": checked, "different": wrong})
    else:
        for one in wrong:
            click.echo(
                f"ticket {one['number']}: {one['field']} is {one['row']!r}, the log says {one['log']!r}"
            )
        click.echo(f"{checked} tickets replayed, {len(wrong)} differences.")
    if wrong:
        sys.exit(1)


def _print(document: dict[str, Any]) -> None:
    def plain(value: Any) -> str:
        return value.isoformat() if isinstance(value, datetime) else str(value)

    click.echo(json.dumps(document, default=plain, ensure_ascii=False, indent=1))
