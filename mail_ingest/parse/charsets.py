"""Bytes to text: charset names as mail uses them, and what no text may hold."""

import codecs
import contextlib
import re
from encodings.aliases import aliases

# Names seen in mail; where senders mean a superset, the superset reads it.
_ALIASES = {
    "ascii": "cp1252",
    "us-ascii": "cp1252",
    "ansi-x3.4-1968": "cp1252",
    "iso-8859-1": "cp1252",
    "iso8859-1": "cp1252",
    "latin-1": "cp1252",
    "latin1": "cp1252",
    "iso-8859-8-i": "iso8859-8",
    "iso-8859-8-e": "iso8859-8",
    "iso-8859-9": "cp1254",
    "iso-8859-11": "cp874",
    "windows-874": "cp874",
    "tis-620": "cp874",
    "gb2312": "gb18030",
    "gb-2312-80": "gb18030",
    "gbk": "gb18030",
    "x-gbk": "gb18030",
    "euc-cn": "gb18030",
    "ks-c-5601": "cp949",
    "ks-c-5601-1987": "cp949",
    "ksc5601": "cp949",
    "euc-kr": "cp949",
    "shift-jis": "cp932",
    "sjis": "cp932",
    "x-sjis": "cp932",
    "windows-31j": "cp932",
    "iso-2022-jp": "iso2022_jp_ext",
    "x-euc-jp": "euc_jp",
    "big5": "big5hkscs",
    "x-x-big5": "big5hkscs",
    "utf8": "utf-8",
    "utf-8mb4": "utf-8",
    "utf8mb4": "utf-8",
    "unicode-1-1-utf-8": "utf-8",
    "unicode-1-1-utf-7": "utf-7",
    "x-mac-roman": "mac_roman",
    "macintosh": "mac_roman",
    "x-user-defined": "cp1252",
    "iso-2022-jp-ms": "iso2022_jp_ext",
    "iso-8859-6-i": "iso8859-6",
    "iso-8859-6-e": "iso8859-6",
    "windows-949": "cp949",
    "mac-cyrillic": "mac_cyrillic",
    "koi8r": "koi8-r",
    "koi8u": "koi8-u",
}
# Only codecs that turn bytes into text in linear time; a fixed list also keeps Python's codec cache small.
_NOT_TEXT = {
    "base64_codec", "bz2_codec", "hex_codec", "quopri_codec", "rot_13", "uu_codec", "zlib_codec", "mbcs",
}  # fmt: skip
_UNLISTED = {"koi8-u", "koi8-t", "kz1048", "cp720", "cp737", "cp856", "cp874", "utf-8-sig", "mac-romanian"}
_ALLOWED = _UNLISTED | {
    name.replace("_", "-") for pair in aliases.items() if pair[1] not in _NOT_TEXT for name in pair
}
_CONTROLS = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\x7f\ud800-\udfff]")


def codec(name: str | None) -> str | None:
    """Return the Python codec for a charset name found in a mail, or None for an unknown one."""
    if not name or len(name) > 60:
        return None
    wanted = name.strip(" \t\"';").lower().split("*")[0].replace("_", "-")
    for candidate in (wanted, wanted.removeprefix("x-")):
        if candidate in _ALIASES:
            return _ALIASES[candidate]
        plain = candidate.replace("windows-", "cp").replace("cp-", "cp")
        if plain in _ALLOWED or plain.replace("iso-", "iso") in _ALLOWED:
            with contextlib.suppress(LookupError):
                return codecs.lookup(plain).name
    return None


def decode(data: bytes, charset: str | None = None) -> str:
    """Return the text of some bytes, whatever they are.

    Tried in this order: a byte order mark, the declared charset, UTF-8, the declared one with holes, cp1252.
    """
    declared = codec(charset)
    for name in _candidates(data, declared):
        try:
            return data.decode(name)
        except (UnicodeError, ValueError):
            continue
    try:
        return data.decode(declared or "cp1252", "replace")
    except (UnicodeError, ValueError):
        return data.decode("latin-1")


def _candidates(data: bytes, declared: str | None) -> list[str]:
    """Return the codecs to try strictly, best first."""
    if data[:3] == b"\xef\xbb\xbf":
        return ["utf-8-sig"]
    names = ["utf-8", "cp1252"] if declared in (None, "cp1252") else [declared or "", "utf-8"]
    if data[:2] in (b"\xff\xfe", b"\xfe\xff"):
        names.insert(0, "utf-16")
    if declared and declared.startswith("iso2022") and not data.isascii():
        names.insert(0, "cp932")
    elif declared is None and b"\x1b$" in data:
        names.insert(0, "iso2022_jp_ext")
    return names


def clean(text: str) -> str:
    """Return a text without NUL, other control characters and lone surrogates; tab and line ends stay."""
    if _CONTROLS.search(text):
        text = _CONTROLS.sub("", text)
    return text.lstrip("\ufeff")


def clean_body(text: str) -> str:
    r"""Return a body text with clean characters and "\n" as the only line end."""
    if "\r" in text:
        text = text.replace("\r\n", "\n").replace("\r", "\n")
    return clean(text)
