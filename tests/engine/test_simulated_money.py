"""Simulated money: the fast form against the reference form, and that against `settlement`."""

from __future__ import annotations

from datetime import UTC, date, datetime
from decimal import Decimal
from typing import Any

import numpy as np
import pytest

from benchmarks.settlement import contracted_estate
from depgraph.engine import attribution, outage_stretches
from depgraph.engine.attribution import _providers_at as providers_at
from depgraph.engine.availability import AssessmentOptions
from depgraph.engine.money_tables import MoneyTables
from depgraph.engine.money_years import downtime_within
from depgraph.engine.renewal import Outages, outages
from depgraph.engine.settle import settlement
from depgraph.engine.simulated_money import FIGURES, SimulatedMoney, Struck
from depgraph.engine.simulation import Simulation, gather, local_blocks
from depgraph.engine.simulation_blocks import (
    _LENGTH,
    BLOCK_YEARS,
    BlockSimulator,
    MoneyTask,
)
from depgraph.engine.simulation_options import SimulationOptions
from depgraph.engine.structure import ComponentKey, structure_of
from depgraph.model.duration import DurationShape
from depgraph.model.estate import Estate
from depgraph.units import minor_unit
from ingest.published import with_published
from ingest.read import read_estate
from sample_data import sample_path

HOUR = 3_600_000_000

CHAIN: dict[str, Any] = {
    "organizations": [{"id": "us", "own": True}, {"id": "them"}, {"id": "vendor"}],
    "services": [
        {"id": "shop", "provider": "us", "availability": "0.9995", "depends_on": ["cloud"]},
        {"id": "cloud", "provider": "vendor", "availability": "0.9985", "mttr_hours": 2},
    ],
    "contracts": [
        {
            "id": "ours", "supplier": "us", "customer": "them", "annual_value": "12000 EUR",
            "slas": [{"id": "ours-1", "service": "shop", "monthly_fee": "1000 EUR",
                      "objectives": [{"metric": "availability", "target": 0.999}],
                      "credits": {"tiers": [{"below": 0.999, "at_least": 0.995, "credit": 0.1},
                                            {"below": 0.995, "credit": 0.3}]}}],
        },
        {
            "id": "theirs", "supplier": "vendor", "customer": "us", "annual_value": "3600 EUR",
            "timezone": "Europe/Dublin",
            "slas": [{"id": "theirs-1", "service": "cloud", "monthly_fee": "299.99 EUR",
                      "objectives": [{"metric": "availability", "target": 0.999, "period": "month"}],
                      "credits": {"tiers": [{"below": 0.999, "credit": 0.15}], "minimum": "1 EUR"}}],
        },
    ],
}  # fmt: skip
"""Synthetic: what we promise rests on what we hold."""


def varied(**terms: Any) -> Estate:
    """The chain with other terms of our own contract; both in one zone."""
    contracts = [dict(contract) for contract in CHAIN["contracts"]]
    contracts[1]["timezone"] = "UTC"
    contracts[0].update(terms)
    return Estate.model_validate({**CHAIN, "contracts": contracts})


def shared(policy: str, fees: tuple[str, ...], **held: Any) -> Estate:
    """One recovery behind several promises on services of different needs; synthetic."""
    needs = (["cloud"], ["cloud", "other"], [{"at_least": 1, "of": ["cloud", "other"]}])
    data = {**CHAIN, "services": [dict(each) for each in CHAIN["services"]]}
    data["services"].append({"id": "other", "provider": "vendor", "availability": "0.9985"})
    ours, theirs = (dict(contract) for contract in CHAIN["contracts"])
    theirs.update(recovery_allocation=policy, **held)
    promises = []
    for place, fee in enumerate(fees):
        name = f"shop-{place}"
        data["services"].append(
            {"id": name, "provider": "us", "availability": "0.9995", "depends_on": needs[place]}
        )
        sla = {**ours["slas"][0], "id": f"{name}-level", "service": name, "monthly_fee": fee}
        promises.append({**ours, "id": f"ours-{place}", "priority": place, "slas": [sla]})
    return Estate.model_validate({**data, "contracts": [*promises, theirs]})


