"""Files that come with a form: counted, measured and named safely before anything is kept."""

import unicodedata
from dataclasses import dataclass

from flask import request

from helpdesk.core.errors import InvalidError
from helpdesk.core.files import store
from helpdesk.core.running import settings
from helpdesk.core.web.files import type_of

_BAD = frozenset('<>:"/\\|?*')


@dataclass(frozen=True, slots=True)
class Upload:
    """A file that is now in the store."""

    name: str
    content_type: str
    digest: str
    size: int


def safe_name(name: str) -> str:
    """Return a file name without paths, controls and bidi marks; never empty, 200 bytes at most."""
    name = unicodedata.normalize("NFC", name).replace("\\", "/").rsplit("/", 1)[-1]
    kept = "".join(
        "_" if c in _BAD else c for c in name if unicodedata.category(c) not in {"Cc", "Cf", "Cs", "Zl", "Zp"}
    )
    kept = kept.strip(" .")
    while len(kept.encode()) > 200:
        stem, dot, tail = kept.rpartition(".")
        kept = f"{stem[:-1]}{dot}{tail}" if dot and len(stem) > 1 and len(tail) < 12 else kept[:-1]
    return kept or "file"


def uploads(field: str = "files") -> tuple[Upload, ...]:
    """Return the files of a form field, kept in the store.

    Raises:
        InvalidError: too many, or one too large; nothing of it is referred to.
    """
    limits = settings()
    given = [f for f in request.files.getlist(field) if f and f.filename]
    if len(given) > limits.upload_max_files:
        raise InvalidError("Too many files.", files=f"Send at most {limits.upload_max_files} files at once.")
    kept = []
    for file in given:
        content = file.stream.read(limits.upload_max_bytes + 1)
        name = safe_name(file.filename or "")
        if len(content) > limits.upload_max_bytes:
            most = limits.upload_max_bytes // 1_000_000
            raise InvalidError("A file is too large.", files=f"{name} is larger than {most} MB.")
        kept.append(Upload(name, type_of(name, content), store().put(content), len(content)))
    return tuple(kept)
