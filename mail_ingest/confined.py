"""Mail read in a child process with limits: a hostile mail ends the child, never the worker (M6, T13)."""

import contextlib
import json
import os
import resource
import select
import signal
import struct
import subprocess
import sys
import threading
import time
import traceback
import weakref
from collections.abc import Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any, BinaryIO, Self

from mail_ingest.classify import Classification, classify
from mail_ingest.limits import (
    DEFAULT,
    READER_DIED,
    Limits,
    MailRefusedError,
    MailTooComplexError,
    MailUnreadableError,
    too_big,
)
from mail_ingest.parse import ParsedMail, parse
from mail_ingest.parse.glance import Glimpse, glance
from mail_ingest.parse.plain import mail_from_plain, mail_to_plain
from mail_ingest.quoting import Reply, Segment, split

TIME_LIMIT_S = 20.0
MEMORY_LIMIT_BYTES = 512 * 1024 * 1024
_MAILS_A_CHILD = 2_000
_LENGTH = struct.Struct(">Q")
_CHUNK = 1 << 20
_GLANCE_BYTES = 256 * 1024
_CHILD = """
import sys
sys.path.insert(0, sys.argv[1])
from mail_ingest.confined import serve
serve(int(sys.argv[2]))
"""


@dataclass(frozen=True, slots=True)
class ReadMail:
    """A mail read in full: what it says, what kind it is, and what is new in it."""

    mail: ParsedMail
    classification: Classification
    reply: Reply


def read_here(raw: bytes, envelope_from: str | None = None, limits: Limits = DEFAULT) -> ReadMail:
    """Read a mail in this process; `envelope_from` is the SMTP sender, None when unknown.

    Raises:
        MailTooComplexError: the mail is over one of the caps.
    """
    mail = parse(raw, limits)
    return ReadMail(mail, classify(mail, envelope_from), split(mail.text, mail.html, mail.subject))


class Reader:
    """Reads mails in one child process, one at a time; safe to share between threads."""

    def __init__(
        self, time_limit_s: float = TIME_LIMIT_S, memory_limit_bytes: int = MEMORY_LIMIT_BYTES
    ) -> None:
        self._time_limit_s = time_limit_s
        self._memory_limit_bytes = memory_limit_bytes
        self._lock = threading.Lock()
        self._child: _Child | None = None

    def read(self, raw: bytes, envelope_from: str | None = None) -> ReadMail:
        """Read a mail.

        Raises:
            MailRefusedError: it is over a cap, took too long or too much memory, or could not be read.
        """
        if len(raw) > DEFAULT.mail_bytes:
            raise too_big(DEFAULT)
        question = [json.dumps({"envelope_from": envelope_from}).encode(), raw]
        with self._lock:
            answer = self._ask(question)
        return _read_from(answer)

    def glance(self, raw: bytes) -> Glimpse:
        """Return what can be read of a mail that was refused; an empty glimpse when nothing can."""
        try:
            with self._lock:
                answer = self._ask([json.dumps({"glance": True}).encode(), raw[:_GLANCE_BYTES]])
        except MailRefusedError:
            return Glimpse()
        plain: dict[str, Any] = json.loads(answer[0])
        return Glimpse() if "refused" in plain else Glimpse(**plain)

    def close(self) -> None:
        """End the child; the next read starts another."""
        with self._lock:
            self._drop()

    def __enter__(self) -> Self:
        """Return the reader itself."""
        return self

    def __exit__(self, *_: object) -> None:
        """End the child."""
        self.close()

    def _ask(self, question: list[bytes]) -> list[bytes]:
        """Return the child's answer; a mail is refused for a death only when it is a fresh child's."""
        if self._child is not None and not self._child.usable:
            self._drop()
        if self._child is None:
            self._child = _Child(self._memory_limit_bytes)
        used = self._child.mails > 0
        try:
            return self._child.ask(question, time.monotonic() + self._time_limit_s)
        except TimeoutError:
            self._drop()
            seconds = f"{self._time_limit_s:g}"
            raise MailUnreadableError(
                "too_slow", f"Reading this mail took longer than {seconds} seconds."
            ) from None
        except (OSError, EOFError) as error:
            self._drop()
            if used:
                return self._ask(question)
            raise MailUnreadableError(READER_DIED, "This mail could not be read.", repr(error)) from None

    def _drop(self) -> None:
        if self._child is not None:
            self._child.end()
            self._child = None


