"""A handful of real mails for the demo desk, read by the real reader: HTML, a picture, a machine, a stranger."""

import base64
from datetime import datetime, timedelta
from email.message import EmailMessage
from email.policy import SMTP

from helpdesk.core import clock
from helpdesk.core.files import store
from helpdesk.tickets.content import FileIn
from mail_ingest.confined import read_here
from mail_ingest.intake import quarantine
from mail_ingest.settling import settle
from mail_ingest.store import accept

PICTURE = base64.b64decode(
    "iVBORw0KGgoAAAANSUhEUgAAAHgAAABQCAIAAABd+SbeAAAAtElEQVR42u3QMQEAAAjDMMC/52ECvlRA00nqs1kAAAAAAAAAAAAA"
    "AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA"
    "AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAHhrAR3LAQHsv3FYAAAAAElFTkSuQmCC"
)


def real_mails(mailbox_id: int, now: datetime) -> int:
    """Let the mails come in as if by SMTP over the last day; tell nobody. Returns how many."""
    mails = [*_customers(), *_machines()]
    for n, raw in enumerate(mails):
        at = now - timedelta(hours=10 - n)
        with clock.at(at):
            inbound_id = accept(raw, source="smtp", mailbox_id=mailbox_id, quiet=True)
            if raw is mails[-1]:
                quarantine(inbound_id=inbound_id, reason="The headers of this mail are larger than 256 KB.")
                continue
            read = read_here(raw)
            files = tuple(
                FileIn(a.filename, a.content_type, store().put(a.data), len(a.data), a.content_id, a.inline)
                for a in read.mail.attachments
            )
            settle(inbound_id=inbound_id, mail=read, files=files)
    return len(mails)


def _mail(sender: str, subject: str, text: str, mail_id: str, **headers: str) -> EmailMessage:
    mail = EmailMessage(policy=SMTP)
    mail["From"] = sender
    mail["To"] = "support@tidemark.example"
    mail["Subject"] = subject
    mail["Message-ID"] = f"<{mail_id}@mail.example>"
    for name, value in headers.items():
        mail[name.replace("_", "-")] = value
    mail.set_content(text)
    return mail


def _customers() -> list[bytes]:
    photo = _mail(
        "Sofia Papadaki <sofia.papadaki@example.gr>",
        "Scratched buckle, photo attached",
        "Hello,\n\nthe buckle of my rucksack was scratched when it arrived (order 47766). It works, but it is not "
        "nice.\n\nSofia",
        "buckle-1",
    )
    photo.add_attachment(PICTURE, maintype="image", subtype="png", filename="buckle.png")
    rich = _mail(
        "Samuel Adeyemi <s.adeyemi@example.co.uk>",
        "Two questions about my order",
        "Hi,\n\n1. Is the jacket waterproof?\n2. Can you add gift wrap?\n\nSamuel",
        "questions-1",
    )
    rich.add_alternative(
        "<p>Hi,</p><ol><li>Is the <b>jacket</b> waterproof?</li><li>Can you add <i>gift wrap</i>?</li></ol>"
        "<table border=1><tr><th>Order</th><th>Item</th></tr><tr><td>48120</td><td>Skarv down jacket</td></tr>"
        "</table><p>Samuel</p><img src='https://tracker.example/open.gif' width=1 height=1>",
        subtype="html",
    )
    return [bytes(photo), bytes(rich), bytes(photo)]


def _machines() -> list[bytes]:
    away = _mail(
        "Ruth Steiner <ruth.steiner@example.ch>",
        "Automatic reply: Your order",
        "I am out of the office until Monday.",
        "away-1",
        Auto_Submitted="auto-replied",
    )
    return [bytes(away), b"From: x@example.com\r\nSubject: too many headers\r\n\r\nkept as it came\r\n"]
