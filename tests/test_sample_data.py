"""The samples: figures worked on paper, and every planted fault found."""

from __future__ import annotations

import re
from datetime import UTC, datetime
from fractions import Fraction
from itertools import product
from typing import get_args

import pytest

from depgraph.engine.availability import AssessmentOptions, assessed, final_figures
from depgraph.engine.cut_sets import minimal_cut_sets
from depgraph.engine.findings import findings
from depgraph.engine.importance import importance
from depgraph.engine.settle import settlement
from depgraph.engine.statement import GapClass
from depgraph.engine.structure import structure_of
from ingest import require_estate
from sample_data import sample_path

BY_HAND = require_estate(sample_path("by_hand"))
RETAILER = require_estate(sample_path("retailer"))
PAPER = {
    "ledger": Fraction("0.999"),
    "pay-a": Fraction("0.998001"),
    "pay-b": Fraction("0.998001"),
    "shop": Fraction("0.9975010019980005"),
    "quorum": Fraction("0.999702"),
}


def test_the_paper_agrees_with_every_state_counted() -> None:
    """An independent computation: all states of the five components, in fractions."""
    up = {
        "ledger": "0.999",
        "pay-a": "0.999",
        "pay-b": "0.999",
        "shop": "0.9995",
        "region": "0.999",
    }
    total = Fraction(0)
    for state in product([True, False], repeat=len(up)):
        works = dict(zip(up, state, strict=True))
        weight = Fraction(1)
        for name, share in up.items():
            weight *= Fraction(share) if works[name] else 1 - Fraction(share)
        paid = works["ledger"] and (works["pay-a"] or works["pay-b"])
        total += weight * (works["shop"] and works["region"] and paid)

    assert (
        total == PAPER["shop"] == Fraction("0.9995") * Fraction("0.999") * Fraction("0.998999001")
    )


def test_the_engine_agrees_with_the_paper() -> None:
    rows = {row.id: row for row in assessed(BY_HAND).services}

    for service, figure in PAPER.items():
        assert rows[service].availability == pytest.approx(float(figure), rel=1e-14)
        assert rows[service].unavailability == pytest.approx(float(1 - figure), rel=1e-11)
    shop = rows["shop"]
    assert shop.naive == pytest.approx(0.9984965099910035, rel=1e-14)
    assert shop.worst_case == pytest.approx(float(PAPER["shop"]), rel=1e-14)
    assert shop.downtime_minutes_per_month == pytest.approx(107.9567136863784, rel=1e-11)
    assert shop.single_points_of_failure == ("ledger", "region", "shop")
    assert (rows["reviews"].low, rows["reviews"].high) == (0.0, 1.0)
    assert rows["pay-a"].carried is False
    assert rows["pay-a"].carried_shortfall_minutes_per_month == pytest.approx(21.6, rel=1e-11)


def test_importance_agrees_with_the_paper() -> None:
    structure = structure_of(BY_HAND)
    options = AssessmentOptions(services=("shop",))
    answer = importance(structure, final_figures(structure, options), "shop")
    birnbaum = {row.component: row.birnbaum for row in answer.components}

    assert birnbaum["ledger"] == pytest.approx(0.9984995014995, rel=1e-13)
    assert birnbaum["pay-a"] == pytest.approx(0.0009975019995, rel=1e-11)


def test_the_readme_prints_what_the_engine_says() -> None:
    text = (sample_path("by_hand") / "README.md").read_text(encoding="utf-8")
    for figure in ("0.9975010019980005", "0.998999001", "0.999702", "107.9567136863784"):
        assert figure in text


def test_the_retailer_is_as_large_as_it_says() -> None:
    text = (sample_path("retailer") / "README.md").read_text(encoding="utf-8")
    sizes = f"{len(RETAILER.services)} services, {len(RETAILER.organizations)} organizations, {len(RETAILER.contracts)} contracts"

    assert sizes in text
    assert len(RETAILER.services) >= 60
    assert len(RETAILER.organizations) >= 25


def test_every_planted_fault_is_found() -> None:
    """Each row of the table in the sample's README that names `depgraph check`."""
    structure = structure_of(RETAILER)
    found = [
        f"{f.code}: {f.message}" for f in findings(structure, assessed(RETAILER, None, structure))
    ]
    text = (sample_path("retailer") / "README.md").read_text(encoding="utf-8")
    planted = re.findall(r"\| `depgraph check` \| `([^`]+)`", text)

    assert len(planted) >= 10
    for fault in planted:
        code, _, subject = fault.partition(": ")
        wanted = subject.removeprefix("… ")
        assert any(line.startswith(code) and wanted in line for line in found), fault


def test_the_unknown_figure_gives_a_bracket_and_rank_four_is_a_single_point_of_failure() -> None:
    structure = structure_of(RETAILER)
    options = AssessmentOptions(services=("recommendations", "web-shop"))
    recommendations, shop = assessed(RETAILER, options, structure).services

    assert recommendations.availability is None
    assert recommendations.unknown == ("vertex-ai",)
    assert "registry-dns" in shop.single_points_of_failure
    cuts = minimal_cut_sets(structure, final_figures(structure, options), "web-shop", max_order=1)
    chain = next(c.chain for c in cuts.cut_sets if c.components == ("registry-dns",))
    assert chain == ("registry-dns", "cdn-cloudflare", "storefront", "web-shop")


def test_an_absent_sample_is_named() -> None:
    with pytest.raises(FileNotFoundError, match="'nothing'"):
        sample_path("nothing")


def test_every_gap_class_is_shown_once() -> None:
    """sample_data/gaps/README.md: which promise has which gap, and the sums on paper."""
    estate = require_estate(sample_path("gaps"))
    answer = settlement(structure_of(estate), "2026-04", datetime(2026, 11, 1, tzinfo=UTC))
    contract = answer.contracts[0]
    text = sample_path("gaps").joinpath("README.md").read_text(encoding="utf-8")
    paper = dict(re.findall(r"\| `(promise-[a-z-]+)` \| ([A-Z_]+) \|", text))
    first: dict[str, str] = {}
    for gap in contract.gaps:
        first.setdefault(gap.sla, gap.gap)

    assert first == paper
    assert set(paper.values()) == set(get_args(GapClass))
    sums = (contract.owed, contract.recovered, contract.absorbed)
    assert [str(amount) for amount in sums] == ["100000.00", "2400.00", "97600.00"]
    assert str(answer.net_positions["integrator"]["USD"]) == "2000.00"
