"""What falls when something fails, against brute force and by hand."""

from __future__ import annotations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from depgraph.engine.outage import CutExplanation, OutageExplorer
from depgraph.engine.structure import ComponentKey, structure_of
from depgraph.errors import DomainError
from depgraph.model.estate import Estate

from .brute_force import brute_force, estates

SHOP = Estate.model_validate(
    {
        "organizations": [{"id": "cloud", "name": "Cloud"}, {"id": "halls", "name": "Halls"}],
        "locations": [
            {"id": "region", "availability": 0.9999},
            {"id": "zone-a", "within": "region", "kind": "zone", "availability": 0.999},
            {"id": "zone-b", "within": "region", "kind": "zone", "availability": 0.999,
             "operator": "halls"},
        ],
        "services": [
            {"id": "shop", "availability": 0.9, "depends_on": [
                {"at_least": 1, "of": ["pay-a", "pay-b"]}, {"service": "tips", "soft": 0.2}]},
            {"id": "pay-a", "availability": 0.9, "located_in": ["zone-a"]},
            {"id": "pay-b", "availability": 0.9, "located_in": ["zone-b"], "provider": "cloud"},
            {"id": "tips", "availability": 0.9, "depends_on": ["pay-b"]},
        ],
    }
)  # fmt: skip


def explorer(estate: Estate = SHOP) -> OutageExplorer:
    return OutageExplorer(structure_of(estate))


@pytest.mark.parametrize(
    ("failed", "down"),
    [
        pytest.param(["zone-a"], ("pay-a",), id="redundancy holds"),
        pytest.param(["region"], ("shop", "pay-a", "pay-b", "tips"), id="region holds both"),
        pytest.param(["cloud"], ("pay-b", "tips"), id="organization"),
        pytest.param(["halls"], ("pay-b", "tips"), id="operator of a place"),
        pytest.param(["zone-a", "cloud"], ("shop", "pay-a", "pay-b", "tips"), id="two at once"),
        pytest.param(["tips"], ("tips",), id="soft dependency"),
        pytest.param([], (), id="nothing"),
    ],
)
def test_what_falls(failed: list[str], down: tuple[str, ...]) -> None:
    assert explorer().services_down(failed) == down


def test_the_chain_starts_at_the_failure_and_ends_at_the_service() -> None:
    outage = explorer().outage(["region"])

    assert outage.because("pay-a") == ("region", "zone-a", "pay-a")
    assert outage.because("shop") == ("region", "zone-a", "pay-a", "shop")
    assert outage.because("tips") == ("region", "zone-b", "pay-b", "tips")


@pytest.mark.parametrize(
    ("failed", "service", "chain"),
    [
        pytest.param("halls", "pay-b", ("halls", "zone-b", "pay-b"), id="operator of the place"),
        pytest.param("zone-b", "pay-b", ("zone-b", "pay-b"), id="the place itself"),
        pytest.param("cloud", "pay-b", ("cloud", "pay-b"), id="provider, no place between"),
        pytest.param("state", "far", ("state", "land", "town", "hall", "far"), id="operator above"),
        pytest.param("location:same", "far", ("location:same", "hall", "far"), id="two of a name"),
    ],
)
def test_a_chain_names_the_places_between(
    failed: str, service: str, chain: tuple[str, ...]
) -> None:
    """Rule A1: an organization takes the places that it runs, a place those within it."""
    estate = Estate.model_validate({
        "organizations": [*SHOP.organizations, {"id": "state", "name": "State"}],
        "locations": [
            *SHOP.locations,
            {"id": "land", "kind": "country", "operator": "state"},
            {"id": "town", "within": "land"},
            {"id": "hall", "kind": "site", "within": "town" if failed == "state" else "same"},
            {"id": "same", "within": "land"},
        ],
        "services": [*SHOP.services, {"id": "same"}, {"id": "far", "located_in": ["hall"]}],
    })  # fmt: skip
    structure = structure_of(estate)
    kind, _, name = failed.rpartition(":")
    [key] = [k for k in structure.variable if k.id == name and kind in {"", k.kind}]

    assert explorer(estate).outage([failed]).because(service) == chain
    assert CutExplanation(structure, service).chain([structure.variable[key]]) == chain


