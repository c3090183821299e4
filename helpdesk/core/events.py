"""Facts and who hears them.

`within` reactions run in the same transaction, before its commit, in registered order, until no fact is
left; they touch the database only. `after` reactions get one outbox row each and run after the commit,
at least once.
"""

from collections import defaultdict, deque
from collections.abc import Callable, Iterable, Mapping
from dataclasses import asdict, dataclass
from datetime import datetime
from typing import Any, TypeVar, get_type_hints

from flask import Flask, current_app

from helpdesk.core.db import command_state, on_finish
from helpdesk.core.jobs.outbox import enqueue

CHAIN_CAP = 100


@dataclass(frozen=True, kw_only=True)
class Event:
    """A fact, in the past tense, made of ids and plain values only."""


E = TypeVar("E", bound=Event)
Reaction = Callable[[Any], None]
Table = Mapping[type[Event], Iterable[Reaction]]


@dataclass(frozen=True)
class After:
    """A reaction that runs after the commit, under a name that later releases keep.

    `name` is stored in outbox rows: renaming the function is free, renaming the name is a migration.
    """

    name: str
    run: Reaction
    world: bool = False


class ChainTooLongError(RuntimeError):
    """Reactions kept causing facts; something goes in circles."""


class Bus:
    """Knows which reactions belong to which fact. Filled once, by create_app."""

    def __init__(self) -> None:
        self.within: defaultdict[type[Event], list[Reaction]] = defaultdict(list)
        self.after: defaultdict[type[Event], list[After]] = defaultdict(list)

    def listen(self, within: Table, after: Mapping[type[Event], Iterable[After]]) -> None:
        """Add a feature's reactions."""
        for kind, reactions in within.items():
            self.within[kind].extend(reactions)
        for kind, later in after.items():
            self.after[kind].extend(later)

    def init_app(self, app: Flask) -> None:
        """Make this the bus of `app`."""
        app.extensions["bus"] = self


class _Chain:
    def __init__(self) -> None:
        self.waiting: deque[Event] = deque()
        self.reacting = False
        self.caused = 0


def _bus() -> Bus:
    found: Bus = current_app.extensions["bus"]
    return found


def emit(event: Event) -> None:
    """Record a fact inside the running command.

    Raises:
        RuntimeError: no command is running.
        ChainTooLongError: reactions in this command caused more than a hundred facts.
    """
    chain: _Chain = command_state().setdefault("events", _Chain())
    chain.waiting.append(event)
    if chain.reacting:
        chain.caused += 1
        if chain.caused > CHAIN_CAP:
            raise ChainTooLongError(f"reactions caused more than {CHAIN_CAP} events; last: {event}")


def _drain() -> bool:
    chain: _Chain | None = command_state().get("events")
    if chain is None or not chain.waiting:
        return False
    bus = _bus()
    chain.reacting = True
    while chain.waiting:
        event = chain.waiting.popleft()
        for reaction in bus.within[type(event)]:
            reaction(event)
        for later in bus.after[type(event)]:
            enqueue(f"on:{later.name}", _plain(event))
    chain.reacting = False
    return True


on_finish(_drain)


def _plain(event: Event) -> dict[str, Any]:
    return {k: v.isoformat() if isinstance(v, datetime) else v for k, v in asdict(event).items()}


def rebuild(kind: type[E], body: Mapping[str, Any]) -> E:
    """Return the event of `kind` that `body` was made from; unknown fields of older releases are dropped."""
    hints = get_type_hints(kind)
    values = {k: _revive(v, hints[k]) for k, v in body.items() if k in hints}
    return kind(**values)


def _revive(value: Any, hint: Any) -> Any:
    if isinstance(value, str) and (hint is datetime or datetime in getattr(hint, "__args__", ())):
        return datetime.fromisoformat(value)
    return value
