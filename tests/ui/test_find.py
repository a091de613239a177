"""What the search on every view finds, and where it leads."""

from __future__ import annotations

from depgraph.model.estate import Estate
from ingest import require_estate
from sample_data import sample_path
from ui.find import matches, targets

ESTATE = Estate.model_validate({
    "organizations": [{"id": "ledger", "name": "Ledger House", "own": True}, {"id": "pay"}],
    "locations": [{"id": "eu-1"}],
    "functions": [{"id": "sales", "critical": True}],
    "services": [{"id": "pay-ledger"}, {"id": "ledger"}, {"id": "ledger-2"}],
    "contracts": [{"id": "k", "supplier": "pay", "customer": "ledger",
                   "slas": [{"id": "k-sla", "service": "pay-ledger", "objectives": []}]}],
})  # fmt: skip


def found(typed: str) -> list[str]:
    return [target.name for target in matches(targets(ESTATE), typed)]


def test_everything_that_has_a_name_can_be_found() -> None:
    estate = require_estate(sample_path("retailer"))
    ids = {target.id for target in targets(estate)}
    for records in (estate.services, estate.organizations, estate.locations, estate.functions,
                    estate.contracts, [s for c in estate.contracts for s in c.slas]):  # fmt: skip
        assert {record.id for record in records} <= ids


def test_each_kind_leads_to_its_view() -> None:
    ways = {target.name: (target.view, dict(target.query)) for target in targets(ESTATE)}

    assert ways["ledger-2 · service"] == ("availability", {"service": "ledger-2"})
    assert ways["ledger · Ledger House · organization"] == (
        "explore", {"focus": "organization:ledger"}
    )  # fmt: skip
    assert ways["eu-1 · place"] == ("explore", {"focus": "location:eu-1"})
    assert ways["sales · business function"] == ("explore", {"function": "sales"})
    assert ways["k · contract, pay to ledger"] == ("contracts", {"contract": "k"})
    assert ways["k-sla · SLA of k"] == ("contracts", {"contract": "k"})


def test_the_name_itself_comes_first_then_what_starts_with_it() -> None:
    assert found("LEDGER")[:4] == [
        "ledger · service", "ledger · Ledger House · organization", "ledger-2 · service",
        "pay-ledger · service",
    ]  # fmt: skip


def test_every_word_counts_and_names_for_people_do_too() -> None:
    assert found("house") == ["ledger · Ledger House · organization"]
    assert found("service 2") == ["ledger-2 · service"]
    assert found("pay ledger contract") == ["k · contract, pay to ledger"]


def test_nothing_typed_finds_nothing() -> None:
    assert found(" ") == []
    assert found("no such thing") == []
