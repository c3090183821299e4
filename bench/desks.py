"""Desks to measure: migrated, with a mailbox, an agent and any number of open tickets, on either engine."""

import contextlib
import os
import random
import signal
import socket
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import sqlalchemy as sa
from flask import Flask
from flask_migrate import upgrade

from helpdesk.app import create_app, migrations_folder
from helpdesk.core.clock import now, whole
from helpdesk.core.db import db
from helpdesk.core.once import Counter
from helpdesk.core.web.sessions import COOKIE
from helpdesk.mailboxes.commands import add_mailbox
from helpdesk.people.commands import add_agent, add_team, start_session
from helpdesk.people.model import Contact, ContactAddress
from helpdesk.people.rights import Role
from helpdesk.settings import Settings
from helpdesk.tickets import fold
from helpdesk.tickets.lifecycle import State
from helpdesk.tickets.model import Message, Participant, Ticket, TicketEvent
from tests.services import postgres, process

ADDRESS = "support@bench.example"
CHUNK = 2000
WORDS = [
    "parcel",
    "tent",
    "zip",
    "order",
    "refund",
    "size",
    "colour",
    "blue",
    "late",
    "broken",
    "invoice",
    "address",
    "change",
    "hello",
    "thanks",
]


@dataclass
class BenchDesk:
    """A desk and how to reach it."""

    app: Flask
    settings: Settings
    agent_id: int
    team_ids: list[int]
    mailbox_id: int

    def cookie(self) -> str:
        """The cookie of a new session."""
        secret = start_session(agent_id=self.agent_id, network="127.0.0.1", browser="bench")
        return f"{COOKIE}={secret}"

    def environment(self) -> dict[str, str]:
        """The settings for processes of their own."""
        names = self.settings.model_fields_set - {"smtp_password"}
        return os.environ | {f"HELPDESK_{n.upper()}": str(getattr(self.settings, n)) for n in names}

    @contextlib.contextmanager
    def running(self, *words: str) -> Iterator[subprocess.Popen[bytes]]:
        """A process of the desk, ended at the end."""
        log = self.settings.data / "bench.log"
        command = [sys.executable, "-m", "helpdesk", *words]
        started = process.start(command, log=log, environment=self.environment())
        try:
            yield started
        finally:
            process.stop(started, signal.SIGTERM, 20)


@contextlib.contextmanager
def engines(wanted: str, url: str) -> Iterator[list[tuple[str, str]]]:
    """Names and addresses of the engines; PostgreSQL is the tests' own, made durable, without a URL."""
    found = [("SQLite", "")] if wanted in {"sqlite", "both"} else []
    if wanted == "sqlite":
        yield found
        return
    if url:
        yield [*found, ("PostgreSQL", url)]
        return
    postgres._SETTINGS.update(
        fsync="on", synchronous_commit="on", full_page_writes="on", autovacuum="on", shared_buffers="128MB"
    )
    with postgres.PostgresServer() as server:
        yield [*found, ("PostgreSQL", server.url(server.create_database()))]


@contextlib.contextmanager
def desk(database_url: str) -> Iterator[BenchDesk]:
    """An empty desk in a folder that goes away."""
    with tempfile.TemporaryDirectory(prefix="helpdesk-bench-") as folder:
        settings = Settings(
            data=Path(folder),
            database_url=database_url,
            port=free_port(),
            smtp_listen_port=free_port(),
            log_level="error",
        )
        app = create_app(settings)
        with app.app_context():
            if database_url:
                with db.engine.begin() as connection:
                    connection.execute(sa.text("DROP SCHEMA public CASCADE"))
                    connection.execute(sa.text("CREATE SCHEMA public"))
            upgrade(directory=str(migrations_folder()))
            teams = [add_team(name=name) for name in ("Orders", "Returns", "Shop", "Press")]
            box = add_mailbox(address=ADDRESS, sender_name="Bench", team_id=teams[0])
            agent = add_agent(name="Bo Bench", email="bo@bench.example", role=Role.ADMIN)
            yield BenchDesk(app, settings, agent, teams, box)
            db.session.remove()
            db.engine.dispose()


