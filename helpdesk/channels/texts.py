"""The words of our mails: which texts there are, what stands for what in them, and filling them in. Pure.

A text holds placeholders like {number}, from a fixed table; everything else in it is itself. What is filled
in is never looked at again, so words of a stranger cannot hold a placeholder.
"""

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from difflib import get_close_matches
from typing import Literal

from helpdesk.core import words
from helpdesk.core.i18n import gettext as _

LINK = "\ufffc"
"""Stands in a frozen text where each recipient's own link comes; never part of what anybody typed."""

_PLACEHOLDER = re.compile(r"\{([a-z][a-z_]{0,39})\}")


@dataclass(frozen=True, slots=True)
class Text:
    """A text: its placeholders, those it cannot do without, its longest length, and our words by language."""

    name: str
    placeholders: tuple[str, ...]
    needs: tuple[str, ...]
    most_chars: int
    ours: Mapping[str, str]
    one_line: bool = False


_TICKET = ("number", "mailbox_name", "desk_name")
_STOP = ("mailbox", "why", "page", "desk_name")
_WAY_IN = ("name", "hours", "page", "desk_name")

TEXTS: dict[str, Text] = {
    text.name: text
    for text in (
        Text(
            "ack_subject",
            _TICKET,
            (),
            150,
            {
                "en": "We have your request {number}",
                "de": "Ihre Anfrage {number} ist angekommen",
                "fr": "Nous avons bien reçu votre demande {number}",
                "es": "Hemos recibido su solicitud {number}",
                "it": "Abbiamo ricevuto la sua richiesta {number}",
                "nl": "We hebben uw aanvraag {number} ontvangen",
            },
            one_line=True,
        ),
        Text(
            "ack_body",
            (*_TICKET, "link"),
            ("link",),
            4000,
            {
                "en": "Your message has arrived. It is request {number}.\n\n"
                "To add something, simply reply to this email.\n\n"
                "See your request and what happens to it, no account needed:\n{link}\n\n-- \n{desk_name}",
                "de": "Ihre Nachricht ist angekommen. Sie hat die Nummer {number}.\n\n"
                "Wenn Sie etwas ergänzen möchten, antworten Sie einfach auf diese E-Mail.\n\n"
                "Ihre Anfrage und was damit geschieht, ohne Konto:\n{link}\n\n-- \n{desk_name}",
                "fr": "Votre message est bien arrivé. Il porte le numéro {number}.\n\n"
                "Pour ajouter quelque chose, répondez simplement à cet e-mail.\n\n"
                "Suivez votre demande ici, sans compte :\n{link}\n\n-- \n{desk_name}",
                "es": "Su mensaje ha llegado. Es la solicitud {number}.\n\n"
                "Para añadir algo, responda a este correo.\n\n"
                "Aquí puede ver su solicitud, sin necesidad de cuenta:\n{link}\n\n-- \n{desk_name}",
                "it": "Il suo messaggio è arrivato. È la richiesta {number}.\n\n"
                "Per aggiungere qualcosa, risponda a questa e-mail.\n\n"
                "Qui può vedere la sua richiesta, senza bisogno di un account:\n{link}\n\n-- \n{desk_name}",
                "nl": "Uw bericht is aangekomen. Het is aanvraag {number}.\n\n"
                "Wilt u iets toevoegen, beantwoord dan gewoon deze e-mail.\n\n"
                "Hier ziet u uw aanvraag en wat ermee gebeurt, zonder account:\n{link}\n\n-- \n{desk_name}",
            },
        ),
        Text(
            "reply_footer",
            (*_TICKET, "link"),
            (),
            2000,
            {
                "en": "See your request and add to it:\n{link}\n\n-- \n{desk_name}, request {number}",
                "de": "Ihre Anfrage ansehen und ergänzen:\n{link}\n\n-- \n{desk_name}, Anfrage {number}",
                "fr": "Voir votre demande et la compléter :\n{link}\n\n-- \n{desk_name}, demande {number}",
                "es": "Ver su solicitud y añadir algo:\n{link}\n\n-- \n{desk_name}, solicitud {number}",
                "it": "Veda la sua richiesta e la completi:\n{link}\n\n-- \n{desk_name}, richiesta {number}",
                "nl": "Uw aanvraag bekijken en aanvullen:\n{link}\n\n-- \n{desk_name}, aanvraag {number}",
            },
        ),
        Text(
            "stopped_subject",
            ("mailbox", "desk_name"),
            ("mailbox",),
            150,
            {"en": "No mail comes in for {mailbox}"},
            one_line=True,
        ),
        Text(
            "stopped_body",
            _STOP,
            ("mailbox",),
            4000,
            {
                "en": "{desk_name} cannot fetch mail for {mailbox} any more:\n\n{why}\n\n"
                "Nothing is lost: the mail waits on the server, and we go on trying. Look here:\n{page}"
            },
        ),
        Text(
            "works_subject",
            ("mailbox", "desk_name"),
            ("mailbox",),
            150,
            {"en": "Mail comes in again for {mailbox}"},
            one_line=True,
        ),
        Text(
            "works_body",
            ("mailbox", "page", "desk_name"),
            ("mailbox",),
            4000,
            {
                "en": "{desk_name} fetches mail for {mailbox} again. "
                "What waited on the server is taken in now.\n\n{page}"
            },
        ),
        Text(
            "invite_subject",
            ("desk_name",),
            (),
            150,
            {"en": "You are invited to {desk_name}"},
            one_line=True,
        ),
        Text(
            "invite_body",
            (*_WAY_IN, "by"),
            ("page",),
            4000,
            {
                "en": "Hello {name},\n\n{by} invites you to answer requests at {desk_name}. "
                "Set your password here:\n{page}\n\n"
                "The link opens once, within {hours} hours. Keep it to yourself."
            },
        ),
        Text(
            "reset_subject",
            ("desk_name",),
            (),
            150,
            {"en": "A new password for {desk_name}"},
            one_line=True,
        ),
        Text(
            "reset_body",
            _WAY_IN,
            ("page",),
            4000,
            {
                "en": "Hello {name},\n\nsomebody asked for a new password for you at {desk_name}. "
                "If it was you, set it here:\n{page}\n\n"
                "The link opens once, within an hour. If it was not you, do nothing: your password stays."
            },
        ),
    )
}
"""Every text of the mails we send by ourselves."""

