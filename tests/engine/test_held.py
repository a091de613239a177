"""Where promises leave the supplier's group, and what is held there (rule P2). All synthetic."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

import pytest
from hypothesis import given, settings

from depgraph.engine.held import HeldAgreements
from depgraph.engine.structure import required_services
from depgraph.model.estate import Estate
from tests.estates import estates

APRIL = datetime(2026, 4, 1, tzinfo=UTC), datetime(2026, 5, 1, tzinfo=UTC)


def world(services: dict[str, tuple[str | None, list[Any]]], *held: tuple[str, str, str]) -> Estate:
    """Services as id: (provider, depends_on); contracts as (supplier, customer, service)."""
    return Estate.model_validate(
        {
            "organizations": [
                {"id": "C"},
                {"id": "V"},
                {"id": "V-labs", "parent": "V"},
                {"id": "U"},
                {"id": "W"},
            ],
            "services": [
                {"id": name, "provider": provider, "depends_on": needs}
                for name, (provider, needs) in services.items()
            ],
            "contracts": [
                {
                    "id": f"{supplier}-{customer}-{service}",
                    "supplier": supplier,
                    "customer": customer,
                    "slas": [{"id": f"{supplier}>{customer}:{service}", "service": service}],
                }
                for supplier, customer, service in [("V", "C", "shop"), *held]
            ],
        }
    )


def frontier(estate: Estate) -> tuple[str, ...]:
    return HeldAgreements(estate).frontier(*estate.sla["V>C:shop"])


@pytest.mark.parametrize(
    ("services", "expected"),
    [
        ({"shop": ("V", ["a", "b"]), "a": ("U", ["c"]), "b": ("W", []), "c": ("W", [])}, "a b"),
        ({"shop": ("V", ["a"]), "a": ("V-labs", ["c"]), "c": ("W", [])}, "c"),
        ({"shop": ("V", ["a"]), "a": (None, ["c"]), "c": ("W", [])}, "c"),
        ({"shop": ("U", ["a"]), "a": ("W", [])}, "shop"),
        ({"shop": ("V", [{"at_least": 1, "of": ["b", "a"]}]), "a": ("U", []), "b": ("W", [])},
         "b a"),
        ({"shop": ("V", [{"service": "a", "soft": 0.5}]), "a": ("U", [])}, ""),
        ({"shop": ("V", ["a", "x"]), "a": ("V", ["shop", "x"]), "x": ("U", [])}, "x"),
        ({"shop": ("V", ["a", "far"]), "a": ("V", ["near"]), "near": ("U", []), "far": ("W", [])},
         "far near"),
        ({"shop": (None, ["a"]), "a": ("U", [])}, "a"),
    ],
    ids=["first-others", "affiliate", "nobody", "reseller", "group", "soft", "ring", "nearest",
         "nobody-first"],
)  # fmt: skip
def test_promises_leave_the_group_at_the_first_service_of_others(
    services: dict[str, Any], expected: str
) -> None:
    assert frontier(world(services)) == tuple(expected.split())


def test_a_held_agreement_tells_that_others_provide_a_service() -> None:
    estate = world({"shop": ("V", ["a"]), "a": (None, ["c"]), "c": ("W", [])}, ("U", "V", "a"))
    assert frontier(estate) == ("a",)


def test_held_agreements_are_those_of_the_group_with_others() -> None:
    estate = world(
        {"shop": ("V", ["a"]), "a": ("U", [])},
        ("U", "V", "a"), ("U", "V-labs", "a"), ("U", "C", "a"), ("V", "V-labs", "a"),
    )  # fmt: skip
    agreements = HeldAgreements(estate)
    expected = ["U>V:a", "U>V-labs:a"]
    assert [sla.id for _, sla in agreements.held("V", "a")] == expected
    assert [sla.id for _, sla in agreements.held("V-labs", "a")] == expected
    assert agreements.held("V", "shop") == ()


@pytest.mark.parametrize(
    ("held", "expected"),
    [
        ((("U", "V", "host"), ("U", "V", "net")), "host"),
        ((("U", "V", "net"),), "net"),
        ((("W", "V", "deep"),), "deep"),
        ((("U", "V", "net"), ("W", "V", "deep")), "net"),
        ((("U", "C", "net"),), ""),
        ((("W", "V", "side"),), ""),
        ((("W", "V", "mail"), ("W", "V", "deep")), "mail deep"),
    ],
    ids=["nearest", "beyond", "far", "nearest-beyond", "of-others", "soft", "another-path"],
)
def test_what_is_held_further_down_stands_behind_where_nothing_nearer_is_held(
    held: tuple[tuple[str, str, str], ...], expected: str
) -> None:
    services: dict[str, tuple[str | None, list[Any]]] = {
        "shop": ("V", ["host", "mail"]),
        "mail": ("W", []),
        "host": ("U", ["net", {"service": "side", "soft": 0.5}]),
        "side": ("W", []),
        "net": ("U", ["host", "deep"]),
        "deep": ("W", []),
    }
    estate = world(services, *held)
    agreements = HeldAgreements(estate)
    found = agreements.behind(*estate.sla["V>C:shop"], APRIL)
    assert set(found) == set(expected.split())


@pytest.mark.parametrize(
    ("terms", "behind", "ever"),
    [
        ({"end": "2026-03-31"}, "net", "host net"),
        ({"start": "2026-05-01"}, "net", "host net"),
        ({"start": "2026-04-01", "end": "2026-04-30"}, "host", "host"),
        ({"end": "2026-04-01"}, "host", "host net"),
        ({"start": "2026-04-30", "end": "9999-12-31"}, "host", "host net"),
        ({"start": "2026-05-01", "timezone": "Asia/Tokyo"}, "host", "host net"),
        ({"end": "2026-03-31", "timezone": "Asia/Tokyo"}, "net", "host net"),
    ],
)
def test_what_is_not_in_force_is_not_held(terms: dict[str, str], behind: str, ever: str) -> None:
    """In force in any part of April, by the contract's own zone: Tokyo's May begins on 30 April."""
    services: dict[str, tuple[str | None, list[Any]]] = {
        "shop": ("V", ["host"]),
        "host": ("U", ["net"]),
        "net": ("U", []),
    }
    estate = world(services, ("U", "V", "host"), ("U", "V", "net"))
    contracts = list(estate.contracts)
    contracts[1] = type(contracts[1]).model_validate(
        {**contracts[1].model_dump(mode="json"), **terms}
    )
    estate = estate.replace(contracts=contracts)
    agreements = HeldAgreements(estate)
    promise = estate.sla["V>C:shop"]

    assert agreements.behind(*promise, APRIL) == tuple(behind.split())
    assert agreements.ever_behind(*promise, APRIL) == tuple(ever.split())


@settings(max_examples=60, deadline=None)
@given(estates(most=6))
def test_every_frontier_service_is_of_others_and_reached_through_own_ones(estate: Estate) -> None:
    agreements = HeldAgreements(estate)
    for contract, sla in estate.sla.values():
        found = agreements.frontier(contract, sla)
        reached, grown = {sla.service}, True
        while grown:
            inner = {s for s in reached if estate.service[s].provider in {None, contract.supplier}}
            more = {p for s in inner for p in required_services(estate.service[s])} - reached
            reached |= more
            grown = bool(more)
        others = {s for s in reached if estate.service[s].provider not in {None, contract.supplier}}
        assert len(found) == len(set(found))
        assert set(found) == others


def test_each_frontier_of_a_long_chain_is_where_the_next_provider_starts() -> None:
    services = [
        {"id": f"s{n}", "provider": f"o{n // 100}", "depends_on": [f"s{n + 1}"] * (n < 4_999)}
        for n in range(5_000)
    ]
    contracts = [
        {"id": f"k{n}", "supplier": f"o{n % 49}", "customer": "o49",
         "slas": [{"id": f"k{n}s", "service": f"s{n % 49 * 100}"}]}
        for n in range(500)
    ]  # fmt: skip
    estate = Estate.model_validate(
        {
            "organizations": [{"id": f"o{n}"} for n in range(50)],
            "services": services,
            "contracts": contracts,
        }
    )
    agreements = HeldAgreements(estate)

    for n in range(500):
        contract, sla = estate.sla[f"k{n}s"]
        assert list(agreements.frontier(contract, sla)) == [f"s{(n % 49 + 1) * 100}"]
        assert not agreements.held(contract.supplier, f"s{(n % 49 + 1) * 100}")
