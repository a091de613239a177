"""What a view draws: filters, neighbourhoods, groups, limits, and places that stay."""

from __future__ import annotations

import json
from dataclasses import replace
from typing import Any
from xml.etree import ElementTree as ET

import networkx as nx
import pytest
from hypothesis import given, settings

from benchmarks.shapes import layered_estate
from depgraph.engine.availability import assessed
from depgraph.engine.graph import Node, dependency_graph, needed_by
from depgraph.engine.structure import structure_of
from depgraph.model.estate import Estate
from ingest import require_estate
from sample_data import sample_path
from tests.estates import estates
from tests.ui.test_explore_state import states
from ui import explore_state as acts
from ui.catalogue import Catalogue
from ui.explore_query import query_of, state_of_query
from ui.explore_state import PRESETS, ExploreState
from ui.layout import CLOSE_ROWS
from ui.picture import drawing, name_of, network_of, positions
from ui.picture_export import csv_text, graphml_bytes, json_text, svg_text, table_rows
from ui.selection import (
    MOST_DRAWN,
    MOST_EDGES,
    MOST_EXPANDED,
    MOST_GROUPS,
    MOST_GROUPS_OPENED,
    MOST_READ,
    brought,
    group_of,
    members_of,
    visible,
)


def catalogue_of(estate: Estate, *, figures: bool = True) -> Catalogue:
    structure = structure_of(estate)
    rows = {row.id: row for row in assessed(estate, None, structure).services} if figures else None
    return Catalogue(estate, structure, dependency_graph(estate), rows)


@pytest.fixture(scope="module")
def retailer() -> Catalogue:
    return catalogue_of(require_estate(sample_path("retailer")))


@pytest.fixture(scope="module")
def large() -> Catalogue:
    return catalogue_of(layered_estate(6_000), figures=False)


def drawn(catalogue: Catalogue, state: ExploreState) -> set[str]:
    return set(visible(catalogue, state).graph)


def test_filters_keep_what_they_say(retailer: Catalogue) -> None:
    estate = retailer.estate
    critical = drawn(retailer, ExploreState(kinds=("service",), criticality=("critical",)))
    assert critical == {f"service:{s.id}" for s in estate.services if s.criticality == "critical"}
    vendor = estate.services[-1].provider
    assert vendor is not None
    of_vendor = drawn(retailer, ExploreState(kinds=("service", "organization"), vendors=(vendor,)))
    assert {k for k in of_vendor if k.startswith("service:")} == {
        f"service:{s.id}" for s in estate.services if s.provider == vendor
    }
    assert f"organization:{vendor}" in of_vendor
    missed = drawn(retailer, ExploreState(kinds=("service",), statuses=("promise not met",)))
    rows = retailer.by_service or {}
    assert missed == {
        f"service:{r.id}" for r in rows.values() if r.met is False and r.carried is not False
    }
    assert drawn(retailer, ExploreState(kinds=("service",), functions=("fulfilment",))) == {
        f"service:{s.id}" for s in estate.services if "fulfilment" in s.supports
    }
    nested = drawn(retailer, ExploreState(kinds=("service",), locations=("aws-eu-west-1",)))
    assert "service:cache-node-1" in nested, "it stands in a zone of the region"


def test_ranks_filter_by_changes_of_hands(retailer: Catalogue) -> None:
    own = drawn(retailer, ExploreState(kinds=("service",), ranks=(0,)))

    assert "service:checkout" in own
    assert {retailer.rank[retailer.node[key]] for key in own} == {0}


def test_a_neighbourhood_only_and_things_alone(retailer: Catalogue) -> None:
    near = drawn(retailer, acts.around(ExploreState(kinds=("service",)), "service:checkout"))
    links = retailer.links(ExploreState().edges)
    node = retailer.node["service:checkout"]
    assert near == {
        f"service:{n.id}"
        for n in {node, *links.successors(node), *links.predecessors(node)}
        if n.kind == "service"
    }
    assert drawn(retailer, acts.only(ExploreState(), "service:erp", "service:checkout")) == {
        "service:erp",
        "service:checkout",
    }


def test_hiding_moves_nothing_and_expanding_moves_nothing(retailer: Catalogue) -> None:
    before = positions(retailer, ExploreState())
    hidden = positions(retailer, acts.hidden(ExploreState(), "service:checkout"))
    assert all(hidden[key] == before[key] for key in hidden if key != "service:checkout")

    start = ExploreState(kinds=("service",), criticality=("critical",))
    base = positions(retailer, start)
    grown = positions(retailer, acts.expanded(start, "service:customer-login"))
    assert len(grown) > len(base)
    assert all(grown[key] == base[key] for key in base)
    places = {(round(p.x / 168), p.y) for p in grown.values()}
    assert len(places) == len(grown), "what comes in finds a place of its own"


def test_pins_win_over_the_layout(retailer: Catalogue) -> None:
    network = network_of(retailer, acts.pinned(ExploreState(), "service:erp", 7, -9))
    node = next(n for n in network.nodes if n["id"] == "service:erp")

    assert (node["x"], node["y"]) == (7, -9)


