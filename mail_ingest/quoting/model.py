"""A reply cut into what is new and what is not."""

from dataclasses import dataclass
from typing import Literal

Kind = Literal["new", "quote", "attribution", "signature"]


@dataclass(frozen=True, slots=True)
class Segment:
    """A stretch of a body of one kind; an attribution says who wrote the quote after it."""

    kind: Kind
    text: str


@dataclass(frozen=True, slots=True)
class Reply:
    """A whole body in order: the segments' texts joined are the body, to the letter."""

    segments: tuple[Segment, ...]

    @property
    def new_text(self) -> str:
        """What the person wrote now; never empty when the body is not."""
        return "".join(segment.text for segment in self.segments if segment.kind == "new").strip()

    @property
    def folds(self) -> bool:
        """Whether anything can be folded away."""
        return any(segment.kind != "new" for segment in self.segments)
