"""Mail handed over by SMTP until its ticket is committed: one at a time, and in a batch."""

import random
import smtplib
import time
from concurrent.futures import ThreadPoolExecutor
from email import message_from_bytes
from email.message import EmailMessage
from email.policy import SMTP

import psutil
import sqlalchemy as sa

from bench.desks import ADDRESS, WORDS, BenchDesk, desk
from bench.measuring import Table, both
from helpdesk.core.db import db
from mail_ingest.confined import read_here
from mail_ingest.model import Inbound

CONNECTIONS = 4
WARM = 5


def run(table: Table, name: str, url: str, single: int, batch: int) -> None:
    """Measure one engine."""
    print(f"{name}, mail", flush=True)
    with desk(url) as made, made.running("worker") as worker:
        _up(made.settings.smtp_listen_port)
        mails = [_mail(n) for n in range(WARM + single + batch)]
        kept, settled = [], []
        for n, mail in enumerate(mails[: WARM + single]):
            durable, committed = _one(made, mail, n + 1)
            if n >= WARM:
                kept.append(durable)
                settled.append(committed)
        table.add(f"{name}: mail handed over until 250 (durable)", both(kept), "20 ms")
        table.add(f"{name}: mail handed over until its ticket is committed", both(settled), "20 ms")
        before = _cpu(worker.pid)
        took = _batch(made, mails[WARM + single :], WARM + single + batch)
        cpu = (_cpu(worker.pid) - before) / batch * 1000
        table.add(
            f"{name}: batch of {batch}, {CONNECTIONS} connections",
            f"{batch / took:.0f} mails/s",
            "50/s",
            f"CPU {cpu:.1f} ms a mail: read, ticket, acknowledgement and its delivery row",
        )


def reading(table: Table, count: int = 300) -> None:
    """Measure parse, classify and quote together, in one process on one core, as replies with a quote."""
    mails = [_reply(n) for n in range(count)]
    start = time.process_time()
    for mail in mails:
        read_here(mail)
    took = time.process_time() - start
    size = sum(map(len, mails)) / count / 1024
    table.add(
        "reading: parse, classify and quote",
        f"{count / took:.0f} mails/s and core",
        "300/s",
        f"{size:.0f} KB each",
    )


def _reply(n: int) -> bytes:
    """A mail as `_mail`, as an answer above a quote in both forms."""
    mail = message_from_bytes(_mail(n), policy=SMTP.clone(max_line_length=998))
    for part in mail.walk():
        if part.get_content_type() == "text/plain":
            old = part.get_content()
            quote = "\n".join(f"> {line}" for line in old.split("\n")[:60])
            part.set_content(
                f"{old[:2000]}\n\nOn Mon, 3 Mar 2025 at 10:00, Ann <ann@example.com> wrote:\n{quote}\n"
            )
    return bytes(mail)


def _one(made: BenchDesk, mail: bytes, count: int) -> tuple[float, float]:
    with smtplib.SMTP("127.0.0.1", made.settings.smtp_listen_port, local_hostname="bench") as server:
        start = time.perf_counter()
        server.sendmail("c@shop.example", [ADDRESS], mail)
        durable = time.perf_counter() - start
        while _settled() < count:
            time.sleep(0.0005)
        return durable * 1000, (time.perf_counter() - start) * 1000


def _batch(made: BenchDesk, mails: list[bytes], count: int) -> float:
    shares = [mails[k::CONNECTIONS] for k in range(CONNECTIONS)]

    def send(share: list[bytes]) -> None:
        with smtplib.SMTP("127.0.0.1", made.settings.smtp_listen_port, local_hostname="bench") as server:
            for mail in share:
                server.sendmail("c@shop.example", [ADDRESS], mail)

    start = time.perf_counter()
    with ThreadPoolExecutor(CONNECTIONS) as pool:
        list(pool.map(send, shares))
    while _settled() < count:
        time.sleep(0.02)
    return time.perf_counter() - start


def _cpu(pid: int) -> float:
    """CPU seconds of a process and its children."""
    found = 0.0
    for one in (psutil.Process(pid), *psutil.Process(pid).children(recursive=True)):
        spent = one.cpu_times()
        found += spent.user + spent.system
    return found


def _settled() -> int:
    try:
        done = sa.select(sa.func.count()).select_from(Inbound).where(Inbound.outcome.is_not(None))
        return db.session.scalar(done) or 0
    finally:
        db.session.rollback()


def _up(port: int) -> None:
    for _ in range(600):
        try:
            with smtplib.SMTP("127.0.0.1", port, local_hostname="bench", timeout=5):
                return
        except OSError:
            time.sleep(0.02)
    raise TimeoutError("the mail listener did not start")


def _mail(n: int) -> bytes:
    """A mail of about 16 KB, every third with a picture in it."""
    rng = random.Random(n)  # noqa: S311 - repeatable, not secret
    mail = EmailMessage(policy=SMTP.clone(max_line_length=998))
    mail["From"] = f"Customer {n} <c{n}@shop{n}.example>"
    mail["To"] = ADDRESS
    mail["Subject"] = " ".join(rng.choices(WORDS, k=6))
    mail["Message-ID"] = f"<bench.{n}.{rng.random()}@mail.example>"
    lines = 90 if n % 3 == 0 else 130
    text = "\n".join(" ".join(rng.choices(WORDS, k=9)) for _ in range(lines))
    mail.set_content(text)
    mail.add_alternative("<p>" + "</p><p>".join(text.split("\n")) + "</p>", subtype="html")
    if n % 3 == 0:
        mail.add_attachment(rng.randbytes(5000), maintype="image", subtype="png", filename="zip.png")
    return bytes(mail)
