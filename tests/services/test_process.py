"""Waiting and ending."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import textwrap
from pathlib import Path

import pytest

from tests.services import process
from tests.services.process import until


def test_until_returns_what_the_predicate_said() -> None:
    answers = iter([0, "", "here"])
    assert until(lambda: next(answers)) == "here"


def test_until_says_what_it_waited_for() -> None:
    with pytest.raises(TimeoutError, match="in vain for the moon"):
        until(lambda: False, 0.05, what="the moon")


def test_no_process_outlives_tests_that_are_killed(tmp_path: Path) -> None:
    program = textwrap.dedent("""
        import pathlib, sys, time
        from tests.services import process
        child = process.start(["sleep", "60"], log=pathlib.Path(sys.argv[1]) / "log")
        (pathlib.Path(sys.argv[1]) / "pid.tmp").write_text(str(child.pid))
        (pathlib.Path(sys.argv[1]) / "pid.tmp").rename(pathlib.Path(sys.argv[1]) / "pid")
        time.sleep(60)
    """)
    with subprocess.Popen([sys.executable, "-c", program, str(tmp_path)]) as tests:
        until((tmp_path / "pid").exists, what="the child")
        child = int((tmp_path / "pid").read_text())
        tests.send_signal(signal.SIGKILL)
        tests.wait(10)
    until(lambda: not _is_alive(child), what="the orphan to end")


def test_folders_of_killed_runs_are_swept(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("tempfile.tempdir", str(tmp_path))
    old = tmp_path / "helpdesk-test-999999999-pg-x"
    old.mkdir()
    new = process.new_folder("pg")
    assert new.exists()
    assert not old.exists()


def _is_alive(pid: int) -> bool:
    try:
        os.kill(pid, 0)
    except ProcessLookupError:
        return False
    return b"\nState:\tZ" not in Path(f"/proc/{pid}/status").read_bytes()