COUNTINGS: dict[str, dict[str, Any]] = {
    "whole minutes": {"granularity": "whole_minutes"},
    "minutes of each outage": {"granularity": "whole_minutes", "minute_alignment": "sliding"},
    "an hour and longer": {"granularity": "consecutive_minutes", "consecutive_minutes": 60},
    "an hour of each outage": {
        "granularity": "consecutive_minutes", "consecutive_minutes": 60, "minute_alignment": "sliding",
    },
    "35 minutes that fail entirely": {"measure": "interval_all_fail", "interval_minutes": 35},
    "minutes with errors": {"measure": "threshold_minutes", "error_threshold": 0.05},
}  # fmt: skip
"""Ways to count outages (rule M7)."""
SHAPES: dict[str, dict[str, Any]] = {
    "flat": {"shape": "flat", "rate": 0.07},
    "a flat sum": {"shape": "flat", "tiers": [{"amount": "50 EUR"}]},
    "by the shortfall": {"shape": "shortfall", "multiplier": 20, "period_cap": 0.5},
    "by bands": {
        "shape": "marginal",
        "tiers": [{"below": 0.999, "at_least": 0.99, "credit": 0.4}, {"below": 0.99, "credit": 1}],
    },
    "by begun hours": {"shape": "per_time_unit", "rate": 0.03, "unit_rounding": "ceil"},
    "points": {
        "shape": "points",
        "rate": 0.01,
        "tiers": [{"below": 0.999, "at_least": 0.99, "points": 3}, {"below": 0.99, "points": 10}],
    },
    "of a pool": {"shape": "pool", "at_risk": 0.2, "allocation": 0.35},
    "of a pool by rows": {
        "shape": "pool",
        "at_risk": 0.2,
        "tiers": [{"below": 0.999, "at_least": 0.99, "credit": 0.5}],
    },
    "by full hours": {"shape": "per_time_unit", "rate": 0.03, "unit_rounding": "floor"},
}
"""Schedules that follow from downtime, whatever their rows look like (rule K2)."""


def counting(name: str, clause: str) -> Estate:
    """Both promises count outages in one way, and leave third parties out or pass them on."""
    ours, theirs = (dict(contract) for contract in CHAIN["contracts"])
    objective = {"metric": "availability", "target": 0.999, **COUNTINGS[name]}
    excluded = [] if clause != "absorb" else [{"kind": "third_party"}]
    terms = {
        "objectives": [objective],
        "exclusions": excluded,
        # Every minute shows in what is paid.
        "credits": {"shape": "continuous", "multiplier": 10, "period_cap": 0.5},
    }
    for contract in (ours, theirs):
        contract["slas"] = [{**contract["slas"][0], **terms}]
    ours["pass_through"] = {"clause": clause}
    return Estate.model_validate({**CHAIN, "contracts": [ours, theirs]})


HOURS: dict[str, Any] = {
    "windows": [
        {"rule": "FREQ=WEEKLY;BYDAY=MO,TU,WE,TH,FR;BYHOUR=8", "hours": 10},
        {"rule": "FREQ=WEEKLY;BYDAY=SA;BYHOUR=22", "hours": 5},
    ],
    "holidays": "IE",
}


def in_hours(denominator: str, clause: str) -> Estate:
    """Both promises hold in service hours only, which reach over the borders of months."""
    estate = counting("whole minutes", clause).model_dump(mode="json", exclude_none=True)
    for contract in estate["contracts"]:
        contract["timezone"] = "Europe/Dublin"
        [sla] = contract["slas"]
        sla["service_hours"] = HOURS
        sla["objectives"][0].update(denominator=denominator, granularity="exact", target=0.9985)
    estate["contracts"][1]["slas"][0]["objectives"][0]["granularity"] = "whole_minutes"
    return Estate.model_validate(estate)


