"""Groups of mutual dependencies, against networkx."""

from __future__ import annotations

import networkx as nx
from hypothesis import given
from hypothesis import strategies as st

from depgraph.engine.rings import strongly_connected

_NAMES = [f"s{number}" for number in range(12)]
_REQUIRES = st.fixed_dictionaries(
    {name: st.lists(st.sampled_from(_NAMES), max_size=3) for name in _NAMES}
)


@given(_REQUIRES)
def test_groups_are_those_of_networkx(requires: dict[str, list[str]]) -> None:
    graph = nx.DiGraph((user, p) for user, providers in requires.items() for p in providers)
    graph.add_nodes_from(requires)

    groups = strongly_connected(requires)

    assert sorted(map(sorted, groups)) == sorted(
        map(sorted, nx.strongly_connected_components(graph))
    )


@given(_REQUIRES)
def test_providers_come_before_consumers(requires: dict[str, list[str]]) -> None:
    groups = strongly_connected(requires)
    place = {service: number for number, group in enumerate(groups) for service in group}

    assert all(place[p] <= place[user] for user, providers in requires.items() for p in providers)


def test_a_long_chain_needs_no_recursion() -> None:
    requires = {f"s{number}": [f"s{number + 1}"] for number in range(20_000)} | {"s20000": []}

    groups = strongly_connected(requires)

    assert groups[0] == ["s20000"]
    assert groups[-1] == ["s0"]
