"""Rules over the Python source."""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator

import pytest

from tests.house_rules.source import files, name, text, tree

CODE = ("helpdesk", "mail_ingest")
OURS = (*CODE, "wsgi.py", "scripts", "bench", "migrations", "tests")

CLOCK = "helpdesk/core/clock.py"
WALL_CLOCKS = {
    ("datetime", "now"),
    ("datetime", "today"),
    ("datetime", "utcnow"),
    ("date", "today"),
    ("time", "time"),
    ("time", "time_ns"),
}

SKIPS_WITH_A_REASON: dict[str, str] = {}
"""Test files that may skip, with the reason. A missing server is none: such a test fails and says so."""

_SUPPRESSION = re.compile(
    r"#\s*(noqa\b(?::\s*[A-Z]+[0-9]+(?:[,\s]+[A-Z]+[0-9]+)*)?|type:\s*ignore(?:\[[^\]]*\])?)"
)
_REASON = re.compile(r"\s*(?:-|#|:)?\s*\w+.*\w")


def test_only_one_file_commits() -> None:
    """A command is a transaction; whoever commits elsewhere breaks events, outbox and search apart."""
    assert [name(path) for path in files(*CODE, suffix=".py") if ".commit(" in text(path)] == [
        "helpdesk/core/db.py"
    ]


def test_only_the_clock_knows_the_time() -> None:
    """Everything else asks `helpdesk.core.clock.now()`, so that tests and histories can set it."""
    found = [
        f"{name(path)}:{line}"
        for path in files(*CODE, suffix=".py")
        if name(path) != CLOCK
        for line in wall_clock_calls(tree(path))
    ]
    assert not found, "\n".join(found)


def wall_clock_calls(module: ast.Module) -> Iterator[int]:
    """Lines that ask the wall clock; monotonic clocks are not wall clocks."""
    for node in ast.walk(module):
        if isinstance(node, ast.Attribute):
            owner = node.value
            owner_name = owner.attr if isinstance(owner, ast.Attribute) else getattr(owner, "id", "")
            if (owner_name, node.attr) in WALL_CLOCKS:
                yield node.lineno
        if isinstance(node, ast.ImportFrom) and node.module == "time":
            yield from (node.lineno for alias in node.names if ("time", alias.name) in WALL_CLOCKS)


def test_every_module_says_what_it_is() -> None:
    places = (*CODE, "wsgi.py", "scripts", "bench", "tests/services", "tests/house_rules")
    found = [
        name(p) for p in files(*places, suffix=".py") if text(p).strip() and not ast.get_docstring(tree(p))
    ]
    assert not found, "\n".join(found)


def test_every_suppression_says_why() -> None:
    found = [
        f"{name(path)}:{number}"
        for path in files(*OURS, suffix=".py")
        if name(path) != "tests/house_rules/test_python.py"
        for number in suppressions_without_reason(text(path))
    ]
    assert not found, "\n".join(found)


def suppressions_without_reason(source: str) -> Iterator[int]:
    """Lines whose `noqa` or `type: ignore` is not followed by a reason."""
    for number, line in enumerate(source.splitlines(), 1):
        for match in _SUPPRESSION.finditer(line):
            rest = line[match.end() :]
            following = _SUPPRESSION.search(rest)
            if not _REASON.match(rest[following.end() :] if following else rest):
                yield number
                break


def test_migrations_know_no_model() -> None:
    """A model changes later; the migration must go on meaning what it meant."""
    found = [
        f"{name(path)}: {imported}"
        for path in files("migrations/versions", suffix=".py")
        for imported in imports(tree(path))
        if imported.split(".")[0] in CODE and imported != "helpdesk.core.tables"
    ]
    assert not found, "\n".join(found)


def imports(module: ast.Module) -> Iterator[str]:
    """The modules a file imports, by full name."""
    for node in ast.walk(module):
        if isinstance(node, ast.Import):
            yield from (alias.name for alias in node.names)
        elif isinstance(node, ast.ImportFrom) and node.module:
            yield node.module


def test_no_test_is_skipped_silently() -> None:
    found = [
        name(path)
        for path in files("tests", suffix=".py")
        if re.search(r"\b(importorskip|skipif|pytest\.skip|mark\.skip)\b", text(path))
        and name(path) not in {*SKIPS_WITH_A_REASON, "tests/house_rules/test_python.py"}
    ]
    assert not found, "\n".join(found)


@pytest.mark.parametrize(
    "source",
    [
        "import datetime\ndatetime.datetime.now()",
        "from datetime import date\ndate.today()",
        "from time import time",
    ],
)
def test_the_clock_rule_bites(source: str) -> None:
    assert list(wall_clock_calls(ast.parse(source)))


def test_the_clock_rule_lets_durations_be_measured() -> None:
    assert not list(wall_clock_calls(ast.parse("import time\ntime.monotonic()\ntime.perf_counter()")))


@pytest.mark.parametrize(
    ("line", "is_fine"),
    [
        ("x = 1  # noqa: S105", False),
        ("x = 1  # noqa", False),
        ("x = 1  # type: ignore[misc]", False),
        ("x = 1  # noqa: S105, S106 - not a secret", True),
        ("x = 1  # type: ignore[misc] # Flask-Login carries no types", True),
        ("x = 1  # type: ignore[misc]  # noqa: S105 - no types, not a secret", True),
        ("x = 1  # why not", True),
    ],
)
def test_the_rule_of_reasons_bites(line: str, is_fine: bool) -> None:
    assert (not list(suppressions_without_reason(line))) is is_fine
