"""One signed-in connection to a folder: the only user of imapclient."""

import contextlib
import socket
import ssl
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any, Self

from imapclient import IMAPClient
from imapclient.exceptions import IMAPClientError, LoginError

from helpdesk.core.errors import HelpdeskError, TemporaryError
from helpdesk.mailboxes.fetching import SourceCard
from helpdesk.mailboxes.jobs import access_token

TIMEOUT_S = 30
IDLE_LOOK_S = 0.5
"""While waiting in IDLE we look up so often whether we should stop."""


@dataclass(frozen=True, slots=True)
class Listed:
    """What the server says about a mail before we fetch it."""

    uid: int
    size: int
    received_at: datetime | None


class ImapError(TemporaryError):
    """The server did not do what we asked; the words say what and what to do about it.

    `step` is how far we came: server, certificate, sign in, folder, or empty once the folder was open.
    """

    def __init__(self, message: str, *, step: str = "") -> None:
        super().__init__(message)
        self.step = step


class Folder:
    """A connection with the source's folder selected. Use it as a context."""

    def __init__(self, source: SourceCard, *, timeout_s: float = TIMEOUT_S) -> None:
        self.source = source
        self._timeout_s = timeout_s
        self._client: Any = None
        self.uidvalidity = 0
        self.uidnext = 0
        self.mails = 0
        self.news = False
        self.reached_ms = 0
        self.opened_ms = 0

    def __enter__(self) -> Self:
        """Connect, sign in and select.

        Raises:
            ImapError: in words for whoever set the mailbox up.
        """
        began = time.monotonic()
        try:
            self._client = self._connected()
            self.reached_ms = round((time.monotonic() - began) * 1000)
            self._sign_in()
            self._select()
            self.opened_ms = round((time.monotonic() - began) * 1000) - self.reached_ms
        except BaseException:
            self.__exit__()
            raise
        return self

    def __exit__(self, *_: object) -> None:
        """Leave, however the connection is."""
        if self._client is not None:
            with contextlib.suppress(OSError, IMAPClientError):
                self._client.shutdown()
            self._client = None

    def _connected(self) -> Any:
        s = self.source
        try:
            client = IMAPClient(
                s.host,
                s.port,
                ssl=s.security == "tls",
                ssl_context=ssl.create_default_context() if s.security == "tls" else None,
                timeout=self._timeout_s,
            )
            if s.security == "starttls":
                client.starttls(ssl.create_default_context())
        except ssl.SSLCertVerificationError as error:
            words = f"The certificate of {s.host} is not valid: {error.verify_message}."
            raise ImapError(words, step="certificate") from error
        except ssl.SSLError as error:
            words = f"{s.host}:{s.port} does not speak TLS as set. Check port and security."
            raise ImapError(words, step="certificate") from error
        except (socket.gaierror, UnicodeError) as error:
            words = f"There is no server named {s.host}. Check the host name."
            raise ImapError(words, step="server") from error
        except (OSError, IMAPClientError) as error:
            words = f"{s.host}:{s.port} does not answer: {_words(error)}."
            raise ImapError(words, step="server") from error
        client.socket().setsockopt(socket.SOL_SOCKET, socket.SO_KEEPALIVE, 1)
        return client

    def _sign_in(self) -> None:
        s = self.source
        token = self._token() if s.auth == "oauth" else ""
        try:
            if not token:
                self._client.login(s.user, s.password)
            elif self._client.has_capability("AUTH=OAUTHBEARER"):
                self._client.oauthbearer_login(s.user, token)
            else:
                self._client.oauth2_login(s.user, token)
        except LoginError as error:
            words = f"{s.host} refused user name or password of {s.user}: {_words(error)}"
            raise ImapError(words, step="sign in") from error
        except (OSError, IMAPClientError) as error:
            words = f"{s.host} broke off while signing in: {_words(error)}"
            raise ImapError(words, step="sign in") from error

    def _token(self) -> str:
        try:
            return access_token(self.source.mailbox_id)
        except HelpdeskError as error:
            raise ImapError(str(error), step="sign in") from error

    def _select(self) -> None:
        s = self.source
        try:
            answer = self._client.select_folder(s.folder, readonly=s.afterwards == "leave")
        except (OSError, IMAPClientError) as error:
            words = f"The folder {s.folder} cannot be opened on {s.host}: {_words(error)}"
            raise ImapError(words, step="folder") from error
        self.mails = int(answer.get(b"EXISTS", 0))
        self.uidvalidity = int(answer[b"UIDVALIDITY"])
        self.uidnext = int(answer.get(b"UIDNEXT", 0))

    def encryption(self) -> str:
        """Return how the wire is encrypted, and until when the certificate is good; empty without TLS."""
        wire = self._client.socket()
        if not isinstance(wire, ssl.SSLSocket):
            return ""
        until = str((wire.getpeercert() or {}).get("notAfter", ""))
        return f"{wire.version()}, certificate until {until}" if until else str(wire.version())

    def has_mark(self, header: str, value: str) -> int | None:
        """Return the UID of a mail that has `value` in a header, or None; nothing is marked as read."""
        found = self._ask(lambda c: c.search(["HEADER", header, value]))
        return int(found[-1]) if found else None

    def names(self) -> list[str]:
        """Return the names of the folders there are."""
        return [str(name) for _flags, _mark, name in self._ask(lambda c: c.list_folders())]

    def newer_than(self, uid: int) -> list[int]:
        """Return the UIDs above `uid`, in order (`*` always answers with one: it is left out)."""
        found = self._ask(lambda c: c.search(["UID", f"{uid + 1}:*"]))
        return sorted(u for u in found if u > uid)

    def listed(self, uids: Sequence[int]) -> list[Listed]:
        """Return size and INTERNALDATE of mails, in order; those gone meanwhile are left out."""
        answer = self._ask(lambda c: c.fetch(list(uids), ["RFC822.SIZE", "INTERNALDATE"]))
        found = []
        for uid in sorted(answer):
            at = answer[uid].get(b"INTERNALDATE")
            if at is not None and at.tzinfo is None:
                at = at.astimezone(UTC)
            found.append(Listed(uid, int(answer[uid].get(b"RFC822.SIZE", 0)), at))
        return found

    def raw(self, uid: int, *, head_only: bool = False) -> bytes | None:
        """Return a mail's bytes without marking it read; None when it is gone."""
        part = "BODY.PEEK[HEADER]" if head_only else "BODY.PEEK[]"
        answer = self._ask(lambda c: c.fetch([uid], [part]))
        if uid not in answer:
            return None
        body = answer[uid].get(b"BODY[HEADER]" if head_only else b"BODY[]")
        return None if body is None else bytes(body)

    def tidy(self, uids: Sequence[int]) -> None:
        """Mark or move what is ours now; cosmetic: the cursor never depends on it."""
        s = self.source
        if not uids or s.afterwards == "leave":
            return
        if s.afterwards == "seen":
            self._ask(lambda c: c.add_flags(list(uids), [b"\\Seen"], silent=True))
        elif self._ask(lambda c: c.has_capability("MOVE")):
            self._ask(lambda c: c.move(list(uids), s.move_to))
        elif self._ask(lambda c: c.has_capability("UIDPLUS")):
            self._ask(lambda c: c.copy(list(uids), s.move_to))
            self._ask(lambda c: c.add_flags(list(uids), [b"\\Deleted"], silent=True))
            self._ask(lambda c: c.uid_expunge(list(uids)))

    def wait(self, timeout_s: float, stop: Callable[[], bool]) -> bool:
        """Wait for news with IDLE, or until `stop`; return False when the server cannot: then poll."""
        if not self._ask(lambda c: c.has_capability("IDLE")):
            return False
        self._ask(lambda c: c.idle())
        try:
            until = time.monotonic() + timeout_s
            self.news = False
            while not self.news and not stop() and time.monotonic() < until:
                self.news = bool(self._ask(lambda c: c.idle_check(timeout=IDLE_LOOK_S)))
        finally:
            self._ask(lambda c: c.idle_done())
        return True

    def noop(self) -> None:
        """Ask whether the connection stands."""
        self._ask(lambda c: c.noop())

    def _ask(self, question: Any) -> Any:
        try:
            return question(self._client)
        except (OSError, IMAPClientError, ssl.SSLError) as error:
            raise ImapError(f"{self.source.host} broke off: {_words(error)}") from error


def _words(error: BaseException) -> str:
    said = error.strerror if isinstance(error, OSError) and error.strerror else str(error)
    text = " ".join(said.split())
    if text[:2] in {"b'", 'b"'} and text[-1] == text[1]:  # the library passes the server's bytes on like this
        text = text[2:-1]
    return text[:300] or type(error).__name__
