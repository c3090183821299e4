"""What is typed about a mailbox on its page, as values, and what is wrong with it. Pure."""

from collections.abc import Mapping
from dataclasses import dataclass

from helpdesk.mailboxes.incoming import Imap, imap_of
from helpdesk.mailboxes.outgoing import Smtp, smtp_of

SENDER_STYLES = ("first", "from", "mailbox")
"""How answers are signed in From: "Joana (Shop)", "Joana from Shop", "Shop"."""

LANGUAGES = {
    "en": "English",
    "de": "Deutsch",
    "fr": "Français",
    "es": "Español",
    "it": "Italiano",
    "nl": "Nederlands",
}
"""Languages mails to customers can be written in, as their speakers call them."""


@dataclass(frozen=True, slots=True)
class MailboxForm:
    """A mailbox as it shall be. `imap` None: mail is handed to us; `smtp` None: the desk's server sends."""

    address: str
    sender_name: str
    sender_style: str
    signature: str
    language: str
    acknowledge: bool
    team_id: int | None
    imap: Imap | None
    smtp: Smtp | None


def form_of(
    typed: Mapping[str, str], passwords: tuple[str, str], *, kept: tuple[bool, bool]
) -> tuple[MailboxForm, dict[str, str]]:
    """Return what was typed, usual values filled in, and what is wrong by field.

    `passwords` and `kept` (one is there already) are those of the incoming and the outgoing server.
    """
    problems: dict[str, str] = {}
    imap: Imap | None = None
    smtp: Smtp | None = None
    if typed["incoming"] != "handover":
        imap, wrong = imap_of(typed, passwords[0], kept=kept[0])
        problems |= wrong
    if typed["outgoing"] == "own":
        smtp, wrong = smtp_of(typed, passwords[1], kept=kept[1])
        problems |= wrong
    if not typed["sender_name"]:
        problems["sender_name"] = "Say who customers get answers from."
    team = typed["team"]
    style, language = typed["sender_style"], typed["language"]
    form = MailboxForm(
        address=typed["address"],
        sender_name=typed["sender_name"],
        sender_style=style if style in SENDER_STYLES else SENDER_STYLES[0],
        signature=typed["signature"],
        language=language if language in LANGUAGES else "en",
        acknowledge=bool(typed["acknowledge"]),
        team_id=int(team) if team.isascii() and team.isdecimal() and len(team) < 10 else None,
        imap=imap,
        smtp=smtp,
    )
    return form, problems


def sender(style: str, agent: str, mailbox: str) -> str:
    """Return the name in From of an agent's answer: of the agent only the first name (glossary)."""
    first = agent.split(" ")[0] if agent else ""
    if not first or style == "mailbox":
        return mailbox
    return f"{first} from {mailbox}" if style == "from" else f"{first} ({mailbox})"
