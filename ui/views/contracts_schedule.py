"""One credit schedule drawn as steps, with what was measured on it."""

from __future__ import annotations

from dataclasses import dataclass
from decimal import Decimal
from fractions import Fraction
from typing import Any

import altair as alt
import streamlit as st

from depgraph.engine.credits import Outcome, raw_credit
from depgraph.engine.statement import Settlement, SlaStatement
from depgraph.model.credits import CreditSchedule
from depgraph.model.estate import Estate
from depgraph.model.sla import Sla
from ui.figure_table import plain_table
from ui.followed_address import follow, keep, one_of

_POINTS = 400
_UNITS = 10
"""So many units of time are drawn of a schedule that pays by them."""
_DAY = 1_440
_DAYS = {"month": 30, "quarter": 90, "year": 365}
_MONTHS = {"month": 1, "quarter": 3, "year": 12}
_JUST_AFTER = 1e-6
"""How far behind an edge the next step is read, as a share of what is drawn."""
_BY_SHARE = ("below", "at_or_below", "at_least", "above")
_BY_MINUTES = ("over_minutes", "from_minutes", "to_minutes")


@dataclass(frozen=True)
class Staircase:
    """What a schedule gives by downtime, before caps and before the pass-through clause."""

    steps: tuple[tuple[float, float], ...]
    """Downtime [min], and the credit from there on."""
    days: int
    """Length of the period that it is drawn for [d]."""
    period: str
    """What that is: month, quarter or year."""
    unit: str
    """What the credit is counted in: ``%`` of the fee, or a currency."""
    by_minutes: bool
    """Whether minutes decide, and not their share of the period."""

    def point(self, row: SlaStatement) -> tuple[float, float]:
        """Where a period that was measured lies."""
        base, raw = row.credit.base, row.credit.raw
        paid = float(raw) if self.unit != "%" else float(100 * raw / base) if base else 0.0
        if self.by_minutes:
            return row.counted_minutes, paid
        # Periods differ in length: the same share of one has the same credit.
        return (1 - row.measured) * self.days * _DAY, paid


def staircase(sla: Sla) -> Staircase | None:
    """The schedule of a service level as steps; None where downtime alone does not decide.

    Parameters
    ----------
    sla : Sla
        The service level.
    """
    objective, schedule = sla.availability_objective, sla.credits
    if objective is None or not isinstance(schedule, CreditSchedule):
        return None
    if schedule.shape == "severity_duration":
        return None
    sums = [tier.amount for tier in schedule.tiers if tier.amount is not None]
    months = _MONTHS[objective.period]
    base = Fraction(100)
    if sums:
        fee = schedule.base_fee or sla.monthly_fee
        base = months * Fraction(fee.amount if fee else 0)
    target, length = Fraction(objective.target), _DAYS[objective.period] * _DAY
    edges = _edges(schedule, target, length)
    longest = min(float(length), 1.3 * max(edges))
    places = {longest * place / _POINTS for place in range(_POINTS + 1)}
    for edge in edges:
        places |= {edge, edge + longest * _JUST_AFTER}
    steps = []
    for minutes in sorted(place for place in places if place <= longest):
        lost = Fraction(minutes).limit_denominator(10**9)
        outcome = Outcome(1 - lost / length, target, lost, months=months)
        steps.append((minutes, float(raw_credit(schedule, outcome, base).amount)))
    return Staircase(
        steps=tuple(steps),
        days=_DAYS[objective.period],
        period=objective.period,
        unit=sums[0].currency if sums else "%",
        by_minutes=schedule.shape == "per_time_unit" or bool(_bounds(schedule, _BY_MINUTES)),
    )