SIGNATURE = (
    "agent_first_name",
    "agent_name",
    "agent_signature",
    "mailbox_name",
    "mailbox_address",
    "desk_name",
)
"""What may stand in a mailbox's signature."""

LINK_LABEL = {
    "en": "See your request",
    "de": "Anfrage ansehen",
    "fr": "Voir votre demande",
    "es": "Ver su solicitud",
    "it": "Vedi la richiesta",
    "nl": "Aanvraag bekijken",
}


def explained(name: str) -> tuple[str, str]:
    """Return what a placeholder stands for, and an example of it."""
    return {
        "number": (_("Number of the request"), "1042"),
        "mailbox_name": (_("Sender name of the mailbox"), "Fjord Shop"),
        "mailbox_address": (_("Address of the mailbox"), "help@fjord.example"),
        "desk_name": (_("Name of the desk"), "Fjord Shop support"),
        "link": (_("The customer's own link to the request"), "https://desk.example/r/1042.7.1.k2…"),
        "agent_first_name": (_("First name of whoever answers"), "Joana"),
        "agent_name": (_("Full name of whoever answers"), "Joana Melo"),
        "agent_signature": (_("Own signature of whoever answers"), "Joana, boots and tents"),
        "mailbox": (_("Address of the mailbox"), "help@fjord.example"),
        "why": (_("Why it stopped, in one sentence"), "imap.fjord.example does not answer."),
        "name": (_("Name of whoever it is for"), "Joana Melo"),
        "by": (_("Name of whoever invites"), "Mara Kühn"),
        "hours": (_("For how many hours the link opens"), "72"),
        "page": (_("Address of the page to look at"), "https://desk.example/a/settings/mailboxes"),
    }[name]


def ours(name: str, language: str) -> str:
    """Return our words for a text in a language, in English where we have none."""
    known = TEXTS[name].ours
    return known.get(language) or known.get(language.split("_")[0]) or known["en"]


def fill(text: str, values: Mapping[str, str]) -> str:
    """Return `text` with its placeholders filled in, in one pass; those without a value stay as they are."""
    return _PLACEHOLDER.sub(lambda found: values.get(found[1], found[0]), text)


@dataclass(frozen=True, slots=True)
class Block:
    """A part of a text in HTML: words (paragraphs of pieces), the button with the link, or small print."""

    kind: Literal["words", "button", "small"]
    pieces: tuple[words.Piece, ...] = ()


def blocks(text: str) -> tuple[Block, ...]:
    """Return a filled text by paragraphs for HTML: the link as a button, what follows -- small."""
    found: list[Block] = []
    small = False
    for part in re.split(r"\n[ \t]*\n", text.strip("\n")):
        for n, piece in enumerate(part.split(LINK)):
            if n:
                found.append(Block("button"))
            kept = [line for line in piece.strip("\n").split("\n") if line.rstrip() != "--"]
            small = small or len(kept) < len(piece.strip("\n").split("\n"))
            said = "\n".join(line.rstrip() for line in kept).strip("\n")
            if said:
                found.append(Block("small" if small else "words", tuple(words.pieces(said))))
    return tuple(found)


def clean(value: str) -> str:
    """Return a value that may be filled into a text that still holds the place of the link."""
    return value.replace(LINK, "")


def problem(text: str, allowed: Iterable[str], needs: Iterable[str] = (), most: int = 4000) -> str:
    """Return what is wrong with a text somebody wrote, in one sentence; empty when it is fine."""
    known = tuple(allowed)
    used = _PLACEHOLDER.findall(text)
    for name in used:
        if name not in known:
            near = get_close_matches(name, known, n=1)
            if near:
                return _(
                    "There is no placeholder {%(name)s} here. Did you mean {%(near)s}?",
                    name=name,
                    near=near[0],
                )
            return _("There is no placeholder {%(name)s} here.", name=name)
    for name in needs:
        if name not in used:
            return _("This text needs {%(name)s}: without it nobody gets there.", name=name)
    if not text.strip():
        return _("Write something, or take our words again.")
    if len(text) > most:
        return _("This is too long: %(most)s characters at most.", most=most)
    return ""


def signature(template: str, values: Mapping[str, str]) -> str:
    """Return the signature of an answer: the agent's own first, unless the mailbox's says where."""
    own = values.get("agent_signature", "")
    filled = fill(template, values).strip()
    if own and "{agent_signature}" not in template:
        return f"{own.strip()}\n\n{filled}".strip()
    return "\n".join(line.rstrip() for line in filled.split("\n"))


def example(text: str, names: Iterable[str]) -> str:
    """Return a text with examples filled in."""
    return fill(text, {name: explained(name)[1] for name in names})
