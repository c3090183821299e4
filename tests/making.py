"""Factories: one per noun, going through commands and real bytes, so that tests start from true states."""

import itertools
import re
from collections.abc import Sequence
from contextvars import Context
from dataclasses import dataclass, field
from email.message import EmailMessage
from email.policy import SMTP
from typing import Any

import sqlalchemy as sa
from flask import Flask
from flask.testing import FlaskClient
from werkzeug.test import TestResponse

from helpdesk.channels.model import Delivery, OutgoingMail
from helpdesk.core.audit import Who
from helpdesk.core.db import db, session
from helpdesk.core.desk import set_desk
from helpdesk.core.jobs.runner import run_all
from helpdesk.core.web.sessions import COOKIE
from helpdesk.mailboxes.commands import add_mailbox
from helpdesk.mailboxes.commands.grants import save_provider
from helpdesk.people.commands import add_agent, add_team, start_session
from helpdesk.people.queries import viewer_of_agent
from helpdesk.people.rights import Role, Scope, Viewer
from helpdesk.tickets.model import Message, Ticket
from mail_ingest.model import Inbound
from mail_ingest.store import accept

SUPPORT = "support@shop.example"
PASSWORD = "correct horse battery"
_count = itertools.count(1)


def a_mail(
    sender: str = "Lena Hartmann <lena@example.de>",
    to: str = SUPPORT,
    subject: str = "Parcel says delivered",
    text: str = "Hello,\n\nmy parcel is not here.\n\nLena",
    *,
    message_id: str | None = None,
    html: str | None = None,
    files: Sequence[tuple[str, str, bytes]] = (),
    **headers: str,
) -> bytes:
    """Return a mail as a mail program would send it; `In_Reply_To="..."` sets that header."""
    mail = EmailMessage(policy=SMTP.clone(max_line_length=998))
    mail["From"] = sender
    mail["To"] = to
    mail["Subject"] = subject
    mail["Date"] = "Mon, 16 Nov 2026 10:00:00 +0100"
    mail["Message-ID"] = message_id or f"<m{next(_count)}.x@mail.example>"
    for name, value in headers.items():
        mail[name.replace("_", "-")] = value
    mail.set_content(text)
    if html is not None:
        mail.add_alternative(html, subtype="html")
    for name, kind, content in files:
        main, _, sub = kind.partition("/")
        mail.add_attachment(content, maintype=main, subtype=sub, filename=name)
    return bytes(mail)


def a_provider(viewer: Viewer, **more: str) -> int:
    """Keep a provider that mailboxes can sign in at; return its id."""
    values = {
        "kind": "other",
        "name": f"Provider {next(_count)}",
        "authorize_url": "https://provider.example/agree",
        "token_url": "https://provider.example/token",
        "scopes": "mail",
        "client_id": "desk",
        "secret": "the client's secret",
    }
    return save_provider(provider_id=None, values=values | more, who=Who(viewer.id, viewer.name))


@dataclass
class Desk:
    """A desk under test and the people in it."""

    app: Flask
    mailbox_id: int
    orders: int
    returns: int
    admin: Viewer
    _people: dict[str, Viewer] = field(default_factory=dict)

    @classmethod
    def set_up(cls, app: Flask) -> "Desk":
        """Make a mailbox, two teams and an administrator."""
        set_desk(undo_seconds=0)  # replies go at once; the tests of undoing say otherwise
        orders, returns = add_team(name="Orders"), add_team(name="Returns")
        box = add_mailbox(address=SUPPORT, sender_name="Shop", team_id=orders, signature="Your shop")
        desk = cls(app, box, orders, returns, None)  # type: ignore[arg-type] # set in the next line
        desk.admin = desk.agent("Joana Melo", role=Role.ADMIN)
        return desk

    def agent(
        self, name: str, role: Role = Role.AGENT, scope: Scope = Scope.ALL, teams: tuple[int, ...] = ()
    ) -> Viewer:
        """Return a person of the desk, made the first time they are named."""
        if name not in self._people:
            made = add_agent(
                name=name,
                email=f"{name.split(' ')[0].lower()}@shop.example",
                role=role,
                scope=scope,
                team_ids=teams,
            )
            viewer = viewer_of_agent(made)
            assert viewer is not None
            db.session.rollback()
            self._people[name] = viewer
        return self._people[name]

    def receive(
        self, raw: bytes, *, to: Sequence[str] = (SUPPORT,), envelope_from: str | None = None
    ) -> Inbound:
        """Let a mail come in and be read; return its row."""
        inbound_id = accept(
            raw,
            source="smtp",
            mailbox_id=self.mailbox_id,
            envelope_from=envelope_from,
            envelope_to=list(to),
        )
        run_all()
        return self.row(Inbound, inbound_id)

    def ticket(self, number: int | None = None, **mail: Any) -> Ticket:
        """Return a ticket by number, or a new one from a mail."""
        if number is None:
            inbound = self.receive(a_mail(**mail))
            assert inbound.ticket_id is not None, inbound.reason
            return self.row(Ticket, inbound.ticket_id)
        db.session.rollback()
        found = session().scalar(sa.select(Ticket).where(Ticket.number == number))
        assert found is not None
        return found

    def row(self, table: type[Any], row_id: int) -> Any:
        """Return a row as it is now."""
        db.session.rollback()
        return session().get_one(table, row_id, populate_existing=True)

    def rows(self, table: type[Any], **where: Any) -> list[Any]:
        """Return rows as they are now, oldest first."""
        db.session.rollback()
        return list(session().scalars(sa.select(table).filter_by(**where).order_by(table.id)))

    def all(self, table: type[Any]) -> list[Any]:
        """Return all rows of a table as they are now, in any order."""
        db.session.rollback()
        return list(session().scalars(sa.select(table)))

    def messages(self, ticket: Ticket) -> list[Message]:
        """Return the messages of a ticket."""
        return self.rows(Message, ticket_id=ticket.id)

    def outgoing(self, kind: str | None = None) -> list[OutgoingMail]:
        """Return the mails the desk wrote."""
        return self.rows(OutgoingMail, **({"kind": kind} if kind else {}))

    def deliveries(self, **where: Any) -> list[Delivery]:
        """Return deliveries."""
        return self.rows(Delivery, **where)

    def browser(self, viewer: Viewer | None = None) -> "Browser":
        """Return an HTTP client, signed in as `viewer` if one is given."""
        client = self.app.test_client()
        if viewer is not None:
            secret = start_session(agent_id=viewer.id, network="127.0.0.1", browser="test")
            client.set_cookie(COOKIE, secret, domain="localhost")
        return Browser(client)


class Browser:
    """An HTTP client that fills in the hidden fields of the form it saw last, as a browser does.

    Each request runs in a context of its own, as in a server: nothing of the test's leaks into it.
    """

    def __init__(self, client: FlaskClient) -> None:
        self.client = client
        self.page = ""

    def get(self, url: str, **more: Any) -> TestResponse:
        """Open a page."""
        return self._seen(Context().run(self.client.get, url, **more))

    def post(self, url: str, data: dict[str, Any] | None = None, **more: Any) -> TestResponse:
        """Send a form with the hidden fields of the page seen last."""
        hidden = dict(re.findall(r'<input type="hidden" name="([^"]+)" value="([^"]*)"', self.page))
        return self._seen(Context().run(self.client.post, url, data=hidden | (data or {}), **more))

    def _seen(self, response: TestResponse) -> TestResponse:
        if response.mimetype == "text/html" and response.status_code not in {301, 302, 303}:
            self.page = response.get_data(as_text=True)
        return response
