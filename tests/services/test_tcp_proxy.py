"""The wire that fails."""

from __future__ import annotations

import contextlib
import smtplib
import socket
from collections.abc import Iterator

import pytest

from tests.services.smtp_sink import SmtpSink
from tests.services.tcp_proxy import TcpProxy

pytestmark = pytest.mark.services

MAIL = b"Subject: x\r\n\r\n" + b"0123456789\r\n" * 1000


@pytest.fixture
def proxy(smtp_sink: SmtpSink) -> Iterator[TcpProxy]:
    with TcpProxy(smtp_sink.port) as proxy:
        yield proxy


def send(proxy: TcpProxy) -> None:
    with smtplib.SMTP(proxy.host, proxy.port, local_hostname="tests", timeout=5) as client:
        client.sendmail("a@example.net", ["b@example.com"], MAIL)


def test_carries_both_ways(proxy: TcpProxy, smtp_sink: SmtpSink) -> None:
    send(proxy)
    assert smtp_sink.wait_for(1)[0].data == MAIL
    assert proxy.connections == 1


def test_cuts_once_after_so_many_bytes_to_the_server(proxy: TcpProxy, smtp_sink: SmtpSink) -> None:
    proxy.cut_after(to_server=6000)
    with pytest.raises((smtplib.SMTPServerDisconnected, ConnectionError)):
        send(proxy)
    assert smtp_sink.mails == []
    send(proxy)
    assert len(smtp_sink.wait_for(1)) == 1


def test_cuts_the_answer(proxy: TcpProxy, smtp_sink: SmtpSink) -> None:
    proxy.cut_after(to_client=10)
    with socket.create_connection((proxy.host, proxy.port), timeout=5) as client:
        assert read_until_cut(client) == b"220 sink.e"


def read_until_cut(client: socket.socket) -> bytes:
    got = b""
    with contextlib.suppress(ConnectionError):
        while more := client.recv(100):
            got += more
    return got


def test_refuses(proxy: TcpProxy) -> None:
    proxy.refuse()
    with pytest.raises((smtplib.SMTPServerDisconnected, ConnectionError)):
        send(proxy)
    proxy.refuse(False)
    send(proxy)


def test_stalls(proxy: TcpProxy) -> None:
    proxy.stall()
    with socket.create_connection((proxy.host, proxy.port), timeout=0.2) as client:
        with pytest.raises(TimeoutError):
            client.recv(1)
        proxy.stall(False)
        client.settimeout(5)
        assert client.recv(3) == b"220"
