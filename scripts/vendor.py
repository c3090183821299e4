"""Fetch the third-party files that stand in the tree, and prove that they are unchanged.

`python scripts/vendor.py` fetches anew with the ordinary npm client; `--check` compares the files with the
lock, offline, and exits 1 on a difference. The npm client brings the icons; the font is our own subset.
"""

import argparse
import hashlib
import json
import re
import subprocess
import sys
import tarfile
import tempfile
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
STATIC = ROOT / "helpdesk" / "core" / "static"
LOCK = Path(__file__).with_name("vendor.lock.json")

ICON_PACKAGE = "lucide-static"
ICON_VERSION = "1.62.0"
# our name: the set's file name; ours are short because they stand in every template
ICONS = {
    "at": "at-sign",
    "ban": "ban",
    "bell": "bell",
    "bolt": "zap",
    "bot": "bot",
    "book": "book-open",
    "box": "package",
    "chart": "chart-no-axes-column",
    "check": "check",
    "clip": "paperclip",
    "clock": "clock",
    "code": "code-xml",
    "desk": "concierge-bell",
    "dots": "ellipsis",
    "done": "circle-check",
    "down": "chevron-down",
    "download": "download",
    "exit": "log-out",
    "external": "external-link",
    "eye": "eye",
    "file": "file-text",
    "flag": "signal",
    "globe": "globe",
    "history": "history",
    "image": "image",
    "inbox": "inbox",
    "info": "info",
    "keyboard": "keyboard",
    "left": "chevron-left",
    "link": "link",
    "list": "list",
    "lock": "lock",
    "mail": "mail",
    "mails": "mails",
    "merge": "merge",
    "message": "message-square",
    "moon": "moon",
    "pause": "pause",
    "pen": "pencil",
    "plus": "plus",
    "reply": "reply",
    "retry": "refresh-cw",
    "right": "chevron-right",
    "route": "route",
    "save": "cloud-check",
    "search": "search",
    "send": "send",
    "shield": "shield-alert",
    "sliders": "sliders-horizontal",
    "split": "split",
    "sun": "sun",
    "system": "monitor",
    "tag": "tag",
    "truck": "truck",
    "undo": "undo-2",
    "user": "user",
    "users": "users",
    "warn": "triangle-alert",
    "x": "x",
}


def fetch(package: str, version: str, into: Path) -> Path:
    """The unpacked package, by the ordinary client; returns its folder."""
    command = ["npm", "pack", f"{package}@{version}", "--silent", "--pack-destination", str(into)]
    done = subprocess.run(command, check=True, capture_output=True, text=True, cwd=into)
    archive = into / done.stdout.strip().splitlines()[-1]
    with tarfile.open(archive) as tar:
        tar.extractall(into, filter="data")
    return into / "package"


def sprite(icons: Path) -> str:
    """All icons as symbols of one file, without the attributes that the stylesheet sets anyway."""
    symbols = []
    for name, source in sorted(ICONS.items()):
        drawing = (icons / f"{source}.svg").read_text(encoding="utf-8")
        body = re.sub(r".*?<svg[^>]*>(.*)</svg>.*", r"\1", drawing, flags=re.DOTALL)
        shapes = re.sub(r"\s*/>", "/>", re.sub(r">\s+<", "><", body.strip()))
        symbols.append(f'<symbol id="{name}" viewBox="0 0 24 24">{shapes}</symbol>')
    comment = f"<!-- {ICON_PACKAGE} {ICON_VERSION}, ISC; see LICENSES.txt -->"
    return f'<svg xmlns="http://www.w3.org/2000/svg">{comment}\n' + "\n".join(symbols) + "\n</svg>\n"


def digest(path: Path) -> str:
    """The content's fingerprint as the lock writes it."""
    return "sha256-" + hashlib.sha256(path.read_bytes()).hexdigest()


def vendor() -> None:
    """Fetch, write the files and the lock."""
    with tempfile.TemporaryDirectory() as folder:
        package = fetch(ICON_PACKAGE, ICON_VERSION, Path(folder))
        (STATIC / "icons.svg").write_text(sprite(package / "icons"), encoding="utf-8")
        upstream = (package / "LICENSE").read_text(encoding="utf-8").strip()
    header = "=" * 78
    font = (STATIC / "fonts" / "OFL.txt").read_text(encoding="utf-8").strip()
    parts = [
        "Third-party files in this folder and their licences.",
        f"{header}\nicons.svg: drawn from {ICON_PACKAGE} {ICON_VERSION}\n{header}\n\n{upstream}",
        f"{header}\nfonts/inter-ui.woff2: Inter, Latin subset\n{header}\n\n{font}",
    ]
    (STATIC / "LICENSES.txt").write_text("\n\n".join(parts) + "\n", encoding="utf-8")
    LOCK.write_text(json.dumps(lock_entries(), indent=2) + "\n", encoding="utf-8")


def lock_entries() -> list[dict[str, str]]:
    """One entry per file of foreign origin."""
    rows = [
        (ICON_PACKAGE, ICON_VERSION, "ISC", "icons.svg"),
        ("inter", "4.001", "OFL-1.1", "fonts/inter-ui.woff2"),
        ("licences", "1", "various", "LICENSES.txt"),
    ]
    return [
        {
            "name": name,
            "version": version,
            "licence": licence,
            "file": file,
            "integrity": digest(STATIC / file),
        }
        for name, version, licence, file in rows
    ]


def check() -> int:
    """Compare the tree with the lock; 0 when equal."""
    wrong = 0
    for entry in json.loads(LOCK.read_text(encoding="utf-8")):
        path = STATIC / entry["file"]
        if not path.is_file() or digest(path) != entry["integrity"]:
            sys.stderr.write(f"{entry['file']}: differs from scripts/vendor.lock.json\n")
            wrong = 1
    return wrong


def main() -> int:
    """The command line."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--check", action="store_true", help="compare the files with the lock, offline")
    if parser.parse_args().check:
        return check()
    vendor()
    return check()


if __name__ == "__main__":
    raise SystemExit(main())
