"""Counting and digesting every table, the same on both engines: how copies prove that they are whole."""

import json
from collections.abc import Iterable
from dataclasses import asdict, dataclass
from datetime import datetime
from hashlib import sha256
from typing import Any

import sqlalchemy as sa

from helpdesk.core.tables import Base

BATCH = 2000


@dataclass(frozen=True, slots=True)
class Sum:
    """How many rows a table has, and a digest over all of them in order of their key."""

    rows: int
    digest: str


def census(connection: sa.Connection) -> dict[str, Sum]:
    """Return the sum of every table, as this connection's transaction sees it."""
    return {table.name: _sum(connection, table) for table in tables()}


def tables() -> list[sa.Table]:
    """Return every table, those referred to before those that refer."""
    return list(Base.metadata.sorted_tables)


def rows(connection: sa.Connection, table: sa.Table) -> Iterable[dict[str, Any]]:
    """Yield the rows of a table in the order of its key, as plain values."""
    query = sa.select(table).order_by(*table.primary_key.columns)
    for row in connection.execution_options(yield_per=BATCH).execute(query).mappings():
        yield dict(row)


def _sum(connection: sa.Connection, table: sa.Table) -> Sum:
    digest, count = sha256(), 0
    names = [c.name for c in table.columns]
    for row in rows(connection, table):
        digest.update(
            json.dumps([_plain(row[n]) for n in names], ensure_ascii=False, sort_keys=True).encode()
        )
        count += 1
    return Sum(count, digest.hexdigest())


def _plain(value: Any) -> Any:
    return value.isoformat() if isinstance(value, datetime) else value


def to_plain(sums: dict[str, Sum]) -> dict[str, dict[str, Any]]:
    """Return sums as JSON takes them."""
    return {name: asdict(one) for name, one in sums.items()}


def differing(one: dict[str, Sum], other: dict[str, Sum]) -> list[str]:
    """Return the tables whose sums are not the same, with both counts."""
    return [
        f"{name}: {one[name].rows} rows here, {other[name].rows if name in other else 'no'} rows there"
        for name in one
        if other.get(name) != one[name]
    ]
