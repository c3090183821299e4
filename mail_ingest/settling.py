"""Settling: a read mail gets its one outcome, with everything that follows from it, in one transaction.

The stages stand in the order of mail rule 1; each leaves its verdict in the trace.
"""

from dataclasses import replace
from datetime import timedelta
from hashlib import sha256

import sqlalchemy as sa

from helpdesk.channels.commands import copy_seen
from helpdesk.channels.queries import ticket_of_delivery, ticket_of_provider_id
from helpdesk.core.addresses import is_address, key_of
from helpdesk.core.clock import now
from helpdesk.core.crash import crash_point
from helpdesk.core.db import command, session
from helpdesk.core.keys import ring
from helpdesk.core.once import seen_before
from helpdesk.mailboxes import queries as mailboxes
from helpdesk.mailboxes.addressing import read_test_mark
from helpdesk.mailboxes.commands.testing import came_back
from helpdesk.people.commands import contact_for, heard_from
from helpdesk.people.queries import agent_id_of_address, contact_id_of_address, viewer_of_agent
from helpdesk.people.rights import Right, Viewer
from helpdesk.tickets.actor import Actor
from helpdesk.tickets.commands.opening import CC_CAP, open_ticket
from helpdesk.tickets.commands.relating import put_spam
from helpdesk.tickets.commands.writing import add_customer_message, add_internal_message, answer
from helpdesk.tickets.content import Content, FileIn, MailFacts
from helpdesk.tickets.history import locked
from helpdesk.tickets.lifecycle import Channel
from helpdesk.tickets.queries.customer import (
    ThreadEnd,
    newcomer_tickets,
    takes_part,
    thread_end,
    ticket_of_message_id,
)
from helpdesk.tickets.queries.scope import ticket_id_of
from helpdesk.tickets.queries.ticket import participants
from mail_ingest.authority import ByMail, rule
from mail_ingest.classify import is_only_thanks
from mail_ingest.confined import ReadMail
from mail_ingest.forwarding import Forwarded, forwarded
from mail_ingest.model import Inbound
from mail_ingest.returning import note_bounce, return_paths
from mail_ingest.sameness import body_digest
from mail_ingest.shadow import before_answers
from mail_ingest.threading import Evidence, evidence, thread_ids
from mail_ingest.trace import Trace
from mail_ingest.vetting import vet

SAME_WITHIN = timedelta(days=7)
PREVIEW = 2_000
"""So many letters of a mail without a ticket are kept to be looked at."""
NEW_AN_HOUR = 60
"""So many tickets an hour somebody may open on their first day (mail rule 11)."""

FIRST_DAY = timedelta(days=1)
NOBODY = ("noreply", "no-reply", "donotreply", "do-not-reply", "mailer-daemon", "postmaster", "bounce")


@command
def settle(*, inbound_id: int, mail: ReadMail, files: tuple[FileIn, ...]) -> None:
    """Give a read mail its one outcome, with everything that follows from it, in one transaction."""
    row = session().scalar(sa.select(Inbound).where(Inbound.id == inbound_id).with_for_update())
    if row is None or row.state != "stored":
        return
    Settling(row, mail, files).run()
    crash_point("within_settle")


