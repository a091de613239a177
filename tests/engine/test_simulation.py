"""Simulation: against the exact engine, bit by bit on many workers, its parts by known answers."""

from __future__ import annotations

import os
import random
from typing import Any

import numpy as np
import pytest

from benchmarks.shapes import layered_estate
from depgraph.engine import lone_outages, simulation_workers
from depgraph.engine.availability import assessed, final_figures
from depgraph.engine.downtime_words import DowntimeWords
from depgraph.engine.renewal import Outages, outages, renewal_of, stream_key
from depgraph.engine.simulation import Simulation, gather, local_blocks, simulated
from depgraph.engine.simulation_assumptions import never_missed
from depgraph.engine.simulation_blocks import (
    BLOCK_YEARS,
    YEAR,
    BlockSimulator,
    BlockYears,
    YearTallies,
    merged_tallies,
    tallies_of,
)
from depgraph.engine.simulation_options import SimulationOptions
from depgraph.engine.simulation_workers import thread_blocks, useful_threads, worker_blocks
from depgraph.engine.situations import WORD, Situations
from depgraph.engine.structure import structure_of
from depgraph.engine.word_gates import word_gates
from depgraph.errors import DomainError, LimitError
from depgraph.model.duration import DurationShape, duration_shape
from depgraph.model.estate import Estate
from ingest.published import with_published
from ingest.read import read_estate
from sample_data import sample_path
from tests.engine.test_simulated_money import VARIATIONS
from tests.estates import overlapping_causes

FALSE_ALARMS = 1e-6
"""Stated chance that a test of this file fails although all is well, over all its comparisons
(Bonferroni). It is nominal: intervals are taken as exact so far out. Seeds are fixed."""
HOUR = YEAR // 8760


def random_estate(seed: int) -> Estate:
    """Layered, with rings, k of n, common causes and places; synthetic."""
    draw = random.Random(seed)
    services: list[dict[str, Any]] = []
    names = [f"s{n}" for n in range(draw.randint(4, 14))]
    for place, name in enumerate(names):
        below = names[:place] if draw.random() < 0.9 else [n for n in names if n != name]
        needs: list[Any] = []
        if len(below) >= 3 and draw.random() < 0.5:
            group: dict[str, Any] = {"at_least": draw.randint(1, 3), "of": draw.sample(below, 3)}
            if draw.random() < 0.5:
                group["common_cause"] = round(draw.uniform(0.05, 0.5), 3)
            needs.append(group)
        elif below:
            needs += draw.sample(below, min(len(below), draw.randint(1, 2)))
        services.append(
            {
                "id": name, "unavailability": float(f"{10 ** draw.uniform(-3.2, -1):.4g}"),
                "mttr_hours": draw.choice([None, 0.5, 4, 24]), "depends_on": needs,
                "located_in": draw.sample(["p", "q"], draw.randint(0, 1)),
                "provider": draw.choice([None, "o"]),
            }
        )  # fmt: skip
    return Estate.model_validate(
        {
            "organizations": [{"id": "o", "availability": "0.999", "mttr_hours": 8}],
            "locations": [
                {"id": "p", "availability": "0.995", "within": "q"},
                {"id": "q", "mtbf_hours": 900, "mttr_hours": 3},
            ],
            "services": services,
        }
    )


def disagreements(estate: Estate, options: SimulationOptions, comparisons: int) -> list[str]:
    """Services whose exact availability lies outside a wide enough interval (Bonferroni)."""
    structure = structure_of(estate)
    simulation = Simulation(structure, options)
    gather(simulation, local_blocks(simulation.simulator(), simulation.tasks()))
    exact = {s.id: s for s in assessed(estate, options.assessment, structure).services}
    wrong = []
    for row, service in enumerate(structure.up):
        if exact[service].unknown:
            continue
        level = 1 - FALSE_ALARMS / comparisons
        low, high = simulation.downtime.interval(row, level, unseen=24.0 * HOUR)
        down = exact[service].unavailability_low * YEAR, exact[service].unavailability_high * YEAR
        assert high is not None
        if down[0] > high + 1 or down[1] < low - 1:
            wrong.append(f"{service}: exact {down}, simulated {low} to {high}")
    return wrong


