"""Published and derived figures of composite availability, each with its case and source.

The same cases stand in the shared reference; where that is at hand, it is read and compared.
"""

from __future__ import annotations

import json
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest

from depgraph.engine.availability import assessed
from depgraph.engine.availability_answer import ServiceAvailability, shown_availability
from depgraph.model.estate import Estate

REFERENCE = Path(__file__).parents[2] / "shared" / "reference" / "worked_examples.json"


def _top(services: list[dict[str, Any]]) -> ServiceAvailability:
    """Assess the first of some services."""
    return assessed(Estate.model_validate({"services": services})).services[0]


def _serial(*shares: str) -> list[dict[str, Any]]:
    parts = [{"id": f"p{n}", "availability": share} for n, share in enumerate(shares)]
    return [{"id": "top", "availability": 1, "depends_on": [p["id"] for p in parts]}, *parts]


def _parallel(*shares: str) -> list[dict[str, Any]]:
    parts = [{"id": f"p{n}", "availability": share} for n, share in enumerate(shares)]
    group = {"at_least": 1, "of": [p["id"] for p in parts]}
    return [{"id": "top", "availability": 1, "depends_on": [group]}, *parts]


WEB_OR_QUEUE: list[dict[str, Any]] = [
    {"id": "top", "availability": "0.9995", "depends_on": [{"at_least": 1, "of": ["db", "queue"]}]},
    {"id": "db", "unavailability": "0.0001"},
    {"id": "queue", "unavailability": "0.001"},
]
SHARED: list[dict[str, Any]] = [
    {"id": "top", "availability": 1, "depends_on": [{"at_least": 1, "of": ["x", "y"]}]},
    {"id": "x", "availability": "0.999", "depends_on": ["s"]},
    {"id": "y", "availability": "0.999", "depends_on": ["s"]},
    {"id": "s", "availability": "0.999"},
]
MTBF: list[dict[str, Any]] = [{"id": "top", "mtbf_hours": 3600, "mttr_hours": 1}]
UNIQUE_DEPENDENCIES = _serial(*["0.99999"] * 5)


@pytest.mark.parametrize(
    ("case", "services", "percent"),
    [
        pytest.param("A01", _serial("0.9995", "0.9999"), "99.940005", id="A01 Azure architecture centre"),
        pytest.param("A02", _parallel("0.9999", "0.999"), "99.99999", id="A02 Azure architecture centre"),
        pytest.param("A03", WEB_OR_QUEUE, "99.949990005", id="A03 Azure architecture centre"),
        pytest.param("A04", _parallel("0.9995", "0.9995"), "99.999975", id="A04 two regions"),
        pytest.param("A05", _parallel(*["0.9995"] * 4), "99.99999999999375", id="A05 four regions"),
        pytest.param("A12", _serial("0.9999", "0.9999", "0.9999"), "99.9700029999", id="A12 AWS reliability pillar"),
        pytest.param("A13", _parallel("0.999", "0.999"), "99.9999", id="A13 AWS availability and beyond"),
        pytest.param("A13", _parallel("0.99", "0.99"), "99.99", id="A13 second"),
        pytest.param("A14", MTBF, "99.9722299361", id="A14 MTBF"),
        pytest.param("A16", SHARED, "99.8999001", id="A16 shared once"),
    ],
)  # fmt: skip
def test_a_published_figure(case: str, services: list[dict[str, Any]], percent: str) -> None:
    row = _top(services)
    wanted = Decimal(percent) / 100

    assert row.method == "exact"
    assert row.availability == pytest.approx(float(wanted), abs=1e-12)
    # The complement shows whether small unavailabilities kept their digits.
    if case != "A14":
        assert row.unavailability == pytest.approx(float(1 - wanted), rel=1e-12)


def test_a05_is_never_shown_as_100_percent() -> None:
    row = _top(_parallel(*["0.9995"] * 4))
    assert row.availability is not None
    assert row.unavailability is not None

    shown = shown_availability(row.availability, row.unavailability)
    assert "99.99999999999375 %".startswith(shown.removesuffix(" %"))
    assert shown.startswith("99.99999999999")


def test_a15_each_unique_dependency_counts_once() -> None:
    """The Calculus of Service Availability, ACM Queue 15(2), 2017: five at 99.999 % take 26.28 min."""
    row = _top(UNIQUE_DEPENDENCIES)
    assert row.unavailability is not None

    # 26.28 minutes to first order; the exact product saves the doubly counted overlap.
    assert row.unavailability * 525_600 == pytest.approx(26.28, rel=1e-4)
    assert row.downtime_minutes_per_year == pytest.approx(row.unavailability * 525_600)


def test_a16_the_naive_figure_hides_the_shared_supplier() -> None:
    assert _top(SHARED).naive == pytest.approx(0.999996003999, abs=1e-15)


def test_tiny_unavailabilities_keep_their_digits() -> None:
    services: list[dict[str, Any]] = [
        {"id": "top", "unavailability": "1e-15", "depends_on": [{"at_least": 1, "of": ["x", "y"]}]},
        {"id": "x", "unavailability": "3e-9"},
        {"id": "y", "unavailability": "5e-8"},
    ]

    assert _top(services).unavailability == pytest.approx(1e-15 + 1.5e-16, rel=1e-12)


@pytest.mark.skipif(
    not REFERENCE.exists(), reason="the shared reference is not beside this checkout"
)
def test_the_cases_are_those_of_the_reference() -> None:
    cases = {case["id"]: case for case in json.loads(REFERENCE.read_text())["examples"]}

    assert cases["A05"]["expected"]["pct_exact"] == "99.9999999999937500"
    assert cases["A16"]["expected"]["exact"] == "0.998999001"
    assert cases["A15"]["expected"]["deps_min_exact"] == "26.28"
