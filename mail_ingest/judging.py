"""What becomes of a mail by what the desk decided about its sender. Pure: facts in, a verdict out.

Only lists and the verdict of a trusted provider decide. No word of a mail is weighed: a customer who shouts,
bargains or pastes links is a customer (a person's mail taken for spam is the worse error).
"""

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Literal

from helpdesk.core.addresses import key_of
from mail_ingest.authentication import Vouching

Kind = Literal["block", "allow", "relay", "host"]
KINDS: tuple[Kind, ...] = ("block", "allow", "relay", "host")


@dataclass(frozen=True, slots=True)
class Decided:
    """One rule about a sender: `key` is an address, a domain, or (kind host) the name of a host."""

    id: int
    kind: str
    key: str
    mailbox_id: int | None = None
    reject: bool = False


@dataclass(frozen=True, slots=True)
class Judgement:
    """Whether a mail comes in, is spam, or is rejected, and why."""

    verdict: Literal["in", "spam", "rejected"]
    why: str
    listed: bool = False
    """Whether a list of the desk decided, not the provider."""


@dataclass(frozen=True, slots=True)
class Rules:
    """What is decided about one sender, and the hosts that are trusted."""

    found: tuple[Decided, ...] = ()

    @property
    def hosts(self) -> tuple[str, ...]:
        """The hosts whose word counts."""
        return tuple(x.key for x in self.found if x.kind == "host")

    def about(self, email: str, kind: Kind) -> Decided | None:
        """Return the closest rule of a kind about an address: its own before its domain's."""
        for key in keys_of(email):
            for one in self.found:
                if one.kind == kind and one.key == key:
                    return one
        return None


def keys_of(email: str) -> list[str]:
    """Return what a rule about `email` may be filed under, closest first: address, domain, parent domains."""
    key = key_of(email)
    domain = key.rpartition("@")[2]
    labels = domain.split(".")[:20]
    parents = [".".join(labels[n:]) for n in range(len(labels) - 1)]
    return [key, *parents] if domain else [key]


def judge(rules: Rules, email: str, vouched: Vouching, provider: str, *, let_in: bool) -> Judgement:
    """Return what becomes of a mail from `email`.

    `provider` is what a trusted filter wrote when it called the mail spam; `let_in` that a person looked at
    this very mail. The closer rule wins; at the same distance the one that lets in does. An allowed sender
    who is disowned by their own domain is nobody we know, so the provider's word counts again.
    """
    if let_in:
        return Judgement("in", "somebody of the desk let it in")
    block, allow = rules.about(email, "block"), rules.about(email, "allow")
    if block and allow:
        keys = keys_of(email)
        if keys.index(allow.key) <= keys.index(block.key):
            block = None
        else:
            allow = None
    if block:
        return Judgement("rejected" if block.reject else "spam", f"{block.key} is on the block list", True)
    if allow and not vouched.disowned:
        return Judgement("in", f"{allow.key} is on the allow list")
    if provider:
        return Judgement("spam", f"the mail provider calls it spam ({provider})")
    return Judgement("in", "on no list, and no trusted filter minds")


def relayed(rules: Rules, email: str, vouched: Vouching, reply_to: Iterable[str]) -> tuple[str | None, str]:
    """Return whom a trusted relay speaks for (contracts 23), and why, or why not; None: nobody else.

    A relay is believed only when its own domain vouches for the mail: anybody can write its address.
    """
    relay = rules.about(email, "relay")
    if relay is None:
        return None, ""
    others = list(dict.fromkeys(reply_to))
    if not vouched.vouched:
        return None, f"{relay.key} is a trusted relay, but nothing vouches that it sent this ({vouched.why})"
    if len(others) != 1 or key_of(others[0]) == key_of(email):
        return None, f"{relay.key} is a trusted relay, but names no one person to answer"
    return others[0], f"{relay.key} is a trusted relay and speaks for its Reply-To"
