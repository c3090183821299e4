"""The file store, the ring of keys, instants, and the tokens of forms."""

import base64
import gzip
import json
import os
from datetime import UTC, datetime, timedelta, timezone
from pathlib import Path

import pytest
import sqlalchemy as sa
import time_machine
from flask import Flask

from helpdesk.core.db import command, db, session
from helpdesk.core.errors import InvalidError, NotFoundError
from helpdesk.core.files import FileStore
from helpdesk.core.keys import MAC_CHARS, KeyRing, load_ring
from helpdesk.core.once import OnceKey
from helpdesk.core.web import forms
from tests.making import Desk

sqlite_only = pytest.mark.parametrize("engine", ["sqlite"], indirect=True)


def test_bytes_are_kept_once_under_their_digest(tmp_path: Path) -> None:
    store = FileStore(tmp_path)
    digest = store.put(b"hello" * 1000)
    assert store.put(b"hello" * 1000) == digest
    assert store.get(digest) == b"hello" * 1000
    assert list(store.digests()) == [digest]
    assert len(list(tmp_path.rglob("*.gz"))) == 1
    assert store.path(digest).stat().st_size < 5000, "kept compressed"
    assert store.has(digest)


@pytest.mark.parametrize(
    "digest", ["", "..", "../../../etc/passwd", "A" * 64, "a" * 63, "a" * 65, "/" * 64, "a" * 63 + "\n"]
)
def test_only_digests_are_paths(tmp_path: Path, digest: str) -> None:
    store = FileStore(tmp_path / "store")
    (tmp_path / "secret").write_text("secret")
    with pytest.raises((ValueError, NotFoundError)):
        store.get(digest)
    with pytest.raises(ValueError, match="not a digest"):
        store.path(digest)


@pytest.mark.parametrize(
    "damage",
    [b"", b"not gzip", gzip.compress(b"other words", mtime=0), gzip.compress(b"hello", mtime=0)[:-6]],
)
def test_what_is_damaged_is_never_given_out(tmp_path: Path, damage: bytes) -> None:
    store = FileStore(tmp_path)
    digest = store.put(b"hello")
    store.path(digest).write_bytes(damage)
    with pytest.raises(NotFoundError):
        store.get(digest)


def test_a_write_that_breaks_off_leaves_nothing_behind(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    store = FileStore(tmp_path)

    def full(_handle: int) -> None:
        raise OSError(28, "No space left on device")

    with monkeypatch.context() as patched:
        patched.setattr(os, "fsync", full)
        with pytest.raises(OSError, match="No space"):
            store.put(b"hello")
    assert [p for p in tmp_path.rglob("*") if p.is_file()] == []
    assert store.get(store.put(b"hello")) == b"hello"


def test_the_ring_is_made_once_and_for_us_alone(tmp_path: Path) -> None:
    path = tmp_path / "secret.keys"
    ring = load_ring(path)
    assert path.stat().st_mode & 0o777 == 0o600
    mark = ring.sign("reply", 1001, 5)
    assert load_ring(path).verify(mark, "reply", 1001, 5)
    assert len(mark) == 1 + MAC_CHARS
    assert load_ring(tmp_path / "other.keys").verify(mark, "reply", 1001, 5) is False


def test_a_new_key_signs_and_the_old_ones_verify_for_ever(tmp_path: Path) -> None:
    """Contracts 16: rotation by adding a key to the file."""
    path = tmp_path / "secret.keys"
    old = load_ring(path)
    mark, sealed = old.sign("link", 1), old.encrypt("p4ssword")
    kept = json.loads(path.read_text())
    path.write_text(json.dumps(kept | {"b": base64.b64encode(os.urandom(32)).decode()}))
    new = load_ring(path)
    assert new.ids == ["a", "b"]
    assert new.verify(mark, "link", 1)
    assert new.verify(mark.upper(), "link", 1)
    assert new.decrypt(sealed) == "p4ssword"
    assert new.sign("link", 1)[0] == "b"
    assert not old.verify(new.sign("link", 1), "link", 1)
    assert len(new.all_derived("form")) == 2
    with pytest.raises(ValueError, match="no key"):
        old.decrypt(new.encrypt("x"))


def test_a_mark_is_good_for_one_purpose_and_one_thing() -> None:
    ring = KeyRing({"a": bytes(range(32))})
    mark = ring.sign("reply", 1001, 5)
    for purpose, parts in (
        ("link", (1001, 5)),
        ("reply", (1001, 6)),
        ("reply", (1001,)),
        ("reply", (1001, 5, "")),
        ("reply", (10015,)),
        ("reply", ("1001\x005",)),
    ):
        told = ring.verify(mark, purpose, *parts)
        assert told is (parts == ("1001\x005",)), (purpose, parts)
    for wrong in ("", "a", mark[:-1], mark + "a", "b" + mark[1:], "ä" * 17, mark[:-1] + "ſ", "1" * 17):
        assert ring.verify(wrong, "reply", 1001, 5) is False, wrong
    assert ring.derived("flask") != ring.derived("form")


def test_naive_instants_are_refused_and_aware_ones_come_back_in_utc(desk: Desk) -> None:
    there = timezone(timedelta(hours=5, minutes=45))
    moment = datetime(2026, 11, 16, 9, 30, 0, 123456, tzinfo=there)

    @command
    def keep(at: datetime) -> None:
        session().add(OnceKey(key="moment", result=None, at=at))

    with pytest.raises((TypeError, sa.exc.StatementError)):
        keep(datetime(2026, 1, 1))  # noqa: DTZ001 - the point
    keep(moment)
    db.session.rollback()
    kept = session().scalar(sa.select(OnceKey.at))
    assert kept == moment
    assert kept.tzinfo is UTC
    assert session().scalar(sa.select(OnceKey.key).where(OnceKey.at == moment)) == "moment"
    assert session().scalar(sa.select(OnceKey.key).where(OnceKey.at > moment)) is None


@sqlite_only
def test_a_form_token_is_ours_for_one_form_and_one_day(app: Flask) -> None:
    with app.test_request_context():
        with time_machine.travel(datetime(2026, 11, 16, tzinfo=UTC), tick=False) as clock:
            token = forms.form_token("contact")
            assert forms.form_token("contact") != token, "each showing counts for itself"
            nonce = forms.check_form_token("contact", token)
            assert forms.check_form_token("contact", token) == nonce
            with pytest.raises(InvalidError):
                forms.check_form_token("request 1", token)
            clock.shift(forms.TOKEN_LIFE_S - 1)
            assert forms.check_form_token("contact", token) == nonce
            clock.shift(3)
            with pytest.raises(InvalidError, match="open for a long time"):
                forms.check_form_token("contact", token)
        for bad in ("", "x", "a.b.c", token[:-2], token + "x", token.swapcase(), "ü" * 40, "\0"):
            with pytest.raises(InvalidError):
                forms.check_form_token("contact", bad)


@sqlite_only
def test_words_from_forms_are_clean(app: Flask) -> None:
    assert forms.clean("a\r\nb\rc\x00\x07\ud800\td") == "a\nb\nc\td"
    assert forms.clean("A\u030a") == "\u00c5", "one spelling for what looks the same"
    with app.test_request_context(method="POST", data={"body": "x" * 50}):
        assert forms.text("body", 10) == "x" * 10
        assert forms.text("nothing", 10) == ""
