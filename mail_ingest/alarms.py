"""Held mail that waits for too long alarms the leads, each item once (contracts 22)."""

import sqlalchemy as sa

from helpdesk.channels.commands import write_notice
from helpdesk.core.clock import now
from helpdesk.core.db import command, session
from helpdesk.core.desk import desk
from helpdesk.core.running import settings
from helpdesk.mailboxes import queries as mailboxes
from helpdesk.people.queries import lead_ids, viewer_of_agent
from helpdesk.tickets.commands.holding import mark_alarmed
from helpdesk.tickets.holding import HELD_DUE
from helpdesk.tickets.queries.held import late_and_quiet
from helpdesk.tickets.queries.scope import ticket_id_of
from mail_ingest.model import Inbound

AT_ONCE = 100
LISTED = 20


@command
def alarm_held() -> int:
    """Write to the leads about what became late since the last time; return how much that is.

    What is late is marked in the same transaction that writes the mail, so no item is told twice. A silent
    desk alarms nobody and marks nothing.
    """
    box = next((b for b in mailboxes.mailboxes() if not b.paused), None)
    if box is None or desk().held or desk().shadow:
        return 0
    late = late_and_quiet(now(), limit=AT_ONCE)
    aside = _late_aside()
    if not late and not aside:
        return 0
    mark_alarmed(message_ids=[x.message_id for x in late])
    for row in aside:
        row.alarmed_at = now()
    first = f"m{late[0].message_id}" if late else f"i{aside[0].id}"
    for agent_id in lead_ids():
        viewer = viewer_of_agent(agent_id)
        if viewer is None or mailboxes.is_ours(viewer.email):
            continue
        theirs = [x for x in late if ticket_id_of(viewer, x.number) is not None]
        lines = [f"#{x.number}: {x.author}" for x in theirs]
        if viewer.sees_mail:
            lines += [f"set aside: {row.reason}" for row in aside]
        if lines:
            write_notice(
                key=f"held:{first}:{viewer.email}",
                mailbox=box,
                recipient=viewer.email,
                subject=f"{len(lines)} held for over an hour" if len(lines) > 1 else "A message is held",
                text=_words(lines),
            )
    return len(late) + len(aside)


def _late_aside() -> list[Inbound]:
    late = sa.select(Inbound).where(
        Inbound.outcome == "quarantined",
        Inbound.kept_at.is_(None),
        Inbound.alarmed_at.is_(None),
        Inbound.recorded_at < now() - HELD_DUE,
    )
    return list(session().scalars(late.order_by(Inbound.id).limit(AT_ONCE).with_for_update()))


def _words(lines: list[str]) -> str:
    shown = "\n".join(f"- {line}" for line in lines[:LISTED])
    more = f"\n- and {len(lines) - LISTED} more" if len(lines) > LISTED else ""
    page = f"{settings().public_url}/a/held"
    return (
        "What people wrote has waited for over an hour, and nobody has decided about it:\n\n"
        f"{shown}{more}\n\nDecide here: {page}\n\nThis is said once for each of them."
    )
