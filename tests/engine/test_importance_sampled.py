"""Importance and cut sets of a larger estate, beside sampled states evaluated another way."""

from __future__ import annotations

import numpy as np
import pytest

from benchmarks.shapes import layered_estate
from depgraph.engine.availability import final_figures
from depgraph.engine.cut_sets import minimal_cut_sets
from depgraph.engine.figures import Figures
from depgraph.engine.importance import importance
from depgraph.engine.outage import OutageExplorer
from depgraph.engine.situations import Situations
from depgraph.engine.structure import Structure, structure_of
from depgraph.model.estate import Estate

_SAMPLES = 1 << 16
_SIGMAS = 5
"""One false alarm in three million comparisons; the seed is fixed."""


def _estate(services: int) -> Estate:
    """Layered, with figures bad enough to be sampled; synthetic."""
    data = layered_estate(services).model_dump(mode="json", exclude_defaults=True)
    for place, record in enumerate([*data["services"], *data["locations"]]):
        record["unavailability"] = 0.01 + 0.01 * (place % 7)
    return Estate.model_validate(data)


def _states(structure: Structure, figures: Figures) -> np.ndarray:
    """Sampled states of every component, one bit each."""
    draw = np.random.default_rng(20261125)
    down = [figures.worlds[v][0].down for v in structure.variable.values()]
    bits = [np.packbits(draw.random(_SAMPLES) >= q, bitorder="little") for q in down]
    return np.array(bits).view(np.uint64)


def test_birnbaum_is_the_share_of_sampled_states_that_a_component_decides() -> None:
    structure = structure_of(_estate(400))
    figures = final_figures(structure)
    situations = Situations(structure)
    row = situations.services.index("s399")
    states = _states(structure, figures)
    answer = importance(structure, figures, "s399")
    key_of = {structure.name(v): key for v, key in structure.component.items()}
    assert answer.exact
    assert len(answer.components) > 20

    for measured in answer.components[::4]:
        at = situations.components.index(key_of[measured.component])
        up = []
        for forced in (0, ~np.uint64(0)):
            changed = states.copy()
            changed[at] = forced
            up.append(situations.services_up(changed)[row])
        decided = int(np.bitwise_count(up[0] ^ up[1]).sum()) / _SAMPLES
        birnbaum, _ = measured.ends("birnbaum")
        error = np.sqrt(birnbaum * (1 - birnbaum) / _SAMPLES)
        assert decided == pytest.approx(birnbaum, abs=_SIGMAS * error)


def test_cut_sets_of_a_large_estate_cut_and_are_minimal() -> None:
    structure = structure_of(layered_estate(2_000))
    answer = minimal_cut_sets(structure, final_figures(structure), "s1999", max_order=3)
    explorer = OutageExplorer(structure)
    assert answer.complete_order == 3
    assert answer.count_by_order.keys() == {1, 2, 3}

    for order in (1, 2, 3):
        for cut in [c for c in answer.cut_sets if c.order == order][:20]:
            assert "s1999" in explorer.services_down(cut.components)
            for spared in cut.components:
                rest = [c for c in cut.components if c != spared]
                assert "s1999" not in explorer.services_down(rest)


def test_every_sampled_outage_of_few_failures_holds_a_cut_set() -> None:
    structure = structure_of(_estate(400))
    figures = final_figures(structure)
    cuts = [
        set(cut.components)
        for cut in minimal_cut_sets(structure, figures, "s399", max_order=3).cut_sets
    ]
    situations = Situations(structure)
    row = situations.services.index("s399")
    draw = np.random.default_rng(7)
    able = [
        place
        for place, key in enumerate(situations.components)
        if figures.worlds[structure.variable[key]][0].down > 0.0
    ]
    trios = [draw.choice(able, 3, replace=False) for _ in range(64 * 64)]
    states = np.full((len(situations.components), 64), ~np.uint64(0))
    for number, trio in enumerate(trios):
        states[trio, number // 64] &= ~(np.uint64(1) << np.uint64(number % 64))
    up = situations.services_up(states)[row]
    names = [structure.name(structure.variable[key]) for key in situations.components]

    for number, trio in enumerate(trios):
        failed = {names[place] for place in trio}
        is_up = bool(up[number // 64] >> np.uint64(number % 64) & np.uint64(1))
        assert is_up is not any(cut <= failed for cut in cuts)
