"""Every hostile mail reads or is refused, in time, and nothing dangerous comes out."""

import re
import time
from collections import Counter

import torture

from mail_ingest.confined import ReadMail, read_here
from mail_ingest.limits import MailTooComplexError

_SLOWEST_S = 5.0
_BAD_IN_HEADER = re.compile("[\x00-\x1f\x7f\x85\u2028\u2029\ud800-\udfff]")
_BAD_IN_TEXT = re.compile("[\x00\ud800-\udfff\r]")
_BAD_IN_NAME = re.compile("[\x00-\x1f\x7f/\\\\\u200b-\u200f\u202a-\u202e\u2066-\u2069\ud800-\udfff]")


def faults(read: ReadMail) -> list[str]:
    """Return what is wrong with a mail that was read."""
    mail = read.mail
    people = [*mail.from_, *mail.sender, *mail.reply_to, *mail.to, *mail.cc]
    values = [mail.subject, mail.message_id or "", *mail.in_reply_to, *mail.references, *mail.delivered_to]
    values += [text for person in people for text in (person.name, person.email)]
    values += [text for pair in mail.headers.items for text in pair]
    found = [f"header {value[:40]!r}" for value in values if _BAD_IN_HEADER.search(value)]
    found += [f"text {text[:40]!r}" for text in (mail.text, mail.html or "") if _BAD_IN_TEXT.search(text)]
    for attachment in mail.attachments:
        name = attachment.filename
        if not name or len(name.encode()) > 255 or _BAD_IN_NAME.search(name) or name.strip(". ") != name:
            found.append(f"name {name[:40]!r}")
    if "".join(segment.text for segment in read.reply.segments) != mail.text:
        found.append("segments")
    return found


def test_every_hostile_mail_reads_or_is_refused() -> None:
    outcomes: Counter[str] = Counter()
    problems = []
    for name, raw in torture.mails():
        started = time.process_time()
        try:
            problems += [f"{name}: {fault}" for fault in faults(read_here(raw))]
            outcomes["read"] += 1
        except MailTooComplexError as refused:
            outcomes[refused.reason] += 1
        if time.process_time() - started > _SLOWEST_S:
            problems.append(f"{name}: slow")
    assert problems == []
    assert sum(outcomes.values()) >= 300
    assert outcomes["read"] > 600
    reasons = {
        "mail_too_big",
        "header_block_too_big",
        "too_many_headers",
        "header_too_long",
        "too_deep",
        "too_many_parts",
    }
    assert reasons <= set(outcomes)
