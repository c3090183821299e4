"""`python -m bench.flood`: forged forms and mails in the name of victims; little goes out.

Mail rule 12 and T10: nobody's request is lost, no more acknowledgements leave than the desk's budget for an
hour, and the words of the attacker are in none of them. Exits 1 when that does not hold.
"""

import argparse
import os
import sys
import tempfile
import time
from pathlib import Path

import sqlalchemy as sa
from flask_migrate import upgrade

from helpdesk.app import create_app, migrations_folder
from helpdesk.channels.jobs import letter_of
from helpdesk.channels.model import Delivery
from helpdesk.core.db import db, session
from helpdesk.core.jobs.runner import run_all
from helpdesk.settings import Settings
from helpdesk.tickets.model import Ticket
from mail_ingest.store import accept
from tests.making import SUPPORT, Desk, a_mail

BAIT = "BUY-NOW"


def main() -> None:
    say = argparse.ArgumentParser(prog="python -m bench.flood", description=__doc__)
    say.add_argument("--forms", type=int, default=10_000)
    say.add_argument("--mails", type=int, default=10_000)
    args = say.parse_args()
    for name in [n for n in os.environ if n.startswith("HELPDESK_")]:
        del os.environ[name]
    with tempfile.TemporaryDirectory() as folder:
        settings = Settings(
            data=Path(folder), log_level="error", form_limit="1000000 per hour", smtp_listen_port=0
        )
        app = create_app(settings)
        with app.app_context():
            upgrade(directory=str(migrations_folder()))
            wrong = _flood(Desk.set_up(app), args.forms, args.mails, settings.ack_per_hour)
            db.engine.dispose()
    print("\n".join(wrong) or "Nothing lost, nothing over the cap, no word of the attacker's.")
    sys.exit(1 if wrong else 0)


def _flood(desk: Desk, forms: int, mails: int, cap: int) -> list[str]:
    began = time.monotonic()
    stranger = desk.browser()
    for n in range(forms):
        stranger.get("/contact")
        form = {
            "email": f"victim{n}@d{n % 900}.example",
            "name": BAIT,
            "subject": BAIT,
            "body": f"http://{BAIT}/{n}",
        }
        assert stranger.post("/contact", form).status_code == 200
    for n in range(mails):
        raw = a_mail(f"{BAIT} <target{n}@e{n % 900}.example>", subject=BAIT, text=f"http://{BAIT}/{n}")
        accept(raw, source="smtp", mailbox_id=desk.mailbox_id, envelope_to=[SUPPORT])
        if n % 2000 == 1999:
            run_all()
    run_all(cap=10 * (forms + mails) + 10_000)
    hours = int((time.monotonic() - began) // 3600) + 1
    db.session.rollback()
    tickets = session().scalar(sa.select(sa.func.count()).select_from(Ticket)) or 0
    sent = list(session().scalars(sa.select(Delivery.id)))
    baited = [i for i in sent if BAIT.encode() in letter_of(i)[2]]
    spent = time.monotonic() - began
    print(
        f"{forms:,} forms and {mails:,} mails: {tickets:,} tickets, {len(sent)} acknowledged, {spent:.0f} s"
    )
    found = []
    if tickets != forms + mails:
        found.append(f"{forms + mails - tickets} requests became no ticket")
    if len(sent) > cap * hours:
        found.append(f"{len(sent)} acknowledgements, {cap} an hour are allowed")
    if baited:
        found.append(f"{len(baited)} of them carry the attacker's words")
    return found


if __name__ == "__main__":
    main()
