"""Repeated failure: worked example G01, runs, and a published rolling mean."""

from __future__ import annotations

from fractions import Fraction

from depgraph.engine.chronic import triggered
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
