"""The guard itself. The addresses are those reserved for documentation."""

from __future__ import annotations

import contextlib
import socket
import threading

import pytest

from tests.services.network_guard import NetworkGuard, NoNetworkError

pytest_plugins = ["pytester"]


def test_nothing_leaves_this_machine(network_guard: NetworkGuard) -> None:
    with pytest.raises(NoNetworkError, match=r"no test reaches the network: connect to 192\.0\.2\.1 port 25"):
        socket.create_connection(("192.0.2.1", 25), timeout=1)
    with pytest.raises(NoNetworkError, match=r"look up mail\.example\.com"):
        socket.getaddrinfo("mail.example.com", 25)
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as sock, pytest.raises(NoNetworkError):
        sock.sendto(b"x", ("192.0.2.1", 53))
    assert len(network_guard.take_attempts()) == 3


def test_loopback_and_unix_sockets_are_open(network_guard: NetworkGuard) -> None:
    with socket.create_server(("127.0.0.1", 0)) as server:
        for name in ("127.0.0.1", "localhost"):
            socket.create_connection((name, server.getsockname()[1]), timeout=1).close()
    one, other = socket.socketpair()
    one.close()
    other.close()
    assert network_guard.take_attempts() == []


def test_an_attempt_in_a_thread_is_noted(network_guard: NetworkGuard) -> None:
    def swallow() -> None:
        with contextlib.suppress(OSError):
            socket.create_connection(("192.0.2.1", 25), timeout=1)

    thread = threading.Thread(target=swallow)
    thread.start()
    thread.join()
    assert network_guard.take_attempts() == ["connect to 192.0.2.1 port 25"]


def test_a_test_that_swallows_the_error_fails(network_guard: NetworkGuard, pytester: pytest.Pytester) -> None:
    pytester.makepyfile("""
        import contextlib, socket
        pytest_plugins = ["tests.services.fixtures"]
        def test_naughty():
            with contextlib.suppress(OSError):
                socket.create_connection(("192.0.2.1", 25), timeout=1)
    """)
    result = pytester.runpytest_inprocess("-p", "no:cacheprovider")
    result.assert_outcomes(passed=1, errors=1)
    result.stdout.fnmatch_lines(["*this one tried to: connect to 192.0.2.1 port 25"])
    network_guard.take_attempts()
