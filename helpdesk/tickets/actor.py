"""Who did it, and by which way. Pure."""

from dataclasses import dataclass
from typing import Literal

ActorKind = Literal["agent", "contact", "system"]
Via = Literal["ui", "mail", "web", "api", "cli", "demo", "timer"]


@dataclass(frozen=True, slots=True)
class Actor:
    """The author of an event: an agent, a contact, or the system itself."""

    kind: ActorKind
    id: int | None
    via: Via

    @classmethod
    def agent(cls, agent_id: int, via: Via = "ui") -> "Actor":
        """A person of the desk."""
        return cls("agent", agent_id, via)

    @classmethod
    def contact(cls, contact_id: int, via: Via) -> "Actor":
        """A customer."""
        return cls("contact", contact_id, via)

    @classmethod
    def system(cls, via: Via = "timer") -> "Actor":
        """The help desk itself."""
        return cls("system", None, via)
