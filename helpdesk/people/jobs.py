"""Work of people: new passwords that were asked for."""

from collections.abc import Mapping
from typing import Any

from helpdesk.core.jobs.runner import Job
from helpdesk.people.commands import send_new_password


def send_reset(payload: Mapping[str, Any]) -> None:
    """Give whoever has the address a way to a new password; nobody: nothing."""
    send_new_password(email=str(payload["email"]))


JOBS = {"people.reset": Job(send_reset)}
