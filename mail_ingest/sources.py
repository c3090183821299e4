"""Mails in files: .eml, mbox, Maildir, folders of them, and standard input."""

import mailbox
import shutil
import sys
import tempfile
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path


@dataclass(frozen=True, slots=True)
class Found:
    """A mail and where it stood, for the line that says what became of it."""

    where: str
    raw: bytes


def mails_in(path: Path) -> Iterator[Found]:
    """Yield every mail of a file or folder, in a fixed order; `-` is standard input."""
    if str(path) == "-":
        yield from _standard_input()
    elif path.is_dir():
        yield from _folder(path)
    elif _is_mbox(path):
        yield from _mbox(path, str(path))
    else:
        yield Found(str(path), path.read_bytes())


def count_in(path: Path) -> int | None:
    """Return how many mails `mails_in` will yield, when that is cheap to know."""
    if str(path) == "-" or (path.is_file() and _is_mbox(path)):
        return None
    if path.is_dir():
        return sum(1 for _ in _files(path))
    return 1


def _folder(path: Path) -> Iterator[Found]:
    for file in _files(path):
        if _is_mbox(file):
            yield from _mbox(file, str(file))
        else:
            yield Found(str(file), file.read_bytes())


def _files(path: Path) -> list[Path]:
    if (path / "cur").is_dir() and (path / "new").is_dir():  # a Maildir
        kept = [*(path / "cur").iterdir(), *(path / "new").iterdir()]
        return sorted((f for f in kept if f.is_file()), key=lambda f: f.name)
    wanted = (f for f in path.rglob("*") if f.suffix.lower() in {".eml", ".mbox"} and f.is_file())
    return sorted(wanted)


def _is_mbox(path: Path) -> bool:
    with path.open("rb") as file:
        return file.read(5) == b"From "


def _mbox(path: Path, where: str) -> Iterator[Found]:
    box = mailbox.mbox(path, create=False)
    try:
        for n, key in enumerate(box.iterkeys(), 1):
            yield Found(f"{where}:{n}", box.get_bytes(key))
    finally:
        box.close()


def _standard_input() -> Iterator[Found]:
    with tempfile.NamedTemporaryFile(suffix=".mbox") as spool:
        shutil.copyfileobj(sys.stdin.buffer, spool)
        spool.flush()
        path = Path(spool.name)
        if _is_mbox(path):
            yield from _mbox(path, "-")
        else:
            yield Found("-", path.read_bytes())
