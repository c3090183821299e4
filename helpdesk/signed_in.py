"""What the frame of every page needs to know about who is signed in."""

from dataclasses import dataclass
from functools import partial

from helpdesk.core import words
from helpdesk.core.feature import panels
from helpdesk.core.pages import Banner
from helpdesk.people.access import viewer_or_none
from helpdesk.people.rights import Viewer


@dataclass(frozen=True, slots=True)
class ViewerCard:
    """The signed-in agent as templates show them."""

    id: int
    name: str
    email: str
    initials: str
    tone: str
    role: str
    can_reply: bool
    can_note: bool
    can_manage: bool

    @classmethod
    def of(cls, viewer: Viewer) -> "ViewerCard":
        """Return the card of a viewer."""
        return cls(
            viewer.id,
            viewer.name,
            viewer.email,
            words.initials(viewer.name),
            words.tone(f"agent-{viewer.id}"),
            viewer.role,
            viewer.can_reply,
            viewer.can_note,
            viewer.can_manage,
        )


def template_values() -> dict[str, object]:
    """Return `viewer` for every template: a card, or None; and `strips`, what the whole desk should know."""
    viewer = viewer_or_none()
    return {"viewer": ViewerCard.of(viewer) if viewer else None, "strips": partial(_strips, viewer)}


def _strips(viewer: Viewer | None) -> list[Banner]:
    """Return the strips above every page of a signed-in agent (panel `desk.strips`)."""
    if viewer is None:
        return []
    return [strip for offer in panels().values("desk.strips", viewer) for strip in offer]
