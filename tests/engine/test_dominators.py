"""What everything must pass through, against plain outages and plain reachability (rule D2)."""

from __future__ import annotations

import networkx as nx
from hypothesis import given, settings

from depgraph.engine.dominators import Dominator, dominators
from depgraph.engine.graph import Node, dependency_graph, failure_graph
from depgraph.engine.outage import OutageExplorer
from depgraph.engine.structure import structure_of
from depgraph.model.estate import Estate
from ingest.read import require_estate
from sample_data import sample_path
from tests.estates import estates

ESTATE = Estate.model_validate(
    {
        "organizations": [{"id": "us", "own": True}, {"id": "top"}, {"id": "a", "parent": "top"},
                          {"id": "b", "parent": "top"}],
        "locations": [{"id": "x", "country": "IE"}, {"id": "y", "country": "IE"}],
        "functions": [{"id": "f", "critical": True}, {"id": "g", "critical": True}, {"id": "h"}],
        "services": [
            {"id": "shop", "provider": "us", "supports": ["f"],
             "depends_on": [{"at_least": 1, "of": ["p", "q"]}]},
            {"id": "desk", "provider": "us", "supports": ["g", "h"], "depends_on": ["p"]},
            {"id": "p", "provider": "a", "located_in": ["x"], "depends_on": ["dns"]},
            {"id": "q", "provider": "b", "located_in": ["y"], "depends_on": ["dns"]},
            {"id": "dns", "provider": "a"},
        ],
    }
)  # fmt: skip


def points(estate: Estate) -> dict[tuple[str, str], Dominator]:
    found = dominators(structure_of(estate), estate.own_organizations)
    return {(row.kind, row.id): row for row in found}


def test_redundancy_is_respected_and_both_notions_stand_apart() -> None:
    found = points(ESTATE)

    assert found["service", "p"].must_pass_critical == ("g",)
    assert found["service", "p"].critical_share == 0.5
    assert found["service", "p"].rests_on == ("f", "g", "h")
    assert found["service", "dns"].critical_share == 1.0
    # Both zones of a redundant pair lie in one country, both providers in one group.
    assert found["country", "IE"].must_pass == ("f", "g", "h")
    assert found["group", "top"].critical_share == 1.0
    assert ("location", "y") not in {k for k, row in found.items() if row.must_pass}
    assert found["service", "q"].gate_of == ("location:y", "organization:b")


def outage(estate: Estate, row: Dominator) -> set[str]:
    kind = {"group": "organization", "country": "location"}.get(row.kind, row.kind)
    names = [m if len(estate.node_kinds(m)) == 1 else f"{kind}:{m}" for m in row.members]
    return set(OutageExplorer(structure_of(estate)).services_down(names))


@given(estates())
@settings(max_examples=40, deadline=None)
def test_single_points_are_those_of_plain_outages(estate: Estate) -> None:
    for row in points(estate).values():
        assert set(row.services_down) == outage(estate, row)


def test_the_sample_by_plain_outages_and_by_taking_things_out() -> None:
    estate = require_estate(sample_path("retailer"))
    graph = failure_graph(dependency_graph(estate), soft=True)
    root = Node("organization", "")
    graph.add_edges_from((root, Node("service", s.id)) for s in estate.services if s.supports)
    whole = nx.descendants(graph, root)
    for row in points(estate).values():
        down = outage(estate, row)
        lost = {f for name in down for f in estate.service[name].supports}
        assert set(row.must_pass) == lost
        if row.kind in {"group", "country"}:
            continue
        node = Node(row.kind, row.id)  # type: ignore[arg-type]  # groups and countries left above
        without = nx.restricted_view(graph, [node], [])
        cut = whole - nx.descendants(without, root) - {node}
        assert set(row.gate_of) == {f"{n.kind}:{n.id}" for n in cut} or node not in whole
