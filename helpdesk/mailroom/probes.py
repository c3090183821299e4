"""What the doctor looks at: how the domains of our mailboxes stand in the DNS."""

from collections.abc import Iterator

from helpdesk.core.feature import Finding
from helpdesk.mailboxes.queries import mailboxes, signing_key
from helpdesk.mailboxes.trying import remedy
from helpdesk.mailroom.queries import lookup
from helpdesk.mailroom.records import about, is_reserved


def domains() -> Iterator[Finding]:
    """Look at SPF, DKIM and DMARC of each mailbox."""
    for box in mailboxes():
        if is_reserved(box.domain):
            continue
        key = signing_key(box.id)
        step = about(
            box.domain,
            lookup(),
            selector=key.selector if key else "",
            public=key.public if key else "",
            signing=key.signing if key else False,
        )
        state = "bad" if step.state == "bad" else "warn" if step.state == "warn" else "ok"
        yield Finding(f"dns {box.address}", state, step.words, remedy(step.code))  # type: ignore[arg-type] # one of the three


PROBES = (domains,)
