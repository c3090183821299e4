"""Whole numbers in addresses and forms: only those that a database column holds."""

from typing import Any

from flask import Flask
from werkzeug.routing import IntegerConverter

LARGEST = 2_147_483_647
"""The largest number an integer column holds on both engines."""


class ColumnNumber(IntegerConverter):
    """`<int:...>` in an address; a larger number is a page that is not there."""

    def __init__(self, map: Any, *args: Any, **kwargs: Any) -> None:
        super().__init__(map, *args, **({"max": LARGEST} | kwargs))


def init_app(app: Flask) -> None:
    """Read numbers in addresses this way; before any route is added."""
    app.url_map.converters["int"] = ColumnNumber


def whole(value: str) -> int | None:
    """Return a whole number that a column holds; else None."""
    return int(value) if len(value) < 11 and value.isdecimal() and int(value) <= LARGEST else None
