"""The settings of the running app."""

from flask import current_app

from helpdesk.settings import Settings


def settings() -> Settings:
    """Return how this installation runs."""
    found: Settings = current_app.extensions["settings"]
    return found
