"""Two web servers, two workers with Redis bells, PostgreSQL, and a real mail server between the people."""

import re
import urllib.request
from email.message import EmailMessage
from http.cookiejar import CookieJar
from urllib.parse import urlencode

import pytest

from helpdesk.mailboxes.commands import add_imap_source
from helpdesk.people.commands import set_password
from tests.making import PASSWORD, Desk, a_mail
from tests.processes.installation import Installation
from tests.services import process
from tests.services.dovecot import DovecotServer
from tests.services.process import until
from tests.services.redis import RedisServer
from tests.services.smtp_sink import SmtpSink

pytestmark = pytest.mark.services


class Person:
    """A browser without JavaScript: opens pages, fills in forms, keeps cookies."""

    def __init__(self, port: int) -> None:
        self.base = f"http://127.0.0.1:{port}"
        jar = urllib.request.HTTPCookieProcessor(CookieJar())
        self._opener = urllib.request.build_opener(jar)
        self.page = ""

    def get(self, path: str) -> str:
        """Open a page."""
        with self._opener.open(self.base + path, timeout=20) as answer:
            self.page = answer.read().decode()
        return self.page

    def post(self, path: str, **fields: str) -> str:
        """Send the form of the page seen last."""
        hidden = dict(re.findall(r'<input type="hidden" name="([^"]+)" value="([^"]*)"', self.page))
        body = urlencode(hidden | fields).encode()
        asked = urllib.request.Request(self.base + path, body, {"Origin": self.base})  # noqa: S310 - http, ours
        with self._opener.open(asked, timeout=20) as answer:
            self.page = answer.read().decode()
        return self.page


@pytest.mark.parametrize("engine", ["postgresql"], indirect=True)
def test_the_main_job_across_machines_with_redis_coming_and_going(
    installed: Installation,
    desk: Desk,
    dovecot_server: DovecotServer,
    redis_server: RedisServer,
    smtp_sink: SmtpSink,
) -> None:
    user = dovecot_server.new_user()
    add_imap_source(
        mailbox_id=desk.mailbox_id,
        host="127.0.0.1",
        port=dovecot_server.imap_port,
        security="none",
        user=user,
        password=dovecot_server.password,
        first_import="all",
    )
    set_password(agent_id=desk.admin.id, password=PASSWORD)
    ports = [process.free_port(), process.free_port()]
    for port in ports:
        installed.start("web", port=port)
    for _ in range(2):
        installed.start("worker", smtp_listen_port=0)
        installed.start("rq-worker")
    left, right = Person(ports[0]), Person(ports[1])
    for person in (left, right):
        until(lambda p=person: _ready(p), 90, what="the web servers")

    dovecot_server.deliver(user, a_mail(message_id="<first@mail.example>"))
    until(lambda: installed.rows("SELECT number FROM tickets"), 90, what="the ticket")
    for person in (left, right):
        person.get("/sign-in")
        person.post("/sign-in", email="joana@shop.example", password=PASSWORD)
    assert "Parcel says delivered" in left.get("/a/queue?view=unassigned")

    with redis_server.away():
        left.get("/a/tickets/1001")
        left.post("/a/tickets/1001/messages", kind="reply", body="We look for it.", then_state="pending")
        until(lambda: _replies(smtp_sink), 90, what="the reply, sent although Redis is away")
    reply = _replies(smtp_sink)[0]
    assert reply["In-Reply-To"] == "<first@mail.example>"

    answer_to = reply["Reply-To"].addresses[0].addr_spec
    redis_server.flush()
    dovecot_server.deliver(user, a_mail(to=answer_to, text="Found it at the neighbour's."))
    until(lambda: "Found it at the neighbour" in right.get("/a/tickets/1001"), 90, what="the answer")
    assert installed.rows("SELECT count(*) FROM tickets")[0][0] == 1
    link = re.search(r"/r/[0-9a-z.]+", reply.get_body(("plain",)).get_content())
    assert link is not None
    assert "We look for it." in Person(ports[1]).get(link[0])
    installed.settled()
    assert len(_replies(smtp_sink)) == 1
    checked = installed.run("fsck")
    assert checked.returncode == 0, checked.stdout


def _ready(person: Person) -> bool:
    try:
        return '"ready"' in person.get("/readyz")
    except OSError:
        return False


def _replies(sink: SmtpSink) -> list[EmailMessage]:
    return [m.message for m in sink.to("lena@example.de") if m.message["Auto-Submitted"] is None]
