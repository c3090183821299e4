"""What a domain says in the DNS about mail in its name: SPF (RFC 7208), DKIM (RFC 6376), DMARC (RFC 7489)."""

from collections.abc import Callable

import dns.exception
import dns.resolver

from helpdesk.channels.signing import record_name, same_key
from helpdesk.mailboxes.trying import Step

LIFETIME_S = 3.0
RESERVED = ("example", "test", "invalid", "localhost", "example.com", "example.net", "example.org")
"""Domains that are nobody's (RFC 2606): they are not asked about."""

Lookup = Callable[[str], list[str]]
"""Returns the TXT records of a name, an empty list when there are none; raises `NoAnswerError`."""


class NoAnswerError(Exception):
    """The name servers did not answer."""


def txt_records(name: str) -> list[str]:
    """Return the TXT records of a name, each as one string.

    Raises:
        NoAnswerError: nobody answered.
    """
    try:
        found = dns.resolver.resolve(name, "TXT", lifetime=LIFETIME_S)
    except (dns.resolver.NXDOMAIN, dns.resolver.NoAnswer):
        return []
    except (dns.exception.DNSException, OSError) as error:
        raise NoAnswerError(str(error)) from error
    return [b"".join(record.strings).decode("utf-8", "replace") for record in found]


def is_reserved(domain: str) -> bool:
    """Return whether nobody can own this domain."""
    return any(f".{domain.lower()}".endswith(f".{one}") for one in RESERVED)


def about(domain: str, look: Lookup, *, selector: str = "", public: str = "", signing: bool = False) -> Step:
    """Return how mail from `domain` stands in the DNS, as one step; the worst finding leads to the remedy."""
    if is_reserved(domain):
        return Step("dns", "skipped", f"{domain} is nobody's domain, so it is not looked up.")
    try:
        found = [
            _spf(domain, look),
            _dkim(domain, look, selector, public, signing=signing),
            _dmarc(domain, look),
        ]
    except NoAnswerError:
        return Step("dns", "warn", f"The name servers did not answer about {domain}.", "dns")
    worst = max(found, key=lambda one: ("ok", "warn", "bad").index(one.state))
    return Step("dns", worst.state, " ".join(one.words for one in found), worst.code)


def published(domain: str, selector: str, public: str, look: Lookup) -> bool:
    """Return whether the record of a key is there.

    Raises:
        NoAnswerError: nobody answered.
    """
    return any(same_key(record, public) for record in look(record_name(selector, domain)))


def _spf(domain: str, look: Lookup) -> Step:
    records = [r for r in look(domain) if r.lower().split(" ", 1)[0] == "v=spf1"]
    if not records:
        return Step("dns", "warn", "There is no SPF record.", "spf")
    if len(records) > 1:
        return Step("dns", "bad", "There are several SPF records, so none counts.", "spf")
    ending = records[0].split()[-1].lower()
    if ending in {"+all", "all"}:
        return Step("dns", "warn", "SPF lets everybody send in your name.", "spf")
    return Step("dns", "ok", "SPF is there.")


def _dkim(domain: str, look: Lookup, selector: str, public: str, *, signing: bool) -> Step:
    if not selector:
        return Step("dns", "ok", "This desk does not sign.", "dkim off")
    if published(domain, selector, public, look):
        return Step("dns", "ok", "DKIM signs." if signing else "The signing key is published.")
    state = "bad" if signing else "warn"
    words = "The signing key is not published."
    return Step("dns", "bad" if state == "bad" else "warn", words, "dkim")


def _dmarc(domain: str, look: Lookup) -> Step:
    labels = domain.split(".")
    for n in range(max(1, len(labels) - 1)):  # the organisation's record counts for its subdomains
        for record in look("_dmarc." + ".".join(labels[n:])):
            tags = dict(_pairs(record))
            if tags.get("v", "").upper() == "DMARC1":
                policy = tags.get("sp", tags.get("p", "none")) if n else tags.get("p", "none")
                if policy.lower() == "none":
                    return Step("dns", "warn", 'The DMARC policy is "none".', "dmarc none")
                return Step("dns", "ok", f'The DMARC policy is "{policy.lower()}".')
    return Step("dns", "warn", "There is no DMARC record.", "dmarc")


def _pairs(record: str) -> list[tuple[str, str]]:
    split = (part.partition("=") for part in record.split(";"))
    return [(name.strip().lower(), value.strip()) for name, _, value in split]
