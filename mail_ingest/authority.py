"""Who may speak in a ticket (contracts 21, mail rule 9). Pure: facts in, a verdict with its reason out."""

from dataclasses import dataclass
from typing import Literal

Standing = Literal["participant", "agent_reply", "agent_note", "held", "follow_up", "apart"]
HeldWhy = Literal["", "stranger", "agent"]


@dataclass(frozen=True, slots=True)
class Ruling:
    """What happens with a matched mail, and why; `held_why` says what kind of sender is held."""

    standing: Standing
    why: str
    held_why: HeldWhy = ""


@dataclass(frozen=True, slots=True)
class ByMail:
    """What is known of an agent who answers by mail.

    `token`: the notification address was made for this very agent and ticket. `vouched`: the domain in From
    stands behind the mail. `sees`, `replies`: what their role lets them do in this ticket now.
    """

    token: bool = False
    vouched: bool = False
    sees: bool = False
    replies: bool = False


def rule(*, takes_part: bool, is_agent: bool, closed: bool, by: str, agent: ByMail | None = None) -> Ruling:
    """Decide about a person's mail that points to a ticket.

    `takes_part`: From is the requester or a Cc. `is_agent`: From is an address of somebody at the desk.
    A token or a Message-ID never makes anybody a participant: it only finds the ticket. A closed ticket takes
    nothing more (contracts 37), so what would be held there becomes a ticket of its own, apart from it.
    """
    if takes_part and not (is_agent and agent and agent.token):
        if closed:
            return Ruling("follow_up", f"{by}: the ticket is closed, so a new one follows it up")
        return Ruling("participant", f"{by}: the sender takes part in the ticket")
    if is_agent:
        return _of_agent(agent or ByMail(), closed=closed, by=by)
    if closed:
        return Ruling("apart", f"{by}: the ticket is closed and the sender is not a participant")
    return Ruling("held", f"{by}: the sender is not a participant", "stranger")


def _of_agent(agent: ByMail, *, closed: bool, by: str) -> Ruling:
    if closed:
        return Ruling("apart", f"{by}: the ticket is closed, and agents answer there on its page")
    if not agent.token:
        return Ruling(
            "held", f"{by}: an agent's address without a notification of theirs, not verified", "agent"
        )
    if not agent.vouched:
        return Ruling(
            "held", f"{by}: an agent's address that no trusted host vouches for, not verified", "agent"
        )
    if not agent.sees:
        return Ruling("held", f"{by}: an agent who no longer sees this ticket", "agent")
    if not agent.replies:
        return Ruling("agent_note", f"{by}: a verified agent whose role writes notes")
    return Ruling("agent_reply", f"{by}: a verified agent answers a notification of theirs")