def free_port() -> int:
    """A port nobody has."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port: int = probe.getsockname()[1]
        return port


def fill(made: BenchDesk, n: int) -> int:
    """Add `n` open tickets whose rows are what their logs say; return the first new number."""
    rng = random.Random(n)  # noqa: S311 - repeatable, not secret
    first = _next_number(n)
    people = _contacts(max(50, n // 5))
    moment = whole(now()) - timedelta(days=30)
    step = timedelta(days=30) / n
    engine = db.engine.execution_options(writing=True)
    for start in range(0, n, CHUNK):
        tickets, events, messages, parts = [], [], [], []
        with engine.begin() as connection:
            ticket_id = (connection.scalar(sa.select(sa.func.max(Ticket.id))) or 0) + 1
            message_id = (connection.scalar(sa.select(sa.func.max(Message.id))) or 0) + 1
            for i in range(start, min(n, start + CHUNK)):
                at = whole(moment + step * i)
                row, log = _ticket(made, rng, rng.choice(people), at, ticket_id, message_id)
                tickets.append({"id": ticket_id, "number": first + i, **row})
                events += log
                messages.append(_message(rng, row["requester_id"], at, ticket_id, message_id, 2))
                parts.append(
                    {
                        "ticket_id": ticket_id,
                        "contact_id": row["requester_id"],
                        "role": "requester",
                        "link_version": 1,
                        "added_at": at,
                    }
                )
                ticket_id, message_id = ticket_id + 1, message_id + 1
            for table, rows in (
                (Ticket, tickets),
                (Message, messages),
                (TicketEvent, events),
                (Participant, parts),
            ):
                connection.execute(sa.insert(table), rows)
    _analyse()
    return first


def long_ticket(made: BenchDesk, messages: int) -> int:
    """A ticket with so many messages; return its number."""
    number = fill(made, 1)
    engine = db.engine.execution_options(writing=True)
    with engine.begin() as connection:
        row = connection.execute(sa.select(Ticket.__table__).where(Ticket.number == number)).mappings().one()
        state = SimpleNamespace(**row)
        ticket_id: int = row["id"]
        message_id = (connection.scalar(sa.select(sa.func.max(Message.id))) or 0) + 1
        rng = random.Random(7)  # noqa: S311 - repeatable, not secret
        for k in range(1, messages):
            at = whole(now()) - timedelta(hours=messages - k)
            event = _said(state, ticket_id, message_id, at, state.last_seq + 1, row["requester_id"])
            message = _message(rng, row["requester_id"], at, ticket_id, message_id, state.last_seq)
            connection.execute(sa.insert(Message), [message])
            connection.execute(sa.insert(TicketEvent), [event])
            message_id += 1
        values = {name: getattr(state, name) for name in fold.COMPARED}
        connection.execute(sa.update(Ticket).where(Ticket.id == ticket_id).values(**values))
    _analyse()
    return number


def _next_number(n: int) -> int:
    with db.engine.execution_options(writing=True).begin() as connection:
        value = connection.scalar(sa.select(Counter.value).where(Counter.name == "ticket"))
        if value is None:
            connection.execute(sa.insert(Counter), [{"name": "ticket", "value": 1000 + n}])
            return 1001
        connection.execute(sa.update(Counter).where(Counter.name == "ticket").values(value=value + n))
        return value + 1


def _contacts(n: int) -> list[int]:
    with db.engine.execution_options(writing=True).begin() as connection:
        first = (connection.scalar(sa.select(sa.func.max(Contact.id))) or 0) + 1
        ids = list(range(first, first + n))
        at = now()
        connection.execute(
            sa.insert(Contact), [{"id": i, "name": f"Customer {i}", "created_at": at} for i in ids]
        )
        addresses = [(i, f"c{i}@shop{i % 97}.example") for i in ids]
        connection.execute(
            sa.insert(ContactAddress),
            [{"contact_id": i, "email": a, "key": a, "created_at": at} for i, a in addresses],
        )
        if connection.dialect.name == "postgresql":
            connection.execute(sa.text("SELECT setval('contacts_id_seq', (SELECT max(id) FROM contacts))"))
        return ids


def _ticket(
    made: BenchDesk, rng: random.Random, contact: int, at: datetime, ticket_id: int, message_id: int
) -> tuple[dict[str, Any], list[dict[str, Any]]]:
    state: Any = SimpleNamespace(snippet=" ".join(rng.choices(WORDS, k=12)))
    assignee = made.agent_id if rng.random() < 0.1 else None
    created = {
        "v": 1,
        "subject": " ".join(rng.choices(WORDS, k=5)),
        "priority": rng.choice((1, 2, 2, 2, 3, 4)),
        "channel": "email",
        "mailbox_id": made.mailbox_id,
        "team_id": rng.choice(made.team_ids),
        "assignee_id": assignee,
        "requester_id": contact,
        "follow_up_of": None,
        "by": "customer",
    }
    log = [_event(state, ticket_id, 1, at, "created", created, contact)]
    log.append(_said(state, ticket_id, message_id, at, 2, contact))
    if rng.random() < 0.2:
        data = {"v": 1, "from": State.NEW, "to": rng.choice((State.OPEN, State.PENDING))}
        log.append(_event(state, ticket_id, 3, at, "status", data, contact))
    return {**{name: getattr(state, name) for name in fold.COMPARED}, "snippet": state.snippet}, log


def _said(
    state: Any, ticket_id: int, message_id: int, at: datetime, seq: int, contact: int
) -> dict[str, Any]:
    data = {
        "v": 1,
        "message_id": message_id,
        "kind": "customer",
        "from": "customer",
        "public": True,
        "auto": False,
    }
    return _event(state, ticket_id, seq, at, "message", data, contact)


def _event(
    state: Any, ticket_id: int, seq: int, at: datetime, kind: str, data: dict[str, Any], contact: int
) -> dict[str, Any]:
    fold.apply(state, seq=seq, kind=kind, at=at, data=data)
    return {
        "ticket_id": ticket_id,
        "seq": seq,
        "at": at,
        "recorded_at": at,
        "kind": kind,
        "actor_kind": "contact",
        "actor_id": contact,
        "via": "mail",
        "cause_id": None,
        "data": data,
    }


def _message(
    rng: random.Random, contact: int, at: datetime, ticket_id: int, message_id: int, seq: int
) -> dict[str, Any]:
    text = "\n".join(" ".join(rng.choices(WORDS, k=9)) for _ in range(8))
    return {
        "id": message_id,
        "ticket_id": ticket_id,
        "seq": seq,
        "kind": "customer",
        "author_kind": "contact",
        "author_id": contact,
        "author_name": f"Customer {contact}",
        "author_email": f"c{contact}@shop.example",
        "via": "mail",
        "at": at,
        "recorded_at": at,
        "held_due_at": None,
        "message_id": f"<bench.{message_id}@mail.example>",
        "raw_digest": None,
        "text": text,
        "new_text": text,
        "has_html": False,
        "html": None,
    }


def _analyse() -> None:
    """Let the engine know what it holds, as its own upkeep does sooner or later."""
    with db.engine.execution_options(writing=True).begin() as connection:
        connection.execute(sa.text("ANALYZE"))
        if connection.dialect.name == "postgresql":
            for table in ("tickets", "messages"):
                connection.execute(sa.text(f"SELECT setval('{table}_id_seq', (SELECT max(id) FROM {table}))"))  # noqa: S608 - names of ours
