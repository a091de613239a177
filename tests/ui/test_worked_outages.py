"""Worked examples H01 to H03: real outages through estate file and command, to the credit."""

from __future__ import annotations

import json
from decimal import Decimal
from pathlib import Path

import pytest
from typer.testing import CliRunner

from tests.ui.command_line import app

ESTATE = """
organizations: [{{id: us, own: true}}, {{id: aws, name: Amazon Web Services}}]
locations: [{{id: us-east-1, kind: region}}]
services: [{{id: cloud, provider: aws, located_in: [us-east-1]}}]
contracts:
  - id: k
    supplier: aws
    customer: us
    start: 2020-01-01
    slas:
      - id: k-1
        service: cloud
        monthly_fee: "10000 USD"
        objectives: [{{metric: availability, target: {target}}}]
        credits:
          tiers: [{{below: {target}, credit: 0.10}}, {{below: 0.99, credit: 0.25}}, {{below: 0.95, credit: 1}}]
"""


@pytest.mark.parametrize(
    ("preset", "variant", "target", "minutes", "percent", "credit"),
    [
        pytest.param("aws-ddb-2025-10-20", "dynamodb", "0.9999", 172, "99.614695", "1000.00", id="H01"),
        pytest.param("aws-2021-12-07", None, "0.999", 412, "99.077061", "1000.00", id="H02"),
        pytest.param("aws-2021-12-07", "eventbridge", "0.999", 670, "98.499104", "2500.00", id="H03"),
    ],
)  # fmt: skip
def test_when_it_ended_moves_the_tier(
    tmp_path: Path, preset: str, variant: str | None, target: str, minutes: int, percent: str,
    credit: str,
) -> None:  # fmt: skip
    """H02 and H03 are one outage: by its later end the credit is 25 % in place of 10 %."""
    file = tmp_path / "estate.yaml"
    file.write_text(ESTATE.format(target=target), "utf-8")
    asked = ["whatif", str(file), "--preset", preset, "--aim", "cloud", "--json"]
    done = CliRunner().invoke(app, [*asked, *(["--variant", variant] if variant else [])])
    [level] = json.loads(done.stdout)["slas"]

    assert level["counted_minutes"] == minutes
    assert f"{level['measured'] * 100:.6f}" == percent
    assert level["credit"]["amount"] == credit
    assert Decimal(level["credit"]["base"]) == 10_000
