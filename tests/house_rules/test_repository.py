"""Rules over every file."""

from __future__ import annotations

from tests.house_rules.source import ROOT, files, name, text

REGISTRIES = tuple(
    ".".join(parts)
    for parts in (
        ("pypi", "org"),
        ("pythonhosted", "org"),
        ("npmjs", "org"),
        ("npmjs", "com"),
        ("yarnpkg", "com"),
        ("deb", "debian", "org"),
        ("unpkg", "com"),
        ("jsdelivr", "net"),
        ("crates", "io"),
    )
)
"""Hosts of package registries. Clients know theirs; a lock that names one breaks behind every mirror."""


def test_no_file_names_a_registry() -> None:
    everything = [path.name for path in ROOT.iterdir()]
    found = [
        f"{name(path)}: {host}" for path in files(*everything) for host in REGISTRIES if host in text(path)
    ]
    assert not found, "\n".join(found)
