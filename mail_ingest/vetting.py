"""What is known of a mail's sender before anything is decided: who vouches, whom a relay speaks for."""

from dataclasses import dataclass

from helpdesk.core.addresses import is_address
from helpdesk.mailboxes.queries import is_ours
from mail_ingest.authentication import Vouching, vouching
from mail_ingest.judging import Judgement, Rules, judge, relayed
from mail_ingest.model import Inbound
from mail_ingest.parse.model import Address, ParsedMail
from mail_ingest.provider import provider_says_spam
from mail_ingest.senders import rules_about
from mail_ingest.trace import Trace


@dataclass(frozen=True, slots=True)
class Vetted:
    """A sender who was looked at. `person` is who wrote; `relay`: somebody else handed it over for them."""

    person: Address
    relay: bool
    vouched: Vouching
    judgement: Judgement
    allowed: bool

    @property
    def check(self) -> str:
        """What is kept with the message: pass, fail, none; empty while nobody is trusted to say."""
        if self.relay or (not self.vouched.host and self.vouched.dmarc == "none"):
            return ""
        return self.vouched.dmarc


def vet(row: Inbound, mail: ParsedMail, trace: Trace) -> Vetted:
    """Look at the one sender of a mail; each answer goes into the trace."""
    sender = mail.from_[0]
    answers = [a for a in mail.reply_to[:5] if is_address(a.email) and not is_ours(a.email)]
    rules = rules_about(sender.email, *(a.email for a in answers[:3]), mailbox_id=row.mailbox_id)
    vouched = vouching(mail.headers, rules.hosts, sender.email)
    if rules.hosts:
        trace.note("vouching", vouched.dmarc, vouched.why)
    who, why = relayed(rules, sender.email, vouched, (a.email for a in answers))
    if why:
        trace.note("relay", who or "not followed", why)
    person = next((a for a in answers if a.email == who), sender)
    judgement = _judge(row, mail, rules, sender.email, person.email, vouched)
    if judgement.verdict != "in":
        trace.note("spam", judgement.verdict, judgement.why)
    allowed = row.let_in or rules.about(person.email, "allow") is not None or who is not None
    return Vetted(person, who is not None, vouched, judgement, allowed)


def _judge(
    row: Inbound, mail: ParsedMail, rules: Rules, sender: str, person: str, vouched: Vouching
) -> Judgement:
    """Judge who handed the mail over, and whom it speaks for; the harsher word holds."""
    provider = provider_says_spam(mail.headers, rules.hosts)
    first = judge(rules, sender, vouched, provider, let_in=row.let_in)
    if person == sender or first.verdict != "in":
        return first
    return judge(rules, person, vouched, "", let_in=row.let_in)