@pytest.mark.parametrize("name", ["by_hand", "gaps", "retailer", "register"])
def test_sample_estates_agree_with_the_exact_engine(name: str) -> None:
    estate = read_estate(str(sample_path(name))).estate
    assert estate is not None
    options = SimulationOptions(years=800, seed=5, money=False)
    assert disagreements(with_published(estate), options, 500) == []


@pytest.mark.parametrize("first", range(0, 40, 10))
def test_random_estates_agree_with_the_exact_engine(first: int) -> None:
    for seed in range(first, first + 10):
        options = SimulationOptions(years=160, seed=seed, money=False)
        assert disagreements(random_estate(seed), options, 40 * 14) == []


@pytest.mark.long
def test_many_random_estates_agree_with_the_exact_engine() -> None:
    for seed in range(1_000, 1_200):
        options = SimulationOptions(years=1_600, seed=seed, money=False)
        assert disagreements(random_estate(seed), options, 200 * 14) == []


def test_a_wrong_figure_is_noticed() -> None:
    """The comparison has teeth: one tenth more unavailability is seen."""
    estate = Estate.model_validate({"services": [{"id": "a", "unavailability": 0.010}]})
    other = Estate.model_validate({"services": [{"id": "a", "unavailability": 0.011}]})
    simulation = Simulation(structure_of(other), SimulationOptions(years=800, seed=1))
    gather(simulation, local_blocks(simulation.simulator(), simulation.tasks()))
    low, _ = simulation.downtime.interval(0, 1 - FALSE_ALARMS)
    exact = assessed(estate).services[0].unavailability
    assert exact is not None
    assert exact * YEAR < low


def test_intervals_agree_with_bit_parallel_situations() -> None:
    """A second computation: at random instants, who is down by `Situations`."""
    for seed in range(12):
        structure = structure_of(random_estate(seed))
        shapes = DurationShape(), DurationShape()
        renewal = renewal_of(structure, final_figures(structure).world(1), shapes, 1.0)
        found = outages(renewal, stream_key(seed), 3, 2 * YEAR)
        words = DowntimeWords(word_gates(structure, renewal, list(structure.up)))
        result = words.downtime(found, (0, 2 * YEAR), np.array([0, YEAR, 2 * YEAR]))
        moments = np.random.default_rng(seed).integers(0, 2 * YEAR, 8 * WORD)
        situations = Situations(structure)
        up = np.ones((len(situations.components), len(moments)), bool)
        for row, key in enumerate(renewal.keys):
            part = slice(found.offsets[row], found.offsets[row + 1])
            up[situations.components.index(key)] = ~_within(
                moments, (found.starts[part], found.ends[part])
            )
        packed = np.packbits(up, axis=1, bitorder="little").view(np.uint64)
        expected = np.unpackbits(
            situations.services_up(packed).view(np.uint8), axis=1, bitorder="little"
        ).astype(bool)
        for row in range(len(structure.up)):
            assert (_within(moments, result.spans[row]) == ~expected[row]).all()
            lengths = sum(int(e - s) for s, e in zip(*result.spans[row], strict=True))
            assert result.totals[:, row].sum() == lengths


def _within(moments: np.ndarray, spans: tuple[np.ndarray, np.ndarray]) -> np.ndarray:
    """Whether each moment lies in a span; spans are disjoint and in order."""
    assert (spans[0][1:] > spans[1][:-1]).all()
    begun = np.searchsorted(spans[0], moments, "right")
    inside: np.ndarray = begun > np.searchsorted(spans[1], moments, "right")
    return inside