VARIATIONS = {
    **{
        f"in hours, of {denominator}, {clause}": in_hours(denominator, clause)
        for denominator in ("full", "service_hours", "less_exclusions")
        for clause in ("absorb", "back_to_back", "limited_to_recovered")
    },
    "less what is excluded": varied(
        slas=[{**CHAIN["contracts"][0]["slas"][0], "exclusions": [{"kind": "planned_maintenance"}, {"kind": "force_majeure"}], "objectives": [{"metric": "availability", "target": 0.999, "denominator": "less_exclusions"}]}]
    ),
    "shared by what is owed": shared("owed", ("1000 EUR", "333.33 EUR", "71 EUR"), timezone="UTC"),
    "shared by fee": shared("fee", ("1000 EUR", "333.33 EUR", "71 EUR"), timezone="UTC"),
    "shared by rank": shared("priority", ("5 EUR", "333.33 EUR", "71 EUR"), timezone="UTC"),
    "shared over zones": shared("owed", ("1000 EUR", "333.33 EUR"), timezone="America/New_York"),
    "plain": varied(),
    "zones": Estate.model_validate(CHAIN),
    "liability cap": varied(liability_cap={"amount": "150 EUR"}),
    "back to back": varied(pass_through={"clause": "back_to_back"}),
    "quarters": varied(
        slas=[{**CHAIN["contracts"][0]["slas"][0], "objectives": [{"metric": "availability", "target": 0.9993, "period": "quarter"}]}]
    ),
    "whole minutes": varied(
        slas=[{**CHAIN["contracts"][0]["slas"][0], "objectives": [{"metric": "availability", "target": 0.999, "granularity": "whole_minutes"}]}]
    ),
    **{
        f"{name}, {clause}": counting(name, clause)
        for name in COUNTINGS for clause in ("absorb", "back_to_back", "limited_to_recovered")
    },
    **{
        f"pays {name}": varied(slas=[{**CHAIN["contracts"][0]["slas"][0], "credits": schedule}])
        for name, schedule in SHAPES.items()
    },
    "points that multiply": varied(
        slas=[{**CHAIN["contracts"][0]["slas"][0], "credits": {**SHAPES["points"], "repeat_multiplier": 2}}]
    ),
    "minutes with nothing but errors": varied(
        slas=[{**CHAIN["contracts"][0]["slas"][0], "objectives": [{"metric": "availability", "target": 0.999, "measure": "threshold_minutes", "error_threshold": 1}]}]
    ),
    "continuous": varied(
        slas=[{**CHAIN["contracts"][0]["slas"][0], "credits": {"shape": "continuous", "multiplier": 10, "period_cap": 0.5}}]
    ),
    "minutes": varied(
        slas=[{**CHAIN["contracts"][0]["slas"][0], "credits": {"tiers": [{"over_minutes": 30, "to_minutes": 90, "credit": 0.05}, {"over_minutes": 90, "credit": 0.2}]}}]
    ),
    "ends in the year": varied(end="2026-08-14", start="2025-03-10"),
    "another target in summer": varied(
        slas=[{**CHAIN["contracts"][0]["slas"][0], "objectives": [{"metric": "availability", "target": 0.999, "targets": [
            {"start": "2026-06-10T00:00:00Z", "end": "2026-08-01T00:00:00Z", "target": 0.99}]}]}]
    ),
    "limited to recovered": varied(pass_through={"clause": "limited_to_recovered", "share": 0.8}),
    "share": varied(pass_through={"clause": "share", "share": 0.4}),
    "others' failures not owed": varied(pass_through={"clause": "excluded_if_third_party"}),
    "interval mean": varied(
        slas=[{**CHAIN["contracts"][0]["slas"][0], "objectives": [{"metric": "availability", "target": 0.999, "measure": "interval_mean"}]}]
    ),
    "third parties excluded, beside a common cause": Estate.model_validate({
        **CHAIN,
        "organizations": [*CHAIN["organizations"], {"id": "second"}],
        "services": [
            {"id": "shop", "provider": "us", "availability": "0.9995", "depends_on": ["cloud", {"at_least": 1, "of": ["pay-a", "pay-b"], "common_cause": 0.4}]},
            CHAIN["services"][1],
            {"id": "pay-a", "provider": "us", "availability": "0.98"},
            {"id": "pay-b", "provider": "second", "availability": "0.98"},
        ],
        "contracts": [
            {**CHAIN["contracts"][0], "pass_through": {"clause": "limited_to_recovered"},
             "slas": [{**CHAIN["contracts"][0]["slas"][0], "exclusions": [{"kind": "third_party"}]}]},
            CHAIN["contracts"][1],
        ],
    }),
    "shared, and passed on": Estate.model_validate({
        **shared("owed", ("1000 EUR", "333.33 EUR", "71 EUR")).model_dump(mode="json"),
        "contracts": [
            {**contract, "pass_through": {"clause": clause}} for contract, clause in zip(
                shared("owed", ("1000 EUR", "333.33 EUR", "71 EUR")).model_dump(mode="json")["contracts"],
                ("limited_to_recovered", "back_to_back", "excluded_if_third_party", "absorb"), strict=True)
        ],
    }),
    "shared with a share clause": Estate.model_validate({
        **shared("owed", ("1000 EUR", "333.33 EUR", "71 EUR")).model_dump(mode="json"),
        "contracts": [
            {**contract, "pass_through": clause} for contract, clause in zip(
                shared("owed", ("1000 EUR", "333.33 EUR", "71 EUR")).model_dump(mode="json")["contracts"],
                ({"clause": "share", "share": 0.3}, {"clause": "absorb"}, {"clause": "share", "share": 0.8}, {"clause": "absorb"}),
                strict=True)
        ],
    }),
    "held further down": Estate.model_validate({
        **varied(pass_through={"clause": "limited_to_recovered"}).model_dump(mode="json"),
        "services": [
            {"id": "shop", "provider": "us", "availability": "0.9995", "depends_on": ["host"]},
            {"id": "host", "provider": "vendor", "availability": "0.999", "depends_on": ["cloud"]},
            CHAIN["services"][1],
        ],
    }),
    "held from next year on, which begins earlier there": Estate.model_validate({
        **CHAIN,
        "contracts": [
            {**CHAIN["contracts"][0], "pass_through": {"clause": "limited_to_recovered"}},
            {**CHAIN["contracts"][1], "timezone": "Asia/Tokyo", "start": "2027-01-01"},
        ],
    }),
    "promised by the same supplier until the year, which begins earlier elsewhere": Estate.model_validate({
        **CHAIN,
        "services": [*CHAIN["services"], {"id": "old", "provider": "us", "availability": "0.99"}],
        "contracts": [
            {**CHAIN["contracts"][0], "timezone": "Asia/Tokyo", "pass_through": {"clause": "limited_to_recovered"}},
            {**CHAIN["contracts"][1], "timezone": "Asia/Tokyo"},
            {**CHAIN["contracts"][0], "id": "before", "end": "2025-12-31",
             "slas": [{**CHAIN["contracts"][0]["slas"][0], "id": "before-1", "service": "old"}]},
        ],
    }),
    "held further down, and nearer until summer": Estate.model_validate({
        **varied(pass_through={"clause": "limited_to_recovered"}).model_dump(mode="json"),
        "services": [
            {"id": "shop", "provider": "us", "availability": "0.9995", "depends_on": ["host"]},
            {"id": "host", "provider": "vendor", "availability": "0.999", "depends_on": ["cloud"]},
            CHAIN["services"][1],
        ],
        "contracts": [
            *varied(pass_through={"clause": "limited_to_recovered"}).model_dump(mode="json")["contracts"],
            {"id": "nearer", "supplier": "vendor", "customer": "us", "end": "2026-06-30",
             "slas": [{**CHAIN["contracts"][1]["slas"][0], "id": "nearer-1", "service": "host", "monthly_fee": "50 EUR"}]},
        ],
    }),
    "third parties excluded": varied(
        slas=[{**CHAIN["contracts"][0]["slas"][0], "exclusions": [{"kind": "third_party"}]}]
    ),
}  # fmt: skip


