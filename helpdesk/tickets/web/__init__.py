"""Agents' pages about tickets: parse, one query or one command, respond."""

from helpdesk.tickets.web import (
    acting,
    bulk,
    canned,
    fields,
    files,
    holding,
    opening,
    queue,
    relating,
    searching,
    ticket,
    views,
)
from helpdesk.tickets.web.blueprint import bp

__all__ = [
    "acting",
    "bp",
    "bulk",
    "canned",
    "fields",
    "files",
    "holding",
    "opening",
    "queue",
    "relating",
    "searching",
    "ticket",
    "views",
]
