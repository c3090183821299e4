"""The installations of tests/processes, for whole landscapes of machines."""

from tests.processes.conftest import desk, engine, installed

__all__ = ["desk", "engine", "installed"]
