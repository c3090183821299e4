"""From the command to the first page, and what it holds in memory while nothing happens."""

import http.client
import os
import signal
import sys
import tempfile
import time
from pathlib import Path

import psutil

from bench.desks import free_port
from bench.measuring import Table
from tests.services import process


def run(table: Table, idle_s: float) -> None:
    """Measure `helpdesk up` on an empty folder, and again on the same one."""
    print("start", flush=True)
    with tempfile.TemporaryDirectory(prefix="helpdesk-bench-") as folder:
        for which in ("first", "second"):
            port = free_port()
            environment = os.environ | {
                "HELPDESK_DATA": folder,
                "HELPDESK_PORT": str(port),
                "HELPDESK_SMTP_LISTEN_PORT": str(free_port()),
                "HELPDESK_LOG_LEVEL": "error",
            }
            log = Path(folder) / "bench.log"
            start = time.perf_counter()
            up = process.start([sys.executable, "-m", "helpdesk", "up"], log=log, environment=environment)
            try:
                while not _answers(port):
                    if time.perf_counter() - start > 30:
                        raise TimeoutError(process.tail(log))
                    time.sleep(0.01)
                took = time.perf_counter() - start
                table.add(f"{which} start to first page (no demo data)", f"{took:.2f} s", "1.5 s")
                if which == "second":
                    time.sleep(idle_s)
                    _memory(table, up.pid)
            finally:
                process.stop(up, signal.SIGTERM, 20)


def _answers(port: int) -> bool:
    try:
        connection = http.client.HTTPConnection("127.0.0.1", port, timeout=5)
        connection.request("GET", "/sign-in")
        answer = connection.getresponse()
        answer.read()
        connection.close()
    except OSError:
        return False
    return answer.status in {200, 302}


def _memory(table: Table, pid: int) -> None:
    everything = [psutil.Process(pid), *psutil.Process(pid).children(recursive=True)]
    shares = []
    for one in everything:
        verb = one.cmdline()[-1] if one.cmdline() else "?"
        shares.append((one.memory_full_info().pss / 2**20, verb[-24:]))
    total = sum(share for share, _ in shares)
    note = ", ".join(f"{verb} {share:.0f}" for share, verb in shares)
    table.add("idle memory of everything (SQLite)", f"{total:.0f} MiB", "150 MiB", note)
