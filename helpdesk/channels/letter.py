"""A mail as bytes. Pure: the same letter always gives the same bytes, so a retry is recognisable."""

import re
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from email.headerregistry import Address
from email.message import EmailMessage
from email.policy import SMTP
from email.utils import format_datetime
from hashlib import sha256

from helpdesk.core.addresses import on_the_wire

POLICY = SMTP.clone(max_line_length=998)
"""Long ids stay whole: the default policy encodes Outlook's and breaks its threads (contracts 19)."""

REFERENCES_BYTES = 900
SUBJECT_CHARS = NAME_CHARS = 200
_ID = re.compile(r"<(?:(?!=\?)[!-;=?-~]){3,600}>")
"""A Message-ID that a header can hold as it is; others are left out (contracts 19)."""


@dataclass(frozen=True, slots=True)
class LetterFile:
    """An attachment with its bytes."""

    name: str
    content_type: str
    content: bytes


@dataclass(frozen=True, slots=True)
class Letter:
    """Everything one delivery is made of."""

    kind: str
    message_id: str
    subject: str
    from_name: str
    from_address: str
    to: Sequence[tuple[str, str]]
    cc: Sequence[tuple[str, str]]
    reply_to: str
    at: datetime
    text: str
    html: str
    in_reply_to: str | None = None
    references: Sequence[str] = ()
    instance: str = ""
    files: Sequence[LetterFile] = ()


def build(letter: Letter) -> bytes:
    """Return the mail ready for SMTP: 7-bit clean, CRLF, no header ever folded inside an id."""
    mail = EmailMessage(policy=POLICY)
    mail["From"] = _address(letter.from_name, letter.from_address)
    mail["To"] = [_address(name, email) for name, email in letter.to]
    if letter.cc:
        mail["Cc"] = [_address(name, email) for name, email in letter.cc]
    mail["Subject"] = header_text(letter.subject)[:SUBJECT_CHARS]
    mail["Date"] = format_datetime(letter.at)
    mail["Message-ID"] = letter.message_id
    if letter.in_reply_to and _ID.fullmatch(letter.in_reply_to):
        mail["In-Reply-To"] = letter.in_reply_to
    if references := [one for one in letter.references if _ID.fullmatch(one)]:
        mail["References"] = " ".join(references)
    mail["Reply-To"] = _address(letter.from_name, letter.reply_to)
    if letter.kind != "reply":
        mail["Auto-Submitted"] = "auto-replied" if letter.kind == "acknowledgement" else "auto-generated"
        mail["X-Auto-Response-Suppress"] = "All"
    mail["X-Helpdesk-Instance"] = letter.instance
    mail.set_content(letter.text, cte="quoted-printable")
    mail.add_alternative(letter.html, subtype="html", cte="quoted-printable")
    for file in letter.files:
        main, _, sub = file.content_type.partition("/")
        if main in {"multipart", "message"} or not sub:
            main, sub = "application", "octet-stream"
        name = header_text(file.name)[:NAME_CHARS]
        mail.add_attachment(file.content, maintype=main, subtype=sub, filename=name)
    for n, part in enumerate(p for p in mail.walk() if p.is_multipart()):
        part.set_boundary("=_" + sha256(f"{letter.message_id}{n}".encode()).hexdigest()[:32])
    return bytes(mail)


def header_text(value: str) -> str:
    """Return `value` fit for a header: no line ends, no controls, one line.

    Python decodes an encoded word in a value it is given and would write the line ends hidden in it, so
    nothing may look like one.
    """
    plain = " ".join("".join(c if c.isprintable() else " " for c in value).split())
    return plain.replace("=?", "= ?")


def references_of(root: str, earlier: Sequence[str], last: str | None) -> list[str]:
    """Return the References: our root, then the newest ids that fit into 900 bytes, the answered one last."""
    ids = [x for x in dict.fromkeys([*earlier, *([last] if last else [])]) if _ID.fullmatch(x)]
    if last in ids:
        ids.remove(last)
        ids.append(last)
    room = REFERENCES_BYTES - len(root)
    kept: list[str] = []
    for one in reversed(ids):
        room -= len(one) + 1
        if room < 0 or len(kept) == 10:
            break
        kept.insert(0, one)
    return [root, *kept]


def _address(name: str, email: str) -> Address:
    local, _, domain = on_the_wire(email).rpartition("@")
    return Address(display_name=header_text(name)[:NAME_CHARS], username=local, domain=domain)
