"""Named points at which fault tests kill the process, to prove that nothing is lost or doubled."""

import os

from flask import has_app_context

from helpdesk.core.running import settings

EXIT_CODE = 86


def crash_point(name: str) -> None:
    """Die at once, without any clean-up, if the settings name this point."""
    if has_app_context() and settings().crash_at == name:
        os._exit(EXIT_CODE)
