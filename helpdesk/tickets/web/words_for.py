"""States, priorities, channels and waiting times in the words agents read."""

from datetime import datetime, timedelta

from helpdesk.core import words
from helpdesk.core.clock import now
from helpdesk.core.desk import desk
from helpdesk.core.i18n import gettext as _
from helpdesk.core.pages import Kind
from helpdesk.core.web.rendering import zone
from helpdesk.tickets.fold import PAUSED_AT
from helpdesk.tickets.pages import Waiting

LONG = timedelta(days=1)
SOON = timedelta(hours=8)


def state_words(state: str) -> str:
    """Return a state as agents read it."""
    return str(
        {
            "new": _("New"),
            "open": _("Open"),
            "pending": _("Waiting on customer"),
            "on_hold": _("On hold"),
            "solved": _("Resolved"),
            "closed": _("Closed"),
        }[state]
    )


def priority_words(priority: int) -> str:
    """Return a priority as agents read it."""
    return str({1: _("Low"), 2: _("Normal"), 3: _("High"), 4: _("Urgent")}[priority])


def channel_words(channel: str, mailbox: str | None) -> str:
    """Return how a ticket came."""
    if channel == "email":
        return _("via %(mailbox)s", mailbox=mailbox) if mailbox else _("by email")
    return str(
        {
            "web": _("via the web form"),
            "agent": _("by an agent"),
            "phone": _("by phone"),
            "visit": _("in person"),
        }.get(channel, channel)
    )


def waiting(state: str, queue_at: datetime, waiting_since: datetime | None, updated_at: datetime) -> Waiting:
    """Return how long a customer has waited; until due times exist the ring shows the share of a day."""
    language = desk().language
    if state in {"solved", "closed"}:
        headline = words.ago(updated_at, now(), zone(), language)
        return Waiting(headline, state_words(state), "plain")
    if queue_at >= PAUSED_AT:
        return Waiting(_("Paused"), words.moment(updated_at, now(), zone(), language), "paused", 0)
    if waiting_since is None:
        return Waiting(_("Answered"), words.moment(updated_at, now(), zone(), language), "plain", 0)
    age = words.since(waiting_since, now())
    share = min(100, int(age / LONG * 100))
    kind: Kind = "late" if age >= LONG else "soon" if age >= SOON else "ok"
    detail = _("since %(when)s", when=_since(waiting_since))
    return Waiting(words.duration(age.total_seconds(), language), detail, kind, share, waiting_since)


def _since(at: datetime) -> str:
    here = at.astimezone(zone())
    today = now().astimezone(zone()).date()
    if here.date() == today:
        return words.clock(at, zone(), desk().language)
    if (today - here.date()).days < 7:
        weekday = words.weekday(here.date(), desk().language)
        return f"{weekday} {words.clock(at, zone(), desk().language)}"
    return words.moment(at, now(), zone(), desk().language)
