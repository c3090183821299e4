"""The private mail server."""

from __future__ import annotations

import pytest
from imapclient import IMAPClient
from imapclient.exceptions import LoginError

from tests.services.dovecot import DovecotServer

pytestmark = pytest.mark.services

MAIL = b"From: a@example.com\r\nSubject: where is it?\r\n\r\nMy parcel.\r\n"


def test_a_delivered_mail_is_there_unseen(dovecot_server: DovecotServer) -> None:
    user = dovecot_server.new_user()
    dovecot_server.deliver(user, MAIL)
    with dovecot_server.connect(user) as client:
        client.select_folder("INBOX")
        (uid,) = client.search()
        fetched = client.fetch([uid], ["BODY.PEEK[]", "FLAGS"])[uid]
    assert MAIL in fetched[b"BODY[]"]
    assert b"\\Seen" not in fetched[b"FLAGS"]


def test_moves_to_the_archive(dovecot_server: DovecotServer) -> None:
    user = dovecot_server.new_user()
    dovecot_server.deliver(user, MAIL)
    with dovecot_server.connect(user) as client:
        client.select_folder("INBOX")
        client.move(client.search(), "Archive")
    assert dovecot_server.mails(user) == []
    assert len(dovecot_server.mails(user, "Archive")) == 1


def test_wakes_a_client_that_idles(dovecot_server: DovecotServer) -> None:
    user = dovecot_server.new_user()
    with dovecot_server.connect(user) as client:
        client.select_folder("INBOX")
        client.idle()
        dovecot_server.deliver(user, MAIL)
        answers = client.idle_check(timeout=10)
        client.idle_done()
    assert (1, b"EXISTS") in answers


def test_bearer_tokens(dovecot_server: DovecotServer) -> None:
    user = dovecot_server.new_user()
    with IMAPClient(dovecot_server.host, dovecot_server.imap_port, ssl=False, timeout=10) as client:
        client.oauth2_login(user, dovecot_server.token(user))
        assert client.select_folder("INBOX")[b"EXISTS"] == 0
    other = IMAPClient(dovecot_server.host, dovecot_server.imap_port, ssl=False, timeout=10)
    with pytest.raises(LoginError):
        other.oauth2_login(user, "bad")
    other.shutdown()


def test_uidvalidity_can_change(dovecot_server: DovecotServer) -> None:
    user = dovecot_server.new_user()
    dovecot_server.deliver(user, MAIL)
    with dovecot_server.connect(user) as client:
        before = client.select_folder("INBOX")[b"UIDVALIDITY"]
    dovecot_server.change_uidvalidity(user)
    with dovecot_server.connect(user) as client:
        status = client.select_folder("INBOX")
    assert status[b"UIDVALIDITY"] > before
    assert status[b"EXISTS"] == 1


def test_goes_away_and_comes_back_with_the_mail(dovecot_server: DovecotServer) -> None:
    user = dovecot_server.new_user()
    dovecot_server.deliver(user, MAIL)
    with dovecot_server.away(), pytest.raises(OSError, match="refused"):
        dovecot_server.connect(user)
    assert len(dovecot_server.mails(user)) == 1