def test_windows_that_hold_too_much_are_halved(monkeypatch: pytest.MonkeyPatch) -> None:
    structure = structure_of(random_estate(2))
    shapes = DurationShape(), DurationShape()
    renewal = renewal_of(structure, final_figures(structure).world(1), shapes, 1.0)
    found = outages(renewal, stream_key(1), 0, 4 * YEAR)
    edges = np.arange(5) * YEAR
    compiled = word_gates(structure, renewal, list(structure.up))
    usual = DowntimeWords(compiled).downtime(found, (0, 4 * YEAR), edges)
    monkeypatch.setattr("depgraph.engine.downtime_words._MOST_WORDS", 1)
    monkeypatch.setattr("depgraph.engine.downtime_words._FEWEST_WORDS", 1)
    small = DowntimeWords(compiled)
    monkeypatch.setattr(small, "_usual_words", 40)

    halved = small.downtime(found, (0, 4 * YEAR), edges)

    assert (halved.totals == usual.totals).all()
    for one, other in zip(halved.spans, usual.spans, strict=True):
        assert (one[0] == other[0]).all()
        assert (one[1] == other[1]).all()


def independent(services: int) -> DowntimeWords:
    """Services that need nothing, to be evaluated on timelines of their own outages."""
    records = [{"id": f"s{i}", "availability": "0.9"} for i in range(services)]
    structure = structure_of(Estate.model_validate({"services": records}))
    shapes = DurationShape(), DurationShape()
    renewal = renewal_of(structure, final_figures(structure).world(1), shapes, 1.0)
    return DowntimeWords(word_gates(structure, renewal, []))


