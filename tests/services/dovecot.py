"""A real mail server (Dovecot: IMAP and LMTP) on free ports of 127.0.0.1.

Every user name with the password `secret` is let in and gets a maildir of its own, so a fresh name is a fresh
mailbox. The bearer token `good-<user>` is let in by XOAUTH2 and OAUTHBEARER. Dovecot runs entirely under one
unprivileged account: ours, or another one when we are root.
"""

from __future__ import annotations

import contextlib
import grp
import http.server
import json
import os
import pwd
import re
import shutil
import signal
import smtplib
import string
import subprocess
import threading
import urllib.parse
import uuid
from collections.abc import Iterator
from pathlib import Path
from types import TracebackType
from typing import Self

from imapclient import IMAPClient

from tests.services import process
from tests.services.process import ServiceError, until
from tests.services.programs import Program, find

HOST = "127.0.0.1"
PASSWORD = "secret"
_KNOWN = (("2", "3"), ("2", "4"))


class DovecotServer:
    """A private mail server. `new_user()` names a mailbox nobody used yet."""

    host = HOST
    password = PASSWORD

    def __init__(self) -> None:
        self.folder = process.new_folder("mail")
        self.imap_port = 0
        self.lmtp_port = 0
        self._process: subprocess.Popen[bytes] | None = None
        self._tokens = _TokenEndpoint()

    def start(self) -> Self:
        """Start it, after `halt` on the same ports with the same mail, and wait until it lets a user in.

        Raises:
            ServiceError: it is missing, of an unknown version or does not start.
        """
        binary = find("dovecot")
        version = _version(binary)
        self._tokens.start()
        tries = 1 if self.imap_port else 3
        for left in reversed(range(tries)):
            if tries > 1:
                self.imap_port, self.lmtp_port = process.free_port(), process.free_port()
            self._launch(binary, version)
            try:
                until(self.is_up, 15, what="Dovecot")
            except (TimeoutError, ServiceError) as error:
                self.halt()
                if left == 0 or isinstance(error, TimeoutError):
                    msg = f"Dovecot did not start:\n{process.tail(self._log)}"
                    raise ServiceError(msg) from error
            else:
                return self
        return self

    def halt(self, by: signal.Signals = signal.SIGTERM) -> None:
        """Go away and keep the mail; `start` brings it back."""
        if self._process is not None:
            process.stop(self._process, by)
            self._process = None

    @contextlib.contextmanager
    def away(self) -> Iterator[None]:
        """Gone inside the `with`, back on the same ports with the same mail after it."""
        self.halt()
        try:
            yield
        finally:
            self.start()

    def stop(self) -> None:
        """End it and remove its folder."""
        if self._process is not None and self._process.poll() is None:
            os.killpg(self._process.pid, signal.SIGKILL)
        self.halt()
        self._tokens.stop()
        shutil.rmtree(self.folder, ignore_errors=True)

    def is_up(self) -> bool:
        """Whether a user is let in and a mail would be taken."""
        if self._process is None or self._process.poll() is not None:
            msg = f"Dovecot ended:\n{process.tail(self._log)}"
            raise ServiceError(msg)
        try:
            with smtplib.LMTP(HOST, self.lmtp_port, local_hostname="tests"):
                self.connect("readiness@example.net").logout()
        except OSError:
            return False
        return True

    @property
    def is_running(self) -> bool:
        """Whether the process lives."""
        return self._process is not None and self._process.poll() is None

    @staticmethod
    def new_user(name: str = "support") -> str:
        """An address nobody used yet: a fresh, empty mailbox."""
        return f"{name}-{uuid.uuid4().hex[:10]}@example.net"

    @staticmethod
    def token(user: str) -> str:
        """A bearer token that is good for this user."""
        return f"good-{user}"

    def connect(self, user: str) -> IMAPClient:
        """A logged-in client, to look into a mailbox the way a person's mail program does."""
        client = IMAPClient(HOST, port=self.imap_port, ssl=False, timeout=10)
        client.login(user, PASSWORD)
        return client

    def deliver(self, user: str, mail: bytes, sender: str = "customer@example.com") -> None:
        """Put a mail into a mailbox by LMTP, as a mail system would.

        Raises:
            smtplib.SMTPException: it was refused.
        """
        with smtplib.LMTP(HOST, self.lmtp_port, local_hostname="tests") as client:
            client.sendmail(sender, [user], mail)

    def mails(self, user: str, folder: str = "INBOX") -> list[bytes]:
        """The bytes of all mails of a folder, oldest first; nothing is marked as seen."""
        with self.connect(user) as client:
            client.select_folder(folder, readonly=True)
            found = client.search()
            fetched = client.fetch(found, ["BODY.PEEK[]"]) if found else {}
            return [fetched[uid][b"BODY[]"] for uid in found]

    def change_uidvalidity(self, user: str, folder: str = "INBOX", to: int = 0) -> None:
        """Make the server forget its numbers, as after a restore: same mails, new UIDVALIDITY and UIDs.

        `to`: the UIDVALIDITY it shall have, with the UIDs there are; 0: the server chooses both.
        No client may be connected to the mailbox.
        """
        place = self.folder / "mail" / user
        if folder != "INBOX":
            place = place / f".{folder.replace('/', '.')}"
        uids = place / "dovecot-uidlist"
        for index in place.glob("dovecot.index*"):
            index.unlink(missing_ok=True)
        if to:
            uids.write_text(re.sub(r"V\d+", f"V{to}", uids.read_text(), count=1))
        else:
            uids.unlink(missing_ok=True)

    @property
    def _log(self) -> Path:
        return self.folder / "dovecot.log"

    def _launch(self, binary: Program, version: tuple[str, str]) -> None:
        account = process.unprivileged_user() or pwd.getpwuid(os.geteuid())
        for name in ("run", "state", "mail"):
            (self.folder / name).mkdir(exist_ok=True)
        self._log.touch()
        values = {
            "folder": self.folder,
            "user": account.pw_name,
            "group": grp.getgrgid(account.pw_gid).gr_name,
            "uid": account.pw_uid,
            "gid": account.pw_gid,
            "imap_port": self.imap_port,
            "lmtp_port": self.lmtp_port,
            "token_port": self._tokens.port,
            "password": PASSWORD,
            "unpacked": _settings_of_an_unpacked_one(binary),
        }
        configuration = self.folder / "dovecot.conf"
        for target, source in (
            (configuration, f"dovecot_{'_'.join(version)}.conf"),
            (self.folder / "oauth2.conf.ext", "dovecot_2_3_oauth2.conf"),
        ):
            template = string.Template((Path(__file__).parent / source).read_text())
            target.write_text(template.substitute(values))
        if binary.root is not None:
            _link_what_is_built_in(self.folder / "run", binary.root)
        if os.geteuid() == 0:
            for owned in (self.folder, *self.folder.iterdir()):
                shutil.chown(owned, account.pw_uid, account.pw_gid)
        self._process = process.start(
            [binary.path, "-F", "-c", configuration],
            log=self._log,
            folder=self.folder / "run",
            environment=binary.environment(),
            user=process.unprivileged_user(),
            death_signal=signal.SIGTERM,
        )

    def __enter__(self) -> Self:
        return self.start()

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.stop()


