"""Facts about people of the desk. A `link` is a secret: reactions within the transaction alone hear of it."""

from dataclasses import dataclass

from helpdesk.core.events import Event


@dataclass(frozen=True, kw_only=True)
class WayInGiven(Event):
    """Somebody may come in by a link once: by invitation (`invite`) or with a new password (`reset`).

    `hours` is how long it opens. Only `within` reactions may listen: what follows the commit is written down.
    """

    token_id: int
    agent_id: int
    kind: str
    name: str
    email: str
    link: str
    hours: int
    by: str = ""
