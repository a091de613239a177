"""Nth parties: ranks, paths, what is disclosed (rule D1)."""

from __future__ import annotations

from datetime import date
from typing import Any

import pytest

from depgraph.engine.nth_parties import NthParties, NthParty, nth_parties
from depgraph.engine.supply_chain import standpoint, supply_chain, ultimate_owner
from depgraph.errors import DomainError
from depgraph.model.estate import Estate

DAY = date(2026, 6, 1)
CHAIN: dict[str, Any] = {
    "organizations": [
        {"id": "us", "own": True}, {"id": "daughter", "parent": "us"}, {"id": "saas"},
        {"id": "other"}, {"id": "cloud"}, {"id": "power"}, {"id": "stranger"},
    ],
    "locations": [{"id": "hall", "operator": "cloud"}, {"id": "rack", "within": "hall"}],
    "functions": [{"id": "sales", "critical": True}, {"id": "news"}],
    "services": [
        {"id": "shop", "provider": "daughter", "supports": ["sales"],
         "depends_on": ["crm", {"at_least": 1, "of": ["mail-a", "mail-b"]}]},
        {"id": "crm", "provider": "saas", "located_in": ["rack"]},
        {"id": "mail-a", "provider": "saas"}, {"id": "mail-b", "provider": "other", "depends_on": ["vm"]},
        {"id": "vm", "provider": "cloud", "depends_on": ["feed"]}, {"id": "feed", "provider": "power"},
        {"id": "alone", "provider": "stranger"},
    ],
    "contracts": [
        {"id": "us-saas", "supplier": "saas", "customer": "us"},
        {"id": "saas-cloud", "supplier": "cloud", "customer": "saas"},
        {"id": "old", "supplier": "power", "customer": "cloud", "end": "2025-12-31"},
    ],
    "incidents": [
        {"id": "dark", "affects": "feed", "start": "2026-01-01T00:00:00Z",
         "end": "2026-01-01T01:00:00Z", "source": "telemetry"},
    ],
}  # fmt: skip


def answer(**changes: Any) -> NthParties:
    estate = Estate.model_validate({**CHAIN, **changes})
    return nth_parties(estate, supply_chain(estate, standpoint(estate), DAY), DAY)


def party(found: NthParties, name: str) -> NthParty:
    return next(p for p in found.parties if p.organization == name)


def test_ranks_count_from_the_whole_group_of_ours() -> None:
    ranks = {p.organization: p.rank for p in answer().parties}

    assert ranks == {"saas": 1, "other": 1, "cloud": 2, "power": 3}


def test_every_path_is_listed_with_its_grounds() -> None:
    cloud = party(answer(), "cloud")

    assert cloud.paths_count == 2
    assert cloud.paths_count_exact
    assert {path.organizations for path in cloud.paths} == {("other", "cloud"), ("saas", "cloud")}
    grounds = {(link.kind, link.id) for path in cloud.paths for link in path.links[1]}
    assert grounds == {("contract", "saas-cloud"), ("location", "rack"), ("service", "vm")}


def test_parties_without_a_contract_in_force_are_flagged_with_what_shows_them() -> None:
    found = answer()

    assert set(found.undisclosed) == {"other", "power"}
    shown = {(e.kind, e.id, e.note) for e in party(found, "power").evidence}
    assert shown == {("service", "feed", "needed by vm"), ("incident", "dark", "telemetry")}
    assert found.contracts_not_in_force == ("old",)


def test_functions_and_gates_of_a_party() -> None:
    found = answer()

    assert party(found, "power").critical_functions == ("sales",)
    assert party(found, "power").only_through == "cloud"
    assert party(found, "cloud").only_through is None


def test_sources_of_imports_are_evidence() -> None:
    estate = Estate.model_validate(CHAIN)
    chain = supply_chain(estate, standpoint(estate), DAY)
    found = nth_parties(
        estate, chain, DAY, sources={("services", "feed"): ("pagerduty:services.json",)}
    )

    kinds = {(e.kind, e.id) for e in party(found, "power").evidence}
    assert ("import", "pagerduty:services.json") in kinds


def test_services_of_nobody_are_looked_through_and_named() -> None:
    services = [s | ({"provider": None} if s["id"] == "vm" else {}) for s in CHAIN["services"]]
    found = answer(services=services)

    assert party(found, "power").rank == 2
    assert found.services_without_provider == ("vm",)


def test_a_service_that_supports_a_function_is_bought() -> None:
    services = [*CHAIN["services"][:-1], {**CHAIN["services"][-1], "supports": ["news"]}]
    stranger = party(answer(services=services), "stranger")

    assert (stranger.rank, stranger.disclosed) == (1, False)
    assert [(e.kind, e.id) for e in stranger.evidence] == [("function", "alone")]


@pytest.mark.parametrize(
    ("contract", "terms", "listed"),
    [
        ({}, {}, True),
        ({"end": "2026-06-01"}, {}, True),
        ({"end": "2026-05-31"}, {}, False),
        ({}, {"valid_to": "2026-05-31"}, False),
        ({}, {"valid_from": "2026-06-02"}, False),
    ],
)
def test_a_service_that_is_only_held_on_other_days_is_none_that_we_rest_on(
    contract: dict[str, str], terms: dict[str, str], listed: bool
) -> None:
    """L1: `spare` is used by nothing; an SLA on it is all that ties it to us."""
    spare = {"id": "spare", "provider": "saas"}
    held = {
        "id": "us-spare", "supplier": "saas", "customer": "us",
        "slas": [{"id": "x", "service": "spare", **terms}], **contract,
    }  # fmt: skip
    found = answer(services=[*CHAIN["services"], spare], contracts=[*CHAIN["contracts"], held])

    assert ("spare" in party(found, "saas").services) == listed


def test_rings_of_suppliers_and_of_owners_end() -> None:
    contracts = [*CHAIN["contracts"], {"id": "ring", "supplier": "saas", "customer": "cloud"}]
    found = answer(contracts=contracts)

    assert party(found, "cloud").paths_count == 2
    assert party(found, "saas").paths_count == 2
    estate = Estate.model_validate(CHAIN)
    assert ultimate_owner(estate, "daughter") == "us"


def test_without_anybody_of_ours_the_customers_are_asked_for_or_it_is_said() -> None:
    organizations = [{**o, "own": False} for o in CHAIN["organizations"]]
    estate = Estate.model_validate({**CHAIN, "organizations": organizations})
    assert standpoint(estate) == {"us"}

    with pytest.raises(DomainError, match="own: true"):
        standpoint(Estate.model_validate({"organizations": [{"id": "a"}]}))
