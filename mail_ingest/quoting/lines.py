"""A body as lines, and which of them carry quote marks."""

from dataclasses import dataclass

MAX_CHARACTERS = 256 * 1024
MAX_LINES = 10_000


@dataclass(frozen=True, slots=True)
class Hint:
    """What markup says about a line: see `mail_ingest.parse.html_marks`."""

    cite: int = 0
    indent: int = 0
    mark: str = ""


NO_HINT = Hint()


def cut_lines(text: str) -> tuple[list[str], str]:
    """Return the lines to look at, line ends kept, and the rest of a very long text."""
    lines = text[:MAX_CHARACTERS].split("\n")
    whole = [f"{line}\n" for line in lines[:-1]]
    if lines[-1]:
        whole.append(lines[-1])
    kept = whole[:MAX_LINES]
    length = sum(map(len, kept))
    return kept, text[length:]


def depth(line: str) -> int:
    """Return how many quote marks stand before a line."""
    text = line.lstrip(" \t")
    if len(line) - len(text) > 3:
        return 0
    count = 0
    for char in text[:200]:
        if char == ">":
            count += 1
        elif char not in " \t":
            break
    return count


def unmarked(line: str) -> str:
    """Return a line without the quote marks before it."""
    return line.lstrip(" \t>").rstrip()