class _Child:
    """The child process and the pipes to it."""

    def __init__(self, memory_limit_bytes: int) -> None:
        root = str(Path(__file__).resolve().parents[1])
        self.mails = 0
        self._owner = os.getpid()
        # No fork of ours: subprocess starts a fresh interpreter, which is safe beside other threads.
        self._process = subprocess.Popen(  # noqa: S603 - our own interpreter with our own arguments
            [sys.executable, "-I", "-S", "-c", _CHILD, root, str(memory_limit_bytes)],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            bufsize=0,
        )
        pipes = [pipe for pipe in (self._process.stdin, self._process.stdout) if pipe is not None]
        for pipe in pipes:
            os.set_blocking(pipe.fileno(), False)
        self._in, self._out = (pipe.fileno() for pipe in pipes)
        self._finalizer = weakref.finalize(self, _end, self._process, self._owner)

    @property
    def usable(self) -> bool:
        """Whether this process may ask on: it started the child, which has not read too many mails."""
        return self._owner == os.getpid() and self.mails < _MAILS_A_CHILD

    def ask(self, question: list[bytes], deadline: float) -> list[bytes]:
        """Send frames and return the frames that come back.

        Raises:
            TimeoutError: the deadline passed, in seconds of the monotonic clock.
            EOFError: the child died.
        """
        for piece in _framed(question):
            self._send(piece, deadline)
        count = _LENGTH.unpack(self._receive(_LENGTH.size, deadline))[0]
        answer = []
        for _ in range(count):
            size = _LENGTH.unpack(self._receive(_LENGTH.size, deadline))[0]
            answer.append(self._receive(size, deadline))
        self.mails += 1
        return answer

    def end(self) -> None:
        """Kill the child."""
        self._finalizer()

    def _send(self, data: bytes, deadline: float) -> None:
        view = memoryview(data)
        while view:
            _wait(self._in, select.POLLOUT, deadline)
            view = view[os.write(self._in, view[:_CHUNK]) :]

    def _receive(self, size: int, deadline: float) -> bytes:
        received = bytearray()
        while len(received) < size:
            _wait(self._out, select.POLLIN, deadline)
            chunk = os.read(self._out, min(_CHUNK, size - len(received)))
            if not chunk:
                raise EOFError("the reading process ended")
            received += chunk
        return bytes(received)


def _end(process: subprocess.Popen[bytes], owner: int) -> None:
    """Kill a process and close its pipes; a worker forked off later leaves its parent's child alone."""
    if owner != os.getpid():
        return
    process.kill()
    for pipe in (process.stdin, process.stdout):
        if pipe is not None:
            with contextlib.suppress(OSError):
                pipe.close()
    process.wait()


def _wait(descriptor: int, event: int, deadline: float) -> None:
    """Wait until a pipe can be written to or read from."""
    poll = select.poll()
    poll.register(descriptor, event)
    left = deadline - time.monotonic()
    if left <= 0 or not poll.poll(left * 1000):
        raise TimeoutError


def _framed(frames: Sequence[bytes]) -> list[bytes]:
    """Return frames as they go through the pipe: their number, then each with its length."""
    pieces = [_LENGTH.pack(len(frames))]
    for frame in frames:
        pieces += [_LENGTH.pack(len(frame)), frame]
    return pieces


def _read_from(answer: list[bytes]) -> ReadMail:
    """Return the mail that the child read, or raise its refusal."""
    plain: dict[str, Any] = json.loads(answer[0])
    if "refused" in plain:
        kind = MailTooComplexError if plain["refused"] == "caps" else MailUnreadableError
        raise kind(plain["reason"], plain["sentence"], plain["detail"])
    segments = tuple(Segment(kind, text) for kind, text in plain["segments"])
    return ReadMail(
        mail_from_plain(plain["mail"], answer[1:]), Classification(**plain["classification"]), Reply(segments)
    )


def serve(memory_limit_bytes: int) -> None:
    """Read mails from standard input until it ends: the child's whole life."""
    _limit(memory_limit_bytes)
    # Whoever started us ends us, by closing the pipe; a Ctrl-C meant for them is not for us.
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    source, sink = sys.stdin.buffer, sys.stdout.buffer
    while (question := _next_frames(source)) is not None:
        frames, fatal = _answer(question)
        for piece in _framed(frames):
            sink.write(piece)
        sink.flush()
        if fatal:
            return


def _limit(memory_limit_bytes: int) -> None:
    """Give up memory beyond the limit, core dumps and writing files."""
    wanted = ((resource.RLIMIT_AS, memory_limit_bytes), (resource.RLIMIT_CORE, 0), (resource.RLIMIT_FSIZE, 0))
    for name, value in wanted:
        with contextlib.suppress(ValueError, OSError):
            resource.setrlimit(name, (value, value))


def _next_frames(source: BinaryIO) -> list[bytes] | None:
    """Return the next question, None at the end."""
    head = source.read(_LENGTH.size)
    if len(head) < _LENGTH.size:
        return None
    return [source.read(_LENGTH.unpack(source.read(_LENGTH.size))[0]) for _ in range(_LENGTH.unpack(head)[0])]


def _answer(question: list[bytes]) -> tuple[list[bytes], bool]:
    """Return the answer to one question, and whether the child had better end after it."""
    asked = json.loads(question[0])
    try:
        if "glance" in asked:
            return [json.dumps(asdict(glance(question[1]))).encode()], False
        read = read_here(question[1], asked["envelope_from"])
        plain, files = mail_to_plain(read.mail)
        segments = [(segment.kind, segment.text) for segment in read.reply.segments]
        whole = {"mail": plain, "classification": asdict(read.classification), "segments": segments}
        return [json.dumps(whole, ensure_ascii=False).encode(), *files], False
    except MailRefusedError as error:
        return [_refusal("caps", error.reason, error.sentence, error.detail)], False
    except MemoryError:
        return [_refusal("failed", "too_much_memory", "Reading this mail took too much memory.", "")], True
    except Exception:  # noqa: BLE001 - whatever a mail does to us, the answer is a refusal
        return [
            _refusal("failed", "unreadable", "This mail could not be read.", traceback.format_exc(-3))
        ], False


def _refusal(kind: str, reason: str, sentence: str, detail: str) -> bytes:
    """Return a refusal as it goes through the pipe."""
    return json.dumps({"refused": kind, "reason": reason, "sentence": sentence, "detail": detail}).encode()
