"""Repeated failure: worked example G01, runs, and a published rolling mean."""

from __future__ import annotations

from datetime import UTC, date, datetime
from fractions import Fraction
from typing import Any

import pytest

from depgraph.engine.chronic import triggered
from depgraph.engine.settle import settlement
from depgraph.engine.statement import TerminationRight
from depgraph.engine.structure import structure_of
from depgraph.model.estate import Estate
from depgraph.model.sla import TerminationTrigger

MET, MISSED = (Fraction(1), False), (Fraction("0.99"), True)


def test_g01_three_breaches_in_a_rolling_half_year() -> None:
    trigger = TerminationTrigger(kind="count", breaches=3, periods=6)
    to_june = [MISSED, MET, MISSED, MET, MET, MISSED]
    to_july = [MISSED, MET, MISSED, MET, MET, MET, MISSED]

    assert triggered(trigger, to_june) == "3 breaches in 6 periods"
    assert triggered(trigger, to_july) == ""


def test_a_run_of_breaches() -> None:
    trigger = TerminationTrigger(kind="consecutive", breaches=2)

    assert triggered(trigger, [MISSED, MISSED])
    assert not triggered(trigger, [MISSED, MET, MISSED])


def test_rolling_mean_below_97_percent() -> None:
    """A published clause: uptime below 97 % on a rolling three-month average."""
    trigger = TerminationTrigger.model_validate(
        {"kind": "rolling_mean", "periods": 3, "below": "0.97"}
    )
    months = [(Fraction(value), True) for value in ("0.99", "0.96", "0.959")]

    assert triggered(trigger, months)
    assert not triggered(trigger, months[:2])


def trigger_of(**terms: Any) -> TerminationTrigger:
    return TerminationTrigger.model_validate(terms)


def months(*values: str, target: str = "0.999") -> list[tuple[Fraction, bool]]:
    return [(Fraction(value), Fraction(value) < Fraction(target)) for value in values]


@pytest.mark.parametrize(
    ("terms", "outcomes", "reason"),
    [
        ({"kind": "count", "breaches": 2, "periods": 3}, "010 1", "2 breaches in 3 periods"),
        ({"kind": "count", "breaches": 2, "periods": 3}, "1001", ""),
        ({"kind": "count", "breaches": 2, "periods": 3}, "110", ""),
        ({"kind": "count", "breaches": 1, "periods": 1}, "01", "1 breach in 1 period"),
        ({"kind": "count", "breaches": 2, "periods": 3}, "111", "3 breaches in 3 periods"),
        ({"kind": "consecutive", "breaches": 1}, "01", "1 breach in a row"),
        ({"kind": "consecutive", "breaches": 3}, "011", ""),
        ({"kind": "consecutive", "breaches": 3}, "11", ""),
        ({"kind": "consecutive", "breaches": 3}, "0111", "3 breaches in a row"),
    ],
)
def test_breaches_that_are_counted(terms: dict[str, Any], outcomes: str, reason: str) -> None:
    """K9: the right arises in a period that is missed itself; 1 is missed, 0 met."""
    run = [MISSED if each == "1" else MET for each in outcomes.replace(" ", "")]

    assert triggered(trigger_of(**terms), run) == reason


@pytest.mark.parametrize(
    ("terms", "values", "reason"),
    [
        ({"kind": "rolling_mean", "periods": 2, "below": "0.98"}, ("0.5", "0.97", "0.99"), ""),
        ({"kind": "rolling_mean", "periods": 2, "below": "0.98"}, ("0.97", "0.98"),
         "mean of 2 periods is 0.975, below 0.98"),
        ({"kind": "rolling_mean", "periods": 1, "below": "0.98"}, ("0.5", "0.98"), ""),
        ({"kind": "rolling_mean", "periods": 3, "below": "0.98"}, ("0.5", "0.5"), ""),
        ({"kind": "single_period", "below": "0.98"}, ("0.5", "0.98"), ""),
        ({"kind": "single_period", "below": "0.98"}, ("0.979",), "0.979 is below 0.98"),
    ],
)  # fmt: skip
def test_levels_strictly_below(terms: dict[str, Any], values: tuple[str, ...], reason: str) -> None:
    """K9 with M10: a mean or a month at the level itself is not below it."""
    assert triggered(trigger_of(**terms), months(*values)) == reason


def rights(*days: str, period: str = "2026-04", **terms: Any) -> tuple[TerminationRight, ...]:
    """Rights of one level, down from 10:00 to 12:00 UTC on each day; synthetic."""
    trigger = {"kind": "consecutive", "breaches": 1, **terms}
    estate = Estate.model_validate(
        {
            "organizations": [{"id": "S"}, {"id": "C"}],
            "services": [{"id": "app", "provider": "S"}],
            "contracts": [
                {"id": "k", "supplier": "S", "customer": "C", "timezone": "Europe/Dublin", "slas": [
                    {"id": "s", "service": "app", "termination": [trigger],
                     "objectives": [{"metric": "availability", "target": "0.999"}]}
                ]}
            ],
            "incidents": [
                {"id": day, "affects": "app", "start": f"{day}T10:00:00Z", "end": f"{day}T12:00:00Z"}
                for day in days
            ],
        }
    )  # fmt: skip
    return settlement(
        structure_of(estate), period, datetime(2030, 1, 1, tzinfo=UTC)
    ).termination_rights


def test_a_right_names_its_period_its_notice_and_its_last_day() -> None:
    """K9: 30 days after 30 April, the contract's own last day of the month."""
    [right] = rights("2026-04-10", within_days=30, notice_days=60, clause="12.3")

    assert (right.contract, right.sla, right.period) == ("k", "s", "2026-04")
    assert (right.notice_days, right.expires, right.clause) == (60, date(2026, 5, 30), "12.3")
    [unlimited] = rights("2026-04-10")
    assert unlimited.expires is None


def test_rights_are_told_of_the_months_that_were_asked_for() -> None:
    """Two in a row in May and in June; May's right is not April's, and July has none."""
    days = ("2026-04-10", "2026-05-10", "2026-06-10")

    found = rights(*days, period="2026-05..2026-07", breaches=2)
    assert [right.period for right in found] == ["2026-05", "2026-06"]
    assert rights(*days, breaches=2) == ()
