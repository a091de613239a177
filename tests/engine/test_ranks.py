"""Ranks: changes of hands, not steps."""

from __future__ import annotations

from depgraph.engine.graph import Node, dependency_graph
from depgraph.engine.paths import class_graph
from depgraph.engine.ranks import ranks
from depgraph.model.estate import Estate


def found(estate: dict[str, object]) -> dict[str, int]:
    record = Estate.model_validate(estate)
    rank = ranks(record, class_graph(dependency_graph(record)))
    return {node.id: number for node, number in rank.items() if node.kind == "service"}


def test_a_rank_counts_hands_and_the_nearest_way_counts() -> None:
    """Shop → site (ours) → cloud (direct) → disk (same hands) → power (2nd); power also direct."""
    services: list[dict[str, object]] = [
        {"id": "shop", "provider": "us", "depends_on": ["site"]},
        {"id": "site", "provider": "us", "depends_on": ["cloud"]},
        {"id": "cloud", "provider": "c", "depends_on": ["disk"]},
        {"id": "disk", "provider": "c", "depends_on": ["power"]},
        {"id": "power", "provider": "p"},
        {"id": "elsewhere", "provider": "p", "depends_on": ["power"]},
    ]
    organizations = [{"id": "us", "own": True}, {"id": "c"}, {"id": "p"}]

    rank = found({"organizations": organizations, "services": services})

    assert rank == {"shop": 0, "site": 0, "cloud": 1, "disk": 1, "power": 2}
    services[0]["depends_on"] = ["site", "power"]
    assert found({"organizations": organizations, "services": services})["power"] == 1


def test_without_own_organizations_what_nobody_needs_starts() -> None:
    services = [{"id": "a", "provider": "x", "depends_on": ["b"]}, {"id": "b", "provider": "y"}]

    rank = found({"organizations": [{"id": "x"}, {"id": "y"}], "services": services})

    assert rank == {"a": 0, "b": 1}


def test_places_have_the_rank_of_what_stands_there() -> None:
    estate = Estate.model_validate(
        {
            "organizations": [{"id": "us", "own": True}],
            "locations": [{"id": "here"}],
            "services": [{"id": "a", "provider": "us", "located_in": ["here"]}],
        }
    )

    assert ranks(estate, class_graph(dependency_graph(estate)))[Node("location", "here")] == 0
