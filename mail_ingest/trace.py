"""The verdicts of each stage, kept with the mail: anybody can answer "where did my mail go?". Pure."""

from dataclasses import dataclass, field

from helpdesk.core.tables import Json


@dataclass(slots=True)
class Trace:
    """Notes what was asked, what came out and why, in order."""

    steps: list[Json] = field(default_factory=list)

    def note(self, step: str, verdict: str, why: str = "") -> None:
        """Add one verdict."""
        self.steps.append({"step": step, "verdict": verdict, "why": why[:500]})
