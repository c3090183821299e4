"""Who may speak in a ticket (contracts 21). Pure: facts in, a verdict with its reason out."""

from dataclasses import dataclass
from typing import Literal

Standing = Literal["participant", "held", "follow_up", "apart"]


@dataclass(frozen=True, slots=True)
class Ruling:
    """What happens with a matched mail, and why."""

    standing: Standing
    why: str


def rule(*, takes_part: bool, is_agent: bool, closed: bool, by: str) -> Ruling:
    """Decide about a person's mail that points to a ticket.

    `takes_part`: From is the requester or a Cc. `is_agent`: From is an address of somebody at the desk.
    A token or a Message-ID never makes anybody a participant: it only finds the ticket. A closed ticket takes
    nothing more (contracts 37), so what would be held there becomes a ticket of its own, apart from it.
    """
    if takes_part:
        if closed:
            return Ruling("follow_up", f"{by}: the ticket is closed, so a new one follows it up")
        return Ruling("participant", f"{by}: the sender takes part in the ticket")
    if closed:
        return Ruling("apart", f"{by}: the ticket is closed and the sender is not a participant")
    if is_agent:
        return Ruling("held", f"{by}: an agent's address, not verified as theirs")
    return Ruling("held", f"{by}: the sender is not a participant")
