"""The text of one readable part: charset, line ends and flowed paragraphs."""

import re

from mail_ingest.parse.charsets import clean_body, codec, decode
from mail_ingest.parse.flowed import unflow
from mail_ingest.parse.tree import Part

_META = re.compile(rb"charset\s{0,5}=\s{0,5}[\"']?([a-zA-Z0-9_.:-]{2,40})", re.IGNORECASE)


def part_text(part: Part, data: bytes) -> str:
    r"""Return a text part's bytes decoded, cleaned, and with "\n" as its line end."""
    charset = part.params.get("charset")
    if part.content_type == "text/html" and codec(charset) is None:
        match = _META.search(data[:4_096])
        charset = match[1].decode("ascii") if match else charset
    text = clean_body(decode(data, charset))
    if part.content_type == "text/plain" and part.params.get("format", "").lower() == "flowed":
        text = unflow(text, part.params.get("delsp", "").lower() == "yes")
    return text
