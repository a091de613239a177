"""Levels of a simulated year beside those of a run of years, and tables beside the rules."""

from __future__ import annotations

from datetime import UTC, datetime

import numpy as np
import pytest

from depgraph.engine.entries import Entry
from depgraph.engine.level_tables import table_of
from depgraph.engine.linked_entries import LinkedEntries, Question
from depgraph.engine.money_links import EntryLinks
from depgraph.engine.money_rows import OWN, MoneyRows
from depgraph.engine.periods import requested
from depgraph.engine.simulated_money import FIGURES, SimulatedMoney
from depgraph.model.estate import Estate
from tests.engine.test_simulated_money import CHAIN, VARIATIONS, varied

WORLDS = {
    **VARIATIONS,
    "anchor day": varied(anchor_day=15, timezone="Pacific/Auckland"),
    "year over two": varied(
        anchor_day=20,
        slas=[
            {
                "id": "ours-1", "service": "shop", "monthly_fee": "1000 EUR",
                "objectives": [{"metric": "availability", "target": "0.999", "period": "year"}],
                "credits": {"tiers": [{"below": 0.999, "credit": 0.1}]},
            }
        ],
    ),
}  # fmt: skip


def name(entry: Entry) -> tuple[object, ...]:
    return entry.sla.id, entry.region, entry.start, entry.end, entry.target, entry.base


@pytest.mark.parametrize("world", WORLDS)
def test_levels_of_a_year_are_those_asked_for_and_what_overlaps_them(world: str) -> None:
    """By books of five years, of which all is read."""
    money = SimulatedMoney(WORLDS[world], 2026)
    now = datetime(2030, 1, 1, tzinfo=UTC)
    asked = requested("2024-01..2028-12")
    many = list(LinkedEntries(Question(money.structure, (), asked, None, now)).asked())
    own = [entry for entry in many if requested("2026").holds(entry.period)]
    assert [name(entry) for entry in money.entries] == [name(entry) for entry in own]

    reaching = {
        name(entry)
        for entry in many
        if any(entry.start < other.end and entry.end > other.start for other in own)
    }
    assert reaching <= {name(entry) for entry in money.around} <= {name(entry) for entry in many}


@pytest.mark.parametrize("world", WORLDS)
def test_tables_kept_for_equal_periods_are_those_of_each_level(world: str) -> None:
    links = EntryLinks(SimulatedMoney(WORLDS[world], 2026))
    for entry, kept, plain in zip(links.entries, links.tables, links.plain, strict=True):
        alone = table_of(entry, plain=plain)
        assert kept.entry is entry
        assert kept.credits == alone.credits
        for one, other in (
            (kept.edges, alone.edges),
            (kept.owed, alone.owed),
            (kept.missed, alone.missed),
            (kept.settled, alone.settled),
        ):
            assert np.array_equal(one, other)


@pytest.mark.parametrize(("rule", "followed"), [("all", True), ("highest_per_contract", False)])
def test_levels_of_other_years_that_compete_are_not_followed(rule: str, followed: bool) -> None:
    """Of two levels only the highest is paid; the other one is behind nothing of ours."""
    ours, theirs = (dict(contract) for contract in CHAIN["contracts"])
    ours["timezone"] = "Pacific/Auckland"
    level = theirs["slas"][0]
    theirs["slas"] = [level, {**level, "id": "other-level", "service": "other"}]
    theirs["stacking"] = rule
    services = [*CHAIN["services"], {"id": "other", "provider": "vendor", "availability": "0.99"}]
    world = {**CHAIN, "services": services, "contracts": [ours, theirs]}
    links = EntryLinks(SimulatedMoney(Estate.model_validate(world), 2026), beyond=True)

    others = {entry.contract.id for entry in links.entries[links.own :]}
    assert ("theirs" in others) is followed
    assert len(links.entries) > links.own


def test_rows_add_up_what_each_supplier_absorbs() -> None:
    """Two suppliers of ours in two currencies, one that is not ours; sums worked out by hand."""
    promise = {"objectives": [{"metric": "availability", "target": 0.99}]}
    contracts = [
        ("a", "us", "EUR"), ("b", "them", "EUR"), ("c", "us", "USD"), ("d", "branch", "EUR"),
    ]  # fmt: skip
    estate = Estate.model_validate(
        {
            "organizations": [
                {"id": "us", "own": True}, {"id": "them"}, {"id": "branch", "own": True},
                {"id": "buyer"},
            ],
            "services": [{"id": "s", "availability": 0.99}],
            "contracts": [
                {
                    "id": contract, "supplier": supplier, "customer": "buyer",
                    "slas": [{"id": f"{contract}-1", "service": "s",
                              "monthly_fee": f"10 {currency}", **promise}],
                }
                for contract, supplier, currency in contracts
            ],
        }
    )  # fmt: skip
    money = SimulatedMoney(estate, 2026)
    rows = MoneyRows(estate, money.columns)
    figures = np.zeros((1, len(FIGURES) * len(contracts)), np.int64)
    figures[0, FIGURES.index("absorbed") :: len(FIGURES)] = 1, 20, 300, 4_000

    [found] = figures @ rows.sums()

    absorbed = {name: int(found[row]) for name, row in rows.absorbed.items()}
    assert absorbed == {
        ("us", "EUR"): 1, ("us", "USD"): 300, ("them", "EUR"): 20, ("branch", "EUR"): 4_000,
        (OWN, "EUR"): 4_001, (OWN, "USD"): 300,
    }  # fmt: skip
    assert (found[: figures.shape[1]] == figures[0]).all()


def test_sums_of_many_contracts_take_little_room() -> None:
    """A figure is added to itself and to two sums at most; all by all would be 16 million."""
    many = [
        {"id": f"k{n}", "supplier": "us", "customer": "them",
         "slas": [{"id": f"k{n}-1", "service": "s", "monthly_fee": "10 EUR",
                   "objectives": [{"metric": "availability", "target": 0.99}]}]}
        for n in range(1_000)
    ]  # fmt: skip
    estate = Estate.model_validate(
        {
            "organizations": [{"id": "us", "own": True}, {"id": "them"}],
            "services": [{"id": "s", "availability": 0.99}],
            "contracts": many,
        }
    )
    columns = SimulatedMoney(estate, 2026).columns
    assert MoneyRows(estate, columns).sums().nnz == (len(FIGURES) + 2) * len(many)
