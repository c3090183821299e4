"""Outcomes, causes and verdicts in words."""

from typing import Literal, cast

from flask import url_for

from helpdesk.core.i18n import gettext as _
from helpdesk.core.tables import Json
from mail_ingest import queries
from mail_ingest.pages import InboundRow, Verdict

Outcome = Literal["new_ticket", "added", "automatic", "duplicate", "rejected", "quarantined", "waiting"]
_KINDS: dict[str, Literal["good", "bad", "warn", "plain"]] = {
    "quarantined": "bad",
    "unclear": "bad",
    "held": "warn",
    "participant": "good",
}


def outcome_words(outcome: str) -> str:
    """Return an outcome as people read it."""
    return {
        "new_ticket": _("New ticket"),
        "added": _("Added to a ticket"),
        "automatic": _("Automatic"),
        "duplicate": _("Duplicate"),
        "rejected": _("Rejected"),
        "quarantined": _("Set aside"),
        "waiting": _("Being read"),
    }[outcome]


def cause_words(cause: str) -> str:
    """Return in two or three words why a mail was set aside."""
    return {
        "no_sender": _("No one sender"),
        "mail_too_big": _("Too large"),
        "too_big_to_fetch": _("Too large to fetch"),
        "header_block_too_big": _("Too many headers"),
        "too_many_headers": _("Too many headers"),
        "header_too_long": _("A header too long"),
        "too_deep": _("Nested too deep"),
        "too_many_parts": _("Too many parts"),
        "too_slow": _("Took too long"),
        "too_much_memory": _("Took too much memory"),
        "reader_died": _("Could not be read"),
        "unreadable": _("Could not be read"),
        "missing": _("File missing"),
        "empty": _("Empty"),
        "failed": _("Could not be processed"),
        "too_many_new": _("Too many at once"),
    }.get(cause, _("Set aside"))


def _step_words(step: str) -> str:
    return {
        "sender": _("Who wrote it"),
        "duplicate": _("Do we have it already"),
        "loop": _("Is it one of ours"),
        "kind": _("Person or machine"),
        "bounce": _("Which message came back"),
        "thread": _("Which ticket it belongs to"),
        "authority": _("May they write in it"),
        "ticket": _("Ticket"),
        "read": _("Reading it"),
        "retry": _("Read again"),
        "kept": _("Left as it is"),
        "spam": _("Is it spam"),
        "vouching": _("Who vouches for the sender"),
        "relay": _("Whom a relay speaks for"),
        "newcomer": _("A new sender"),
        "forwarded": _("Whose words are forwarded"),
    }.get(step, step.capitalize())


def _verdict_words(verdict: str) -> str:
    return {
        "yes": _("yes"),
        "no": _("no"),
        "none": _("none"),
        "ours": _("ours"),
        "unclear": _("unclear"),
        "quarantined": _("set aside"),
        "human": _("a person"),
        "person": _("a person"),
        "list": _("a mailing list"),
        "bounce": _("a bounce"),
        "report": _("a report"),
        "auto_reply": _("an automatic answer"),
        "participant": _("takes part"),
        "follow_up": _("a new ticket that follows it up"),
        "apart": _("a ticket of its own"),
        "held": _("held"),
        "unmatched": _("none of ours"),
        "again": _("once more"),
    }.get(verdict, verdict)


def verdicts(trace: list[Json] | tuple[Json, ...]) -> tuple[Verdict, ...]:
    """Return the trace of a mail, step by step; the last one settled it."""
    return tuple(
        Verdict(
            _step_words(str(s["step"])),
            _verdict_words(str(s["verdict"])),
            _KINDS.get(str(s["verdict"]), "plain"),
            str(s.get("why", "")),
            decided=n == len(trace) - 1,
        )
        for n, s in enumerate(trace)
    )


def row(f: queries.InboundFacts) -> InboundRow:
    """Return one mail as a line of a list."""
    outcome = f.outcome or "waiting"
    aside = outcome == "quarantined"
    return InboundRow(
        id=f.id,
        url=url_for("mail_ingest.inbound_one", inbound_id=f.id),
        outcome=cast("Outcome", outcome),
        outcome_words=outcome_words(outcome),
        sender=f.sender or (f.envelope_from or "") or _("nobody named"),
        subject=f.subject or _("(no subject)"),
        mailbox=f.mailbox or "",
        at=f.received_at,
        reason=f.reason,
        ticket_number=f.number,
        ticket_url=url_for("tickets.ticket", number=f.number) if f.number else "",
        retry_url=(
            url_for("mail_ingest.retry", inbound_id=f.id)
            if outcome == "rejected" or (aside and f.cause != "too_big_to_fetch")
            else None
        ),
        cause_words=cause_words(f.cause) if aside else "",
        tries=f.tries,
    )
