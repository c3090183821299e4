"""The package as people download it: installed outside the checkout, up to the first answered mail."""

from __future__ import annotations

import os
import re
import smtplib
import subprocess
import sys
import sysconfig
import time
import urllib.error
import urllib.parse
import urllib.request
import zipfile
from collections.abc import Iterator
from html import unescape
from http.cookiejar import CookieJar
from pathlib import Path

import pytest

from tests.making import PASSWORD, SUPPORT, a_mail
from tests.services import process
from tests.services.process import free_port, until
from tests.services.smtp_sink import SmtpSink

pytestmark = [pytest.mark.services, pytest.mark.xdist_group("wheel")]
ROOT = Path(__file__).parents[2]
MOST_SECONDS = 60


def _run(*command: str | Path, folder: Path) -> str:
    clean = {k: v for k, v in os.environ.items() if not k.startswith(("PYTHON", "VIRTUAL_ENV", "HELPDESK_"))}
    done = subprocess.run(  # noqa: S603 - our own programs
        [str(part) for part in command], cwd=folder, env=clean, capture_output=True, text=True, check=False
    )
    assert done.returncode == 0, f"{command}\n{done.stdout}\n{done.stderr}"
    return done.stdout


@pytest.fixture(scope="module")
def wheel(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The wheel, built from this checkout without a network."""
    folder = tmp_path_factory.mktemp("wheel")
    _run(sys.executable, "-m", "hatchling", "build", "-t", "wheel", "-d", folder, folder=ROOT)
    (built,) = folder.glob("*.whl")
    return built


@pytest.fixture(scope="module")
def program(wheel: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """`helpdesk` in an environment that holds the wheel; its dependencies are those of this one."""
    folder = tmp_path_factory.mktemp("installed")
    _run(sys.executable, "-m", "venv", "--without-pip", folder / "venv", folder=folder)
    python = folder / "venv" / "bin" / "python"
    pip = (sys.executable, "-m", "pip", "--disable-pip-version-check", "--python", python)
    _run(*pip, "install", "--quiet", "--no-deps", "--no-index", wheel, folder=folder)
    ask = "import sysconfig; print(sysconfig.get_path('purelib'))"
    place = Path(_run(python, "-c", ask, folder=folder).strip())
    (place / "dependencies.pth").write_text(sysconfig.get_path("purelib") + "\n")
    ask = "import helpdesk, mail_ingest; print(helpdesk.__file__, mail_ingest.__file__)"
    for found in _run(python, "-c", ask, folder=folder).split():
        assert Path(found).is_relative_to(place), "this is not the installed one"
    return folder / "venv" / "bin" / "helpdesk"


def test_the_wheel_holds_all_that_is_not_code(wheel: Path) -> None:
    inside = set(zipfile.ZipFile(wheel).namelist())
    wanted = {
        str(path.relative_to(ROOT))
        for package in ("helpdesk", "mail_ingest")
        for path in (ROOT / package).rglob("*")
        if path.is_file() and path.suffix not in {".pyc", ".pyo"}
    }
    wanted |= {f"helpdesk/_{p.relative_to(ROOT)}" for p in (ROOT / "migrations").rglob("*.py")}
    assert wanted - inside == set()
    strangers = {n for n in inside if n.startswith(("tests/", "scripts/", "bench/", "data/"))}
    assert strangers == set()


class Person:
    """Somebody with a browser: keeps cookies, fills in hidden fields, sends forms."""

    def __init__(self, home: str) -> None:
        self.home = home
        self.page = ""
        self.open = urllib.request.build_opener(urllib.request.HTTPCookieProcessor(CookieJar())).open

    def get(self, path: str) -> int:
        """Open a page."""
        return self._seen(urllib.request.Request(self.home + path))  # noqa: S310 - a desk of our own

    def post(self, path: str, **fields: str) -> int:
        """Send the form of the page seen last."""
        hidden = dict(re.findall(r'<input type="hidden" name="([^"]+)" value="([^"]*)"', self.page))
        body = urllib.parse.urlencode({k: unescape(v) for k, v in hidden.items()} | fields).encode()
        return self._seen(urllib.request.Request(self.home + path, data=body))  # noqa: S310 - likewise

    def _seen(self, request: urllib.request.Request) -> int:
        try:
            with self.open(request, timeout=10) as answer:
                self.page = answer.read().decode()
                return int(answer.status)
        except urllib.error.HTTPError as error:
            self.page = error.read().decode()
            return error.code


@pytest.fixture
def running(program: Path, smtp_sink: SmtpSink, tmp_path: Path) -> Iterator[tuple[str, int, Path]]:
    """`helpdesk up` in an empty folder: its address, its mail port and what it printed."""
    port, smtp_port = free_port(), free_port()
    environment = {k: v for k, v in os.environ.items() if not k.startswith(("PYTHON", "HELPDESK_"))} | {
        "HELPDESK_DATA": str(tmp_path / "data"),
        "HELPDESK_PORT": str(port),
        "HELPDESK_SMTP_LISTEN_PORT": str(smtp_port),
        "HELPDESK_SMTP_HOST": smtp_sink.host,
        "HELPDESK_SMTP_PORT": str(smtp_sink.port),
        "HELPDESK_SMTP_SECURITY": "none",
        "PYTHONUNBUFFERED": "1",
    }
    log = tmp_path / "up.log"
    started = process.start([program, "up"], log=log, environment=environment, folder=tmp_path)
    yield f"http://127.0.0.1:{port}", smtp_port, log
    process.stop(started, timeout=30)


def _answers(person: Person, path: str) -> bool:
    try:
        return person.get(path) == 200
    except OSError:
        return False


def test_from_a_download_to_the_first_answered_mail(
    running: tuple[str, int, Path], smtp_sink: SmtpSink
) -> None:
    url, smtp_port, log = running
    began = time.monotonic()
    person = Person(url)
    until(lambda: _answers(person, "/readyz"), 30, what="/readyz", step=0.1)
    ready = time.monotonic() - began
    code = re.search(r"code +([A-Z0-9-]{19})", log.read_text())
    assert code is not None, log.read_text()
    person.get("/")
    assert "Set up your help desk" in person.page
    assert person.post("/setup", code=code[1]) == 200
    person.post("/setup/you", name="Mara Kühn", email="mara@shop.example", password=PASSWORD)
    person.post("/setup/desk", name="Shop", zone="Europe/Berlin", language="en")
    person.post("/setup/mailbox", address=SUPPORT, sender_name="Shop", incoming="handover", do="save")
    assert f"port {smtp_port}" not in person.page
    person.post("/setup/team", name="Orders")
    assert SUPPORT in person.page
    person.post("/setup/done")
    assert person.get("/setup") == 404
    with smtplib.SMTP("127.0.0.1", smtp_port, local_hostname="mail.example", timeout=10) as server:
        assert server.sendmail("lena@example.de", [SUPPORT], a_mail()) == {}
    until(lambda: _answers(person, "/a/tickets/1001"), 20, what="the ticket", step=0.1)
    assert "Parcel says delivered" in person.page
    sent = person.post("/a/tickets/1001/messages", kind="reply", body="Hello Lena, we look for it.")
    assert sent == 200
    until(lambda: any("we look for it" in m.text for m in smtp_sink.mails), 20, what="the answer")
    whole = time.monotonic() - began
    print(f"\ninstalled wheel: ready after {ready:.1f} s, first mail answered after {whole:.1f} s")  # noqa: T201 - a measure, for the report
    assert whole < MOST_SECONDS
