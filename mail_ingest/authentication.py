"""Who vouches for a sender: Authentication-Results of hosts we trust (RFC 8601). Pure.

Anybody can write such a header into a mail, so only the topmost one of a host that is configured counts, and
every other is as if it were not there. A host that is trusted must take foreign claims of its own name off
the mails it lets in (RFC 8601 section 5); mail providers and the usual filters do.
"""

import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from typing import Literal

from mail_ingest.parse.model import Headers

Result = Literal["pass", "fail", "none"]

NAMELESS = "-"
"""Configured instead of a name for hosts that write none into the header (Microsoft 365)."""

_HEADER = "authentication-results"
_FAILS = frozenset({"fail", "hardfail", "reject", "softfail", "policy"})
_MAX_CHARS = 16_000
_MAX_RESULTS = 100


@dataclass(frozen=True, slots=True)
class Vouching:
    """What a trusted host says about the domain in From; `none` where it says nothing.

    `dmarc` is the host's own verdict about that very domain; `dkim` and `spf` count only when they speak for
    the same domain, its parent or its child (relaxed alignment, RFC 7489 section 3.1).
    """

    dmarc: Result = "none"
    dkim: Result = "none"
    spf: Result = "none"
    host: str = ""
    why: str = "no host is trusted to vouch for senders"

    @property
    def vouched(self) -> bool:
        """Whether the sender's domain stands behind this mail."""
        return self.dmarc == "pass"

    @property
    def disowned(self) -> bool:
        """Whether the sender's domain says this mail is not from it."""
        return self.dmarc == "fail"

    @property
    def known(self) -> bool:
        """Whether anything at all speaks for the address, enough to send it a neutral word (mail rule 12)."""
        return not self.disowned and "pass" in (self.dmarc, self.spf, self.dkim)


def vouching(headers: Headers, hosts: Iterable[str], from_address: str) -> Vouching:
    """Return what the topmost trusted header says about the domain of `from_address`.

    `hosts` are authserv-ids as configured: a name also stands for the names below it.
    """
    wanted = tuple(sorted({h.strip().lower().rstrip(".") for h in hosts} - {""}))
    if not wanted:
        return Vouching()
    for name, value in headers.items:
        if name.lower() != _HEADER:
            continue
        host, results = _read(value[:_MAX_CHARS])
        if is_host(host, wanted):
            return _judge(host, results, from_address.rpartition("@")[2].lower().rstrip("."))
    return Vouching(why="no header of a trusted host")


def is_host(name: str, wanted: Iterable[str]) -> bool:
    """Return whether a host's name is one of those configured, or below one; no name at all is `-`."""
    name = name.lower().rstrip(".") or NAMELESS
    return any(name == one or (one != NAMELESS and name.endswith("." + one)) for one in wanted)


def aligned(domain: str, other: str) -> bool:
    """Return whether two domains are one, or one lies below the other."""
    short, long = sorted((domain.lower().rstrip("."), other.lower().rstrip(".")), key=len)
    return short == long or ("." in short and long.endswith("." + short))


@dataclass(frozen=True, slots=True)
class _Finding:
    method: str
    result: str
    props: dict[str, str]

    def domain(self, *names: str) -> str:
        """Return the domain of the first of these properties that is there."""
        for name in names:
            if value := self.props.get(name):
                return value.rpartition("@")[2].lower().rstrip(".")
        return ""


def _judge(host: str, found: list[_Finding], domain: str) -> Vouching:
    dmarc = _first(x for x in found if x.method == "dmarc" and _speaks_for(x, domain))
    dkim = _best(
        x for x in found if x.method == "dkim" and aligned(x.domain("header.d", "header.i") or "-", domain)
    )
    spf = _best(
        x
        for x in found
        if x.method == "spf" and aligned(x.domain("smtp.mailfrom", "smtp.helo") or "-", domain)
    )
    said = ", ".join(f"{x.method}={x.result}" for x in found[:8]) or "nothing"
    return Vouching(dmarc, dkim, spf, host, f"{host or 'the provider'} says {said}"[:300])


def _speaks_for(x: _Finding, domain: str) -> bool:
    """Whether a DMARC result is about this From domain; a result that names none is about the mail's own."""
    named = x.domain("header.from")
    return not named or named == domain


def _first(found: Iterable[_Finding]) -> Result:
    """Return the worst of the results: a host that says both pass and fail says fail."""
    results = [_result(x.result) for x in found]
    return "fail" if "fail" in results else "pass" if "pass" in results else "none"


def _best(found: Iterable[_Finding]) -> Result:
    """Return pass when one of several holds (RFC 8601 section 2.7.1), else fail when one failed."""
    results = [_result(x.result) for x in found]
    return "pass" if "pass" in results else "fail" if "fail" in results else "none"


def _result(word: str) -> Result:
    return "pass" if word == "pass" else "fail" if word in _FAILS else "none"


def _read(value: str) -> tuple[str, list[_Finding]]:
    """Return the authserv-id and the results of a header (RFC 8601 section 2.2), whatever is broken left out.

    Microsoft begins with the first result and names no host; then the id is empty.
    """
    pieces = list(_pieces(value))
    if not pieces:
        return "", []
    first = pieces[0]
    if any("=" in token for token in first):
        return "", [f for f in map(_finding, pieces[:_MAX_RESULTS]) if f is not None]
    host = first[0].lower() if first else ""
    return host, [f for f in map(_finding, pieces[1:_MAX_RESULTS]) if f is not None]


def _finding(tokens: list[str]) -> _Finding | None:
    """Return one result of `method=result key=value ...`; None for what is none."""
    method, equals, result = (tokens[0] if tokens else "").partition("=")
    if not equals or not result:
        return None
    props: dict[str, str] = {}
    for token in tokens[1:]:
        key, sign, value = token.partition("=")
        if sign:
            props.setdefault(key.lower(), value)
    return _Finding(method.partition("/")[0].lower(), result.lower(), props)


_OUTSIDE = re.compile(r'(?P<string>"(?:[^"\\]|\\.)*")|(?P<text>[^"()\\;\s]+)|.', re.DOTALL)
_INSIDE = re.compile(r"[^()\\]+|\\.|.", re.DOTALL)


def _pieces(value: str) -> Iterator[list[str]]:
    """Yield the words of each part between semicolons: comments left out, quoted strings opened.

    What is cut off in the middle of a comment or a string is not guessed.
    """
    tokens: list[str] = []
    word = ""
    at = depth = 0
    while match := (_INSIDE if depth else _OUTSIDE).match(value, at):
        at, found = match.end(), match[0]
        if found in "()":
            depth = max(0, depth + (1 if found == "(" else -1))
        if depth:
            continue
        if found in {'"', "\\"}:
            return
        if match.re is _OUTSIDE and match.lastgroup:
            word += found if match["text"] else re.sub(r"\\(.)", r"\1", found[1:-1])
            continue
        tokens += [word] if word else []
        word = ""
        if found == ";":
            yield _joined(tokens)
            tokens = []
    tokens += [word] if word else []
    if tokens and not depth:
        yield _joined(tokens)


def _joined(tokens: list[str]) -> list[str]:
    """Return the words with "key = value" brought together, as some hosts space it."""
    found: list[str] = []
    for token in tokens:
        if found and (token.startswith("=") or found[-1].endswith("=")):
            found[-1] += token
        else:
            found.append(token)
    return found
