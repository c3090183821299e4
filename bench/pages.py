"""The pages agents look at all day: server time, statements and requests a second, few tickets and many."""

import http.client
import threading
import time
from collections.abc import Callable
from contextvars import Context

import sqlalchemy as sa

from bench.desks import BenchDesk, desk, fill, long_ticket
from bench.measuring import Table, both, p, times
from helpdesk.core.db import db
from helpdesk.core.web.sessions import COOKIE
from helpdesk.tickets import fold
from helpdesk.tickets.model import Ticket
from helpdesk.tickets.queries.replaying import replay

SESSIONS = 8
SAMPLE = 200


def run(table: Table, name: str, url: str, sizes: list[int], seconds: float) -> None:
    """Measure one engine."""
    middle: dict[str, list[float]] = {}
    with desk(url) as made:
        held = 0
        number = 0
        for size in sizes:
            started = time.perf_counter()
            fill(made, size - held)
            number = number or long_ticket(made, 30)
            held = size
            print(
                f"{name}, {size:,} open tickets (filled in {time.perf_counter() - started:.1f} s)", flush=True
            )
            _true(size)
            for what, found in _pages(table, made, name, size, number).items():
                middle.setdefault(what, []).append(found)
            _load(table, made, name, size, seconds)
        for what, found in middle.items():
            if len(found) > 1:
                table.add(
                    f"{name}: {what}, {sizes[-1]:,} against {sizes[0]:,}", f"{found[-1] / found[0]:.2f} times"
                )


def _true(size: int) -> None:
    """Fail if a sample of the bulk rows is not what its log says."""
    ids = db.session.scalars(sa.select(Ticket.id).where(Ticket.id % max(1, size // SAMPLE) == 0)).all()
    for ticket_id in ids:
        ticket, made = db.session.get_one(Ticket, ticket_id), replay(ticket_id)
        assert all(getattr(ticket, f) == getattr(made, f) for f in fold.COMPARED), ticket.number
    db.session.remove()


def _pages(table: Table, made: BenchDesk, name: str, size: int, number: int) -> dict[str, float]:
    client = made.app.test_client()
    client.set_cookie(COOKIE, made.cookie().partition("=")[2], domain="localhost")

    def get(path: str, **headers: str) -> Callable[[], int]:
        def work() -> int:
            answer = Context().run(client.get, path, headers=headers)
            assert answer.status_code in {200, 304}, answer.status_code
            return len(answer.data)

        return work

    rows = "/a/queue/rows?view=all"
    tag = Context().run(client.get, rows).headers["ETag"]
    queue_ms = 20 if size <= 1000 else 25
    wanted: list[tuple[str, Callable[[], int], str, int]] = [
        ("queue", get("/a/queue?view=all"), f"{queue_ms} ms", 8),
        ("queue of a person", get("/a/queue?view=mine"), f"{queue_ms} ms", 8),
        ("queue, waiting", get("/a/queue?view=all&state=waiting"), f"{queue_ms} ms", 8),
        ("queue fragment, 304", get(rows, **{"If-None-Match": tag}), "", 8),
        ("ticket of 30 messages", get(f"/a/tickets/{number}?view=all"), "30 ms", 12),
        ("bare page (/healthz)", get("/healthz"), "", 0),
    ]
    middle = {}
    for what, work, must, most in wanted:
        statements, size_of = _counted(work)
        before = time.process_time()
        found = times(work, 60, warm=0)
        cpu = (time.process_time() - before) / 60 * 1000
        middle[what] = p(found, 0.5)
        most_words = f" (at most {most})" if most else ""
        note = f"CPU {cpu:.1f} ms, {statements} statements{most_words}, {size_of / 1000:.1f} KB"
        table.add(f"{name}: {what}, {size:,} open", both(found), must, note)
    return middle


def _counted(work: Callable[[], int]) -> tuple[int, int]:
    seen: list[str] = []

    def note(_conn: object, _cursor: object, statement: str, *_more: object) -> None:
        if not statement.startswith(("BEGIN", "PRAGMA")):
            seen.append(statement)

    work()
    sa.event.listen(db.engine, "before_cursor_execute", note)
    try:
        length = work()
    finally:
        sa.event.remove(db.engine, "before_cursor_execute", note)
    return len(seen), length


def _load(table: Table, made: BenchDesk, name: str, size: int, seconds: float) -> None:
    cookies = [made.cookie() for _ in range(SESSIONS)]
    db.session.remove()
    port = made.settings.port
    with made.running("web"):
        _up(port)
        bare = _rate(port, "/healthz", cookies, seconds / 2)
        queue = _rate(port, "/a/queue?view=all", cookies, seconds)
    must = "100/s" if size <= 1000 else "90/s"
    table.add(
        f"{name}: queue, {SESSIONS} sessions, one web process, {size:,} open",
        f"{queue:.0f} requests/s",
        must,
        f"a bare page {bare:.0f}/s, that is {bare / queue:.1f} to 1",
    )


def _up(port: int) -> None:
    for _ in range(600):
        try:
            connection = http.client.HTTPConnection("127.0.0.1", port, timeout=5)
            connection.request("GET", "/healthz")
            connection.getresponse().read()
            connection.close()
        except OSError:
            time.sleep(0.02)
        else:
            return
    raise TimeoutError("the web server did not start")


def _rate(port: int, path: str, cookies: list[str], seconds: float) -> float:
    """Answers a second to as many sessions as there are cookies, each asking again at once."""
    count = [0] * len(cookies)
    end = time.perf_counter() + seconds

    def ask(k: int) -> None:
        connection = http.client.HTTPConnection("127.0.0.1", port, timeout=30)
        while time.perf_counter() < end:
            connection.request("GET", path, headers={"Cookie": cookies[k]})
            answer = connection.getresponse()
            answer.read()
            assert answer.status == 200, answer.status
            count[k] += 1
        connection.close()

    threads = [threading.Thread(target=ask, args=(k,)) for k in range(len(cookies))]
    for one in threads:
        one.start()
    for one in threads:
        one.join()
    return sum(count) / seconds
