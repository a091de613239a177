"""`depgraph flowdown`: one document, the filters, the exit codes."""

from __future__ import annotations

import csv
import json
from io import StringIO
from pathlib import Path
from typing import Any

import pytest
from typer.testing import CliRunner

from sample_data import sample_path
from tests.ui.command_line import app

RUNNER = CliRunner()
RETAILER = str(sample_path("retailer"))
DAY = ("--as-of", "2026-04-01")


def _json(*arguments: str) -> Any:
    done = RUNNER.invoke(app, ["flowdown", RETAILER, *DAY, "--json", *arguments])
    assert done.exit_code == 0, done.stderr
    return json.loads(done.stdout)


def test_json_holds_promises_edges_gaps_and_findings() -> None:
    data = _json()
    assert data["as_of"] == "2026-04-01"
    assert {"promises", "edges", "unbacked", "findings"} <= data.keys()
    by_promise = {row["promise"]: row for row in data["promises"]}
    assert by_promise["payfirst-gateway"]["statuses"]["availability"] == "WEAKER"
    # Two held at 0.9995 and 0.999 in a row.
    assert abs(by_promise["payfirst-gateway"]["composite_high"] - 0.9995 * 0.999) < 1e-12
    [edge] = [e for e in data["edges"] if e["promise"] == "mongodb-atlas"]
    assert (edge["held"], edge["service"], edge["status"]) == (
        "aws-mongodb-ec2", "ec2-frankfurt", "WEAKER",
    )  # fmt: skip


def test_filters_keep_what_was_asked_for() -> None:
    data = _json("--sla", "mongodb-atlas", "--status", "weaker")
    assert {edge["promise"] for edge in data["edges"]} == {"mongodb-atlas"}
    [match] = data["edges"][0]["obligations"]
    assert (match["obligation"], match["promised"], match["held"]) == (
        "availability", 0.99995, 0.9999,
    )  # fmt: skip


def test_csv_has_a_line_per_obligation() -> None:
    done = RUNNER.invoke(app, ["flowdown", RETAILER, *DAY, "--csv"])
    rows = list(csv.DictReader(StringIO(done.stdout)))
    edges = _json()["edges"]
    assert len(rows) == sum(len(edge["obligations"]) for edge in edges)
    assert {row["status"] for row in rows} <= {"MATCH", "WEAKER", "MISSING", "UNKNOWN"}


def test_text_shows_the_matrix_and_the_gaps() -> None:
    done = RUNNER.invoke(app, ["flowdown", RETAILER, *DAY])
    assert done.exit_code == 0
    assert "mongodb-atlas" in done.stdout
    assert "Gaps" in done.stdout
    assert "flow-down-weaker" in done.stdout


def test_exit_codes() -> None:
    def code(*arguments: str) -> int:
        return RUNNER.invoke(app, ["flowdown", RETAILER, *DAY, *arguments]).exit_code

    assert code("--fail-on", "note") == 1
    assert code("--fail-on", "never") == 0
    assert code("--fail-on", "nonsense") == 2
    assert code("--sla", "absent") == 2
    assert code("--json", "--csv") == 2
    assert RUNNER.invoke(app, ["flowdown", RETAILER, "--as-of", "soon"]).exit_code == 2


@pytest.mark.parametrize("command", ["flowdown", "assess"])
def test_a_day_that_is_none_is_refused_by_the_name_of_its_option(command: str) -> None:
    done = RUNNER.invoke(app, [command, RETAILER, "--as-of", "soon"])

    assert done.exit_code == 2
    assert "--as-of 'soon' is not a day" in done.stderr


def test_published_schedules_are_compared_by_their_own_terms(tmp_path: Path) -> None:
    """A claim deadline that only the library holds; synthetic parties."""
    promise = {
        "id": "p",
        "service": "shop",
        "credits": {"claim": {"mode": "by_claim", "within_days": 400}},
    }
    held = {"id": "h", "service": "vm", "credits": {"published": "aws-ec2-region"}}
    estate = {
        "organizations": [{"id": "C"}, {"id": "V"}, {"id": "U"}],
        "services": [
            {"id": "shop", "provider": "V", "depends_on": ["vm"]},
            {"id": "vm", "provider": "U"},
        ],
        "contracts": [
            {"id": "VC", "supplier": "V", "customer": "C", "slas": [promise]},
            {"id": "UV", "supplier": "U", "customer": "V", "slas": [held]},
        ],
    }  # fmt: skip
    file = tmp_path / "estate.json"
    file.write_text(json.dumps(estate), encoding="utf-8")
    done = RUNNER.invoke(app, ["flowdown", str(file), "--json"])
    rows = {m["obligation"]: m for m in json.loads(done.stdout)["edges"][0]["obligations"]}
    assert rows["claim_deadline"]["status"] == "WEAKER"
    assert "billing cycle" in rows["claim_deadline"]["held"]
