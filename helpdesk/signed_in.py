"""What the frame of every page needs to know about who is signed in."""

from dataclasses import dataclass

from helpdesk.core import words
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
    """Return `viewer` for every template: a card, or None."""
    viewer = viewer_or_none()
    return {"viewer": ViewerCard.of(viewer) if viewer else None}
