"""Takes the pictures of the README from a fresh demo desk: `python -m scripts.pictures`. Needs Chromium."""

import os
import re
import signal
import struct
import sys
import tempfile
import urllib.request
import zlib
from collections import Counter
from pathlib import Path

from playwright.sync_api import Page

from tests.services import process
from tests.services.browser import ChromiumBrowser

ROOT = Path(__file__).resolve().parent.parent
TARGET = ROOT / "docs" / "pictures"
LIMIT = 250_000
TICKET = "When do I get my money back?"
"""The ticket of the demo that is shown, by its subject; the oldest open one when there is none."""
ANSWER = """You are right, and we are sorry: the bank sent it back because of a typing error of ours.
We paid it again this morning, it should be on your account by Wednesday."""


def main() -> None:
    """Start a demo desk, take the pictures, end it."""
    TARGET.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory(prefix="helpdesk-pictures-") as folder:
        port = process.free_port()
        environment = {k: v for k, v in os.environ.items() if not k.startswith("HELPDESK_")} | {
            "HELPDESK_DATA": f"{folder}/data",
            "HELPDESK_PORT": str(port),
            "HELPDESK_SMTP_LISTEN_PORT": str(process.free_port()),
            "HELPDESK_LOG_LEVEL": "error",
        }
        log = Path(folder) / "log"
        command = [sys.executable, "-m", "helpdesk", "up", "--demo"]
        running = process.start(command, log=log, environment=environment, folder=ROOT)
        try:
            home = f"http://localhost:{port}"
            process.until(lambda: _answers(home), 120, what="the demo desk")
            said = re.search(r"(\S+@\S+)\s+password\s+(\S+)\s+\(administrator\)", log.read_text())
            if said is None:
                raise RuntimeError(process.tail(log))
            _take(home, said[1], said[2])
        finally:
            process.stop(running, signal.SIGTERM, 20)


def _take(home: str, email: str, password: str) -> None:
    with ChromiumBrowser() as chromium, chromium.pages(home) as pages:
        page = pages(width=1440, height=900)
        page.goto("/sign-in")
        page.get_by_label("Email").fill(email)
        page.get_by_label("Password").fill(password)
        page.get_by_role("button", name="Sign in", exact=True).click()
        page.goto("/a/queue?view=all")
        _shoot(page, "queue")
        shown = page.locator("#list .tk a").filter(has_text=TICKET)
        (shown if shown.count() else page.locator("#list .tk a")).first.click()
        page.wait_for_selector("#thread")
        page.keyboard.press("r")
        page.locator("#editor").fill(ANSWER)
        page.wait_for_timeout(1500)
        _shoot(page, "ticket")
        page.locator("#composer .split details.menu summary").click()
        page.get_by_role("button", name="Send, keep open").click()
        # It can be undone for some seconds first.
        page.locator("#thread .msg.team:not(.going)").filter(has_text="a typing error of ours").wait_for(
            timeout=30_000
        )
        page.goto("/a/outbox")
        page.locator(".ml .who a").filter(has_text="Re: ").first.click()
        link = re.search(r"/r/[\w.]+", page.locator("main").inner_text())
        if link is None:
            raise RuntimeError("no link in the mail")
        page.goto(link[0])
        _shoot(page, "request")


def _shoot(page: Page, name: str) -> None:
    page.evaluate("document.fonts.ready")
    target = TARGET / f"{name}.png"
    target.write_bytes(smaller(page.screenshot()))
    size = target.stat().st_size
    print(f"{target.relative_to(ROOT)}  {size / 1000:.0f} KB")
    if size > LIMIT:
        raise RuntimeError(f"{name}.png is larger than {LIMIT / 1000:.0f} KB")


def smaller(png: bytes) -> bytes:
    """Return the same picture with the 256 colours that stand for all of its own."""
    width, height, step, packed = _parts(png)
    rows = _unfiltered(zlib.decompress(packed), width * step, step, height)
    pixels = [row[i : i + 3] for row in rows for i in range(0, len(row), step)]
    counts = Counter(pixels)
    kept = [colour for colour, _ in counts.most_common(256)]
    place = {colour: n for n, colour in enumerate(kept)}
    for colour in counts:
        if colour not in place:
            place[colour] = min(range(len(kept)), key=lambda n: _apart(kept[n], colour))
    indices = bytes(place[pixel] for pixel in pixels)
    lines = b"".join(b"\0" + indices[y * width : (y + 1) * width] for y in range(height))
    head = struct.pack(">IIBBBBB", width, height, 8, 3, 0, 0, 0)
    chunks = ((b"IHDR", head), (b"PLTE", b"".join(kept)), (b"IDAT", zlib.compress(lines, 9)), (b"IEND", b""))
    return png[:8] + b"".join(_chunk(kind, data) for kind, data in chunks)


def _apart(one: bytes, other: bytes) -> int:
    return sum((a - b) ** 2 for a, b in zip(one, other, strict=True))


def _chunk(kind: bytes, data: bytes) -> bytes:
    return struct.pack(">I", len(data)) + kind + data + struct.pack(">I", zlib.crc32(kind + data))


def _parts(png: bytes) -> tuple[int, int, int, bytes]:
    """Return width, height, bytes of a pixel and the packed pixels (8 bits a channel, not interlaced)."""
    width, height, depth, kind = struct.unpack(">IIBB", png[16:26])
    if depth != 8 or kind not in {2, 6}:
        raise ValueError("not a picture of the browser")
    packed, at = b"", 8
    while at < len(png):
        (length,) = struct.unpack(">I", png[at : at + 4])
        if png[at + 4 : at + 8] == b"IDAT":
            packed += png[at + 8 : at + 8 + length]
        at += 12 + length
    return width, height, 3 if kind == 2 else 4, packed


def _unfiltered(data: bytes, length: int, step: int, height: int) -> list[bytes]:
    """Undo the filters of the lines (PNG specification, section 9)."""
    rows: list[bytes] = []
    above = bytes(length)
    for y in range(height):
        start = y * (length + 1)
        kind, row = data[start], bytearray(data[start + 1 : start + 1 + length])
        for i in range(length) if kind else ():
            left = row[i - step] if i >= step else 0
            corner = above[i - step] if i >= step else 0
            row[i] = (row[i] + _predicted(kind, left, above[i], corner)) & 255
        above = bytes(row)
        rows.append(above)
    return rows


def _predicted(kind: int, left: int, up: int, corner: int) -> int:
    if kind == 1:
        return left
    if kind == 2:
        return up
    if kind == 3:
        return (left + up) // 2
    guess = left + up - corner
    return min((left, up, corner), key=lambda value: abs(guess - value))


def _answers(home: str) -> bool:
    try:
        with urllib.request.urlopen(f"{home}/healthz", timeout=2) as answer:  # noqa: S310 - our own address
            return bool(answer.status == 200)
    except OSError:
        return False


if __name__ == "__main__":
    main()