def test_a_cause_that_places_share_names_the_place_it_struck() -> None:
    estate = Estate.model_validate({
        "locations": [{"id": "a", "within": "land"}, {"id": "b"}, {"id": "land"}],
        "services": [
            {"id": "x", "located_in": [{"at_least": 1, "of": ["a", "b"], "common_cause": 0.1}]}
        ],
    })  # fmt: skip
    structure = structure_of(estate)
    [cause] = structure.common_cause

    assert CutExplanation(structure, "x").chain([cause]) == ("common_cause(a, b)", "a", "x")


def test_the_shortest_chain_is_shown() -> None:
    estate = Estate.model_validate(
        {
            "services": [
                {"id": "a", "depends_on": ["b", "d"]},
                {"id": "b", "depends_on": ["c"]},
                {"id": "c", "depends_on": ["d"]},
                {"id": "d"},
            ]
        }
    )

    assert explorer(estate).outage(["d"]).because("a") == ("d", "a")


def test_a_ring_falls_as_a_whole_and_explains_itself() -> None:
    estate = Estate.model_validate(
        {
            "services": [
                {"id": "a", "depends_on": ["b"]},
                {"id": "b", "depends_on": ["c"]},
                {"id": "c", "depends_on": ["a"]},
            ]
        }
    )
    outage = explorer(estate).outage(["c"])
    because = {service: outage.because(service) for service in outage.services_down}

    assert because == {"a": ("c", "b", "a"), "b": ("c", "b"), "c": ("c",)}


def test_long_chains_are_cut_in_the_middle() -> None:
    chain = [{"id": f"s{i}", "depends_on": [f"s{i + 1}"]} for i in range(3_000)]
    estate = Estate.model_validate({"services": [*chain, {"id": "s3000"}]})
    because = explorer(estate).outage(["s3000"]).because("s0")

    assert len(because) <= 65
    assert because[0] == "s3000"
    assert because[-2:] == ("s1", "s0")
    assert "…" in because


def test_a_cut_is_explained_as_the_outage_of_its_parts_is() -> None:
    """Two ways to the same chain, short ones and those cut in the middle."""
    chain = [{"id": f"s{i}", "depends_on": [f"s{i + 1}"]} for i in range(199)]
    estate = Estate.model_validate({"services": [*chain, {"id": "s199"}]})
    structure = structure_of(estate)
    explanation, explored = CutExplanation(structure, "s0"), OutageExplorer(structure)
    for length in (1, 2, 62, 63, 64, 65, 66, 150, 200):
        failed = f"s{length - 1}"
        variable = structure.variable[ComponentKey("service", failed)]
        assert explanation.chain([variable]) == explored.outage([failed]).because("s0")


@pytest.mark.parametrize("reference", ["nope", "same"])
def test_a_name_that_means_nothing_or_two_things_is_refused(reference: str) -> None:
    estate = Estate.model_validate(
        {"services": [{"id": "same"}], "organizations": [{"id": "same", "name": "same"}]}
    )
    with pytest.raises(DomainError, match=reference):
        explorer(estate).services_down([reference])


@settings(max_examples=60, deadline=None)
@given(estates(), st.data())
def test_what_falls_agrees_with_brute_force(estate: Estate, data: st.DataObject) -> None:
    expected = brute_force(estate)
    nodes = [key for key in expected.keys if key[0] != "common_cause"]
    failed = set(data.draw(st.lists(st.sampled_from(nodes), unique=True, max_size=4)))
    outage = explorer(estate).outage(f"{kind}:{name}" if kind != "service" else name
                                     for kind, name in failed)  # fmt: skip

    down = tuple(s.id for s in estate.services if not expected.without(s.id, failed))
    assert outage.services_down == down
    names = {name for _, name in failed}
    for service in down:
        because = outage.because(service)
        assert because[0] in names
        assert because[-1] == service
        places = because[1 : 1 + sum(name in estate.location for name in because[1:])]
        assert set(because[1 + len(places) :]) <= set(down)
        assert all(name in estate.location for name in places)
