"""What notifications say, on the page and by mail. Pure but for the desk's language."""

from collections.abc import Sequence
from dataclasses import dataclass

from helpdesk.core.i18n import gettext as _
from helpdesk.core.i18n import ngettext
from helpdesk.notifications.kinds import Kind


@dataclass(frozen=True, slots=True)
class News:
    """One thing that happened: who did it, and the words that were said, if any."""

    kind: Kind
    who: str
    words: str = ""


@dataclass(frozen=True, slots=True)
class TicketNews:
    """What happened in one ticket, oldest first."""

    number: int
    subject: str
    news: tuple[News, ...]


@dataclass(frozen=True, slots=True)
class Words:
    """A mail before it is one."""

    subject: str
    text: str


def happened(kind: Kind, who: str) -> str:
    """Return in a sentence what happened, said to the one who hears of it."""
    return {
        Kind.ASSIGNED: _("%(who)s assigned this ticket to you", who=who),
        Kind.MENTIONED: _("%(who)s mentioned you in a note", who=who),
        Kind.CUSTOMER: _("%(who)s wrote", who=who),
        Kind.COLLEAGUE: _("%(who)s wrote to the customer or left a note", who=who),
        Kind.WOKE: _("It was snoozed until now and is back"),
        Kind.STOPPED: _("Your reply that was to go later could not be sent"),
    }[kind]


def kind_words(kind: Kind) -> str:
    """Return what a kind is called where somebody chooses."""
    return {
        Kind.ASSIGNED: _("Somebody assigns a ticket to me"),
        Kind.MENTIONED: _("Somebody mentions me in a note"),
        Kind.CUSTOMER: _("A customer writes in a ticket I have or follow"),
        Kind.COLLEAGUE: _("A colleague replies or leaves a note there"),
        Kind.WOKE: _("A snoozed ticket of mine comes back"),
        Kind.STOPPED: _("A reply of mine that was to go later cannot be sent"),
    }[kind]


INTERNAL = frozenset({Kind.MENTIONED, Kind.COLLEAGUE})
"""Kinds that are about words of the team."""


def ticket_mail(about: TicketNews, public_url: str, *, answers: bool, inside: bool) -> Words:
    """Return the mail about one ticket; `answers`: what its reader answers goes to the customer.

    `inside`: it is about words of the team, so it is answered on the ticket's page and not by mail.
    """
    link = f"{public_url}/a/tickets/{about.number}"
    if inside:
        how = _("Answer in the ticket: an answer to this mail reaches nobody.")
    elif answers:
        how = _("If you answer this mail, your words go to the customer as your reply.")
    else:
        how = _("If you answer this mail, your words become a note.")
    body = [_said(about.news), link, f"-- \n{how}\n{_choose(public_url)}"]
    return Words(
        _("[#%(number)s] %(subject)s", number=about.number, subject=about.subject), "\n\n".join(body)
    )


def daily_mail(about: Sequence[TicketNews], public_url: str) -> Words:
    """Return the mail of the morning about several tickets."""
    parts = [
        "\n\n".join([f"#{t.number} {t.subject}", _said(t.news), f"{public_url}/a/tickets/{t.number}"])
        for t in about
    ]
    return Words(
        ngettext("News of %(num)s ticket", "News of %(num)s tickets", len(about)),
        "\n\n".join([*parts, f"-- \n{_choose(public_url)}"]),
    )


def _said(news: Sequence[News]) -> str:
    return "\n\n".join(
        f"{happened(one.kind, one.who)}:\n\n{_quoted(one.words)}"
        if one.words
        else f"{happened(one.kind, one.who)}."
        for one in news
    )


def _quoted(words: str) -> str:
    """Return words as a quotation, so that an answer is split from them."""
    return "\n".join(f"> {line}".rstrip() for line in words.splitlines())


def _choose(public_url: str) -> str:
    return _("Choose what you hear of: %(url)s", url=f"{public_url}/a/notifications/preferences")
