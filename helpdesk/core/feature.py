"""How a feature says what it brings. create_app reads these and nothing else."""

import importlib
import pkgutil
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from types import ModuleType
from typing import Any, Literal

import click
from flask import Blueprint, current_app
from markupsafe import Markup

from helpdesk.core.events import After, Event, Table
from helpdesk.core.jobs.runner import Job

SLOTS = frozenset(
    {
        "nav.desk",
        "settings.pages",
        "desk.strips",
        "ticket.aside",
        "ticket.strips",
        "ticket.stamp",
        "message.foot",
    }
)
"""The named places on pages that features may fill; listed with their meaning in ARCHITECTURE.md."""


@dataclass(frozen=True)
class Timer:
    """Work that time causes: `run` claims what is due and returns a count; safe in two places at once."""

    name: str
    every_s: float
    run: Callable[[], int]


@dataclass(frozen=True)
class Check:
    """An invariant a feature answers for (docs/rules/trust.md): `run` yields a sentence per breach.

    `run` gets True for a deep look that also reads every file.
    """

    invariant: str
    words: str
    run: Callable[[bool], Iterator[str]]


@dataclass(frozen=True, slots=True)
class Finding:
    """What a probe found: a sentence, and for what is not well, what to do about it."""

    name: str
    state: Literal["ok", "warn", "bad"]
    words: str
    remedy: str = ""


@dataclass(frozen=True)
class Measure:
    """A number for monitoring: `read` returns a value per label value ("" where there is no label)."""

    name: str
    words: str
    read: Callable[[], Mapping[str, float]]
    label: str = ""


Probe = Callable[[], Iterator[Finding]]
"""Looks at something outside the program (a server, a folder) and yields findings; never raises."""


@dataclass(frozen=True, kw_only=True)
class Feature:
    """One folder's wiring: routes, reactions, work, timers, commands and the panels it offers."""

    name: str
    blueprints: tuple[Blueprint, ...] = ()
    within: Table = field(default_factory=dict)
    after: Mapping[type[Event], Iterable[After]] = field(default_factory=dict)
    jobs: Mapping[str, Job] = field(default_factory=dict)
    timers: tuple[Timer, ...] = ()
    panels: Mapping[str, Callable[..., Any]] = field(default_factory=dict)
    commands: tuple[click.Command, ...] = ()
    checks: tuple[Check, ...] = ()
    probes: tuple[Probe, ...] = ()
    measures: tuple[Measure, ...] = ()


class Panels:
    """What features offer for named places on pages."""

    def __init__(self) -> None:
        self._offers: dict[str, list[Callable[..., Any]]] = {slot: [] for slot in SLOTS}

    def add(self, slot: str, offer: Callable[..., Any]) -> None:
        """Fill a slot.

        Raises:
            KeyError: there is no such slot.
        """
        self._offers[slot].append(offer)

    def html(self, slot: str, *args: Any) -> list[Markup]:
        """Return the pieces for `slot`, in the order of the features; empty ones left out."""
        pieces = (offer(*args) for offer in self._offers[slot])
        return [piece for piece in pieces if piece]

    def values(self, slot: str, *args: Any) -> list[Any]:
        """Return what each feature offers for `slot`, as it is (for slots that answer for many ids)."""
        return [offer(*args) for offer in self._offers[slot]]


def panels() -> Panels:
    """Return the panels of the running app."""
    found: Panels = current_app.extensions["panels"]
    return found


def plugins(package: ModuleType, attribute: str) -> dict[str, Any]:
    """Import every module or folder in `package` and collect its `attribute`.

    Adding a folder is enough; no list elsewhere is edited.

    Raises:
        RuntimeError: a member does not define `attribute`.
    """
    found: dict[str, Any] = {}
    for info in sorted(pkgutil.iter_modules(package.__path__), key=lambda i: i.name):
        module = importlib.import_module(f"{package.__name__}.{info.name}")
        if not hasattr(module, attribute):
            raise RuntimeError(f"{module.__name__} defines no {attribute}")
        found[info.name] = getattr(module, attribute)
    return found
