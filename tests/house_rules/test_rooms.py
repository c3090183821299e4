"""Rooms and floors: what import-linter cannot say, because it names only modules that exist."""

from __future__ import annotations

import ast
import tomllib
from collections.abc import Iterator
from pathlib import Path

from tests.house_rules.source import ROOT, files, name, text, tree

ROOMS = {
    "feature",
    "web",
    "scripts",
    "reactions",
    "jobs",
    "checks",
    "probes",
    "commands",
    "queries",
    "model",
    "events",
}
NOT_FEATURES = {"core", "demo"}
"""Folders of helpdesk/ that are not built of rooms."""

IMPURE = ("flask", "flask_login", "flask_wtf", "sqlalchemy", "werkzeug", "redis", "rq", "smtplib", "socket")
IMPURE_OURS = ("helpdesk.core.db", "helpdesk.core.clock", "helpdesk.core.web", "helpdesk.core.jobs")

IMPURE_WITH_A_REASON = {
    "helpdesk/channels/routes.py": "which server a mailbox's mail goes through: jobs, probes and tests ask",
    "helpdesk/channels/transport.py": "hands letters to the mail server: the one door of smtplib",
    "helpdesk/people/access.py": "who is signed in: part of the web room, used by every feature's views",
    "helpdesk/tickets/condition.py": "conditions: an SQL form beside the Python form it agrees with",
    "helpdesk/tickets/history.py": "writes the event log for the commands, inside their transaction",
}


def test_every_module_that_is_no_room_is_pure() -> None:
    """Rules can be read and tested without a web server, a database or a clock."""
    found = [
        f"{name(path)} imports {imported}"
        for path in concepts()
        if name(path) not in IMPURE_WITH_A_REASON
        for imported in impure_imports(tree(path))
    ]
    assert not found, "\n".join(found)


def test_no_reason_is_kept_for_nothing() -> None:
    left = [file for file in IMPURE_WITH_A_REASON if not list(impure_imports(tree(ROOT / file)))]
    assert not left, left


def test_every_part_of_the_house_has_a_floor() -> None:
    floors = " ".join(_contracts()["Imports go down the floors, siblings never import each other"]["layers"])
    parts = {path.relative_to(ROOT).parts[1].removesuffix(".py") for path in files("helpdesk", suffix=".py")}
    missing = sorted(
        part for part in parts - {"__init__"} if f"helpdesk.{part}" not in floors.replace(")", " ")
    )
    assert not missing, f"say in pyproject.toml on which floor they are: {missing}"


def test_every_feature_is_held_to_the_order_of_rooms() -> None:
    held = set(_contracts()["A room imports only the rooms below it"]["containers"])
    missing = sorted({f"helpdesk.{feature}" for feature in features()} - held)
    assert not missing, f"add them to the containers in pyproject.toml: {missing}"


def features() -> set[str]:
    """Folders of helpdesk/ that hold Python, the core and the demo aside."""
    return {
        path.relative_to(ROOT).parts[1]
        for path in files("helpdesk", suffix=".py")
        if len(path.relative_to(ROOT).parts) > 2
    } - NOT_FEATURES


def concepts() -> Iterator[Path]:
    """The modules of features that are no named room, and what mail_ingest reads mail with."""
    for path in files("helpdesk", "mail_ingest/parse", "mail_ingest/quoting", suffix=".py"):
        package, *inner = path.relative_to(ROOT).with_suffix("").parts
        is_part = len(inner) > 1 and inner[0] not in NOT_FEATURES and inner[1] not in ROOMS
        if package == "mail_ingest" or (is_part and text(path).strip()):
            yield path


def impure_imports(module: ast.Module) -> Iterator[str]:
    """What a module imports of the web, the database, the clock or the wire."""
    for node in ast.walk(module):
        if isinstance(node, ast.Import):
            names = [alias.name for alias in node.names]
        elif isinstance(node, ast.ImportFrom) and node.module:
            names = [f"{node.module}.{alias.name}" for alias in node.names]
        else:
            continue
        for imported in names:
            is_room = imported.startswith("helpdesk.") and imported.split(".")[2:3] in [
                [r] for r in ROOMS - {"events"}
            ]
            is_core = any(f"{imported}.".startswith(f"{ours}.") for ours in IMPURE_OURS)
            if imported.split(".")[0] in IMPURE or is_room or is_core:
                yield imported


def test_the_rule_of_purity_bites() -> None:
    source = "import flask\nfrom helpdesk.core.clock import now\nfrom helpdesk.tickets.model import Ticket\n"
    assert len(list(impure_imports(ast.parse(source)))) == 3
    assert not list(impure_imports(ast.parse("from helpdesk.core.errors import Invalid\nimport re")))


def _contracts() -> dict[str, dict[str, list[str]]]:
    settings = tomllib.loads((ROOT / "pyproject.toml").read_text("utf-8"))
    return {contract["name"]: contract for contract in settings["tool"]["importlinter"]["contracts"]}
