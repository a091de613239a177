"""Importing twice changes nothing, whatever the format; the commands end as agreed."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from typer.testing import CliRunner

from ingest import require_estate
from ingest.formats.own_workbook import xlsx_bytes
from ingest.formats.standard_exports import cyclonedx_text, openslo_text
from ingest.write import estate_text
from sample_data import sample_path
from tests.ingest.formats.bench import imported, sample, whats
from tests.ui.command_line import app

RUNNER = CliRunner()


def _twice(name: str, file: Path, out: Path) -> None:
    imported(name, file, out)
    before = {f.name: f.read_bytes() for f in out.rglob("*") if f.is_file()}
    imported(name, file, out)
    after = {f.name: f.read_bytes() for f in out.rglob("*") if f.is_file()}
    assert after == before


@pytest.mark.parametrize("name", ["yaml", "xlsx", "cyclonedx", "openslo"])
def test_our_samples(tmp_path: Path, name: str) -> None:
    estate = require_estate(sample_path("retailer"))
    file = tmp_path / f"source.{name}"
    file.write_bytes({
        "yaml": estate_text(estate).encode(), "xlsx": xlsx_bytes(estate),
        "cyclonedx": cyclonedx_text(estate).encode(), "openslo": openslo_text(estate).encode(),
    }[name])  # fmt: skip

    _twice(name, file, tmp_path / "out")


SOFT = """{apiVersion: opensrm/v1, kind: X, metadata: {name: a}, spec: {dependencies: [
  {name: b, critical: false}]}}"""
PLACES = """workspace { model {
  s = softwareSystem "S"
  deploymentEnvironment "Live" {
    a = deploymentNode "A" { softwareSystemInstance s }
    b = deploymentNode "B" { softwareSystemInstance s }
  } } }"""


CALM = """{"nodes": [{"unique-id": "a", "node-type": "service", "name": "A"}], "relationships": [
  {"unique-id": "r", "relationship-type": {"connects": {
    "source": {"node": "a"}, "destination": {"node": "gone"}}}}]}"""


@pytest.mark.parametrize(("name", "text"), [("opensrm", SOFT), ("structurizr", PLACES)])
def test_groups_and_soft_needs_are_found_again(tmp_path: Path, name: str, text: str) -> None:
    file = tmp_path / "source.yaml"
    file.write_text(text, encoding="utf-8")

    _twice(name, file, tmp_path / "out")


def test_what_is_missing_is_said_each_time(tmp_path: Path) -> None:
    file = tmp_path / "source.json"
    file.write_text(CALM)
    reports = [imported("calm", file, tmp_path / "out")[1] for _ in range(2)]

    assert reports[0].notes == reports[1].notes
    assert "'gone' is referred to by service a" in whats(reports[1], "missing")


@pytest.mark.parametrize(("name", "file"), [
    ("cyclonedx", "cyclonedx_saasbom_1.6.json"), ("openslo", "openslo_v1.yaml"),
    ("openslo", "openslo_v2alpha.yaml"), ("calm", "calm_payment_gateway.json"),
    ("structurizr", "structurizr_aws.dsl"),
])  # fmt: skip
def test_published_samples(tmp_path: Path, name: str, file: str) -> None:
    _twice(name, sample(file), tmp_path / "out")


def test_the_commands(tmp_path: Path) -> None:
    out = tmp_path / "out"
    file = tmp_path / "deps.json"
    file.write_text('{"supporting_service": {"id": "b"}, "dependent_service": {"id": "a"}}')
    done = RUNNER.invoke(app, ["import", "pagerduty", str(file), "--out", str(out), "--json"])
    [report] = json.loads(done.stdout)["reports"]
    again = RUNNER.invoke(app, ["import", "pagerduty", str(file), "--out", str(out)])
    shown = RUNNER.invoke(app, ["export", "mermaid", str(out)])
    empty = RUNNER.invoke(app, ["template", "csv"])

    assert (done.exit_code, shown.exit_code, empty.exit_code) == (0, 0, 0)
    assert report["taken"] == {"services": 2}
    assert "nothing changed" in again.stderr
    assert "n0 --> n1" in shown.stdout or "n1 --> n0" in shown.stdout
    assert empty.stdout.startswith("record,id,name,")
    for wrong in (["import", "nope", str(file), "--out", str(out)],
                  ["import", "pagerduty", str(tmp_path / "absent"), "--out", str(out)],
                  ["export", "nope", str(out)], ["template", "nope"]):  # fmt: skip
        assert RUNNER.invoke(app, wrong).exit_code == 2
