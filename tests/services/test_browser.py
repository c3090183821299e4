"""The browser and the accessibility check."""

from __future__ import annotations

import asyncio
import http.server
import threading
from collections.abc import Iterator

import pytest
from playwright.sync_api import expect

from tests.services.browser import PageFactory, assert_accessible

pytestmark = [pytest.mark.browser, pytest.mark.xdist_group("browser")]

GOOD = """<!doctype html><html lang="en"><title>Desk</title>
<meta name="viewport" content="width=device-width"><link rel="icon" href="data:,">
<main><h1>Tickets</h1><p id="mode">light</p><button>Resolve</button></main>"""
SCRIPT = "<script>document.querySelector('#mode').textContent = 'scripted'</script>"
BAD = """<!doctype html><html><title></title><body><img src="data:,"><input></body></html>"""


@pytest.fixture(scope="module")
def site() -> Iterator[str]:
    pages = {"/": GOOD, "/scripted": GOOD + SCRIPT, "/bad": BAD}

    class Site(http.server.BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            body = pages.get(self.path, "").encode()
            self.send_response(200)
            self.send_header("Content-Type", "text/html; charset=utf-8")
            self.send_header("Content-Length", str(len(body)))
            self.end_headers()
            self.wfile.write(body)

        def log_message(self, format: str, *args: object) -> None:
            """Stay silent."""

    server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Site)
    threading.Thread(target=server.serve_forever, args=(0.05,), daemon=True).start()
    yield f"http://127.0.0.1:{server.server_address[1]}"
    server.shutdown()
    server.server_close()


def test_a_page_with_a_size_and_a_scheme(browser_page: PageFactory, site: str) -> None:
    page = browser_page(width=360, dark=True)
    page.goto(f"{site}/")
    expect(page.get_by_role("heading", name="Tickets")).to_be_visible()
    assert page.evaluate("innerWidth") == 360
    assert page.evaluate("matchMedia('(prefers-color-scheme: dark)').matches") is True


def test_with_and_without_javascript(browser_page: PageFactory, site: str) -> None:
    browser_page.base_url = site
    page = browser_page()
    page.goto("/scripted")
    expect(page.locator("#mode")).to_have_text("scripted")
    page = browser_page(javascript=False)
    page.goto("/scripted")
    expect(page.locator("#mode")).to_have_text("light")


def test_every_page_is_a_stranger(browser_page: PageFactory, site: str) -> None:
    first = browser_page()
    first.goto(site)
    first.context.add_cookies([{"name": "a", "value": "b", "url": site}])
    assert browser_page().context.cookies() == []


def test_accessibility(browser_page: PageFactory, site: str) -> None:
    page = browser_page()
    page.goto(site)
    assert_accessible(page)
    page.goto(f"{site}/bad")
    with pytest.raises(AssertionError, match=r"(?s)/bad is not accessible:.*critical: .*image-alt.*<img"):
        assert_accessible(page)


def test_asyncio_works_beside_the_browser() -> None:
    """Playwright alone would leave its own loop "running" in this thread."""

    async def answer() -> int:
        return 42

    assert asyncio.run(answer()) == 42
