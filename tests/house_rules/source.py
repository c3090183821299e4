"""The files the rules look at."""

from __future__ import annotations

import ast
from collections.abc import Iterator
from functools import cache
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
_NOT_OURS = {".venv", ".git", ".cache", "node_modules", "__pycache__", "data", "dist", "build"}


def files(*places: str, suffix: str = "") -> Iterator[Path]:
    """The files with that suffix below some places of the project, without caches and environments."""
    for place in places:
        start = ROOT / place
        for path in sorted([start] if start.is_file() else start.rglob("*")):
            parts = path.relative_to(ROOT).parts
            hidden = any(
                part in _NOT_OURS or (part.startswith(".") and part.endswith("_cache")) for part in parts
            )
            if path.is_file() and not hidden and path.name.endswith(suffix):
                yield path


def name(path: Path) -> str:
    """A file's name as people write it."""
    return path.relative_to(ROOT).as_posix()


@cache
def text(path: Path) -> str:
    """The content of a text file, empty for any other."""
    try:
        return path.read_text("utf-8")
    except UnicodeDecodeError:
        return ""


@cache
def tree(path: Path) -> ast.Module:
    """A Python file, parsed."""
    return ast.parse(text(path), str(path))
