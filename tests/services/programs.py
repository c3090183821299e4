"""Where the programs of the servers are: installed on this machine, or unpacked by the set-up script.

`scripts/setup_test_services.sh` installs them as root; for anybody else it unpacks Debian's packages under
`${XDG_CACHE_HOME:-~/.cache}/helpdesk-tests/root`, and the programs there need the libraries beside them.
"""

from __future__ import annotations

import os
import platform
import shutil
from dataclasses import dataclass
from pathlib import Path

from tests.services.process import ServiceError

_PLACES = ("usr/lib/chromium", "usr/bin", "usr/sbin", "bin", "sbin")  # in an unpacked tree, in this order


@dataclass(frozen=True)
class Program:
    """A program to start.

    Attributes:
        path: the file.
        root: the unpacked tree it belongs to, None when it is installed.
    """

    path: Path
    root: Path | None

    def environment(self) -> dict[str, str]:
        """Our environment, plus what an unpacked program needs to find its libraries and fonts."""
        environment = {**os.environ, "LC_ALL": "C.UTF-8"}
        if self.root is not None:
            environment["LD_LIBRARY_PATH"] = ":".join(str(folder) for folder in library_folders(self.root))
            environment["FONTCONFIG_FILE"] = str(self.root / "fonts.conf")
            environment["PATH"] = f"{self.path.parent}:{environment.get('PATH', '')}"
        return environment


def find(*names: str) -> Program:
    """The first of `names` that exists, installed ones before unpacked ones.

    Raises:
        ServiceError: with the command that brings it.
    """
    for root in (None, unpacked_root()):
        for name in names:
            found = _look_for(name, root)
            if found:
                return Program(found, root)
    msg = f"{' or '.join(names)} is not on this machine; `sh scripts/setup_test_services.sh` brings it"
    raise ServiceError(msg)


def unpacked_root() -> Path:
    """The tree that the set-up script unpacks packages into when it may not install them."""
    cache = os.environ.get("XDG_CACHE_HOME") or Path.home() / ".cache"
    return Path(cache) / "helpdesk-tests" / "root"


def library_folders(root: Path) -> list[Path]:
    """The folders of an unpacked tree that hold shared libraries."""
    machine = f"{platform.machine()}-linux-gnu"
    places = (f"usr/lib/{machine}", f"lib/{machine}", "usr/lib", "lib", "usr/lib/dovecot", "usr/lib/chromium")
    pulse = f"usr/lib/{machine}/pulseaudio"
    return [root / place for place in (*places, pulse) if (root / place).is_dir()]


def _look_for(name: str, root: Path | None) -> Path | None:
    if root is None:
        found = shutil.which(
            name, path=f"{os.environ.get('PATH', '')}:/usr/local/bin:/usr/bin:/usr/sbin:/sbin"
        )
        if found:
            return Path(found)
    base = root or Path("/")
    if root is None and name == "chrome":
        brought_by_playwright = (Path.home() / ".cache/ms-playwright").glob("chromium-*/chrome-linux*/chrome")
        return max(brought_by_playwright, default=None)
    newest_first = sorted(
        base.glob(f"usr/lib/postgresql/*/bin/{name}"), key=lambda path: int(path.parts[-3]), reverse=True
    )
    for candidate in [*newest_first, *(base / place / name for place in _PLACES if root)]:
        if os.access(candidate, os.X_OK) and candidate.is_file():
            return candidate
    return None