def simulator(
    estate: Estate, seed: int = 1, repairs: DurationShape | None = None
) -> BlockSimulator:
    options = SimulationOptions(
        years=16,
        seed=seed,
        repairs=repairs or DurationShape(),
        assessment=AssessmentOptions(as_of=date(2026, 4, 1)),
    )
    return BlockSimulator(Simulation(structure_of(estate), options).task)


def both_forms(
    worker: BlockSimulator, block: int, *, runs_on: bool = True
) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Years by the fast form, whether they hold, and by the reference form."""
    money, tables = worker.money, worker.tables
    assert money is not None
    assert tables is not None
    drawn = outages(worker.task.renewal, worker.task.key, block, _LENGTH)
    drawn, down_at = worker._down(drawn, (0, _LENGTH))
    found = worker._services.downtime(down_at, _LENGTH, worker._edges)
    down = dict(zip(worker.task.spans_of, found.spans, strict=True))
    begins = [int(edge) for edge in worker._edges[:BLOCK_YEARS]]
    causes = worker.causes((drawn, down_at), down)
    fast, settled = tables.figures(down, begins, causes, runs_on=runs_on)
    reference = [money.figures(worker.struck(money, drawn, begin)) for begin in begins]
    return fast, settled, np.array(reference)


@pytest.mark.parametrize("name", VARIATIONS)
def test_the_fast_form_equals_the_reference_form(name: str) -> None:
    """192 random months of each variation, 4,032 in all; each contract, each figure."""
    fast, settled, reference = both_forms(simulator(VARIATIONS[name]), 0)

    assert (fast[settled] == reference[settled]).all()
    assert reference.sum() > 0


@pytest.mark.parametrize("name", VARIATIONS)
def test_year_by_year_the_figures_are_the_same(name: str, monkeypatch: pytest.MonkeyPatch) -> None:
    """Where a block has too many outages, each year is settled with those that overlap it.

    Repairs scatter widely: some outages reach over the margins of a year.
    """
    repairs = DurationShape(kind="lognormal", shape=3.0)
    worker = simulator(VARIATIONS[name], repairs=repairs)
    usual = worker.years(3)
    monkeypatch.setattr(outage_stretches, "_MOST_AT_ONCE", 1)
    apart = simulator(VARIATIONS[name], repairs=repairs).years(3)

    assert (apart.money == usual.money).all()
    assert (apart.downtime == usual.downtime).all()
    assert usual.money.any()


@pytest.mark.parametrize(
    "name",
    ["plain", "less what is excluded", "zones", "quarters", "minutes", "ends in the year", "shared by what is owed",
     "shared by fee", "shared by rank", "back to back", "limited to recovered", "share",
     "others' failures not owed", "interval mean", "continuous", "third parties excluded",
     "third parties excluded, beside a common cause", "shared, and passed on",
     *(name for name in VARIATIONS if name.startswith((*COUNTINGS, "pays ", "in hours"))
       and "less_exclusions" not in name),
    ],
)  # fmt: skip
def test_common_terms_need_no_reference_form(name: str) -> None:
    _, settled, _ = both_forms(simulator(VARIATIONS[name]), 0)
    assert settled.mean() > 0.9


def test_the_estate_worked_by_hand_needs_no_reference_form() -> None:
    """Its zones differ, so that a recovery stands behind two months of one promise."""
    estate = read_estate(str(sample_path("by_hand"))).estate
    assert estate is not None
    fast, settled, reference = both_forms(simulator(with_published(estate)), 2)
    assert (fast[settled] == reference[settled]).all()
    assert settled.all()
    assert reference.sum() > 0


def test_many_suppliers_in_both_forms(monkeypatch: pytest.MonkeyPatch) -> None:
    """What each answers for is told apart, and whose services stand where is looked for once."""
    asked = []

    def counted(estate: Estate) -> dict[str, set[str]]:
        asked.append(estate)
        return providers_at(estate)

    monkeypatch.setattr(attribution, "_providers_at", counted)
    worker = simulator(contracted_estate(120, 40, 0))
    assert worker.years(0).money.any()
    assert len(asked) == 1

    fast, settled, reference = both_forms(worker, 0)
    assert settled.mean() > 0.9
    assert (fast[settled] == reference[settled]).all()


def test_the_retailer_is_looked_up_in_most_years() -> None:
    """26 contracts: clauses of all kinds, zones, redundancy; 192 months, each contract and figure."""
    estate = read_estate(str(sample_path("retailer"))).estate
    assert estate is not None
    fast, settled, reference = both_forms(simulator(with_published(estate)), 3)
    assert (fast[settled] == reference[settled]).all()
    assert settled.mean() > 0.9
    assert reference.sum() > 0


@pytest.mark.parametrize("timezone", ["Pacific/Auckland", "America/New_York"])
@pytest.mark.parametrize("clause", ["absorb", "limited_to_recovered", "back_to_back"])
def test_recoveries_that_pass_over_new_year_are_looked_up(timezone: str, clause: str) -> None:
    """Half a day between the zones of two months; services that are down often, and for long."""
    data = shared("owed", ("1000 EUR", "333.33 EUR", "71 EUR"), timezone=timezone).model_dump(
        mode="json"
    )
    for service in data["services"]:
        service["availability"] = "0.97"
    data["contracts"][0]["pass_through"] = {"clause": clause}
    worker = simulator(
        Estate.model_validate(data), repairs=DurationShape(kind="lognormal", shape=2.0)
    )
    apart = looked_up = 0
    for block in range(2):
        _, alone, _ = both_forms(worker, block, runs_on=False)
        fast, settled, reference = both_forms(worker, block)
        assert (fast[settled] == reference[settled]).all()
        apart, looked_up = apart + int(alone.sum()), looked_up + int(settled.sum())
    assert looked_up > apart


def test_a_period_of_next_year_that_reaches_into_this_one_is_not_overlooked() -> None:
    """What is held runs by a zone to the east: its January begins within our December."""
    contracts = [dict(contract) for contract in CHAIN["contracts"]]
    contracts[1]["timezone"] = "Asia/Tokyo"
    worker = simulator(Estate.model_validate({**CHAIN, "contracts": contracts}))
    money, tables = worker.money, worker.tables
    assert money is not None
    assert tables is not None
    year = 365 * 24 * HOUR
    down = {
        "shop": (np.array([year - 5 * HOUR]), np.array([year - 3 * HOUR])),
        "cloud": (np.array([year - 5 * HOUR]), np.array([year - 3 * HOUR])),
    }
    struck = [Struck(ComponentKey("service", "cloud"), year - 5 * HOUR, year - 3 * HOUR)]
    rows = [key.id for key in worker.task.renewal.keys]
    counts = np.array([0, *(int(name == "cloud") for name in rows)])
    drawn = Outages(np.cumsum(counts), down["cloud"][0], down["cloud"][1])
    fast, settled = tables.figures(down, [0], worker.causes((drawn, drawn), down))
    reference = money.figures(struck)
    assert reference[1] > 0  # the credit of their January is recovered for our December
    assert not settled[0] or (fast[0] == reference).all()


@pytest.mark.parametrize("name", ["by_hand", "gaps"])
def test_sample_estates_in_both_forms(name: str) -> None:
    estate = read_estate(str(sample_path(name))).estate
    assert estate is not None
    fast, settled, reference = both_forms(simulator(with_published(estate)), 1)
    assert (fast[settled] == reference[settled]).all()


@pytest.mark.long
@pytest.mark.parametrize("name", VARIATIONS)
def test_thousands_of_months_in_both_forms(name: str) -> None:
    worker = simulator(VARIATIONS[name], seed=77)
    for block in range(20):
        fast, settled, reference = both_forms(worker, block)
        assert (fast[settled] == reference[settled]).all()


def test_the_reference_form_is_the_settlement() -> None:
    """The same outages as real incidents: contract by contract the same sums."""
    estate = VARIATIONS["zones"]
    money = SimulatedMoney(estate, 2026)
    draw = np.random.default_rng(3)
    struck = []
    for number in range(60):
        start = int(draw.integers(0, 364 * 24 * HOUR))
        key = ComponentKey("service", ("shop", "cloud")[number % 2])
        struck.append(Struck(key, start, start + int(draw.exponential(3 * HOUR))))
    incidents = [money.incident(number, each) for number, each in enumerate(struck)]

    found = money.figures(struck)
    answer = settlement(money.structure, "2026", datetime(2028, 1, 1, tzinfo=UTC), None, incidents)

    assert [(c.id, c.currency) for c in answer.contracts] == list(money.columns)
    for place, contract in enumerate(answer.contracts):
        unit = minor_unit(contract.currency)
        expected = [int(v / unit) for v in (contract.owed, contract.recovered, contract.absorbed)]
        expected.append(sum(s.breached for s in answer.slas if s.contract == contract.id))
        assert found[len(FIGURES) * place :][: len(FIGURES)].tolist() == expected
    assert sum(contract.owed for contract in answer.contracts) > Decimal(0)


@pytest.mark.parametrize(("ours_began", "owed"), [(-20, 0), (-30, 10_000), (-40, 10_000)])
def test_what_began_before_the_year_keeps_its_beginning(ours_began: int, owed: int) -> None:
    """Others' failure from 30 h before the year to its hour 2, ours to the same hour (rule P3).

    Whoever began first has the two hours of January; of one beginning each has one. 1 h of ours in
    January earns 10 % of 1,000 EUR: 60 of 44,640 min leave less than 0.999.
    """
    terms = {**CHAIN["contracts"][0]["slas"][0], "exclusions": [{"kind": "third_party"}]}
    money = SimulatedMoney(varied(attribution="first_cause", slas=[terms]), 2026)
    began = {"cloud": -30, "shop": ours_began}
    struck = [Struck(ComponentKey("service", s), at * HOUR, 2 * HOUR) for s, at in began.items()]

    assert money.columns[0] == ("ours", "EUR")
    assert money.figures(struck)[FIGURES.index("owed")] == owed


def test_our_liability_is_what_our_contracts_absorb() -> None:
    simulation = Simulation(structure_of(VARIATIONS["plain"]), SimulationOptions(years=32))
    gather(simulation, local_blocks(simulation.simulator(), simulation.tasks()))
    answer = simulation.answer()

    [ours] = answer.own_liability
    contract = next(c for c in answer.contracts if c.id == "ours")
    [organization] = [o for o in answer.organizations if o.own]
    assert ours.currency == "EUR"
    assert ours.absorbed == contract.absorbed == organization.absorbed
    assert contract.recovered.mean > 0
    assert ours.absorbed.tail_mean >= ours.absorbed.p95 >= ours.absorbed.p50
    assert isinstance(simulation.task.money, MoneyTask)


def test_what_really_happened_is_left_aside() -> None:
    incident = {"id": "i", "affects": "shop", "start": "2026-02-01T00:00:00Z", "end": "2026-02-03T00:00:00Z"}  # fmt: skip
    with_past = Estate.model_validate({**CHAIN, "incidents": [incident]})
    assert (SimulatedMoney(with_past, 2026).figures([]) == 0).all()


def test_downtime_within_windows() -> None:
    down = np.array([2, 10, 20]), np.array([5, 12, 30])
    starts, ends = np.array([0, 3, 5, 11, 25, 40]), np.array([100, 4, 10, 21, 26, 50])
    assert downtime_within(down, starts, ends).tolist() == [15, 1, 0, 2, 1, 0]
    assert MoneyTables(SimulatedMoney(VARIATIONS["plain"], 2026)).services == ("shop", "cloud")


@pytest.mark.parametrize(
    ("world", "alone", "across"),
    [
        (VARIATIONS["plain"], False, False),
        (VARIATIONS["shared over zones"], False, True),
        (VARIATIONS["liability cap"], True, False),
        (varied(slas=[{**CHAIN["contracts"][0]["slas"][0], "credits": {
            "tiers": [{"below": 0.999, "credit": 0.1}], "rolling_cap": {"months_of_fee": 1}}}]),
         True, False),
    ],
)  # fmt: skip
def test_what_a_year_leaves_out_is_told(world: Estate, alone: bool, across: bool) -> None:
    """Caps that look back start unused; recoveries that are shared across New Year are cut short."""
    options = SimulationOptions(assessment=AssessmentOptions(as_of=date(2026, 4, 1)))
    told = " ".join(Simulation(structure_of(world), options).assumptions())
    assert ("stands alone" in told) == alone
    assert ("across New Year" in told) == across
