"""A wire that fails: forwards TCP to a real server and cuts, refuses or stalls when the test says so."""

from __future__ import annotations

import contextlib
import socket
import struct
import threading
from types import TracebackType
from typing import Self

HOST = "127.0.0.1"
_RESET_ON_CLOSE = struct.pack("ii", 1, 0)


class TcpProxy:
    """Stands between a client and `target_host:target_port` on a free port of 127.0.0.1.

    Attributes:
        connections: how many were accepted so far.
    """

    def __init__(self, target_port: int, target_host: str = HOST) -> None:
        self.host = HOST
        self.port = 0
        self.connections = 0
        self._target = (target_host, target_port)
        self._lock = threading.Lock()
        self._budget: dict[str, int | None] = {"up": None, "down": None}
        self._refusing = False
        self._flowing = threading.Event()
        self._flowing.set()
        self._pairs: set[_Pair] = set()
        self._listener: socket.socket | None = None
        self._thread: threading.Thread | None = None

    def start(self) -> Self:
        """Listen and forward."""
        self._listener = socket.create_server((HOST, self.port))
        self.port = self._listener.getsockname()[1]
        self._thread = threading.Thread(target=self._accept, args=(self._listener,), daemon=True)
        self._thread.start()
        return self

    def stop(self) -> None:
        """Reset every connection and listen no more."""
        if self._listener is not None:
            with contextlib.suppress(OSError):
                self._listener.shutdown(socket.SHUT_RDWR)
            self._listener.close()
            self._listener = None
        self._flowing.set()
        self.cut_now()
        if self._thread is not None:
            self._thread.join(5)

    def cut_after(self, *, to_server: int | None = None, to_client: int | None = None) -> None:
        """Reset the connection that carries the next so many bytes in that direction; then all is well again.

        The bytes up to the cut are delivered. A count of 0 cuts at the first byte.
        """
        with self._lock:
            self._budget = {"up": to_server, "down": to_client}

    def cut_now(self) -> None:
        """Reset every open connection."""
        for pair in list(self._pairs):
            pair.reset()

    def refuse(self, refusing: bool = True) -> None:
        """Reset new connections at once, as long as this holds."""
        self._refusing = refusing

    def stall(self, stalling: bool = True) -> None:
        """Keep connections open and carry nothing, as long as this holds."""
        if stalling:
            self._flowing.clear()
        else:
            self._flowing.set()

    def _accept(self, listener: socket.socket) -> None:
        while True:
            try:
                client, _ = listener.accept()
            except OSError:
                return
            self.connections += 1
            try:
                if self._refusing:
                    raise ConnectionRefusedError
                server = socket.create_connection(self._target, timeout=10)
                server.settimeout(None)
            except OSError:
                _reset(client)
                continue
            pair = _Pair(client, server)
            self._pairs.add(pair)
            for source, sink, way in ((client, server, "up"), (server, client, "down")):
                threading.Thread(target=self._carry, args=(pair, source, sink, way), daemon=True).start()

    def _carry(self, pair: _Pair, source: socket.socket, sink: socket.socket, way: str) -> None:
        try:
            while data := source.recv(65536):
                self._flowing.wait()
                allowed, cut = self._spend(way, len(data))
                sink.sendall(data[:allowed])
                if cut:
                    pair.finish_then_reset(sink)
                    break
            else:
                with contextlib.suppress(OSError):
                    sink.shutdown(socket.SHUT_WR)
        except OSError:
            pair.reset()
        pair.one_side_done()
        if pair.is_done:
            self._pairs.discard(pair)

    def _spend(self, way: str, wanted: int) -> tuple[int, bool]:
        with self._lock:
            left = self._budget[way]
            if left is None:
                return wanted, False
            if wanted < left:
                self._budget[way] = left - wanted
                return wanted, False
            self._budget[way] = None
            return left, True

    def __enter__(self) -> Self:
        return self.start()

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.stop()


class _Pair:
    """The two ends of one carried connection."""

    def __init__(self, client: socket.socket, server: socket.socket) -> None:
        self.sockets = (client, server)
        self._lock = threading.Lock()
        self._sides_left = 2

    @property
    def is_done(self) -> bool:
        """Whether both directions have ended."""
        return self._sides_left == 0

    def one_side_done(self) -> None:
        """Close both ends once both directions have ended."""
        with self._lock:
            self._sides_left -= 1
            if self._sides_left == 0:
                for end in self.sockets:
                    end.close()

    def finish_then_reset(self, sink: socket.socket) -> None:
        """Let the last bytes arrive at `sink`, then break both ends."""
        with contextlib.suppress(OSError):
            sink.shutdown(socket.SHUT_WR)
        for end in self.sockets:
            if end is not sink:
                _break(end)
        with contextlib.suppress(OSError):
            sink.shutdown(socket.SHUT_RD)

    def reset(self) -> None:
        """Break both ends."""
        for end in self.sockets:
            _break(end)


def _break(end: socket.socket) -> None:
    with contextlib.suppress(OSError):
        end.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, _RESET_ON_CLOSE)
        end.shutdown(socket.SHUT_RDWR)


def _reset(end: socket.socket) -> None:
    with contextlib.suppress(OSError):
        end.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, _RESET_ON_CLOSE)
    end.close()
