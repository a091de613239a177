"""OpenSLO: three versions, two units of targets, joined to other sources by service name."""

from __future__ import annotations

from decimal import Decimal
from pathlib import Path

import pytest

from depgraph.errors import RegisterError
from tests.ingest.formats.bench import imported, sample, whats, written

SLO = """
apiVersion: {version}
kind: SLO
metadata: {{name: web-availability}}
spec:
  service: web
  {window}
  budgetingMethod: Occurrences
  objectives:
    - {{{target}}}
"""


@pytest.mark.parametrize(
    ("version", "window", "target", "expected", "period"),
    [
        ("openslo/v1", "timeWindow: [{duration: 30d}]", "target: 0.999", "0.999", "month"),
        ("openslo/v1", "timeWindow: [{duration: 1Q}]", "targetPercent: 99.9", "0.999", "quarter"),
        (
            "openslo/v1alpha", "timeWindows: [{count: 1, unit: Year}]", "target: 0.99", "0.99",
            "year",
        ),
        ("openslo.com/v2alpha", "timeWindow: [{duration: 4w}]", "target: 0.9", "0.9", "month"),
    ],
)  # fmt: skip
def test_targets_and_windows(
    tmp_path: Path, version: str, window: str, target: str, expected: str, period: str
) -> None:
    text = SLO.format(version=version, window=window, target=target)
    estate, report = imported("openslo", written(tmp_path, "slo.yaml", text), tmp_path / "out")

    [[_, sla]] = estate.sla.values()
    [objective] = sla.objectives
    assert (objective.target, objective.period) == (Decimal(expected), period)
    assert objective.measure == "request_ratio"
    assert sla.service == "web"
    assert "parties of the objectives" in whats(report, "missing")


def test_a_percentage_in_the_place_of_a_share_is_left_out_and_said(tmp_path: Path) -> None:
    text = SLO.format(version="openslo/v1", window="", target="target: 99.9")
    estate, report = imported("openslo", written(tmp_path, "slo.yaml", text), tmp_path / "out")

    assert not estate.sla
    assert "'99.9' is no share" in whats(report, "left_out")


def test_another_version_is_refused(tmp_path: Path) -> None:
    with pytest.raises(RegisterError, match="it is 'openslo/v9'"):
        imported(
            "openslo",
            written(tmp_path, "slo.yaml", "{apiVersion: openslo/v9, kind: SLO}"),
            tmp_path / "out",
        )


@pytest.mark.parametrize("name", ["openslo_v1.yaml", "openslo_v2alpha.yaml"])
def test_the_published_samples(tmp_path: Path, name: str) -> None:
    estate, report = imported("openslo", sample(name), tmp_path / "out")

    [[_, sla]] = estate.sla.values()
    assert sla.objectives[0].target == Decimal("0.995")
    assert sla.objectives[0].measure == "threshold_minutes"
    assert sla.objectives[0].error_threshold == Decimal("0.05")
    assert "'1w'" in whats(report, "inferred")