def test_a_selection_costs_no_new_picture(retailer: Catalogue) -> None:
    one = drawing(retailer, ExploreState(focus=("service:erp",)))

    assert drawing(retailer, ExploreState(focus=("service:checkout",))) is one


def test_groups_stand_for_their_members(retailer: Catalogue) -> None:
    state = acts.collapsed(ExploreState(kinds=("service",)), "vendor")
    graph = visible(retailer, state).graph
    aws = graph.nodes["vendor:aws"]["members"]
    assert {n.id for n in aws} == {s.id for s in retailer.estate.services if s.provider == "aws"}
    opened = drawn(retailer, acts.expanded(state, "vendor:aws"))
    assert "vendor:aws" not in opened
    assert {f"service:{n.id}" for n in aws} <= opened
    by_place = drawn(retailer, acts.collapsed(ExploreState(), "location"))
    assert "place:aws-eu-west-1a" in by_place
    by_function = drawn(retailer, PRESETS["Business functions"](ExploreState()))
    assert "function:online-sales" in by_function


def test_paths_are_drawn_even_through_what_is_filtered_out(retailer: Catalogue) -> None:
    state = ExploreState(
        kinds=("service",), criticality=("critical",),
        path_from="service:web-shop", path_to="location:aws-eu-west-1",
    )  # fmt: skip
    seen = visible(retailer, state)
    assert seen.paths is not None
    assert seen.paths.paths
    on = {f"{n.kind}:{n.id}" for path in seen.paths.paths for n in path.nodes}
    assert on <= set(seen.graph)
    alone = visible(retailer, replace(state, path_only=True))
    assert set(alone.graph) == on
    marks = {e.get("mark") for e in network_of(retailer, state).edges}
    assert marks == {"path", "faded"}


def test_thousands_are_shown_as_structure(large: Catalogue) -> None:
    seen = visible(large, ExploreState())

    assert len(seen.graph) <= MOST_GROUPS + 1 + len(large.estate.locations)
    assert seen.graph.number_of_edges() <= MOST_EDGES
    assert seen.collapse == "vendor"
    assert any("too many" in note for note in seen.notes)
    members = sum(len(seen.graph.nodes[key]["members"]) for key in seen.graph)
    assert members == 6_000 + len(large.estate.locations), "nothing is lost"
    group = max(seen.graph, key=lambda key: len(seen.graph.nodes[key]["members"]))
    opened = visible(large, acts.expanded(ExploreState(), group))
    assert len(opened.graph) < MOST_DRAWN


def test_what_cannot_be_read_is_drawn_together_until_somebody_asks() -> None:
    """Where names would be too small we choose structure; who names a grouping gets that."""
    estate = Estate.model_validate(
        {"organizations": [{"id": "a"}, {"id": "b"}],
         "services": [{"id": f"s{n}", "provider": "ab"[n % 2], "depends_on": ["hub"]}
                      for n in range(MOST_READ)] + [{"id": "hub", "provider": "a"}]}
    )  # fmt: skip
    many = catalogue_of(estate)

    seen = visible(many, ExploreState())
    assert set(seen.graph) == {"vendor:a", "vendor:b"}
    assert "too many" in seen.notes[0]
    alone = acts.collapsed(ExploreState(), "none")
    assert len(visible(many, alone).graph) == MOST_READ + 1
    assert state_of_query(query_of(alone)) == alone, "an address keeps what was asked for"
    by_function = acts.collapsed(ExploreState(), "function")
    assert set(visible(many, by_function).graph) == {"function:"}
    hub = visible(many, acts.around(ExploreState(), "service:hub")).graph
    assert set(hub) == {"service:hub", "vendor:a", "vendor:b"}, "what was asked about stays itself"
    few = visible(many, ExploreState(vendors=("a",)))
    assert few.collapse == "none"


def test_what_is_looked_for_comes_into_the_picture(retailer: Catalogue) -> None:
    hidden = ExploreState(kinds=("service",), criticality=("critical",))
    assert "service:reviews" not in drawn(retailer, hidden)

    state = brought(retailer, hidden, "service:reviews")

    assert state.focus == ("service:reviews",)
    assert "service:reviews" in drawn(retailer, state)
    there = brought(retailer, hidden, "service:checkout")
    assert there == acts.focused(hidden, "service:checkout"), "nothing else moves"


def test_names_of_a_long_outer_layer_stand_beside_it(large: Catalogue) -> None:
    """Three columns of consumers had their edges over each other's names."""
    links = large.links(ExploreState().edges)
    consumers = {n: links.in_degree(n) for n in large.graph if n.kind == "service"}
    hub = max((n for n in consumers if consumers[n] <= CLOSE_ROWS), key=consumers.__getitem__)
    network = network_of(large, ExploreState(around=f"service:{hub.id}", kinds=("service",)))
    beside = [node for node in network.nodes if node.get("side")]

    assert {node["side"] for node in beside} == {"left"}
    assert len({node["x"] for node in beside}) == 1
    assert 'text-anchor="end"' in svg_text(network)


