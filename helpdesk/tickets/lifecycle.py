"""States of a ticket and the ways between them (L1 to L4). Pure."""

from enum import StrEnum


class State(StrEnum):
    """Where a ticket stands."""

    NEW = "new"
    OPEN = "open"
    PENDING = "pending"
    ON_HOLD = "on_hold"
    SOLVED = "solved"
    CLOSED = "closed"


class Channel(StrEnum):
    """How a ticket came."""

    EMAIL = "email"
    WEB = "web"
    AGENT = "agent"
    PHONE = "phone"
    VISIT = "visit"


class Priority:
    """How urgent: 1 low, 2 normal, 3 high, 4 urgent."""

    LOW, NORMAL, HIGH, URGENT = 1, 2, 3, 4
    ALL = (1, 2, 3, 4)


UNSOLVED = frozenset({State.NEW, State.OPEN, State.PENDING, State.ON_HOLD})
PAUSED = frozenset({State.PENDING, State.ON_HOLD})

_BY_HAND: dict[State, frozenset[State]] = {
    State.NEW: frozenset({State.OPEN, State.PENDING, State.ON_HOLD, State.SOLVED}),
    State.OPEN: frozenset({State.PENDING, State.ON_HOLD, State.SOLVED}),
    State.PENDING: frozenset({State.OPEN, State.ON_HOLD, State.SOLVED}),
    State.ON_HOLD: frozenset({State.OPEN, State.PENDING, State.SOLVED}),
    State.SOLVED: frozenset({State.OPEN, State.PENDING, State.ON_HOLD, State.CLOSED}),
    State.CLOSED: frozenset(),
}


def ways_from(state: State) -> frozenset[State]:
    """Return the states a person may set from `state`."""
    return _BY_HAND[state]


def may_move(old: State, new: State) -> bool:
    """Return whether a person may set `new` on a ticket in `old`."""
    return new in _BY_HAND[old]


def after_customer_message(state: State) -> State:
    """Return the state once a customer has written (L2): waiting and solved tickets open again."""
    return State.OPEN if state in {State.PENDING, State.ON_HOLD, State.SOLVED} else state


def after_agent_touch(state: State) -> State:
    """Return the state once a person of the desk answered or took it (L1): new becomes open."""
    return State.OPEN if state is State.NEW else state
