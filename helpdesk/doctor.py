"""`helpdesk doctor`: what is set, what answers, and what to do about what does not."""

import json
import sys
from collections.abc import Iterable, Iterator
from dataclasses import asdict

import click
from flask import current_app
from flask.cli import with_appcontext
from prometheus_client import CollectorRegistry, generate_latest
from prometheus_client.core import GaugeMetricFamily, Metric
from prometheus_client.registry import Collector

from helpdesk.core.feature import Feature, Finding, Measure
from helpdesk.core.probes import MEASURES, PROBES


def findings() -> list[Finding]:
    """Return what the probes of the house and of every feature find."""
    features: tuple[Feature, ...] = current_app.extensions["features"]
    return [found for probe in (*PROBES, *(p for f in features for p in f.probes)) for found in probe()]


class Measured(Collector):
    """Reads every measure when it is asked."""

    def __init__(self, measures: Iterable[Measure]) -> None:
        self._measures = tuple(measures)

    def collect(self) -> Iterator[Metric]:
        """Yield a gauge per measure."""
        for measure in self._measures:
            gauge = GaugeMetricFamily(
                measure.name, measure.words, labels=[measure.label] if measure.label else None
            )
            for label, value in sorted(measure.read().items()):
                gauge.add_metric([label] if measure.label else [], value)
            yield gauge


def metrics() -> bytes:
    """Return all measures in Prometheus' text format."""
    features: tuple[Feature, ...] = current_app.extensions["features"]
    registry = CollectorRegistry(auto_describe=False)
    registry.register(Measured((*MEASURES, *(m for f in features for m in f.measures))))
    return generate_latest(registry)


@click.command("doctor")
@click.option("--json", "as_json", is_flag=True, help="One JSON document instead of lines.")
@with_appcontext
def doctor(*, as_json: bool) -> None:
    """Look at everything the desk needs; exit 1 if something is bad.

    Example: helpdesk doctor
    """
    found = findings()
    if as_json:
        document = {"version": 1, "findings": [asdict(f) for f in found]}
        click.echo(json.dumps(document, ensure_ascii=False, indent=1))
    else:
        for f in found:
            click.echo(f"{f.state:<5} {f.name}: {f.words}")
            if f.remedy and f.state != "ok":
                click.echo(f"      {f.remedy}")
    if any(f.state == "bad" for f in found):
        sys.exit(1)
