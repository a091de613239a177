"""Outages alone: what they add is what the structure says, to the microsecond."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

import numpy as np
import pytest

from benchmarks.shapes import layered_estate
from benchmarks.simulation import hard_estate
from depgraph.engine import outage_stretches, reach
from depgraph.engine.availability import final_figures
from depgraph.engine.downtime_words import DowntimeWords
from depgraph.engine.lone_outages import Alone, ServiceDowntime, alone_of, separated
from depgraph.engine.outage_order import by_part
from depgraph.engine.reach import reach_of
from depgraph.engine.renewal import Outages, outages, renewal_of, stream_key
from depgraph.engine.simulation_blocks import YEAR
from depgraph.engine.situations import Situations
from depgraph.engine.structure import Structure, structure_of
from depgraph.engine.word_gates import WordGates, word_gates
from depgraph.model.duration import DurationShape
from depgraph.model.estate import Estate
from tests.engine.test_simulation import random_estate


def both_ways(
    structure: Structure, seed: int, mttr_hours: float = 1.0, *, is_kept: bool = True
) -> None:
    """Totals and spans by the structure alone, by following outages, and with lone ones apart."""
    shapes = DurationShape(), DurationShape(kind="lognormal", shape=1.0)
    renewal = renewal_of(structure, final_figures(structure).world(1), shapes, mttr_hours)
    compiled = word_gates(structure, renewal, list(structure.up))
    found = outages(renewal, stream_key(seed), 1, 3 * YEAR)
    edges = YEAR // 2 + YEAR * np.arange(3)
    whole = DowntimeWords(compiled).downtime(found, (0, 3 * YEAR), edges)
    for way in ("followed", "all changed", "apart"):
        services = ServiceDowntime(compiled)
        assert (services.followed is not None) == is_kept
        if services.followed is not None:
            services.followed.patience = 1_000_000
            services.followed.changes_all = way == "all changed"
        if way == "apart":
            services.followed = None
        parted = services.downtime(found, 3 * YEAR, edges)
        assert (services.followed is not None) == (is_kept and way != "apart")
        assert (whole.totals == parted.totals).all()
        assert whole.totals.any()
        few = range(len(structure.up) - 1, 0, -3)
        for all_of_them, found_now in (
            (whole.spans, parted.spans),
            ([whole.spans[at] for at in few], services.downtime(found, 3 * YEAR, edges, few).spans),
        ):
            for one, other in zip(all_of_them, found_now, strict=True):
                assert (one[0] == other[0]).all()
                assert (one[1] == other[1]).all()


@pytest.mark.parametrize("seed", range(12))
def test_random_estates_both_ways(seed: int) -> None:
    both_ways(structure_of(random_estate(seed)), seed)


@pytest.mark.parametrize("estate", [hard_estate(200), layered_estate(300, 2)])
def test_larger_estates_both_ways(estate: Estate) -> None:
    both_ways(structure_of(estate), 5)


def often_down(seed: int, redundant: float) -> Estate:
    """Layered and redundant, with a few outages at any time; synthetic."""
    estate = layered_estate(60, seed, redundant=redundant)
    draw = np.random.default_rng(seed)
    figures = draw.uniform(0.001, 0.08, len(estate.services))
    return estate.replace(
        services=[
            service.replace(unavailability=Decimal(f"{figure:.4f}"))
            for service, figure in zip(estate.services, figures, strict=True)
        ]
    )


@pytest.mark.parametrize("seed", range(8))
def test_many_outages_at_a_time_both_ways(seed: int) -> None:
    """Most of what is down is so only with several outages; what is met changes all the time."""
    both_ways(structure_of(often_down(seed, (0.3, 0.9)[seed % 2])), seed, mttr_hours=20.0)


def test_where_outages_meet_all_the_time_words_are_evaluated() -> None:
    structure = structure_of(often_down(3, 0.9))
    shapes = DurationShape(), DurationShape()
    renewal = renewal_of(structure, final_figures(structure).world(1), shapes, 20.0)
    services = ServiceDowntime(word_gates(structure, renewal))
    followed = services.followed
    assert followed is not None
    followed.patience = 5
    found = outages(renewal, stream_key(1), 0, 16 * YEAR)
    edges = YEAR * np.arange(17)
    parts = by_part(np.zeros(len(renewal.keys), int))
    assert followed.corrections(found, parts, edges) is None
    totals = services.downtime(found, 16 * YEAR, edges).totals
    # Other timelines are not begun that way in vain.
    assert services.followed is None
    words = DowntimeWords(word_gates(structure, renewal))
    assert (totals == words.downtime(found, (0, 16 * YEAR), edges).totals).all()
    assert totals.any()


@pytest.mark.parametrize("members", [9, 70])
def test_wide_groups_both_ways(members: int) -> None:
    """More members than the masks of a gate, or of a component, have bits for."""
    names = [f"m{number}" for number in range(members)]
    services: list[dict[str, Any]] = [
        {"id": name, "unavailability": 0.02, "depends_on": ["shared"][: number % 3]}
        for number, name in enumerate(names)
    ]
    services.append({"id": "shared", "unavailability": 0.01})
    for need in (members - 1, members - 2, members - 3):
        group = {"at_least": need, "of": names}
        services.append({"id": f"top-{need}", "unavailability": 0.001, "depends_on": [group]})
    both_ways(structure_of(Estate.model_validate({"services": services})), 4, mttr_hours=2.0)


def random_gates(draw: np.random.Generator) -> WordGates:
    """Votes over what was made before, some over many arguments, some over one twice; synthetic."""
    components = int(draw.integers(4, 12))
    need: list[int] = [0] * (2 + components)
    arguments: list[list[int]] = [[] for _ in need]
    for _ in range(int(draw.integers(3, 25))):
        count = int(draw.integers(1, 5) if draw.random() < 0.9 else draw.integers(9, 13))
        below = draw.integers(2, len(need), count).tolist()
        need.append(int(draw.integers(1, count + 1)))
        arguments.append(below)
    offsets = np.concatenate(([0], np.cumsum([len(each) for each in arguments])))
    flat = np.array([each for below in arguments for each in below], np.int64)
    services = draw.integers(2, len(need), int(draw.integers(1, 9)))
    gates = np.array(need, np.int64), offsets, flat
    return WordGates(gates, np.arange(2, 2 + components), services, services)


@pytest.mark.parametrize("seed", range(60))
def test_any_gates_both_ways(seed: int) -> None:
    """A law: following outages finds what evaluating every gate in every interval finds."""
    draw = np.random.default_rng(seed)
    compiled = random_gates(draw)
    starts, ends, offsets = [], [], [0]
    length, often = 4_000, int(draw.choice((200, 1_000, 4_000)))
    for _ in compiled.variables:
        moments = np.sort(
            draw.choice(length, 2 * int(draw.integers(0, 1 + length // often)), False)
        )
        starts += moments[::2].tolist()
        ends += moments[1::2].tolist()
        offsets.append(len(starts))
    found = Outages(np.array(offsets), np.array(starts, np.int64), np.array(ends, np.int64))
    edges = np.array([500, 1_500, 1_501, 3_000])
    whole = DowntimeWords(compiled).downtime(found, (0, length), edges)
    services = ServiceDowntime(compiled)
    assert services.followed is not None
    services.followed.patience = 1_000_000
    services.followed.changes_all = seed % 2 == 1

    followed = services.downtime(found, length, edges)

    assert services.followed is not None
    assert (whole.totals == followed.totals).all()
    for one, other in zip(whole.spans, followed.spans, strict=True):
        assert (one[0] == other[0]).all()
        assert (one[1] == other[1]).all()


def test_where_too_much_would_be_kept_the_structure_decides(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(reach, "_MOST_ENTRIES", 1)
    both_ways(structure_of(random_estate(3)), 3, is_kept=False)


def alone_in(compiled: WordGates) -> Alone:
    """What each component of a small estate takes down by itself."""
    reached = reach_of(compiled)
    assert reached is not None
    return alone_of(compiled, reached)


def test_what_falls_with_a_component_alone_is_what_the_sweep_counts() -> None:
    structure = structure_of(random_estate(7))
    shapes = DurationShape(), DurationShape()
    renewal = renewal_of(structure, final_figures(structure).world(1), shapes, 1.0)
    alone = alone_in(word_gates(structure, renewal))
    counted = dict(Situations(structure).single_outages())
    for row, key in enumerate(renewal.keys):
        assert (alone.rows == row).sum() == counted[key]


def test_groups_that_no_gate_joins_are_parts_of_their_own() -> None:
    structure = structure_of(hard_estate(150))
    shapes = DurationShape(), DurationShape()
    renewal = renewal_of(structure, final_figures(structure).world(1), shapes, 1.0)
    alone = alone_in(word_gates(structure, renewal))
    names = [int(key.id[1:]) // 50 for key in renewal.keys]
    for one in range(0, 150, 7):
        for other in range(0, 150, 11):
            if names[one] != names[other]:
                assert alone.parts.part[one] != alone.parts.part[other]


@pytest.mark.parametrize("spread", [200, 3_000, 1 << 48])
def test_lone_ones_are_those_that_nothing_of_their_part_overlaps(spread: int) -> None:
    """A second computation by comparing every pair; touching counts as overlapping."""
    draw = np.random.default_rng(spread)
    starts = np.sort(draw.integers(0, spread, 60))
    ends = starts + draw.integers(1, max(2, spread // 100), 60)
    part = draw.integers(0, 3, 60)
    lone, others = separated(Outages(np.arange(61), starts, ends), by_part(part))
    expected = [
        not any(
            part[i] == part[j] and i != j and starts[i] <= ends[j] and starts[j] <= ends[i]
            for j in range(60)
        )
        for i in range(60)
    ]
    assert np.diff(lone.offsets).tolist() == [int(each) for each in expected]
    assert (lone.starts == starts[expected]).all()
    assert (others.ends == ends[np.logical_not(expected)]).all()
    assert (np.diff(others.offsets) + np.diff(lone.offsets) == 1).all()


def test_piece_by_piece_the_sums_and_spans_are_the_same(monkeypatch: pytest.MonkeyPatch) -> None:
    """A timeline that is too full for memory is worked on in stretches; nothing is lost at a cut."""
    structure = structure_of(hard_estate(60))
    shapes = DurationShape(), DurationShape()
    renewal = renewal_of(structure, final_figures(structure).world(1), shapes, 20.0)
    compiled = word_gates(structure, renewal, list(structure.up))
    found = outages(renewal, stream_key(3), 1, 3 * YEAR)
    edges = YEAR // 2 + YEAR * np.arange(3)
    whole = ServiceDowntime(compiled).downtime(found, 3 * YEAR, edges)

    monkeypatch.setattr(outage_stretches, "_MOST_AT_ONCE", len(found.starts) // 7)
    parted = ServiceDowntime(compiled).downtime(found, 3 * YEAR, edges)

    assert (whole.totals == parted.totals).all()
    assert whole.totals.any()
    for one, other in zip(whole.spans, parted.spans, strict=True):
        assert (one[0] == other[0]).all()
        assert (one[1] == other[1]).all()
