"""The servers as fixtures, and the guard that keeps every test on this machine.

Loaded by the root conftest: `pytest_plugins = ["tests.services.fixtures"]`. Servers start when the first test
asks for them, once per pytest process, and end with it.
"""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from tests.services.browser import ChromiumBrowser, PageFactory
from tests.services.dovecot import DovecotServer
from tests.services.network_guard import NetworkGuard
from tests.services.postgres import PostgresServer
from tests.services.redis import RedisServer
from tests.services.smtp_sink import SmtpSink


@pytest.fixture(scope="session")
def postgres_server() -> Iterator[PostgresServer]:
    """A PostgreSQL of our own; ask it for a database per test."""
    with PostgresServer() as server:
        yield server


@pytest.fixture(scope="session")
def redis_server() -> Iterator[RedisServer]:
    """A Redis of our own. Begin with `flush()`; take it away with `with redis_server.away():`."""
    with RedisServer() as server:
        yield server


@pytest.fixture(scope="session")
def dovecot_server() -> Iterator[DovecotServer]:
    """A mail server of our own; `new_user()` is an empty mailbox. Take it away with `away()`."""
    with DovecotServer() as server:
        yield server


@pytest.fixture
def smtp_sink() -> Iterator[SmtpSink]:
    """The mail server that takes what we send."""
    with SmtpSink() as sink:
        yield sink


@pytest.fixture(scope="session")
def chromium() -> Iterator[ChromiumBrowser]:
    """The browser behind `browser_page`."""
    with ChromiumBrowser() as browser:
        yield browser


@pytest.fixture
def browser_page(chromium: ChromiumBrowser) -> Iterator[PageFactory]:
    """Makes pages, each in a fresh context: `browser_page(width=360, dark=True, javascript=False)`."""
    with chromium.pages() as factory:
        yield factory


@pytest.fixture(scope="session", autouse=True)
def network_guard() -> Iterator[NetworkGuard]:
    """In front of Python's sockets for the whole session."""
    guard = NetworkGuard()
    guard.install()
    yield guard
    guard.remove()


@pytest.fixture(autouse=True)
def _no_test_reaches_the_network(network_guard: NetworkGuard) -> Iterator[None]:
    network_guard.take_attempts()
    yield
    attempts = network_guard.take_attempts()
    if attempts:
        pytest.fail(f"no test reaches the network, this one tried to: {'; '.join(attempts)}", pytrace=False)
