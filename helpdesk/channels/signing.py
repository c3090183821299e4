"""DKIM: making a key, the record that publishes it, and signing (RFC 6376). Pure."""

import base64
from dataclasses import dataclass
from email import message_from_bytes
from email.policy import compat32

import dkim
from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric import rsa

KEY_BITS = 2048
SIGNED = (
    "From",
    "To",
    "Cc",
    "Subject",
    "Date",
    "Message-ID",
    "In-Reply-To",
    "References",
    "Reply-To",
    "MIME-Version",
    "Content-Type",
    "Content-Transfer-Encoding",
    "List-Unsubscribe",
    "List-Unsubscribe-Post",
    "List-Id",
)
"""What the signature covers, where the mail has it (M3)."""


@dataclass(frozen=True, slots=True)
class KeyPair:
    """A signing key: the private part as PEM, the public part as the DNS record holds it (base64)."""

    private: str
    public: str


def new_key() -> KeyPair:
    """Return a fresh key; takes a moment."""
    key = rsa.generate_private_key(public_exponent=65537, key_size=KEY_BITS)
    private = key.private_bytes(
        serialization.Encoding.PEM,
        serialization.PrivateFormat.TraditionalOpenSSL,
        serialization.NoEncryption(),
    )
    public = key.public_key().public_bytes(
        serialization.Encoding.DER, serialization.PublicFormat.SubjectPublicKeyInfo
    )
    return KeyPair(private.decode(), base64.b64encode(public).decode())


def record_name(selector: str, domain: str) -> str:
    """Return the name of the TXT record."""
    return f"{selector}._domainkey.{domain}"


def record_value(public: str) -> str:
    """Return the value of the TXT record."""
    return f"v=DKIM1; k=rsa; p={public}"


def same_key(record: str, public: str) -> bool:
    """Return whether a TXT record publishes this key, however its spaces and strings were split."""
    tags = {
        name.strip(): "".join(value.split())
        for name, _, value in (tag.partition("=") for tag in record.split(";"))
    }
    return tags.get("p") == public and tags.get("k", "rsa") == "rsa"


def signed(raw: bytes, *, domain: str, selector: str, private: str) -> bytes:
    """Return a mail with our signature on top."""
    names = {name.lower() for name in message_from_bytes(raw, policy=compat32)}
    signature = dkim.sign(
        raw,
        selector.encode(),
        domain.encode("idna"),
        private.encode(),
        canonicalize=(b"relaxed", b"relaxed"),
        include_headers=[name.encode() for name in SIGNED if name.lower() in names],
    )
    return bytes(signature) + raw
