"""Ranks and recipients of the ICT supply chain, from the graph."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from hypothesis import given
from hypothesis import strategies as st

from depgraph.engine.ict_supply_chains import IctChainLink, ict_supply_chains
from depgraph.model.estate import Estate

NAMES = ["a", "b", "c", "d", "e"]


def _estate(
    providers: Mapping[str, str | None], needs: dict[str, list[str]], **more: Any
) -> Estate:
    """Services with their providers and needs; `a` is covered by our contract with `A`."""
    organizations = {p for p in providers.values() if p} | {"us", "A"}
    return Estate.model_validate(
        {
            "organizations": [{"id": o, "own": o == "us"} for o in sorted(organizations)],
            "services": [
                {"id": s, "provider": p, "depends_on": needs.get(s, []), "ict_service_type": "S17"}
                for s, p in providers.items()
            ],
            "contracts": [
                {"id": "k", "supplier": "A", "customer": "us",
                 "slas": [{"id": "sla", "service": "a"}], **more}
            ],
        }
    )  # fmt: skip


def _links(estate: Estate) -> set[tuple[str, int, str]]:
    found = ict_supply_chains(estate, estate.own_organizations)
    return {(link.provider, link.rank, link.recipient) for link in found}


def test_a_chain_a_shared_provider_and_what_a_provider_needs_of_itself() -> None:
    providers = {"a": "A", "a2": "A", "b": "B", "c": "C", "d": "C"}
    needs = {"a": ["a2", "b"], "a2": ["c"], "b": ["d"]}

    assert _links(_estate(providers, needs)) == {
        ("A", 1, "A"), ("B", 2, "A"), ("C", 2, "A"), ("C", 3, "B"),
    }  # fmt: skip


def test_who_signs_is_rank_one_and_whose_service_it_is_comes_after() -> None:
    assert _links(_estate({"a": "B", "c": "C"}, {"a": ["c"]})) == {
        ("A", 1, "A"), ("B", 2, "A"), ("C", 3, "B"),
    }  # fmt: skip
    both = _estate({"a": "B"}, {}, other_suppliers=["B"])
    assert _links(both) == {("B", 1, "B")}


def test_nobodys_services_are_looked_through_and_we_are_no_subcontractor() -> None:
    providers: dict[str, str | None] = {"a": "A", "x": None, "b": "B", "ours": "us", "c": "C"}
    needs = {"a": ["x", "ours"], "x": ["b"], "ours": ["c"]}

    assert _links(_estate(providers, needs)) == {("A", 1, "A"), ("B", 2, "A")}


def test_rings_end() -> None:
    providers = {"a": "A", "b": "B"}

    assert _links(_estate(providers, {"a": ["b"], "b": ["a"]})) == {
        ("A", 1, "A"), ("B", 2, "A"), ("A", 3, "B"),
    }  # fmt: skip


def test_services_without_a_type_and_contracts_of_others_have_no_chain() -> None:
    estate = _estate({"a": "A"}, {})
    service = estate.services[0].replace(ict_service_type=None)

    assert ict_supply_chains(estate.replace(services=(service,)), frozenset({"us"})) == ()
    assert ict_supply_chains(estate, frozenset({"A"})) == ()


@given(
    providers=st.fixed_dictionaries({s: st.sampled_from(["A", "B", "C", "D"]) for s in NAMES}),
    needs=st.fixed_dictionaries(
        {s: st.lists(st.sampled_from(NAMES), unique=True, max_size=4) for s in NAMES}
    ),
)
def test_ranks_are_distances_and_recipients_stand_one_nearer(
    providers: dict[str, str], needs: dict[str, list[str]]
) -> None:
    """An independent computation: cheapest ways over the services, changes of provider cost 1."""
    needs = {s: [n for n in found if n != s] for s, found in needs.items()}
    estate = _estate(providers, needs)
    links = ict_supply_chains(estate, estate.own_organizations)
    rank: dict[str, int] = {"a": 1 if providers["a"] == "A" else 2}
    for _ in NAMES:
        for s in [s for s in NAMES if s in rank]:
            for n in needs[s]:
                cost = rank[s] + (providers[n] != providers[s])
                rank[n] = min(rank.get(n, cost), cost)
    expected = {("A", 1, "A")} | ({(providers["a"], 2, "A")} if providers["a"] != "A" else set())
    for s, nearest in rank.items():
        expected |= {
            (providers[n], nearest + 1, providers[s])
            for n in needs[s]
            if providers[n] != providers[s]
        }

    assert {(k.provider, k.rank, k.recipient) for k in links} == expected
    _chain_holds(links)


def _chain_holds(links: tuple[IctChainLink, ...]) -> None:
    held = {(link.provider, link.rank) for link in links}
    for link in links:
        assert (link.recipient, link.rank - 1) in held or link.rank == 1
