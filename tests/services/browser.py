"""A real browser: the system's Chromium under Playwright, one fresh context per page, and the axe checks."""

from __future__ import annotations

import asyncio
import contextlib
import os
from collections.abc import Iterator
from types import TracebackType
from typing import Any, Self

from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Browser, Error, Page, Playwright, expect, sync_playwright

from tests.services.process import ServiceError
from tests.services.programs import Program, find

_FLAGS = (
    "--no-sandbox",
    "--disable-gpu",
    "--disable-dev-shm-usage",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
    "--no-first-run",
    "--host-resolver-rules=MAP * ~NOTFOUND, EXCLUDE localhost, EXCLUDE 127.0.0.1",
)
expect.set_options(timeout=20_000)  # a busy machine is slow, not wrong

_STANDARD = ("wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice")


class ChromiumBrowser:
    """One Chromium that reaches nothing but this machine. Use it from the thread that started it.

    Playwright keeps an event loop "running" in that thread between its calls, which makes `asyncio.run` fail
    for everybody else. So the loop counts as running only while a page is open.
    """

    def __init__(self) -> None:
        self._playwright: Playwright | None = None
        self._browser: Browser | None = None
        self._loop: asyncio.AbstractEventLoop | None = None

    def start(self) -> Self:
        """Start Chromium without a window and with an empty profile.

        Raises:
            ServiceError: it is missing or does not start.
        """
        binary = find("chromium", "google-chrome", "chromium-browser", "chrome")
        with _libraries_of(binary):
            self._playwright = sync_playwright().start()
        self._loop = asyncio._get_running_loop()
        environment: dict[str, str | float | bool] = {
            k: v for k, v in binary.environment().items() if k != "DBUS_SESSION_BUS_ADDRESS"
        }
        try:
            self._browser = self._playwright.chromium.launch(
                executable_path=str(binary.path), args=list(_FLAGS), env=environment, timeout=30_000
            )
        except Error as error:
            self.stop()
            msg = f"{binary.path} did not start:\n{error.message[:3000]}"
            raise ServiceError(msg) from error
        asyncio._set_running_loop(None)
        return self

    def stop(self) -> None:
        """End Chromium."""
        if self._playwright is not None:
            asyncio._set_running_loop(self._loop)
            if self._browser is not None:
                self._browser.close()
            self._playwright.stop()
            asyncio._set_running_loop(None)
        self._playwright = self._browser = None

    @contextlib.contextmanager
    def pages(self, base_url: str = "") -> Iterator[PageFactory]:
        """A factory of pages; every context it made is closed at the end."""
        if self._browser is None:
            self.start()
        assert self._browser is not None
        asyncio._set_running_loop(self._loop)
        factory = PageFactory(self._browser, base_url)
        try:
            yield factory
        finally:
            factory.close()
            asyncio._set_running_loop(None)

    def __enter__(self) -> Self:
        return self.start()

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.stop()


@contextlib.contextmanager
def _libraries_of(binary: Program) -> Iterator[None]:
    """Let Playwright's own process find the libraries of an unpacked browser: a bare Debian lacks one."""
    before = os.environ.get("LD_LIBRARY_PATH")
    if binary.root is not None:
        os.environ["LD_LIBRARY_PATH"] = binary.environment()["LD_LIBRARY_PATH"]
    try:
        yield
    finally:
        if before is None:
            os.environ.pop("LD_LIBRARY_PATH", None)
        else:
            os.environ["LD_LIBRARY_PATH"] = before


class PageFactory:
    """Called like a function, gives a page in a fresh context: no cookies, no storage, its own size.

    Attributes:
        base_url: what relative addresses in `goto` start with; set it before the first page.
    """

    def __init__(self, browser: Browser, base_url: str = "") -> None:
        self._browser = browser
        self.base_url = base_url

    def __call__(
        self,
        width: int = 1440,
        dark: bool = False,
        javascript: bool = True,
        height: int = 900,
        touch: bool = False,
        **more: Any,
    ) -> Page:
        """A page of that width in px; `more` goes to Playwright's `new_context`."""
        context = self._browser.new_context(
            viewport={"width": width, "height": height},
            color_scheme="dark" if dark else "light",
            java_script_enabled=javascript,
            has_touch=touch,
            base_url=self.base_url or None,
            locale=more.pop("locale", "en-GB"),
            timezone_id=more.pop("timezone_id", "Europe/Berlin"),
            reduced_motion=more.pop("reduced_motion", "reduce"),
            **more,
        )
        context.set_default_timeout(30_000)
        return context.new_page()

    def close(self) -> None:
        """Close what was opened."""
        for context in list(self._browser.contexts):
            context.close()


def assert_accessible(page: Page, *, ignore: tuple[str, ...] = ()) -> None:
    """Fail with a readable list of what axe finds against WCAG 2.2 AA and its best practices.

    Args:
        page: an open page, JavaScript allowed.
        ignore: ids of axe rules that do not hold here; say why at the call.
    """
    options = {"runOnly": {"type": "tag", "values": list(_STANDARD)}, "resultTypes": ["violations"]}
    found = Axe().run(page, options=options).response["violations"]
    lines = []
    for violation in found:
        if violation["id"] in ignore:
            continue
        lines.append(f"{violation['impact']}: {violation['help']} ({violation['id']})")
        for node in violation["nodes"]:
            summary = " ".join(node.get("failureSummary", "").split())
            lines.append(f"    {node['html'][:160]}\n        {summary}")
    if lines:
        msg = f"{page.url} is not accessible:\n" + "\n".join(lines)
        raise AssertionError(msg)
