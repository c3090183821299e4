"""Stop-watch, percentiles and the table at the end."""

import os
import platform
import time
from collections.abc import Callable
from dataclasses import dataclass, field


@dataclass
class Table:
    """What was measured, row by row, and what each figure must be."""

    rows: list[tuple[str, str, str, str]] = field(default_factory=list)

    def add(self, what: str, figure: str, must: str = "", note: str = "") -> None:
        self.rows.append((what, figure, must, note))
        print(f"  {what}: {figure}{'   ' + note if note else ''}", flush=True)

    def show(self) -> None:
        head = ("measure", "here", "must", "")
        lines = [head, ("-" * 7, "-" * 4, "-" * 4, ""), *self.rows]
        widths = [max(len(line[i]) for line in lines) for i in range(4)]
        print()
        for line in lines:
            print("  ".join(text.ljust(width) for text, width in zip(line, widths, strict=True)).rstrip())


def times(work: Callable[[], object], n: int, *, warm: int = 3) -> list[float]:
    """Milliseconds of `n` runs, in order of size, after `warm` that do not count."""
    for _ in range(warm):
        work()
    found = []
    for _ in range(n):
        start = time.perf_counter()
        work()
        found.append((time.perf_counter() - start) * 1000)
    return sorted(found)


def p(found: list[float], share: float) -> float:
    """A percentile of times in order of size."""
    return found[min(len(found) - 1, int(len(found) * share))]


def both(found: list[float]) -> str:
    """The middle and the slow end."""
    found = sorted(found)
    return f"p50 {p(found, 0.5):6.1f} ms  p95 {p(found, 0.95):6.1f} ms"


def machine() -> str:
    """What this ran on, in a line."""
    load = os.getloadavg()[0]
    python = platform.python_version()
    return f"{os.cpu_count()} cores, {platform.machine()}, Python {python}, load {load:.1f} at the start"
