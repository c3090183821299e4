"""Tables of words written down as text, parted by "|"."""

import re


def words(table: str) -> list[str]:
    """Return the words of a table, in lower case."""
    return [word.strip().casefold() for word in table.split("|") if word.strip()]


def alternation(table: str) -> str:
    """Return a pattern that matches any word of a table, longest first."""
    return "|".join(map(re.escape, sorted(words(table), key=len, reverse=True)))
