"""Whether a held agreement counts at least the downtime that a promise counts (rule P2)."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence

from depgraph.engine.held import Agreement
from depgraph.engine.obligation_match import FlowStatus, ObligationMatch
from depgraph.engine.regions import around
from depgraph.model.contract import Contract
from depgraph.model.estate import Estate
from depgraph.model.exclusion import RecurringWindow
from depgraph.model.sla import Objective

_PERIODS = ("month", "quarter", "year")
_GRANULARITIES = ("exact", "whole_minutes", "consecutive_minutes")
_BY_INTERVALS = ("interval_mean", "interval_all_fail", "executions")
_COUNTED = ("INTERVAL", "COUNT")
"""Parts of a recurrence rule that hang on its first day."""
_Facts = list[tuple[bool, str]]


def measurement_text(objective: Objective) -> str:
    """How an availability is measured, for people."""
    text = f"{objective.measure} per {objective.period}"
    extra = [
        value
        for value, usual in (
            (objective.granularity, "exact"),
            (objective.denominator, "full"),
            (objective.partial, "any"),
        )
        if value != usual
    ]
    return ", ".join([text, *extra])


def times_of(contract: Contract, windows: Iterable[RecurringWindow]) -> frozenset[tuple[str, ...]]:
    """What makes windows the same times: rule, length, zone, and the start where it matters."""
    return frozenset(
        (
            each.rule,
            str(each.hours.normalize()),
            contract.timezone,
            str(each.since or contract.start)
            if any(part in each.rule.upper() for part in _COUNTED)
            else "",
        )
        for each in windows
    )


def measured(
    estate: Estate, promise: Agreement, held: Agreement, beside: Sequence[Agreement]
) -> Iterator[ObligationMatch]:
    """Measurement kind, period and regions: what one of them counts, the other must count too.

    Parameters
    ----------
    estate : Estate
        Locations and services.
    promise, held : tuple of (Contract, Sla)
        The two agreements.
    beside : sequence of tuple of (Contract, Sla)
        All that is held on the service, as each may hold one region.
    """
    ours, theirs = promise[1].availability_objective, held[1].availability_objective
    if ours is None:
        return
    if theirs is None:
        yield ObligationMatch(
            obligation="measurement", promised=measurement_text(ours), held=None, status="MISSING",
            promised_clause=ours.clause, message="the held SLA measures no availability",
        )  # fmt: skip
        return
    hours_weaker, hours_unknown = _service_hours(promise, held)
    places_weaker, places_unknown = _places(estate, promise, held, beside)
    weaker = [*_counts_less(ours, theirs), *hours_weaker, *places_weaker]
    unknown = [
        *_not_comparable(ours, theirs),
        *hours_unknown,
        *places_unknown,
        (
            promise[0].anchor_day != held[0].anchor_day and theirs.period == ours.period,
            f"periods begin on day {held[0].anchor_day}, ours on day {promise[0].anchor_day}",
        ),
    ]
    status: FlowStatus = "MATCH"
    if any(fact for fact, _ in unknown):
        status = "UNKNOWN"
    if any(fact for fact, _ in weaker):
        status = "WEAKER"
    reasons = [reason for fact, reason in [*weaker, *unknown] if fact]
    yield ObligationMatch(
        obligation="measurement", promised=measurement_text(ours), held=measurement_text(theirs),
        status=status, promised_clause=ours.clause, held_clause=theirs.clause,
        message="; ".join(reasons) or "measured alike",
    )  # fmt: skip


def _counts_less(ours: Objective, theirs: Objective) -> _Facts:
    """What makes the held agreement count less downtime than the promise."""
    whole = theirs.granularity != "exact" and ours.granularity != "exact"
    both_weigh = theirs.partial == ours.partial == "weighted"
    return [
        (_PERIODS.index(theirs.period) > _PERIODS.index(ours.period),
         f"held per {theirs.period}: a bad {ours.period} can hide in it"),
        (_granularity(theirs) > _granularity(ours), f"held counts {theirs.granularity} only"),
        (whole and (theirs.minute_alignment, ours.minute_alignment) == ("clock", "sliding"),
         "held counts minutes of the clock, the promise an outage's own"),
        (theirs.partial == "weighted" and ours.partial == "any",
         "held weighs partial outages, the promise counts them in full"),
        (both_weigh and (theirs.overlap, ours.overlap) == ("max", "sum"),
         "held takes the largest of overlapping impacts, the promise their sum"),
        ((theirs.concurrent, ours.concurrent) == ("any_excluded", "sole_cause"),
         "held excludes a minute with any excluded cause, the promise only if every cause is"),
        (theirs.regions == "all_down" and ours.regions != "all_down",
         "held counts only when all regions are down"),
        (theirs.measure == ours.measure == "threshold_minutes"
         and theirs.error_threshold is not None and ours.error_threshold is not None
         and theirs.error_threshold > ours.error_threshold,
         f"held counts minutes with more than {theirs.error_threshold} errors only"),
        (theirs.measure == ours.measure == "interval_all_fail"
         and theirs.interval_minutes > ours.interval_minutes,
         f"held counts {theirs.interval_minutes} minutes that fail entirely"),
    ]  # fmt: skip


def _granularity(objective: Objective) -> tuple[int, int]:
    return _GRANULARITIES.index(objective.granularity), objective.consecutive_minutes or 0


def _not_comparable(ours: Objective, theirs: Objective) -> _Facts:
    """What keeps one from saying which of them counts more."""
    alike = theirs.measure == ours.measure
    within = (
        ours.measure == "interval_all_fail" and ours.interval_minutes % theirs.interval_minutes == 0
    )
    return [
        (not alike, f"held is measured by {theirs.measure}: not comparable"),
        (theirs.denominator != ours.denominator, f"held is divided by {theirs.denominator}"),
        (alike and ours.measure in _BY_INTERVALS
         and theirs.interval_minutes != ours.interval_minutes and not within,
         f"held intervals have {theirs.interval_minutes} minutes"),
        (alike and ours.measure == "threshold_minutes"
         and None in {theirs.error_threshold, ours.error_threshold}
         and theirs.error_threshold != ours.error_threshold,
         "one of them names no error threshold"),
        (theirs.regions != ours.regions and "each" in {theirs.regions, ours.regions},
         f"held takes regions by {theirs.regions}, the promise by {ours.regions}"),
    ]  # fmt: skip


def _places(
    estate: Estate, promise: Agreement, held: Agreement, beside: Sequence[Agreement]
) -> tuple[_Facts, _Facts]:
    """Whether the held agreement counts downtime in fewer regions than the promise (rule M9).

    Held regions are enough where they hold every region of the promise, or every place of the
    service that they are about. Of regions that must all be down fewer count more, so that two
    lists of them are compared for being the same only.
    """
    ours, theirs = promise[1], held[1]
    rules = [sla.availability_objective and sla.availability_objective.regions
             for sla in (ours, theirs)]  # fmt: skip
    if not theirs.regions or rules == ["any_down", "all_down"]:
        return [], []
    if "all_down" in rules:
        return [], [(set(theirs.regions) != set(ours.regions), "regions differ")]
    if not all(sla.regions for _, sla in beside):
        return [], []
    kept = list(dict.fromkeys([*theirs.regions, *(r for _, sla in beside for r in sla.regions)]))
    named = ", ".join(kept)
    at = [place for group in estate.service[theirs.service].placements for place in group.of]
    if at and not _outside(estate, at, kept):
        return [], []
    if not ours.regions:
        return [(True, f"held counts {named} only, the promise counts everywhere")], []
    beyond = _outside(estate, ours.regions, kept)
    return [(bool(beyond), f"held counts {named} only, not {', '.join(beyond)}")], []


def _outside(estate: Estate, places: Iterable[str], regions: Iterable[str]) -> list[str]:
    """Places that are neither one of some regions nor within one."""
    kept = set(regions)
    return [place for place in places if not kept.intersection(around(estate, place))]


def _service_hours(promise: Agreement, held: Agreement) -> tuple[_Facts, _Facts]:
    """Whether the held agreement counts at other hours than the promise; the zone decides too."""
    ours, theirs = promise[1].service_hours, held[1].service_hours
    if theirs is None:
        return [], []
    if ours is None:
        return [(True, "held counts service hours only")], []
    alike = ours.holidays == theirs.holidays and times_of(promise[0], ours.windows) == times_of(
        held[0], theirs.windows
    )
    return [], [(not alike, "service hours differ")]