def _edges(schedule: CreditSchedule, target: Fraction, length: int) -> list[float]:
    """Downtime at which the credit may change [min]."""
    shares = [Fraction(edge) for edge in _bounds(schedule, _BY_SHARE)]
    edges = [float((1 - share) * length) for share in (target, *shares)]
    edges += map(float, _bounds(schedule, _BY_MINUTES))
    if schedule.shape == "per_time_unit":
        unit = 60 * float(schedule.unit_hours or 1)
        edges += [unit * number for number in range(1, _UNITS + 1)]
    return [*edges, length / 1000]


def _bounds(schedule: CreditSchedule, names: tuple[str, ...]) -> list[Decimal]:
    """Bounds of the rows, of some kinds."""
    found = (getattr(tier, name) for tier in schedule.tiers for name in names)
    return [bound for bound in found if bound is not None]


def show_schedule(estate: Estate, answer: Settlement | None, contract: str) -> None:
    """Draw the schedule that the reader picks; one whose level was missed at first.

    Parameters
    ----------
    estate : Estate
        The estate, every published schedule written out.
    answer : Settlement, optional
        What was measured; None where the period cannot be settled.
    contract : str
        The contract whose schedules are offered; all when empty.
    """
    priced = {
        sla.id: sla
        for held in estate.contracts
        for sla in held.slas
        if isinstance(sla.credits, CreditSchedule) and contract in {"", held.id}
    }
    if not priced:
        st.write("This contract gives no credits." if contract else "No contract gives credits.")
        return
    levels = answer.slas if answer else ()
    names = list(priced)
    missed = [row.id for row in levels if row.breached and row.id in priced]
    sla = priced[_level(names, missed[0] if missed else names[0])]
    if sla.availability_objective is None:
        st.write("This service level promises no availability.")
        return
    drawn = staircase(sla)
    if drawn is None:
        st.write("It pays for each incident, by its severity and length:")
        plain_table(_rows(sla), hide_index=True, width="stretch", key="contracts_rows")
        return
    st.altair_chart(_chart(drawn, [row for row in levels if row.id == sla.id]), width="stretch")


def _level(names: list[str], first: str) -> str:
    """The service level that the reader picks; the page's address keeps it."""
    follow("level", "contracts_schedule", first, one_of(names))
    chosen = st.selectbox("Service level", names, key="contracts_schedule")
    keep("level", chosen, first)
    return chosen


def _rows(sla: Sla) -> list[dict[str, object]]:
    """Rows of a schedule that cannot be drawn."""
    if not isinstance(sla.credits, CreditSchedule):
        return []
    rows = (tier.model_dump(mode="json", exclude_none=True) for tier in sla.credits.tiers)
    return [{name.replace("_", " "): str(value) for name, value in row.items()} for row in rows]


def _chart(drawn: Staircase, measured: list[SlaStatement]) -> Any:  # noqa: ANN401 - altair's layers
    """The steps, and a point for each period that was measured."""
    length = f"{drawn.days}-day {drawn.period}"
    # A longer title is cut off where the picture is as low as on a phone.
    unit = "% of the fee" if drawn.unit == "%" else drawn.unit
    line = [{"minutes": minutes, "credit": credit} for minutes, credit in drawn.steps]
    points = [
        {"period": row.when, "minutes": minutes, "credit": credit}
        for row in measured
        for minutes, credit in (drawn.point(row),)
    ]
    steps = (
        alt.Chart(_values(line))
        .mark_line(interpolate="step-after")
        .encode(
            x=alt.X("minutes:Q", title=f"downtime in a {length} [min]"),
            y=alt.Y("credit:Q", title=f"credit before caps [{unit}]"),
        )
    )
    dots = (
        alt.Chart(_values(points))
        .mark_point(size=120, filled=True, color="#dc2626")
        .encode(x="minutes:Q", y="credit:Q", tooltip=["period:N", "minutes:Q", "credit:Q"])
    )
    return alt.layer(steps, dots) if points else steps


def _values(rows: list[dict[str, Any]]) -> alt.Data:
    """Rows as altair takes them; they stay in the page."""
    return alt.Data(values=rows)  # type: ignore[no-untyped-call]  # not annotated by altair