def test_the_smallest_groups_drawn_as_one_tell_what_they_stand_for(large: Catalogue) -> None:
    state, rest = ExploreState(), "rest:vendor"
    members = members_of(large, state, rest)
    assert len(members) > 1
    before = visible(large, state).graph
    opened = acts.expanded(state, rest)
    after = visible(large, opened).graph

    assert MOST_GROUPS + 1 == len(before) < len(after) <= MOST_GROUPS_OPENED + 1
    assert set(before) - {rest} < set(after)
    assert acts.only(state, rest) == state


def test_a_click_on_what_everybody_needs_brings_in_a_few(large: Catalogue) -> None:
    node = max(
        (n for n in large.graph if n.kind == "service"),
        key=lambda n: large.links(ExploreState().edges).degree(n),
    )
    seen = visible(large, acts.expanded(acts.only(ExploreState(), f"service:{node.id}"),
                                        f"service:{node.id}"))  # fmt: skip

    assert len(seen.graph) == MOST_EXPANDED + 1
    assert any("neighbours" in note for note in seen.notes)


def test_dependants_are_counted_once(retailer: Catalogue) -> None:
    for node in (Node("location", "aws-eu-west-1"), Node("service", "internal-dns")):
        above = {n for n in needed_by(retailer.failures, node) if n.kind == "service"} - {node}
        assert retailer.dependants[node] == len(above)


@given(estates(), states)
@settings(max_examples=60, deadline=None)
def test_any_view_of_any_estate_can_be_drawn_and_exported(
    estate: Estate, state: ExploreState
) -> None:
    """Hostile names and addresses that speak of things that are not there."""
    catalogue = catalogue_of(estate)
    for view in (ExploreState(collapse=state.collapse), state):
        network = network_of(catalogue, view)
        ids = {node["id"] for node in network.nodes}
        assert all(edge["from"] in ids and edge["to"] in ids for edge in network.edges)
        picture = ET.fromstring(svg_text(network))
        assert {tag.tag.rpartition("}")[2] for tag in picture.iter()} <= {
            "svg", "defs", "marker", "path", "rect", "line", "g", "circle", "polygon", "text", "tspan",
        }  # fmt: skip
        assert len(json.loads(json_text(catalogue, view))["things"]) == len(ids)
        assert nx.parse_graphml(graphml_bytes(catalogue, view).decode()).number_of_nodes() == len(
            ids
        )
        assert not any(
            cell.startswith(("=", "+", "-", "@"))
            for line in csv_text(catalogue, view).splitlines()
            for cell in line.split('","')
            if '"' not in cell
        )


def test_hidden_names_are_in_no_file(retailer: Catalogue) -> None:
    state = ExploreState(
        hide_names=True, path_from="service:checkout", path_to="service:orders",
        vendors=("aws", "payfirst"), collapse="none",
    )  # fmt: skip
    files = [
        svg_text(network_of(retailer, state)), csv_text(retailer, state),
        json_text(retailer, state), graphml_bytes(retailer, state).decode(),
    ]  # fmt: skip
    titles = " ".join(node["title"] for node in network_of(retailer, state).nodes)
    for name in ("checkout", "payfirst", "aws-eu", "ireland", "orders"):
        assert all(name not in file for file in [*files, titles])
    assert name_of(retailer, state, "service:checkout") == name_of(
        retailer, replace(state, vendors=()), "service:checkout"
    )


def test_the_table_says_the_same_as_the_picture(retailer: Catalogue) -> None:
    rows: dict[str, dict[str, Any]] = {
        row["id"]: row for row in table_rows(retailer, ExploreState(kinds=("service",)))
    }

    assert len(rows) == len(retailer.estate.services)
    assert "orders" in rows["checkout"]["needs"].split(", ")
    assert rows["checkout"]["needed by"] == "web-shop"
    assert rows["checkout"]["availability"] == "99.0086 %"


def test_neighbours_and_groups_are_taken_back(retailer: Catalogue) -> None:
    """What one click brought in, another takes back: neighbours, and members of a group."""
    start = acts.around(ExploreState(), "service:checkout")
    grown = acts.expanded(start, "service:orders")
    assert drawn(retailer, grown) > drawn(retailer, start)
    assert acts.can_fold(grown, "service:orders", "")
    assert drawn(retailer, acts.folded(grown, "service:orders", "")) == drawn(retailer, start)

    together = acts.collapsed(ExploreState(), "vendor")
    group = group_of(retailer, together, "service:checkout")
    opened = acts.expanded(together, group)
    assert "service:checkout" in drawn(retailer, opened) - drawn(retailer, together)
    assert acts.can_fold(opened, "service:checkout", group)
    assert acts.folded(opened, "service:checkout", group) == together
    assert group_of(retailer, ExploreState(), "service:checkout") == ""
    assert not acts.can_fold(start, "service:checkout", "")