def _version(binary: Program) -> tuple[str, str]:
    asked = subprocess.run(
        [binary.path, "--version"], env=binary.environment(), capture_output=True, text=True, check=False
    )
    version = re.match(r"(\d+)\.(\d+)", asked.stdout)
    if version is None or version.groups() not in _KNOWN:
        is_version = asked.stdout.strip() or asked.stderr
        msg = f"the tests' mail server is written for Dovecot 2.3 and 2.4, this is {is_version}"
        raise ServiceError(msg)
    if binary.root is not None and version.groups() == ("2", "4"):
        msg = "Dovecot 2.4 does not run unpacked: sudo apt-get install dovecot-imapd dovecot-lmtpd"
        raise ServiceError(msg)
    return version[1], version[2]


def _settings_of_an_unpacked_one(binary: Program) -> str:
    if binary.root is None:
        return ""
    libraries = binary.root / "usr" / "lib" / "dovecot"
    return "\n".join(
        [
            f"libexec_dir = {libraries}",
            f"mail_plugin_dir = {libraries}/modules",
            f"login_plugin_dir = {libraries}/modules/login",
            "import_environment = LD_LIBRARY_PATH PATH LC_ALL",
        ]
    )


def _link_what_is_built_in(folder: Path, root: Path) -> None:
    """Dovecot has two places built in; the set-up script made them relative, so they are looked for here."""
    for name, place in (("modules", "usr/lib/dovecot/modules"), ("doveconf", "usr/bin/doveconf")):
        if not (folder / name).is_symlink():
            (folder / name).symlink_to(root / place)


class _TokenEndpoint:
    """The OAuth2 server that Dovecot asks about a token: `good-<user>` is active and belongs to that user."""

    def __init__(self) -> None:
        self.port = 0
        self._server: http.server.ThreadingHTTPServer | None = None

    def start(self) -> None:
        """Answer on a free port, once."""
        if self._server is None:
            self._server = http.server.ThreadingHTTPServer((HOST, 0), _Introspection)
            self.port = self._server.server_address[1]
            threading.Thread(target=self._server.serve_forever, args=(0.05,), daemon=True).start()

    def stop(self) -> None:
        """Answer no more."""
        if self._server is not None:
            self._server.shutdown()
            self._server.server_close()
            self._server = None


class _Introspection(http.server.BaseHTTPRequestHandler):
    def do_POST(self) -> None:
        form = urllib.parse.parse_qs(self.rfile.read(int(self.headers.get("Content-Length", 0))).decode())
        token = form.get("token", [""])[0]
        good = token.startswith("good-")
        answer = json.dumps(
            {"active": good, "email": token.removeprefix("good-")} if good else {"active": False}
        )
        self.send_response(200)
        self.send_header("Content-Type", "application/json")
        self.send_header("Content-Length", str(len(answer)))
        self.end_headers()
        self.wfile.write(answer.encode())

    def log_message(self, format: str, *args: object) -> None:
        """Stay silent."""
