"""Whether mail can leave."""

from collections.abc import Iterator, Mapping

import sqlalchemy as sa

from helpdesk.channels.model import Delivery
from helpdesk.channels.queries import acks_cut_off
from helpdesk.channels.routes import route_of
from helpdesk.channels.transport import Route, desk_route, trouble
from helpdesk.core.clock import now
from helpdesk.core.db import session
from helpdesk.core.errors import HelpdeskError
from helpdesk.core.feature import Finding, Measure
from helpdesk.core.running import settings
from helpdesk.mailboxes.outgoing import ServerCard
from helpdesk.mailboxes.queries import mailboxes, smtp_server


def outgoing() -> Iterator[Finding]:
    """Look whether the outgoing server takes us, and what did not get out."""
    desk = desk_route(settings())
    servers = {box.address: smtp_server(box.id) for box in mailboxes()}
    if desk is None and None in servers.values():
        yield Finding(
            "mail out",
            "warn",
            "no server is set: mail stays in the local outbox",
            "Set one on the mailbox's page, or HELPDESK_SMTP_HOST for the desk.",
        )
    elif desk is not None:
        yield _about("mail out", desk)
    for address, server in servers.items():
        if server is not None:
            yield _of_mailbox(f"mail out {address}", server)
    failed = by_state().get("failed", 0) + by_state().get("bounced", 0)
    if failed:
        yield Finding(
            "deliveries", "warn", f"{failed:.0f} did not arrive", "See the outbox, and send them again."
        )


def _of_mailbox(name: str, server: ServerCard) -> Finding:
    try:
        return _about(name, route_of(server.mailbox_id))
    except HelpdeskError as error:
        return Finding(name, "bad", str(error), "Sign in again on the mailbox's page.")


def _about(name: str, route: Route) -> Finding:
    if why := trouble(route):
        return Finding(name, "bad", why, "Mail waits here and goes out when this is put right.")
    return Finding(name, "ok", f"{route.host}:{route.port} takes our mail")


def by_state() -> Mapping[str, float]:
    """Return how many deliveries there are, by state."""
    rows = session().execute(sa.select(Delivery.state, sa.func.count()).group_by(Delivery.state))
    return {str(row[0]): float(row[1]) for row in rows}


def acknowledgements() -> Iterator[Finding]:
    """Look whether acknowledgements were cut off."""
    if acks_cut_off(now()):
        words = "cut off: more than HELPDESK_ACK_PER_HOUR wanted to go out"
        yield Finding("acknowledgements", "warn", words, "Look who writes so much, then let them go on.")


PROBES = (outgoing, acknowledgements)
MEASURES = (Measure("helpdesk_deliveries", "Copies of outgoing mail", by_state, "state"),)
