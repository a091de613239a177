"""Importance measures: definitions evaluated by brute force."""

from __future__ import annotations

import pytest
from hypothesis import given, settings

from depgraph.engine.availability import final_figures
from depgraph.engine.importance import ImportanceAnswer, importance
from depgraph.engine.structure import structure_of
from depgraph.model.estate import Estate

from .brute_force import Key, brute_force, estates


def importance_of(estate: Estate, service: str) -> ImportanceAnswer:
    structure = structure_of(estate)
    return importance(structure, final_figures(structure), service)


def test_series_and_parallel_by_hand() -> None:
    # Q = 1 - 0.9 (1 - 0.2 * 0.3) = 0.154; dA/da = 0.94, dA/dx = 0.9 * 0.3.
    estate = Estate.model_validate(
        {
            "services": [
                {"id": "a", "unavailability": 0.1,
                 "depends_on": [{"at_least": 1, "of": ["x", "y"]}]},
                {"id": "x", "unavailability": 0.2},
                {"id": "y", "unavailability": 0.3},
            ]
        }
    )  # fmt: skip
    rows = {row.component: row for row in importance_of(estate, "a").components}

    assert rows["a"].birnbaum == pytest.approx(0.94)
    assert rows["x"].birnbaum == pytest.approx(0.27)
    assert rows["a"].risk_achievement_worth == pytest.approx(1 / 0.154)
    assert rows["x"].risk_achievement_worth == pytest.approx((0.1 + 0.9 * 0.3) / 0.154)
    assert rows["x"].risk_reduction_worth == pytest.approx(0.154 / 0.1)
    assert rows["y"].fussell_vesely == pytest.approx(0.9 * 0.2 * 0.3 / 0.154)
    assert rows["a"].structural == pytest.approx(0.75)


def test_what_one_component_hides_keeps_its_digits() -> None:
    """Rule A8: b and c leave 3e-14 once a is up; 0.5 - 0.5 (1 - 3e-14) would have two digits."""
    rows = importance_of(
        Estate.model_validate(
            {
                "services": [
                    {"id": "a", "unavailability": 0.5,
                     "depends_on": [{"at_least": 1, "of": ["b", "c"]}]},
                    {"id": "b", "unavailability": 3e-7},
                    {"id": "c", "unavailability": 1e-7},
                ]
            }
        ),
        "a",
    ).components  # fmt: skip
    a = next(row for row in rows if row.component == "a")

    assert a.risk_reduction_worth == pytest.approx((0.5 + 0.5 * 3e-14) / 3e-14, rel=1e-12)


def _name(key: Key, estate: Estate) -> str:
    if key[0] == "common_cause":
        return f"common_cause({key[1].replace(' + ', ', ')})"
    return key[1] if len(estate.node_kinds(key[1])) == 1 else f"{key[0]}:{key[1]}"


@settings(max_examples=60, deadline=None)
@given(estates())
def test_every_measure_follows_its_definition(estate: Estate) -> None:
    expected = brute_force(estate)
    service = next(iter(estate.service))
    answer = importance_of(estate, service)
    keys = {_name(key, estate): key for key in expected.keys}
    total = expected.unavailability(service)
    half = {key: 0.5 if expected.down[key] > 0 else 0.0 for key in expected.keys}

    assert answer.exact
    for row in answer.components:
        key = keys[row.component]
        up, down = (expected.unavailability(service, {key: q}) for q in (0.0, 1.0))
        assert row.birnbaum == pytest.approx(down - up, rel=1e-9, abs=1e-12)
        assert row.risk_achievement_worth == pytest.approx(down / total, rel=1e-6)
        assert row.fussell_vesely == pytest.approx((total - up) / total, rel=1e-6, abs=1e-9)
        if row.risk_reduction_worth is not None:
            assert row.risk_reduction_worth == pytest.approx(total / up, rel=1e-9)
        else:
            assert up == 0.0
        structural = expected.unavailability(service, {**half, key: 1.0}) - (
            expected.unavailability(service, {**half, key: 0.0})
        )
        assert row.structural == pytest.approx(structural, abs=1e-12)
