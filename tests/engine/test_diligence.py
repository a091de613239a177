"""Due diligence as one answer: narrowed, compared, before → after."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date
from typing import Any

import pytest

from depgraph.engine.diligence import Diligence, DiligenceOptions, diligence
from depgraph.engine.diligence_change import diligence_change, vendors_compared
from depgraph.engine.scenario import edited
from depgraph.engine.structure import structure_of
from depgraph.errors import DomainError
from depgraph.model.estate import Estate
from ingest.articles import article_map
from ingest.read import require_estate
from sample_data import sample_path

DAY = date(2026, 6, 1)


@pytest.fixture(scope="module")
def retailer() -> Estate:
    return require_estate(sample_path("retailer"))


def answer(estate: Estate, organization: str | None = None) -> Diligence:
    options = DiligenceOptions(
        organization=organization, as_of=DAY, obligations=tuple(article_map().values())
    )
    return diligence(structure_of(estate), options)


def test_one_supplier_keeps_what_lies_below_it(retailer: Estate) -> None:
    found = answer(retailer, "payfirst")

    assert {p.organization for p in found.nth_parties.parties} == {
        "payfirst", "aws", "cardnet", "fraudscope", "fibreline", "idbroker", "northcolo", "gridpower",
    }  # fmt: skip
    assert [c.contract for c in found.contracts] == ["payfirst-retail"]
    assert [v.organization for v in found.vendors] == ["payfirst"]
    assert found.vendors[0].alternatives == ("example-retail-ops", "paysecond")


def test_ours_as_the_standpoint(retailer: Estate) -> None:
    assert answer(retailer, "example-retail-ops").nth_parties.standpoint == ("example-retail-ops",)


def test_who_is_no_supplier_is_said(retailer: Estate) -> None:
    with pytest.raises(DomainError, match="no organization"):
        answer(retailer, "nobody")
    with pytest.raises(DomainError, match="no supplier"):
        vendors_compared(answer(retailer), "aws", "example-retail")


def test_gaps_name_the_record_to_fill(retailer: Estate) -> None:
    found = answer(retailer)
    gaps = {(v.organization, g.code): g for v in found.vendors for g in v.gaps}

    assert gaps["fastly", "exit-assistance-unknown"].record == (
        "contracts/fastly-retail/exit_assistance_days"
    )
    assert gaps["searchlight", "audit-right-absent"].critical
    assert ("cloudflare", "no-alternative") not in gaps
    assert gaps["stockwise", "no-alternative"].critical


def _bank(**assessment: object) -> Estate:
    """A synthetic estate with one assessed contract for a critical function."""
    row = {"service_type": "S19", **assessment}
    return Estate.model_validate({
        "organizations": [{"id": "us", "own": True}, {"id": "cloud"}, {"id": "sub"}],
        "services": [{"id": "shop", "provider": "us", "depends_on": ["saas"], "supports": ["sell"]},
                     {"id": "saas", "provider": "cloud"}],
        "functions": [{"id": "sell", "critical": True}],
        "contracts": [{"id": "k", "supplier": "cloud", "customer": "us",
                       "slas": [{"id": "s", "service": "saas"}],
                       "assessments": [row, {"provider": "sub", "service_type": "S17"}]}],
    })  # fmt: skip


@pytest.mark.parametrize(
    ("assessment", "expected"),
    [
        ({}, {"substitutability-unknown", "last-audit-unknown", "alternatives-unknown",
              "exit-plan-unknown"}),
        ({"substitutability": "highly_complex", "exit_plan": False, "last_audit": "2026-01-31",
          "alternatives_identified": "not_assessed"},
         {"obstacle-unknown", "alternatives-unknown", "exit-plan-absent"}),
        ({"substitutability": "not_substitutable", "obstacle": "both", "exit_plan": True,
          "last_audit": "2026-01-31", "alternatives_identified": "yes", "alternatives": "Other"},
         set()),
    ],
)  # fmt: skip
def test_assessments_of_the_register_are_part_of_the_profile(
    assessment: Mapping[str, object], expected: set[str]
) -> None:
    [vendor] = answer(_bank(**assessment)).vendors
    [row] = vendor.assessments
    codes = {gap.code for gap in vendor.gaps}
    always = {"exit-assistance-unknown", "audit-right-unknown", "no-alternative"}

    assert row.contract == "k"
    assert row.model_dump(mode="json", include=set(assessment)) == dict(assessment)
    assert codes - always == expected
    assert all(gap.critical for gap in vendor.gaps)


def test_critical_contracts_that_nobody_assessed_and_what_readers_see(retailer: Estate) -> None:
    gaps = {(v.organization, g.code) for v in answer(retailer).vendors for g in v.gaps}
    found = answer(_bank(substitutability="easy"))
    facts = {what: a for what, a, _ in vendors_compared(found, "cloud", "cloud").facts}

    assert ("stockwise", "not-assessed") in gaps
    assert "not-assessed" not in {g.code for v in found.vendors for g in v.gaps}
    assert facts["assessments"].startswith("k S19: substitutability easy, exit plan unknown")


def test_two_suppliers_side_by_side(retailer: Estate) -> None:
    facts = {
        what: (a, b)
        for what, a, b in vendors_compared(answer(retailer), "payfirst", "rootdns").facts
    }

    assert facts["rank"] == ("1", "2")
    assert facts["disclosed"] == ("yes", "NO")


def test_taking_a_supplier_on() -> None:
    """A second cloud for half of what one carries, which itself rests on a stranger."""
    before = Estate.model_validate(
        {
            "organizations": [{"id": "us", "own": True}, {"id": "cloud"}],
            "functions": [{"id": "sales", "critical": True}],
            "services": [
                {"id": "shop", "provider": "us", "availability": 1, "supports": ["sales"], "depends_on": ["vm"]},
                {"id": "vm", "provider": "cloud", "availability": 0.99},
            ],
            "contracts": [{"id": "k", "supplier": "cloud", "customer": "us", "annual_value": "100 EUR"}],
        }
    )  # fmt: skip
    edits: list[Mapping[str, Any]] = [
        {"add": {"organizations": [{"id": "second"}, {"id": "stranger"}], "services": [
            {"id": "vm2", "provider": "second", "availability": "0.99", "depends_on": ["dns"]},
            {"id": "dns", "provider": "stranger", "availability": 1}],
            "contracts": [{"id": "k2", "supplier": "second", "customer": "us", "annual_value": "100 EUR"}]}},
        {"remove": {"dependencies": [{"service": "shop", "on": "vm"}]}},
        {"add": {"dependencies": [{"service": "shop", "on": {"at_least": 1, "of": ["vm", "vm2"]}}]}},
    ]  # fmt: skip
    change = diligence_change(before, edited(before, edits), DiligenceOptions(as_of=DAY))

    assert change.parties_added == ("second", "stranger")
    assert change.undisclosed_added == ("stranger",)
    assert change.critical_shares["organization:cloud"] == (1.0, 0.0)
    fee = next(c for c in change.concentrations if (c.dimension, c.weight) == ("vendor", "fee"))
    assert (fee.before_low, fee.after_low) == (1.0, 0.5)
    shop = next(c for c in change.availability.changes if c.id == "shop")
    assert shop.gained_minutes_per_month == pytest.approx((0.01 - 0.0001) * 43_200)
