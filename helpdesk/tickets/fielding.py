"""What a field of the desk's own takes, and how it is kept and shown. Pure."""

import re
import unicodedata
from collections.abc import Sequence
from datetime import date
from decimal import Decimal, InvalidOperation

KINDS = ("text", "number", "date", "choice", "check")
TEXT_CHARS = 500
OPTIONS = 100


def key_of_label(label: str) -> str:
    """Return the key a label makes: letters, digits and underscores; never empty."""
    flat = unicodedata.normalize("NFKD", label.casefold()).encode("ascii", "ignore").decode()
    return re.sub(r"[^a-z0-9]+", "_", flat).strip("_")[:40] or "field"


def options_of(text: str) -> list[str]:
    """Return the options a person typed, one a line, each once."""
    lines = (" ".join(line.split())[:120] for line in text.splitlines())
    return list(dict.fromkeys(line for line in lines if line))[:OPTIONS]


def value_of(kind: str, text: str, options: Sequence[str]) -> str | None:
    """Return the value as it is kept, None for nothing.

    Numbers are plain decimals, dates ISO, a check "yes" or nothing.

    Raises:
        ValueError: with the sentence to show.
    """
    text = " ".join(text.split()) if kind != "text" else text.strip()
    if not text:
        return None
    if kind == "check":
        return "yes" if text in {"yes", "1", "on"} else None
    if kind == "choice":
        if text not in options:
            raise ValueError("Choose one of the list.")
        return text
    if kind == "date":
        try:
            return date.fromisoformat(text).isoformat()
        except ValueError:
            raise ValueError("Write a day as 2026-11-22.") from None
    if kind == "number":
        return _number(text)
    if len(text) > TEXT_CHARS:
        raise ValueError(f"At most {TEXT_CHARS} characters.")
    return text


def _number(text: str) -> str:
    try:
        found = Decimal(text.replace(" ", "").replace(",", "."))
    except InvalidOperation:
        raise ValueError("Write a number, such as 12 or 12.5.") from None
    if not found.is_finite() or abs(found) >= Decimal(10) ** 15:
        raise ValueError("Write a number below a million billion.")
    plain = format(found.normalize(), "f")
    return plain if len(plain) <= 40 else format(round(found, 6).normalize(), "f")
