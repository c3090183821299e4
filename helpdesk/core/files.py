"""The file store: content-addressed, compressed, durable before any row refers to it (contracts 9)."""

import contextlib
import gzip
import hashlib
import os
import tempfile
from collections.abc import Iterator
from pathlib import Path

from flask import current_app

from helpdesk.core.crash import crash_point
from helpdesk.core.errors import NotFoundError


class FileStore:
    """Keeps bytes under the SHA-256 of their content, in `<root>/ab/cd/<digest>.gz`."""

    def __init__(self, root: Path) -> None:
        self.root = root

    def path(self, digest: str) -> Path:
        """Return where the content with this digest is kept.

        Raises:
            ValueError: not 64 lower-case hexadecimal digits.
        """
        if len(digest) != 64 or not set(digest) <= set("0123456789abcdef"):
            raise ValueError("not a digest")
        return self.root / digest[:2] / digest[2:4] / f"{digest}.gz"

    def put(self, content: bytes) -> str:
        """Keep `content`; return its digest. Returns only when file and folders are on the disk."""
        digest = hashlib.sha256(content).hexdigest()
        target = self.path(digest)
        if target.exists():
            return digest
        made = _make_folders(target.parent)
        handle, name = tempfile.mkstemp(dir=target.parent, prefix=".new-")
        try:
            with os.fdopen(handle, "wb") as file:
                file.write(gzip.compress(content, compresslevel=1, mtime=0))
                file.flush()
                os.fsync(file.fileno())
            crash_point("before_rename")
            Path(name).rename(target)
        except BaseException:
            with contextlib.suppress(OSError):
                Path(name).unlink()
            raise
        for folder in (target.parent, *made):
            _sync_folder(folder)
        return digest

    def get(self, digest: str) -> bytes:
        """Return the content kept under `digest`, checked against it.

        Raises:
            NotFoundError: it is not there, or what is there is not what was put.
        """
        try:
            content = gzip.decompress(self.path(digest).read_bytes())
        except (OSError, EOFError, ValueError) as error:
            raise NotFoundError("This file is missing from the store.") from error
        if hashlib.sha256(content).hexdigest() != digest:
            raise NotFoundError("This file is damaged in the store.")
        return content

    def has(self, digest: str) -> bool:
        """Return whether content is kept under `digest`."""
        return self.path(digest).exists()

    def whole(self, digest: str, *, deep: bool) -> bool:
        """Return whether content is kept under `digest` and, on a deep look, is what was put."""
        if not deep:
            return self.has(digest)
        try:
            self.get(digest)
        except NotFoundError:
            return False
        return True

    def digests(self) -> Iterator[str]:
        """Yield every digest in the store."""
        for path in self.root.glob("??/??/*.gz"):
            yield path.name[:-3]


def _make_folders(folder: Path) -> list[Path]:
    missing = [p for p in (folder, *folder.parents) if not p.exists()]
    folder.mkdir(parents=True, exist_ok=True)
    return [p.parent for p in missing]


def _sync_folder(folder: Path) -> None:
    handle = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)


def store() -> FileStore:
    """Return the file store of the running app."""
    found: FileStore = current_app.extensions["files"]
    return found
