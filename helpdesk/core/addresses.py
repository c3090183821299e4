"""Mail addresses: what is one, and when two are the same. Pure."""

import contextlib
import re

_SHAPE = re.compile(r"[^\s@<>,;:\"()\[\]\\\x00-\x1f\x7f]{1,64}@[^\s@<>,;:\"()\[\]\\\x00-\x1f\x7f]{1,190}")


def is_address(text: str) -> bool:
    """Return whether `text` can be mailed to: one `@`, a dot in the domain, nothing that breaks a header.

    Beyond ASCII only domains: few servers take other local parts (RFC 6531), and none of ours would.
    """
    if len(text) > 254 or not _SHAPE.fullmatch(text):
        return False
    local, domain = text.rsplit("@", 1)
    labels = domain.split(".")
    return (
        local.isascii()
        and on_the_wire(text).isascii()
        and len(labels) > 1
        and all(0 < len(x) <= 63 and not x.startswith("-") and not x.endswith("-") for x in labels)
        and not local.startswith(".")
        and not local.endswith(".")
        and ".." not in local
    )


def key_of(address: str) -> str:
    """Return what makes two spellings the same mailbox: lower case, domain in IDNA form."""
    local, _, domain = address.strip().rpartition("@")
    with contextlib.suppress(UnicodeError):
        domain = domain.encode("idna").decode()
    return f"{local}@{domain}".lower()


def on_the_wire(address: str) -> str:
    """Return an address as mail servers take it: the domain in IDNA form, the local part as typed."""
    local, _, domain = address.rpartition("@")
    with contextlib.suppress(UnicodeError):
        domain = domain.encode("idna").decode()
    return f"{local}@{domain}"


def masked(address: str) -> str:
    """Return `address` with most of its local part hidden, for pages that anyone with a link may open."""
    local, _, domain = address.rpartition("@")
    return f"{local[:1]}***@{domain}"
