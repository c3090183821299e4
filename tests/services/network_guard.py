"""No test reaches the network: a connection or a name look-up that leaves this machine fails the test.

The attempt itself gets an ordinary network error, so that the code under test behaves as it would without a
network; the test then fails when it ends, even where that error was swallowed or happened in a thread.
"""

from __future__ import annotations

import ipaddress
import socket
from collections.abc import Callable
from typing import Any

_LOCAL_NAMES = {"localhost", "localhost.localdomain", "ip6-localhost", ""}


class NoNetworkError(OSError):
    """What an attempt to leave this machine gets."""


class NetworkGuard:
    """Stands in front of Python's sockets from `install` to `remove`.

    Attributes:
        attempts: what tried to leave since they were last cleared.
    """

    def __init__(self) -> None:
        self.attempts: list[str] = []
        self._originals: list[tuple[Any, str, Any]] = []

    def install(self) -> None:
        """Begin."""
        for name in ("connect", "connect_ex"):
            self._wrap(socket.socket, name, self._check_connect)
        self._wrap(socket.socket, "sendto", self._check_sendto)
        for name in ("getaddrinfo", "gethostbyname", "gethostbyname_ex"):
            self._wrap(socket, name, self._check_lookup)

    def remove(self) -> None:
        """End."""
        while self._originals:
            setattr(*self._originals.pop())

    def take_attempts(self) -> list[str]:
        """What tried to leave, and a clean slate."""
        taken, self.attempts = self.attempts, []
        return taken

    def _wrap(self, owner: Any, name: str, check: Callable[..., None]) -> None:
        original = getattr(owner, name)

        def guarded(*args: Any, **kwargs: Any) -> Any:
            check(*args, **kwargs)
            return original(*args, **kwargs)

        self._originals.append((owner, name, original))
        setattr(owner, name, guarded)

    def _check_connect(self, sock: socket.socket, address: Any) -> None:
        if sock.family in (socket.AF_INET, socket.AF_INET6) and not _is_local(str(address[0])):
            self._refuse(f"connect to {address[0]} port {address[1]}")

    def _check_sendto(self, sock: socket.socket, data: Any, *args: Any) -> None:
        self._check_connect(sock, args[-1])

    def _check_lookup(self, host: str | bytes | None, *args: Any, **kwargs: Any) -> None:
        name = host.decode("ascii", "replace") if isinstance(host, bytes) else (host or "")
        if not (_is_local(name) or _is_address(name) or name == socket.gethostname()):
            self._refuse(f"look up {name}")

    def _refuse(self, what: str) -> None:
        self.attempts.append(what)
        msg = f"no test reaches the network: {what}"
        raise NoNetworkError(msg)


def _is_local(host: str) -> bool:
    if host.lower() in _LOCAL_NAMES:
        return True
    try:
        address = ipaddress.ip_address(host.split("%")[0])
    except ValueError:
        return False
    mapped = getattr(address, "ipv4_mapped", None)
    return (mapped or address).is_loopback or address.is_unspecified


def _is_address(host: str) -> bool:
    try:
        ipaddress.ip_address(host.split("%")[0])
    except ValueError:
        return False
    return True
