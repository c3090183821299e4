"""What would happen to a mail, and why: the very same stages, in a transaction that is thrown away."""

from dataclasses import dataclass
from hashlib import sha256

from helpdesk.core.clock import now, whole
from helpdesk.core.db import command, session
from helpdesk.core.tables import Json
from helpdesk.tickets.content import FileIn
from mail_ingest.confined import ReadMail
from mail_ingest.limits import MailRefusedError
from mail_ingest.model import Inbound
from mail_ingest.quoting import Reply, Segment
from mail_ingest.reading import ReadsMail
from mail_ingest.settling import Settling


@dataclass(frozen=True, slots=True)
class Explanation:
    """The outcome a mail would have, its reason, each stage's verdict, and how its text was read."""

    outcome: str
    reason: str
    sender: str
    subject: str
    trace: tuple[Json, ...]
    reply: Reply | None = None
    files: tuple[tuple[str, str, int], ...] = ()
    """Name, type and size in bytes of each attachment."""

    @property
    def segments(self) -> tuple[Segment, ...]:
        """The text as it would be shown and folded."""
        return self.reply.segments if self.reply else ()


class _ThrowAwayError(Exception):
    """Ends the transaction of an explanation, so that it changes nothing."""

    def __init__(self, explanation: Explanation) -> None:
        super().__init__("nothing is kept")
        self.explanation = explanation


def explain(
    reader: ReadsMail, raw: bytes, *, mailbox_id: int | None, envelope_to: tuple[str, ...] = ()
) -> Explanation:
    """Return what would happen to `raw` if it came in now; changes nothing."""
    try:
        mail = reader.read(raw, None)
    except MailRefusedError as error:
        step = {"step": "read", "verdict": "quarantined", "why": str(error)}
        return Explanation("quarantined", str(error), "", "", (step,))
    try:
        _try(raw, mail, mailbox_id, envelope_to)
    except _ThrowAwayError as thrown:
        return thrown.explanation
    raise AssertionError("an explanation always throws its transaction away")


@command
def _try(raw: bytes, mail: ReadMail, mailbox_id: int | None, envelope_to: tuple[str, ...]) -> None:
    row = Inbound(
        source="explain",
        mailbox_id=mailbox_id,
        digest=sha256(raw).hexdigest(),
        size=len(raw),
        envelope_from=None,
        envelope_to=list(envelope_to),
        received_at=whole(now()),
        recorded_at=now(),
        trace=[],
    )
    session().add(row)
    session().flush()
    files = tuple(
        FileIn(a.filename, a.content_type, sha256(a.data).hexdigest(), len(a.data), a.content_id, a.inline)
        for a in mail.mail.attachments
    )
    Settling(row, mail, files).run()
    raise _ThrowAwayError(
        Explanation(
            row.outcome or "",
            row.reason,
            row.sender,
            row.subject,
            tuple(row.trace),
            mail.reply,
            tuple((a.filename, a.content_type, len(a.data)) for a in mail.mail.attachments),
        )
    )
