"""How a mailbox fares, in words: whether mail comes in and goes out, and what somebody should do."""

from datetime import datetime, timedelta

from helpdesk.core.i18n import gettext as _
from helpdesk.mailboxes.fetching import NOT_STARTED
from helpdesk.mailboxes.queries import Grant, Incoming, MailboxSettings, Outgoing
from helpdesk.mailroom.pages import Standing, Tone

SOON = timedelta(seconds=15)
"""A try this near is not worth saying when."""


def incoming(one: MailboxSettings, granted: Grant | None, *, held: bool, now: datetime) -> Standing:
    """Return how mail comes in."""
    source = one.incoming
    if one.archived:
        return Standing("hold", _("Archived"), _("It takes and sends nothing. Its tickets stay."))
    if one.paused_at is not None:
        words = _("Mail waits on the server, answers wait here.")
        return Standing("wait", _("Paused"), words, since=one.paused_at)
    if source is None:
        return Standing("met", _("Handed over"), _("Your mail server hands its mail over to us."))
    if not source.active:
        return _not_active(source)
    if held:
        return Standing("wait", _("Held"), _("The desk was restored from a backup and is not released yet."))
    if source.auth == "oauth" and (granted is None or granted.state != "ok"):
        why = granted.error if granted else _("Nobody has signed in at the provider yet.")
        return Standing("late", _("Sign in again"), why, since=source.stopped_at)
    if source.stopped_at is not None:
        return Standing(
            "late",
            _("Fetching has stopped"),
            source.error,
            source.stopped_at,
            _later(source.next_try_at, now),
        )
    if source.state == "failing":
        return Standing("soon", _("Trying again"), source.error, next_try=_later(source.next_try_at, now))
    if source.state == "new":
        return Standing("wait", _("Not fetched yet"), _("The worker begins within ten seconds."))
    return Standing("met", _("Fetching"), since=source.last_ok_at)


def _not_active(source: Incoming) -> Standing:
    if source.error in {"", NOT_STARTED}:
        words = _("Nothing is fetched until you start it.")
        return Standing("wait", _("Not started"), words)
    return Standing("wait", _("Not started"), source.error)


def _later(moment: datetime | None, now: datetime) -> datetime | None:
    return moment if moment is not None and moment > now + SOON else None


def outgoing(one: MailboxSettings, granted: Grant | None, *, desk_server: str, now: datetime) -> Standing:
    """Return how mail goes out; `desk_server` is the host of the desk's own, empty while there is none."""
    server = one.outgoing
    if one.archived or one.paused_at is not None:
        return Standing("hold", _("Not sending"))
    if server is None:
        if desk_server:
            return Standing("met", _("Desk's server"), _("Through %(host)s.", host=desk_server))
        return Standing("soon", _("Local outbox"), _("No outgoing server is set: answers are kept here."))
    return _own(server, granted, now)


def _own(server: Outgoing, granted: Grant | None, now: datetime) -> Standing:
    if server.auth == "oauth" and (granted is None or granted.state != "ok"):
        why = granted.error if granted else _("Nobody has signed in at the provider yet.")
        return Standing("late", _("Sign in again"), why)
    if server.next_try_at is not None and server.next_try_at > now:
        return Standing("late", _("Cannot send"), server.error, next_try=_later(server.next_try_at, now))
    if server.state == "failing":
        return Standing("soon", _("Trying again"), server.error)
    if server.state == "new":
        return Standing("plain", _("Not used yet"), _("Through %(host)s.", host=server.host))
    return Standing("met", _("Sending"), _("Through %(host)s.", host=server.host), since=server.last_ok_at)


def overall(*lines: Standing) -> Tone:
    """Return the loudest of them."""
    loud: tuple[Tone, ...] = ("late", "soon", "wait", "hold", "plain", "met")
    return min((line.tone for line in lines), key=loud.index)