@pytest.mark.parametrize("number", [16_383, 16_384, 16_385, 16_400, 16_415, 16_416, 16_500])
def test_a_window_holds_as_many_changes_as_can_be_told_apart(number: int) -> None:
    """All outages lie in one window of two; each service is down for its own, to the microsecond."""
    services = 100
    draw = np.random.default_rng(number)
    share = np.diff(np.linspace(0, number, services + 1).astype(np.int64))
    moments = [np.sort(draw.choice(YEAR // 4, 2 * n, replace=False)) for n in share]
    starts, ends = (np.concatenate([one[side::2] for one in moments]) for side in (0, 1))
    found = Outages(np.concatenate(([0], np.cumsum(share))), starts, ends)

    downtime = independent(services).downtime(found, (0, YEAR), np.array([0, YEAR]))

    expected = [(one[1::2] - one[::2]).sum() for one in moments]
    assert (downtime.totals == np.array([expected])).all()


def test_more_may_be_down_at_one_moment_than_a_window_has_changes() -> None:
    """As in a maintenance window that all share."""
    services = 20_000
    begin, finish = YEAR // 3, YEAR // 3 + 7_200_000_000
    extra = np.arange(services) % 2 * 1_000
    found = Outages(
        np.arange(services + 1),
        np.full(services, begin),
        finish + extra,
    )

    downtime = independent(services).downtime(found, (0, YEAR), np.array([0, YEAR // 2, YEAR]))

    assert (downtime.totals[0] == finish - begin + extra).all()
    assert not downtime.totals[1].any()


@pytest.mark.parametrize("workers", [2, 4])
def test_many_workers_give_the_same_bits(workers: int) -> None:
    structure = structure_of(layered_estate(60, 3))
    options = SimulationOptions(years=90, seed=11, exact=False)
    alone = simulated(structure, options)
    simulation = Simulation(structure, options)
    tasks = [range(n, n + 1) for n in range(-(-90 // BLOCK_YEARS))]
    gather(simulation, worker_blocks(simulation.task, tasks, workers))

    assert simulation.answer() == alone
    assert alone.years == 90


@pytest.mark.parametrize("threads", [2, 3])
@pytest.mark.parametrize("never_ready", [False, True])
def test_many_threads_give_the_same_bits(
    threads: int, never_ready: bool, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Also where every situation is evaluated in words."""
    if never_ready:
        monkeypatch.setattr(lone_outages, "_followed", lambda _reach, _spanned: None)
    structure = structure_of(layered_estate(300, 3))
    options = SimulationOptions(years=160, seed=11, exact=False, money=False)
    alone, simulation = Simulation(structure, options), Simulation(structure, options)
    tasks = [range(n, n + 1) for n in range(-(-160 // BLOCK_YEARS))]
    gather(alone, local_blocks(alone.simulator(), tasks))
    gather(simulation, thread_blocks(simulation.simulator(), tasks, threads))

    assert simulation.answer() == alone.answer()
    assert (simulation.downtime.moments == alone.downtime.moments).all()


def test_what_is_settled_in_python_or_large_keeps_to_one_thread(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """Synthetic: 40 services that each fail 8,766 times a year, a contract, a window a week."""
    often = {"availability": 0.5, "mttr_hours": 0.5}
    many = Estate.model_validate({"services": [{"id": f"s{n}", **often} for n in range(40)]})
    few = Estate.model_validate({"services": [{"id": "s", "availability": 0.99}]})

    def useful(estate: Estate) -> int:
        options = SimulationOptions(years=16, exact=False, money=False)
        return useful_threads(Simulation(structure_of(estate), options).task)

    assert useful(many) == 1
    assert useful(few) == min(4, os.cpu_count() or 1)
    settled = Simulation(structure_of(VARIATIONS["plain"]), SimulationOptions(years=16))
    assert useful_threads(settled.task) == 1

    monkeypatch.setattr(simulation_workers, "_MOST_OUTAGES", 1_000)
    rare = {"id": "s", "availability": 0.9999}
    weekly = {**rare, "maintenance": [{"rule": "FREQ=WEEKLY;BYDAY=SU", "hours": 1}]}
    assert useful(Estate.model_validate({"services": [rare]})) == min(4, os.cpu_count() or 1)
    assert useful(Estate.model_validate({"services": [weekly]})) == 1


def test_merging_in_any_order_gives_the_same_bits() -> None:
    structure = structure_of(layered_estate(40, 1))
    simulation = Simulation(structure, SimulationOptions(years=64, seed=2, exact=False))
    parts = [tallies_of(BlockSimulator(simulation.task), range(n, n + 1), 64) for n in (3, 1, 0, 2)]
    tree = merged_tallies(merged_tallies(*parts[:2]), merged_tallies(*parts[2:]))
    simulation.add(tree)

    assert simulation.answer() == simulated(structure, simulation.options)
    assert YearTallies.empty(simulation.task).downtime.years == 0


def test_streams_survive_edits_of_the_estate() -> None:
    """The same component fails at the same times whatever stands beside it."""
    plain = [{"id": "a", "unavailability": 0.01}]
    more = [{"id": "z", "unavailability": 0.02}, *plain]
    options = SimulationOptions(years=32, seed=4, exact=False)
    alone, beside = (
        simulated(structure_of(Estate.model_validate({"services": services})), options)
        for services in (plain, more)
    )
    assert alone.services[0].downtime_minutes == beside.services[1].downtime_minutes


def test_unknown_components_are_named_and_bounded() -> None:
    services = [{"id": "a", "unavailability": 0.01, "depends_on": ["b"]}, {"id": "b"}]
    structure = structure_of(Estate.model_validate({"services": services}))
    working = simulated(structure, SimulationOptions(years=32))
    failed = simulated(structure, SimulationOptions(years=32, unknown="failed"))

    assert working.unknown == ("b",)
    assert working.services[0].unknown == ("b",)
    assert working.services[0].agrees is None
    assert any("no figure" in text and "at least" in text for text in working.assumptions)
    assert failed.services[0].downtime_minutes.mean == 365 * 24 * 60
    assert working.services[0].downtime_minutes.mean < 20_000


def test_a_known_figure_says_at_least_where_a_cause_beside_it_hangs_on_an_unknown_one() -> None:
    """Rules A5, A13: what c has decides how much of b the cause of a and b may take."""
    structure = structure_of(Estate.model_validate({"services": overlapping_causes()}))
    answer = simulated(structure, SimulationOptions(years=32))

    row = next(service for service in answer.services if service.id == "a")
    assert row.unknown == ("common_cause(a, b)",)
    assert row.agrees is None


def test_the_default_repair_time_is_named() -> None:
    structure = structure_of(
        Estate.model_validate({"services": [{"id": "a", "availability": 0.9}]})
    )
    answer = simulated(structure, SimulationOptions(years=16, mttr_hours=3))
    assert any("3 h" in text and "a" in text for text in answer.assumptions)


@pytest.mark.parametrize(
    "text", ["exponential", "fixed", "weibull:0.7", "weibull:2.5", "lognormal:1"]
)
def test_availability_does_not_depend_on_the_distribution(text: str) -> None:
    """Renewal theory: the long-run share of time down is MTTR / (MTBF + MTTR)."""
    estate = Estate.model_validate(
        {
            "services": [
                {"id": "a", "mtbf_hours": 90, "mttr_hours": 10},
                {"id": "b", "unavailability": 0.02, "mttr_hours": 5},
            ]
        }
    )
    shape = duration_shape(text)
    repairs = shape if text != "fixed" else DurationShape()
    options = SimulationOptions(years=320, seed=9, failures=shape, repairs=repairs)
    assert disagreements(estate, options, 10) == []


@pytest.mark.parametrize(
    "text", ["exponential", "fixed", "weibull:0.8", "weibull:3", "lognormal:0.8"]
)
def test_outage_lengths_have_the_moments_asked_for(text: str) -> None:
    shape = duration_shape(text)
    structure = structure_of(
        Estate.model_validate({"services": [{"id": "a", "unavailability": 0.1, "mttr_hours": 2}]})
    )
    renewal = renewal_of(
        structure, final_figures(structure).world(1), (DurationShape(), shape), 1.0
    )
    found = outages(renewal, stream_key(3), 0, 40 * YEAR)
    lengths = (found.ends - found.starts)[1:-1] / HOUR
    error = 5 * (2 * shape.relative_variance**0.5 + 0.001) / len(lengths) ** 0.5

    assert abs(lengths.mean() - 2) < error
    assert abs(lengths.var() / 4 - shape.relative_variance) < 0.15 * shape.relative_variance + 1e-9


def test_each_component_has_the_family_it_states() -> None:
    """Known answers: fixed repairs all last the mean; the rest follow what the simulation says."""
    estate = Estate.model_validate(
        {
            "services": [
                {"id": "a", "mtbf_hours": 50, "mttr_hours": 2, "time_to_restore": "fixed"},
                {"id": "b", "mtbf_hours": 50, "mttr_hours": 2, "time_to_failure": "fixed",
                 "time_to_restore": "lognormal:0.5"},
                {"id": "c", "mtbf_hours": 50, "mttr_hours": 2},
            ]
        }
    )  # fmt: skip
    structure = structure_of(estate)
    shapes = DurationShape(), DurationShape(kind="weibull", shape=2)
    renewal = renewal_of(structure, final_figures(structure).world(1), shapes, 1.0)
    found = outages(renewal, stream_key(5), 0, 40 * YEAR)
    lengths, gaps = {}, {}
    for row, key in enumerate(renewal.keys):
        part = slice(found.offsets[row], found.offsets[row + 1])
        starts, ends = found.starts[part][1:-1], found.ends[part][1:-1]
        lengths[key.id] = (ends - starts) / HOUR
        gaps[key.id] = (starts[1:] - ends[:-1]) / HOUR
    assert set(np.round(lengths["a"], 6)) == {2.0}
    assert set(np.round(gaps["b"], 6)) == {50.0}
    for name, family in (("b", "lognormal:0.5"), ("c", "weibull:2")):
        expected = duration_shape(family).relative_variance
        assert lengths[name].mean() == pytest.approx(2, rel=0.03)
        assert lengths[name].var() / 4 == pytest.approx(expected, rel=0.15)
    assert gaps["a"].var() / 2500 == pytest.approx(1, rel=0.1)
    assert any("families of their own" in t and "a, b" in t for t in simulated(structure, SimulationOptions(years=16)).assumptions)  # fmt: skip


def test_what_would_not_end_is_refused_with_the_component_and_a_way_out() -> None:
    """Known answer: half of a year in outages of 3.6 µs are 4.38e12 of them."""
    services = [
        {"id": "a", "availability": 0.5, "mttr_hours": "0.000000001"},
        {"id": "b", "availability": 0.9, "mttr_hours": "0.001"},
    ]
    structure = structure_of(Estate.model_validate({"services": services}))
    with pytest.raises(LimitError, match=r"4\.4e\+12 of them of a; state longer times"):
        Simulation(structure, SimulationOptions())
    Simulation(structure_of(Estate.model_validate({"services": services[1:]})), SimulationOptions())


def test_stops_when_precise_and_says_so() -> None:
    structure = structure_of(layered_estate(30, 2))
    answer = simulated(structure, SimulationOptions(years=50_000, precision=0.05, exact=False))
    assert answer.stopped == "precision"
    assert answer.years < 50_000


def test_an_interruption_of_compiled_code_is_one_too(monkeypatch: pytest.MonkeyPatch) -> None:
    structure = structure_of(layered_estate(30, 2))
    simulation = Simulation(structure, SimulationOptions(years=64, exact=False))
    years = BlockSimulator.years

    def interrupted(self: BlockSimulator, block: int) -> BlockYears:
        if block == 1:
            raise SystemError("returned a result with an exception set") from KeyboardInterrupt()
        return years(self, block)

    monkeypatch.setattr(BlockSimulator, "years", interrupted)
    tasks = [range(n, n + 1) for n in range(4)]
    gather(simulation, local_blocks(simulation.simulator(), tasks))

    assert simulation.answer().stopped == "interrupted"


def test_an_interruption_keeps_what_is_done() -> None:
    structure = structure_of(layered_estate(30, 2))
    simulation = Simulation(structure, SimulationOptions(years=64, exact=False))
    tasks = [range(n, n + 1) for n in range(4)]

    def interrupt(progress: Simulation) -> None:
        if progress.downtime.years == 32:
            raise KeyboardInterrupt

    gather(simulation, local_blocks(simulation.simulator(), tasks), interrupt)
    answer = simulation.answer()

    assert (answer.stopped, answer.years) == ("interrupted", 32)
    shorter = simulated(structure, SimulationOptions(years=32, exact=False))
    assert answer.services == shorter.services


@pytest.mark.parametrize(
    "options",
    [
        SimulationOptions(years=0), SimulationOptions(mttr_hours=0), SimulationOptions(seed=-1),
        SimulationOptions(precision=2), SimulationOptions(mttr_hours=1e300),
        SimulationOptions(precision=float("nan")), SimulationOptions(mttr_hours=float("nan")),
    ],
)  # fmt: skip
def test_options_out_of_range_are_refused(options: SimulationOptions) -> None:
    with pytest.raises(DomainError):
        Simulation(structure_of(layered_estate(5)), options)


@pytest.mark.parametrize(("family", "years", "told"), [
    ("lognormal:1.5", 16, True), ("lognormal:1.5", 640, False), ("exponential", 16, False),
])  # fmt: skip
def test_too_few_outages_of_very_different_lengths_are_told(
    family: str, years: int, told: bool
) -> None:
    """0.22 outages a year: 3.5 in 16 years, 140 in 640, and 4 x 8.5 = 34 are enough."""
    service = {"id": "a", "availability": 0.9999, "mttr_hours": 4, "time_to_restore": family}
    structure = structure_of(Estate.model_validate({"services": [service]}))
    answer = simulated(structure, SimulationOptions(years=years, exact=False))

    assert any("need not show the long ones" in text for text in answer.assumptions) == told


@pytest.mark.parametrize(
    ("years", "most"),
    [(1, "98 %"), (16, "21 %"), (100, "3.7 %"), (1000, "0.37 %"), (10_000, "0.037 %")],
)
def test_zeros_of_all_years_bound_how_often_there_is_something(years: int, most: str) -> None:
    """Rounded up: 1 − 0.025^(1/n) is 97.5, 20.59, 3.62, 0.3682 and 0.036882 %."""
    text = never_missed(["k"], years)

    assert text.endswith(f"with 97.5 % confidence less than {most} of years do")
