"""The files of deploy/ and docs/installing.md: what they name exists, and the units are sound."""

import re
import shutil
import subprocess
from pathlib import Path

import click
import pytest

from helpdesk.cli import cli
from helpdesk.settings import Settings

ROOT = Path(__file__).parents[2]
UNITS = sorted((ROOT / "deploy").glob("*.service"))
PAPERS = [*sorted(p for p in (ROOT / "deploy").iterdir() if p.is_file()), ROOT / "docs" / "installing.md"]
MUST = {
    "NoNewPrivileges=yes",
    "ProtectSystem=strict",
    "ProtectHome=yes",
    "PrivateTmp=yes",
    "User=helpdesk",
    "StateDirectory=helpdesk",
    "UMask=0077",
}


def test_there_is_a_unit_for_each_part() -> None:
    names = ["helpdesk-web.service", "helpdesk-worker.service", "helpdesk.service"]
    assert [unit.name for unit in UNITS] == names


@pytest.mark.parametrize("unit", UNITS, ids=lambda p: p.stem)
def test_units_run_our_verbs_and_may_write_in_one_place(unit: Path) -> None:
    lines = set(unit.read_text().splitlines())
    assert MUST - lines == set()
    (verb,) = re.findall(r"^ExecStart=/opt/helpdesk/bin/helpdesk (\S+)$", unit.read_text(), re.MULTILINE)
    assert verb == {"helpdesk": "up", "helpdesk-web": "web", "helpdesk-worker": "worker"}[unit.stem]


@pytest.mark.parametrize("unit", UNITS, ids=lambda p: p.stem)
def test_systemd_finds_nothing_wrong(unit: Path, tmp_path: Path) -> None:
    """Asked where systemd is installed; the rest is looked at above."""
    asked = shutil.which("systemd-analyze")
    if asked is None:
        return
    copy = tmp_path / unit.name
    copy.write_text(unit.read_text().replace("/opt/helpdesk/bin/helpdesk", "/bin/true"))
    done = subprocess.run(  # noqa: S603 - a program of this machine, found above
        [asked, "verify", "--man=no", copy], capture_output=True, text=True, check=False
    )
    assert (done.returncode, done.stderr) == (0, "")


@pytest.mark.parametrize("paper", PAPERS, ids=lambda p: p.name)
def test_settings_and_verbs_named_there_exist(paper: Path) -> None:
    text = paper.read_text()
    known = {f"HELPDESK_{name.upper()}" for name in Settings.model_fields}
    named = {name for name in re.findall(r"HELPDESK_[A-Z_]+", text) if not name.endswith("_")}
    assert named - known == set()
    verbs = set(re.findall(r"(?:bin/|`|^ {4})helpdesk ([a-z][a-z-]+)", text, re.MULTILINE)) - {"helpdesk"}
    with click.Context(cli) as context:
        assert verbs - set(cli.list_commands(context)) == set()


def test_the_container_is_small_and_not_root() -> None:
    lines = (ROOT / "deploy" / "Containerfile").read_text()
    assert "FROM python:3.13-slim\n" in lines
    for words in ("USER 10001", "VOLUME /data", "/readyz", "HELPDESK_HOST=0.0.0.0"):
        assert words in lines
