"""Address headers (RFC 5322 3.4) as they are in the wild, read in one pass and without recursion."""

import re

from mail_ingest.parse.model import Address
from mail_ingest.parse.words import decode_words, encoded_words, one_line, raw_text

_ADDRESS = re.compile(r"[^\s<>\"(),;:\[\]\\]{1,256}@[^\s<>\"'(),;:\[\]\\@]{1,255}")
_QUOTED_LOCAL = re.compile(r'"[^"\\<>]{1,64}"@[^\s<>"\'(),;:\[\]\\@]{1,255}')
_STAND_IN = 0xF0000
_STAND_INS = re.compile("[\U000f0000-\U000ffffd]")
_MAX_ADDRESSES = 1_000


def read_addresses(raws: list[bytes], charset: str | None = None) -> tuple[Address, ...]:
    """Return the addresses of all the headers of one name, in order.

    Names are decoded after the list is cut, so that an encoded comma cannot split an address.
    """
    found: list[Address] = []
    for raw in raws:
        text = raw_text(raw, charset)
        if "@" not in text and "=?" in text:
            text = one_line(decode_words(text))
        found += _read_list(text)
    return tuple(found[:_MAX_ADDRESSES])


def _read_list(text: str) -> list[Address]:
    """Return the addresses of one header value."""
    text, words = _set_aside(text)
    found: list[Address] = []
    held: list[str] = []
    for item in _items(text):
        address = _address(item, held, words)
        if address is not None:
            found.append(address)
            held = []
        elif item.phrase.strip():
            # "Doe, John <john@example.com>": the first half of an unquoted name.
            held = [*held[-2:], item.phrase.strip()]
    if not found and (match := _ADDRESS.search(_restore(text, words))):
        found.append(Address("", normal(match[0])))
    return found


def normal(email: str) -> str:
    """Return an address with its domain in lower case and nothing stuck to its ends."""
    email = email.strip() if email.startswith('"') else email.strip(" '\"")
    local, _, domain = email.rpartition("@")
    return f"{local}@{domain.lower().strip('.')}"


def _set_aside(text: str) -> tuple[str, list[str]]:
    """Return the text with a stand-in character for each encoded word, and those words."""
    if _STAND_INS.search(text):
        text = _STAND_INS.sub("", text)
    if "=?" not in text:
        return text, []
    words: list[str] = []
    out: list[str] = []
    position = 0
    for start, end, *_ in encoded_words(text)[:60_000]:
        out += [text[position:start], chr(_STAND_IN + len(words))]
        words.append(text[start:end])
        position = end
    out.append(text[position:])
    return "".join(out), words


def _restore(text: str, words: list[str]) -> str:
    """Return a text with its encoded words put back and decoded."""
    if words:
        text = _STAND_INS.sub(lambda match: words[ord(match[0]) - _STAND_IN], text)
    return one_line(decode_words(text))


class _Item:
    """One element of an address list, cut into its phrase, its angle part and its comments."""

    __slots__ = ("angle", "comment", "phrase")

    def __init__(self) -> None:
        self.phrase = ""
        self.angle: str | None = None
        self.comment = ""


def _items(text: str) -> list[_Item]:
    """Return the elements of an address list; quotes, comments and groups are understood."""
    items: list[_Item] = []
    item = _Item()
    position = 0
    length = len(text)
    while position < length:
        char = text[position]
        if char == '"':
            content, position = _quoted(text, position)
            item.phrase += content
        elif char == "(":
            content, position = _comment(text, position)
            item.comment += content
        elif char == "<":
            end = text.find(">", position)
            end = length if end < 0 else end
            item.angle = item.angle or text[position + 1 : end]
            position = end + 1
        elif char in ",;":
            items.append(item)
            item = _Item()
            position += 1
        elif char == ":" and "@" not in item.phrase and item.angle is None:
            item.phrase = ""
            position += 1
        else:
            end = _plain_end(text, position)
            item.phrase += text[position:end]
            position = end
    items.append(item)
    return items


_SPECIAL = re.compile(r'["(<,;:]')


def _plain_end(text: str, position: int) -> int:
    """Return where the next special character is."""
    match = _SPECIAL.search(text, position + 1)
    return match.start() if match else len(text)


def _quoted(text: str, position: int) -> tuple[str, int]:
    """Return a quoted string's content and the offset after it; an open quote runs to the end."""
    out: list[str] = []
    index = position + 1
    while index < len(text):
        char = text[index]
        if char == "\\" and index + 1 < len(text):
            out.append(text[index + 1])
            index += 2
            continue
        if char == '"':
            break
        out.append(char)
        index += 1
    content = "".join(out)
    if text.startswith('"@', index):
        # A quoted local part keeps its quotes unless it does not need them.
        return (content if _ADDRESS.fullmatch(f"{content}@x") else f'"{content}"'), index + 1
    return content, index + 1


def _comment(text: str, position: int) -> tuple[str, int]:
    """Return a comment's content and the offset after it; nested comments are counted, not recursed."""
    depth = 0
    index = position
    while index < len(text):
        char = text[index]
        if char == "\\":
            index += 1
        elif char == "(":
            depth += 1
        elif char == ")":
            depth -= 1
            if depth == 0:
                break
        index += 1
    return text[position + 1 : index], index + 1


def _address(item: _Item, held: list[str], words: list[str]) -> Address | None:
    """Return the address of one list element, None when it has none; `held` came before it."""
    phrase = _restore(", ".join([*held, item.phrase]), words)
    comment = _restore(item.comment, words)
    if item.angle is not None:
        email = _email(_restore(item.angle, words))
        if email is not None:
            return Address(_name(phrase or comment, email), email)
    match = _QUOTED_LOCAL.search(phrase) or _ADDRESS.search(phrase)
    if match is None:
        return None
    email = normal(match[0].removeprefix("mailto:"))
    rest = phrase[: match.start()] + phrase[match.end() :]
    return Address(_name(rest or comment, email), email)


def _email(angle: str) -> str | None:
    """Return the address between angle brackets, without a source route or a scheme."""
    text = _without_comments(angle).strip().removeprefix("mailto:")
    if text.startswith("@") and ":" in text:
        text = text.rpartition(":")[2]
    match = _QUOTED_LOCAL.search(text) or _ADDRESS.search(text.replace(" ", "") if "@" in text else text)
    return normal(match[0]) if match else None


def _without_comments(text: str) -> str:
    """Return a text without its comments in parentheses."""
    if "(" not in text:
        return text
    out: list[str] = []
    position = 0
    while (start := text.find("(", position)) >= 0:
        out.append(text[position:start])
        _, position = _comment(text, start)
    out.append(text[position:])
    return "".join(out)


def _name(phrase: str, email: str) -> str:
    """Return a display name, empty when it only repeats the address."""
    name = " ".join(phrase.replace("<>", " ").split())
    while len(name) > 1 and name[0] == name[-1] and name[0] in "'\"":
        name = name[1:-1].strip()
    name = name.strip(',"').strip()
    return "" if name.lower() == email.lower() else name
