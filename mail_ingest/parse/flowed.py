"""format=flowed text put back into paragraphs (RFC 3676)."""


def unflow(text: str, delsp: bool = False) -> str:
    """Return flowed text with its soft line breaks undone and its space-stuffing removed.

    Quoted lines flow only within their own quote depth and keep their ">" marks; "-- " never flows.
    """
    out: list[str] = []
    parts: list[str] = []
    depth = 0
    for line in text.split("\n"):
        level = len(line) - len(line.lstrip(">"))
        content = line[level:]
        if content.startswith(" "):
            content = content[1:]
        if parts and (level != depth or content == "-- "):
            out.append(_marked(depth, "".join(parts)))
            parts = []
        depth = level
        if content.endswith(" ") and content != "-- ":
            parts.append(content[:-1] if delsp else content)
            continue
        parts.append(content)
        out.append(_marked(depth, "".join(parts)))
        parts = []
    if parts:
        out.append(_marked(depth, "".join(parts)))
    return "\n".join(out)


def _marked(depth: int, line: str) -> str:
    """Return a line with its quote marks in front."""
    if not depth:
        return line
    return f"{'>' * depth} {line}".rstrip(" ") if line != "-- " else f"{'>' * depth} -- "
