"""Bit-parallel evaluation: the same answer as brute force, state by state."""

from __future__ import annotations

import numpy as np
from hypothesis import given, settings

from depgraph.engine.outage import OutageExplorer
from depgraph.engine.situations import Situations
from depgraph.engine.structure import structure_of
from depgraph.model.estate import Estate

from .brute_force import brute_force, estates


def packed(flags: np.ndarray) -> np.ndarray:
    """Booleans as 64-bit words, the first one in the lowest bit."""
    padded = np.zeros(-(-len(flags) // 64) * 64, bool)
    padded[: len(flags)] = flags
    return np.packbits(padded, bitorder="little").view(np.uint64)


@settings(max_examples=60, deadline=None)
@given(estates())
def test_all_states_at_once(estate: Estate) -> None:
    expected = brute_force(estate)
    situations = Situations(structure_of(estate))
    states = len(next(iter(expected.states.values())))
    always = np.ones(states, bool)
    rows = [
        packed(expected.states.get((key.kind, key.id), always)) for key in situations.components
    ]

    up = situations.services_up(np.array(rows))

    for row, service in enumerate(situations.services):
        found = np.unpackbits(up[row].view(np.uint8), bitorder="little")[:states].astype(bool)
        assert (found == expected.up[service]).all()


@settings(max_examples=30, deadline=None)
@given(estates())
def test_single_outages_agree_with_one_at_a_time(estate: Estate) -> None:
    structure = structure_of(estate)
    explorer = OutageExplorer(structure)

    for key, count in Situations(structure).single_outages():
        if key.kind != "common_cause":
            reference = key.id if key.kind == "service" else f"{key.kind}:{key.id}"
            assert count == len(explorer.services_down([reference]))


def test_more_components_than_one_sweep_holds() -> None:
    chain = [{"id": f"s{i}", "depends_on": [f"s{i + 1}"]} for i in range(2_500)]
    estate = Estate.model_validate({"services": [*chain, {"id": "s2500"}]})
    counts = {key.id: count for key, count in Situations(structure_of(estate)).single_outages()}

    assert counts == {f"s{i}": i + 1 for i in range(2_501)}
