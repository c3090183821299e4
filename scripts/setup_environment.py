"""Prepare .venv from the lock files: `setup_environment.py runtime` or `dev`.

Needs nothing but Python itself. A stamp in the environment, keyed on the lock files, the interpreter and the
place of the checkout, makes a second start quick and lets it work without a network.
"""

from __future__ import annotations

import fcntl
import hashlib
import os
import shutil
import subprocess
import sys
import time
from collections.abc import Sequence
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
VENV = ROOT / ".venv"
PYTHON = VENV / "bin" / "python"
LOCKS = {"runtime": "requirements.lock", "dev": "requirements-dev.lock"}
SETUP_LOCK = "requirements-setup.lock"
OLDEST = (3, 11)
TRIES = 3


def main() -> int:
    """Bring the environment up to date and say in short lines what is done."""
    kind = sys.argv[1] if len(sys.argv) > 1 else "runtime"
    if kind not in LOCKS:
        return stop(f"usage: {sys.argv[0]} runtime|dev")
    if sys.version_info < OLDEST:
        return with_newer_python()
    if is_current(kind):
        return 0
    with only_one_at_a_time():
        if is_current(kind):  # the other one did it
            return 0
        started = time.monotonic()
        try:
            prepare(kind)
        except subprocess.CalledProcessError as error:
            return stop(f"'{' '.join(map(str, error.cmd))}' failed; the lines above say why")
        except VenvModuleMissingError as error:
            return stop(str(error))
        say(f"ready after {time.monotonic() - started:.0f} s")
    return 0


class VenvModuleMissingError(Exception):
    """Debian splits the venv module into a package of its own, which is absent here."""


def prepare(kind: str) -> None:
    """Create the environment if it is missing or was moved, then install what is locked, then the project."""
    if not is_usable():
        say("creating .venv")
        shutil.rmtree(VENV, ignore_errors=True)
        need_venv_module()
        run([sys.executable, "-m", "venv", VENV])
    say("installing the installer")
    pip: list[str | Path] = [
        PYTHON,
        "-m",
        "pip",
        "--disable-pip-version-check",
        "install",
        "--quiet",
        "--retries",
        "5",
    ]
    run([*pip, "--require-hashes", "--requirement", SETUP_LOCK])
    say(f"installing {LOCKS[kind]}")
    uv: list[str | Path] = [VENV / "bin" / "uv", "pip", "install", "--quiet", "--python", PYTHON]
    run([*uv, "--require-hashes", "--requirement", LOCKS[kind]])
    say("installing this project, editable")
    run([*uv, "--no-deps", "--no-build-isolation", "--editable", "."], tries=1)
    for done in ("runtime", "dev") if kind == "dev" else ("runtime",):
        stamp(done).write_text(fingerprint(done))


def is_current(kind: str) -> bool:
    """Whether the environment was installed from exactly the present locks."""
    try:
        return stamp(kind).read_text() == fingerprint(kind) and PYTHON.exists()
    except OSError:
        return False


def stamp(kind: str) -> Path:
    """The file that remembers what was installed."""
    return VENV / f".installed-{kind}"


def fingerprint(kind: str) -> str:
    """A digest of all that decides what the environment holds."""
    digest = hashlib.sha256()
    for name in (SETUP_LOCK, LOCKS[kind], "pyproject.toml"):
        content = (ROOT / name).read_text("utf-8")
        if name == "pyproject.toml":  # the settings of the tools do not decide what is installed
            content = content.split("[tool.ruff]")[0]
        digest.update(content.encode())
    digest.update(f"{ROOT} {sys.version_info[:2]}".encode())
    return digest.hexdigest()


def is_usable() -> bool:
    """Whether .venv works at this place (a moved one still points to the old) and runs our Python."""
    if not PYTHON.exists():
        return False
    ask = "import sys, pip; print(sys.prefix, sys.version_info[:2])"
    answer = subprocess.run([PYTHON, "-c", ask], capture_output=True, text=True, check=False)
    pip_script = VENV / "bin" / "pip"
    return (
        answer.returncode == 0
        and answer.stdout.strip() == f"{VENV} {sys.version_info[:2]}"
        and pip_script.exists()
        and str(VENV) in pip_script.read_text("utf-8", "replace")[:400]
    )


def need_venv_module() -> None:
    """Make sure that `python -m venv` can work: as root install what is missing, else say the line."""
    if have_venv_module():
        return
    package = f"python{sys.version_info[0]}.{sys.version_info[1]}-venv"
    if os.geteuid() == 0 and shutil.which("apt-get"):
        say(f"installing {package}")
        quiet = {**os.environ, "DEBIAN_FRONTEND": "noninteractive"}
        run(["apt-get", "update", "-qq"], environment=quiet)
        run(["apt-get", "install", "-y", "-qq", "--no-install-recommends", package], environment=quiet)
        if have_venv_module():
            return
    msg = f"Python's venv module is missing. Install it once:  sudo apt-get install {package}"
    raise VenvModuleMissingError(msg)


def have_venv_module() -> bool:
    """Whether this Python can make an environment with pip in it."""
    ask = [sys.executable, "-c", "import venv, ensurepip"]
    return subprocess.run(ask, capture_output=True, check=False).returncode == 0


def with_newer_python() -> int:
    """Go on under a newer Python of this machine, if there is one."""
    for minor in range(OLDEST[1] + 8, OLDEST[1] - 1, -1):
        found = shutil.which(f"python3.{minor}")
        if found and subprocess.run([found, "-V"], capture_output=True, check=False).returncode == 0:
            return subprocess.run([found, *sys.argv], check=False).returncode
    have = ".".join(map(str, sys.version_info[:2]))
    return stop(f"Python 3.11 or newer is needed; {sys.executable} is {have}. Name another: make PYTHON=...")


class only_one_at_a_time:  # noqa: N801 - reads as a word in a with statement
    """Hold a lock of the checkout, so that two `make` at once do not install into each other."""

    def __enter__(self) -> None:
        folder = ROOT / ".cache"
        folder.mkdir(exist_ok=True)
        self.file = (folder / "setup.lock").open("w")
        try:
            fcntl.flock(self.file, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            say("waiting for another set-up of this checkout")
            fcntl.flock(self.file, fcntl.LOCK_EX)

    def __exit__(self, *_: object) -> None:
        self.file.close()


def run(command: Sequence[str | Path], environment: dict[str, str] | None = None, tries: int = TRIES) -> None:
    """Run a step, again after a pause when it fails: registries have bad moments.

    Raises:
        subprocess.CalledProcessError: after the last try.
    """
    settings = {"UV_COMPILE_BYTECODE": "1", "UV_PYTHON_DOWNLOADS": "never", "UV_HTTP_TIMEOUT": "120"}
    env = {**os.environ, **settings, **(environment or {})}
    for variable in ("VIRTUAL_ENV", "PYTHONHOME", "PYTHONPATH", "PIP_REQUIRE_VIRTUALENV"):
        env.pop(variable, None)
    for tried in range(1, tries + 1):
        try:
            subprocess.run(command, cwd=ROOT, env=env, check=True)
        except subprocess.CalledProcessError:
            if tried == tries:
                raise
            say(f"that failed, trying again ({tried + 1} of {tries})")
            time.sleep(2 * tried)
        else:
            return


def say(line: str) -> None:
    """One line of progress."""
    sys.stdout.write(f"setup: {line}\n")
    sys.stdout.flush()


def stop(line: str) -> int:
    """The last line, and the exit code of a failure."""
    sys.stderr.write(f"setup: {line}\n")
    return 1


if __name__ == "__main__":
    sys.exit(main())
