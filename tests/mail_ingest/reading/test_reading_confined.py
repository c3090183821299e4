"""Reading in a child process: the same answers, and a hostile mail ends the child, never us."""

import os
import signal
import threading
from collections.abc import Iterator

import pytest
import torture

from mail_ingest import confined
from mail_ingest.confined import Reader, read_here
from mail_ingest.limits import MailTooComplexError, MailUnreadableError

MAIL = torture.attached(b"Content-Type: image/png; name=a.png\r\nContent-ID: <x@y>")


@pytest.fixture(scope="module")
def reader() -> Iterator[Reader]:
    with Reader() as shared:
        yield shared


def child_of(reader: Reader) -> int:
    assert reader._child is not None
    return reader._child._process.pid


def test_the_child_reads_what_we_would_read(reader: Reader) -> None:
    for raw in (MAIL, torture.html("<p>ä"), torture.plain("日本\U0001f600".encode()), b"", b"\xff" * 1000):
        assert reader.read(raw) == read_here(raw)


def test_the_envelope_sender_reaches_the_child(reader: Reader) -> None:
    assert reader.read(MAIL, "").classification.kind == "bounce"
    assert reader.read(MAIL, "ann@example.com").classification.kind == "person"


def test_a_refusal_crosses_the_pipe(reader: Reader) -> None:
    with pytest.raises(MailTooComplexError) as refused:
        reader.read(torture.nested(60))
    assert refused.value.reason == "too_deep"
    with pytest.raises(MailTooComplexError, match="larger than 40 MB"):
        reader.read(b"x" * (41 * torture.MB))
    assert reader.read(MAIL) == read_here(MAIL)


def test_a_child_killed_between_two_mails_is_replaced(reader: Reader) -> None:
    reader.read(MAIL)
    before = child_of(reader)
    os.kill(before, signal.SIGKILL)
    assert reader.read(MAIL) == read_here(MAIL)
    assert child_of(reader) != before


def test_a_forked_worker_starts_a_child_of_its_own(monkeypatch: pytest.MonkeyPatch) -> None:
    with Reader() as parent:
        parent.read(MAIL)
        theirs = parent._child
        assert theirs is not None
        with monkeypatch.context() as forked, Reader() as worker:
            worker._child = theirs
            forked.setattr(theirs, "_owner", -1)
            assert worker.read(MAIL) == read_here(MAIL)
            assert worker._child is not theirs


def test_a_mail_that_takes_too_long_is_refused() -> None:
    with Reader() as reader:
        reader.read(MAIL)
        reader._time_limit_s = 0.2
        child = child_of(reader)
        os.kill(child, signal.SIGSTOP)
        with pytest.raises(MailUnreadableError) as refused:
            reader.read(MAIL)
        assert refused.value.reason == "too_slow"
        assert reader._child is None


def test_a_mail_that_takes_too_much_memory_is_refused() -> None:
    with Reader(memory_limit_bytes=75 * torture.MB) as reader:
        with pytest.raises(MailUnreadableError) as refused:
            reader.read(torture.parts(1, b"x" * (38 * torture.MB)))
        assert refused.value.reason in ("too_much_memory", "reader_died")
        assert reader.read(MAIL) == read_here(MAIL)


def test_a_child_that_dies_over_a_mail_refuses_it(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(confined, "_CHILD", "import sys; sys.stdin.buffer.read(9)")
    with Reader() as reader, pytest.raises(MailUnreadableError) as refused:
        reader.read(MAIL)
    assert refused.value.reason == "reader_died"


def test_threads_share_a_reader(reader: Reader) -> None:
    wrong: list[str] = []

    def work(number: int) -> None:
        for turn in range(5):
            text = f"{number} {turn}"
            if reader.read(torture.plain(text.encode())).mail.text != text:
                wrong.append(text)

    threads = [threading.Thread(target=work, args=(number,)) for number in range(6)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert wrong == []


def test_a_closed_reader_reads_again() -> None:
    reader = Reader()
    reader.read(MAIL)
    reader.close()
    assert reader.read(MAIL) == read_here(MAIL)
    reader.close()
    reader.close()
