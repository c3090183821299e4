"""`python3 -m helpdesk.demo.knock`: sends the desk one mail by SMTP, as a customer's server would."""

import argparse
import smtplib
from email.message import EmailMessage
from email.utils import make_msgid


def main() -> None:
    """Send a mail to a desk on this machine."""
    say = argparse.ArgumentParser(description="Send the demo desk a mail.")
    say.add_argument("--host", default="127.0.0.1")
    say.add_argument("--port", type=int, default=2525)
    say.add_argument("--to", default="support@tidemark.example")
    say.add_argument("--from", dest="sender", default="Lena Hartmann <lena.hartmann@example.de>")
    say.add_argument("--subject", default="Do you also sell gift cards?")
    say.add_argument("--text", default="Hello,\n\nI would like to give one to my brother.\n\nLena")
    args = say.parse_args()
    mail = EmailMessage()
    mail["From"], mail["To"], mail["Subject"] = args.sender, args.to, args.subject
    mail["Message-ID"] = make_msgid(domain="example.de")
    mail.set_content(args.text)
    with smtplib.SMTP(args.host, args.port, timeout=10) as server:
        server.send_message(mail)
    print(f"sent to {args.to} by {args.host}:{args.port}")  # noqa: T201 - a program's answer


if __name__ == "__main__":
    main()