class Settling:
    """The stages of one mail, in the order of mail rule 1; each leaves its verdict in the trace."""

    def __init__(self, row: Inbound, read: ReadMail, files: tuple[FileIn, ...]) -> None:
        self.row = row
        self.read = read
        self.mail = read.mail
        self.files = files
        self.trace = Trace()
        self.facts = MailFacts(
            message_id=self.mail.message_id,
            raw_digest=row.digest,
            from_email=self.mail.from_[0].email if self.mail.from_ else "",
            from_name=self.mail.from_[0].name if self.mail.from_ else "",
            thanks=is_only_thanks(read.reply.new_text, self.mail.from_[0].name if self.mail.from_ else ""),
        )

    def run(self) -> None:
        row, mail = self.row, self.mail
        row.subject = mail.subject[:300]
        row.message_id = mail.message_id[:998] if mail.message_id else None
        row.sender = ", ".join(f"{a.name} <{a.email}>" if a.name else a.email for a in mail.from_)[:500]
        row.sender_key = key_of(self.facts.from_email)[:254]
        sizes = tuple((a.filename, len(a.data)) for a in mail.attachments)
        row.body_digest = body_digest(mail.text, mail.html, sizes)
        outcome, reason = self._decide()
        row.outcome = outcome
        row.state = "quarantined" if outcome == "quarantined" else "done"
        row.reason = reason
        row.preview = "" if row.ticket_id else self.read.reply.new_text.strip()[:PREVIEW]
        row.trace = [*row.trace, *self.trace.steps]

    def _decide(self) -> tuple[str, str]:
        if len(self.mail.from_) != 1 or not is_address(self.facts.from_email):
            why = "The mail does not name one sender we could answer."
            self.trace.note("sender", "unclear", why)
            self.row.cause = "no_sender"
            return "quarantined", why
        self.trace.note("sender", self.facts.from_email)
        if (first := self._same()) is not None:
            self.row.duplicate_of = first.id
            self.row.ticket_id, self.row.ticket_message_id = first.ticket_id, first.ticket_message_id
            self.trace.note("duplicate", "yes", f"the same mail as inbound {first.id}")
            return "duplicate", "We have this mail already."
        self.trace.note("duplicate", "no")
        if why := self._own():
            self.trace.note("loop", "ours", why)
            return "automatic", why
        self.vetted = vet(self.row, self.mail, self.trace)
        person = self.vetted.person
        self.facts = replace(
            self.facts, from_email=person.email, from_name=person.name, checked=self.vetted.check
        )
        self.row.quiet = self.row.quiet or before_answers(self.row.received_at)
        return self._by_kind()

    def _same(self) -> Inbound | None:
        row = self.row
        if row.again and (copy := self._same_bytes()) is not None:
            return copy
        if row.message_id is None:
            return None
        mark = sha256(f"{row.message_id}\0{row.sender_key}\0{row.body_digest}".encode()).hexdigest()
        earlier = seen_before(f"mail:{mark}", within=None if row.again else SAME_WITHIN, result=row.id)
        return None if earlier is None or earlier == row.id else session().get(Inbound, earlier)

    def _same_bytes(self) -> Inbound | None:
        """Return an earlier mail of this mailbox with the very same bytes: a folder or file read again."""
        return session().scalar(
            sa.select(Inbound)
            .where(
                Inbound.mailbox_id == self.row.mailbox_id,
                Inbound.digest == self.row.digest,
                Inbound.id < self.row.id,
                Inbound.outcome.in_(("new_ticket", "added", "automatic")),
            )
            .order_by(Inbound.id)
            .limit(1)
        )

    def _own(self) -> str:
        test = read_test_mark(ring(), self.mail.headers.get("X-Helpdesk-Test") or "")
        if test is not None:
            came_back(test_id=test, at=now())
            return "A connection test of ours came back."
        mark = self.mail.headers.get("X-Helpdesk-Instance")
        own_id = f"<{self.mail.message_id.strip('<>')}>" if self.mail.message_id else ""
        sent = bool(mark and own_id) and ring().verify((mark or "").strip(), "instance", own_id)
        if sent:
            copy_seen(message_id=own_id)
        if mailboxes.is_ours(self.facts.from_email):
            return "It was sent from one of our own mailboxes."
        return "It is a mail this desk sent." if sent else ""

    def _by_kind(self) -> tuple[str, str]:
        kind = self.read.classification
        self.trace.note("kind", kind.kind, kind.why)
        if kind.kind == "bounce" and not self.vetted.relay:
            return "automatic", note_bounce(self.row, self.mail, self.trace)
        if kind.kind == "report":
            return "automatic", "A report about a mail, from a machine."
        judged = self.vetted.judgement
        if judged.verdict == "rejected":
            return "rejected", f"Rejected: {judged.why}."
        target, by = self._target()
        if kind.kind == "auto_reply" and not self.vetted.relay:
            return self._automatic(target or self._answered_by_machine(), kind.why)
        heard_from(email=self.facts.from_email)
        if target is None or (judged.verdict == "spam" and not self._may_answer(target)):
            return self._open(None)
        return self._join(target, by)

    def _may_answer(self, target: ThreadEnd) -> bool:
        """Whether what the provider calls spam is an answer of somebody who takes part: then it is none."""
        contact_id = contact_id_of_address(self.facts.from_email)
        return (
            not self.vetted.judgement.listed and contact_id is not None and takes_part(target.id, contact_id)
        )

    def _answered_by_machine(self) -> ThreadEnd | None:
        """Return the ticket of the copy whose return path an automatic answer came to (RFC 3834 4)."""
        for delivery_id in return_paths(self.row, self.mail):
            ticket_id = ticket_of_delivery(delivery_id)
            if ticket_id is not None:
                return thread_end(ticket_id=ticket_id)
        return None

    def _target(self) -> tuple[ThreadEnd | None, Evidence]:
        recipients = [
            *self.row.envelope_to,
            *self.mail.delivered_to,
            *(a.email for a in (*self.mail.to, *self.mail.cc)),
        ]
        ids = thread_ids(self.mail.in_reply_to, self.mail.references)
        quoted = "".join(s.text for s in self.read.reply.segments if s.kind != "new")
        found_by = evidence(
            ring(), recipients, ids, quoted=quoted, html=self.mail.html or "", subject=self.mail.subject
        )
        why = "no reply address, no Message-ID and no mark of ours"
        for one in found_by:
            if one.number is not None:
                found = thread_end(number=one.number)
            else:
                found = self._known(one.message_id or "")
            if found is not None and one.source == "subject tag" and not self._tag_counts(found):
                why = f"the subject names ticket {found.number}, which a verified participant only may"
                continue
            if found is not None:
                self.trace.note("thread", f"ticket {found.number}", f"by {one.source}")
                return found, one
        self.trace.note("thread", "none", why)
        return None, Evidence("known Message-ID")

    def _tag_counts(self, found: ThreadEnd) -> bool:
        """Whether a bare number in the subject may point to a ticket (mail rule 7, T8)."""
        contact_id = contact_id_of_address(self.facts.from_email)
        part = contact_id is not None and takes_part(found.id, contact_id)
        return part and self.vetted.vouched.vouched and not self.vetted.relay

    def _known(self, message_id: str) -> ThreadEnd | None:
        if self.row.mailbox_id is None:
            return None
        ticket_id = ticket_of_message_id(message_id, self.row.mailbox_id)
        if ticket_id is None:
            ticket_id = ticket_of_provider_id(message_id, self.row.mailbox_id)
        return None if ticket_id is None else thread_end(ticket_id=ticket_id)

    def _automatic(self, target: ThreadEnd | None, why: str) -> tuple[str, str]:
        if target is None:
            return "automatic", f"An automatic answer ({why}) that belongs to no ticket."
        contact_id = contact_id_of_address(self.facts.from_email)
        if contact_id is None or not takes_part(target.id, contact_id):
            return "automatic", f"An automatic answer ({why}) from somebody who takes no part."
        if target.closed:
            return "automatic", f"An automatic answer ({why}) to a closed ticket."
        message_id = add_internal_message(
            ticket_id=target.id,
            kind="auto",
            author_name=self._name(),
            content=self._content(),
            actor=Actor.contact(contact_id, "mail"),
            mail=replace(self.facts, auto=True),
            at=self.row.received_at,
        )
        self._belongs(target.id, message_id)
        return "automatic", f"An automatic answer ({why}), kept folded in the ticket."

    def _join(self, target: ThreadEnd, by: Evidence) -> tuple[str, str]:
        contact_id = contact_id_of_address(self.facts.from_email)
        agent_id = agent_id_of_address(self.facts.from_email)
        viewer = viewer_of_agent(agent_id) if agent_id is not None else None
        ruling = rule(
            takes_part=contact_id is not None and takes_part(target.id, contact_id),
            is_agent=agent_id is not None,
            closed=target.closed,
            by=f"found by {by.source}",
            agent=ByMail(
                token=by.agent is not None and by.agent == agent_id,
                vouched=self.vetted.vouched.vouched and not self.vetted.relay,
                sees=viewer is not None and ticket_id_of(viewer, target.number) is not None,
                replies=viewer is not None and viewer.may(Right.REPLY),
            ),
        )
        self.trace.note("authority", ruling.standing, ruling.why)
        if viewer is not None and ruling.standing in {"agent_reply", "agent_note"}:
            return self._answer(target, viewer, note=ruling.standing == "agent_note")
        if ruling.standing == "follow_up":
            return self._open(target)
        if ruling.standing == "apart":
            return self._open(None)
        sender = contact_id or contact_for(email=self.facts.from_email, name=self.facts.from_name)
        if ruling.standing == "participant":
            for answered in self.mail.in_reply_to:
                copy_seen(message_id=answered)
            message_id = add_customer_message(
                ticket_id=target.id,
                contact_id=sender,
                author_name=self._name(),
                content=self._content(),
                actor=Actor.contact(sender, "mail"),
                mail=self.facts,
                at=self.row.received_at,
                quiet=self.row.quiet,
            )
            self._belongs(target.id, message_id)
            return "added", f"Added to ticket {target.number}."
        message_id = add_internal_message(
            ticket_id=target.id,
            kind="held",
            author_name=self._name(),
            content=self._content(),
            actor=Actor.contact(sender, "mail"),
            mail=replace(self.facts, held_why=ruling.held_why),
            at=self.row.received_at,
        )
        self._belongs(target.id, message_id)
        return "added", f"Held in ticket {target.number}: {ruling.why}."

    def _answer(self, target: ThreadEnd, viewer: Viewer, *, note: bool) -> tuple[str, str]:
        """Let a verified agent answer by mail: only the new words, never what the notification quoted."""
        words = self.read.reply.new_text
        if not words.strip() and not self.files:
            return "automatic", "An empty answer to a notification."
        message_id = answer(
            viewer=viewer,
            number=target.number,
            kind="note" if note else "reply",
            content=Content(text=words, files=self.files),
            actor=Actor.agent(viewer.id, "mail"),
            quiet=self.row.quiet,
        )
        self._belongs(target.id, message_id)
        what = "a note" if note else "an answer"
        return "added", f"Added to ticket {target.number} as {what} of {viewer.name}."

    def _too_many(self) -> str:
        """Return why a newcomer opens no more tickets for now; empty when they may (mail rule 11)."""
        if self.row.quiet or self.vetted.allowed:
            return ""
        opened = newcomer_tickets(
            key_of(self.facts.from_email), since=now() - timedelta(hours=1), known=now() - FIRST_DAY
        )
        if opened < NEW_AN_HOUR:
            return ""
        return f"This new sender opened {opened} tickets within an hour. Read it again to let it in."

    def _open(self, follows: ThreadEnd | None) -> tuple[str, str]:
        if follows is None and (why := self._too_many()):
            self.trace.note("newcomer", "too many", why)
            self.row.cause = "too_many_new"
            return "quarantined", why
        if follows is None and (theirs := self._forwarded()) is not None:
            return self._open_forwarded(*theirs)
        box = mailboxes.mailbox(self.row.mailbox_id) if self.row.mailbox_id is not None else None
        sender = contact_for(email=self.facts.from_email, name=self.facts.from_name)
        judged = self.vetted.judgement
        spam = judged.verdict == "spam" and follows is None
        if follows is None:
            requester, cc = sender, self._cc(sender)
        else:  # the same people as before, whoever of them wrote (L4)
            requester = follows.requester_id
            cc = [p.contact_id for p in participants(follows.id) if p.contact_id != requester]
        made = open_ticket(
            requester_id=requester,
            author_name=self._name(),
            subject=follows.subject if follows else self.mail.subject,
            content=self._content(),
            channel=Channel.EMAIL,
            actor=Actor.contact(sender, "mail"),
            mailbox_id=self.row.mailbox_id,
            team_id=follows.team_id if follows else (box.team_id if box else None),
            cc=cc,
            mail=self.facts,
            at=self.row.received_at,
            follow_up_of=follows.id if follows else None,
            acknowledge=self._may_acknowledge() and follows is None and not spam,
            quiet=self.row.quiet or spam,
        )
        self._belongs(made.ticket_id, made.message_id)
        self.trace.note("ticket", f"{made.number}", "follows up" if follows else "new")
        if spam:
            put_spam(locked(made.ticket_id), on=True, why=judged.why, actor=Actor.system("mail"))
            return "new_ticket", f"Became ticket {made.number}, marked as spam: {judged.why}."
        return "new_ticket", f"Became ticket {made.number}."

    def _may_acknowledge(self) -> bool:
        """Whether the sender may be told: a person, and nobody disowns the address (mail rule 12)."""
        return (self.read.classification.acknowledge or self.vetted.relay) and not (
            self.vetted.vouched.disowned
        )

    def _forwarded(self) -> tuple[Forwarded, int] | None:
        """Return what an agent forwards to us, and who they are; the customer's words are the customer's."""
        found = None if self.vetted.relay or self.vetted.vouched.disowned else forwarded(self.mail)
        if found is None or mailboxes.is_ours(found.email) or agent_id_of_address(found.email) is not None:
            return None
        agent_id = agent_id_of_address(self.facts.from_email)
        return None if agent_id is None else (found, agent_id)

    def _open_forwarded(self, found: Forwarded, agent_id: int) -> tuple[str, str]:
        box = mailboxes.mailbox(self.row.mailbox_id) if self.row.mailbox_id is not None else None
        customer = contact_for(email=found.email, name=found.name)
        facts = MailFacts(
            self.facts.message_id,
            self.facts.raw_digest,
            found.email,
            found.name,
            forwarded_by=agent_id,
        )
        made = open_ticket(
            requester_id=customer,
            author_name=found.name or found.email,
            subject=found.subject or self.mail.subject,
            content=Content(text=self.mail.text, new_text=found.text or None, files=self.files),
            channel=Channel.EMAIL,
            actor=Actor.contact(customer, "mail"),
            mailbox_id=self.row.mailbox_id,
            team_id=box.team_id if box else None,
            mail=facts,
            at=self.row.received_at,
            acknowledge=False,
            quiet=self.row.quiet,
        )
        self._belongs(made.ticket_id, made.message_id)
        self.trace.note("forwarded", found.email, f"forwarded by {self.facts.from_email}")
        self.trace.note("ticket", f"{made.number}", "new")
        return "new_ticket", f"Became ticket {made.number} of {found.email}, who wrote what was forwarded."

    def _cc(self, requester: int) -> list[int]:
        """Return the other people of the mail, ours and machines left out, ten at most (mail rule 11)."""
        found: list[int] = []
        for address in (*self.mail.to, *self.mail.cc):
            local = address.email.rpartition("@")[0].lower()
            if not is_address(address.email) or local.startswith(NOBODY) or mailboxes.is_ours(address.email):
                continue
            if agent_id_of_address(address.email) is not None:
                continue
            contact_id = contact_for(email=address.email, name=address.name)
            if contact_id != requester and contact_id not in found:
                found.append(contact_id)
            if len(found) == CC_CAP:
                break
        return found

    def _content(self) -> Content:
        return Content(
            text=self.mail.text, new_text=self.read.reply.new_text, html=self.mail.html, files=self.files
        )

    def _name(self) -> str:
        return self.facts.from_name or self.facts.from_email

    def _belongs(self, ticket_id: int, message_id: int) -> None:
        self.row.ticket_id, self.row.ticket_message_id = ticket_id, message_id
