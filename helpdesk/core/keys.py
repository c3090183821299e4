"""The secret keys: a ring with ids, made at first start, kept beside the database, never in it.

New MACs use the newest key; old keys verify for ever (contracts 16). Each purpose derives its own key, so a
MAC made for one thing never verifies for another.
"""

import base64
import hmac
import json
import os
import secrets
from hashlib import sha256
from pathlib import Path

from cryptography.fernet import Fernet, InvalidToken, MultiFernet
from flask import current_app

_ALPHABET = "abcdefghijklmnopqrstuvwxyz234567"
MAC_CHARS = 16
"""Length of a MAC in text: 10 bytes (80 bits) in base32."""


class KeyRing:
    """Signs and verifies short texts, and encrypts secrets at rest."""

    def __init__(self, keys: dict[str, bytes]) -> None:
        if not keys:
            raise ValueError("a key ring needs a key")
        self._keys = keys
        self._newest = max(keys, key=_ALPHABET.index)
        self._fernet = MultiFernet(
            [
                Fernet(base64.urlsafe_b64encode(_derive(keys[i], "encrypt")))
                for i in sorted(keys, key=_ALPHABET.index, reverse=True)
            ]
        )

    @property
    def ids(self) -> list[str]:
        """The key ids, oldest first."""
        return sorted(self._keys, key=_ALPHABET.index)

    def sign(self, purpose: str, *parts: object) -> str:
        """Return key id and MAC over `parts`: 17 characters of lower-case base32."""
        return self._newest + self._mac(self._newest, purpose, parts)

    def verify(self, mark: str, purpose: str, *parts: object) -> bool:
        """Return whether `mark` (upper or lower case) is a MAC of one of our keys over `parts`."""
        mark = mark.lower()
        if len(mark) != 1 + MAC_CHARS or mark[0] not in self._keys or not mark.isascii():
            return False
        return hmac.compare_digest(mark[1:], self._mac(mark[0], purpose, parts))

    def derived(self, purpose: str) -> bytes:
        """Return 32 bytes of the newest key for `purpose` (for libraries that sign by themselves)."""
        return _derive(self._keys[self._newest], purpose)

    def all_derived(self, purpose: str) -> list[bytes]:
        """Return the derived keys of the whole ring, oldest first."""
        return [_derive(self._keys[i], purpose) for i in self.ids]

    def encrypt(self, secret: str) -> str:
        """Return `secret` encrypted and authenticated, as text."""
        return self._fernet.encrypt(secret.encode()).decode()

    def decrypt(self, sealed: str) -> str:
        """Return what `encrypt` was given.

        Raises:
            ValueError: no key of the ring fits.
        """
        try:
            return self._fernet.decrypt(sealed.encode()).decode()
        except InvalidToken as error:
            raise ValueError("no key of this ring opens the secret") from error

    def _mac(self, key_id: str, purpose: str, parts: tuple[object, ...]) -> str:
        body = "\0".join(str(p) for p in (purpose, key_id, *parts)).encode()
        digest = hmac.new(_derive(self._keys[key_id], purpose), body, sha256).digest()[:10]
        return base64.b32encode(digest).decode().lower()


def _derive(key: bytes, purpose: str) -> bytes:
    return hmac.new(key, b"helpdesk:" + purpose.encode(), sha256).digest()


def load_ring(path: Path) -> KeyRing:
    """Return the ring kept at `path`, making it (mode 0600) when it is not there."""
    if not path.exists():
        path.parent.mkdir(parents=True, exist_ok=True)
        _write_new(path, {"a": base64.b64encode(secrets.token_bytes(32)).decode()})
    kept: dict[str, str] = json.loads(path.read_text())
    return KeyRing({i: base64.b64decode(k) for i, k in kept.items()})


def _write_new(path: Path, keys: dict[str, str]) -> None:
    try:
        handle = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    except FileExistsError:
        return
    with os.fdopen(handle, "w") as file:
        json.dump(keys, file)
        file.flush()
        os.fsync(file.fileno())


def ring() -> KeyRing:
    """Return the key ring of the running app."""
    found: KeyRing = current_app.extensions["keys"]
    return found
