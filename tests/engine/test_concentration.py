"""Concentration: worked example A17, hand-made figures, laws, a second computation (rule D2)."""

from __future__ import annotations

import json
from datetime import date
from decimal import Decimal
from fractions import Fraction
from itertools import combinations
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from pydantic import ValidationError

from depgraph.engine.concentration import (
    Concentration,
    Thresholds,
    concentrations,
    herfindahl,
    least_index,
)
from depgraph.engine.exposures import Buying, Weight
from depgraph.engine.supply_chain import standpoint, supply_chain
from depgraph.model.estate import Estate
from ingest.read import require_estate
from sample_data import sample_path

DAY = date(2026, 6, 1)
EXAMPLES = Path(__file__).parents[3] / "shared" / "reference" / "worked_examples.json"


def found(data: dict[str, Any] | Estate, *weights: Weight) -> dict[str, Concentration]:
    estate = data if isinstance(data, Estate) else Estate.model_validate(data)
    chain = supply_chain(estate, standpoint(estate), DAY)
    rows = concentrations(Buying(estate, chain, DAY), weights)
    return {f"{r.dimension}/{r.weight}{r.currency and '/' + r.currency}": r for r in rows}


def three_vendors(how: str) -> dict[str, Any]:
    """Three equal vendors, all on one cloud, known in one of three ways."""
    vendors = ["v1", "v2", "v3"]
    services = [{"id": v, "provider": v} for v in vendors]
    data: dict[str, Any] = {
        "organizations": [{"id": "us", "own": True}, {"id": "aws"}, *({"id": v} for v in vendors)],
        "services": [{"id": "shop", "provider": "us", "depends_on": vendors}, *services],
    }
    if how == "service":
        data["services"] = [data["services"][0], {"id": "ec2", "provider": "aws"},
                            *({**s, "depends_on": ["ec2"]} for s in services)]  # fmt: skip
    elif how == "location":
        data["locations"] = [{"id": "us-east-1", "operator": "aws", "country": "US"}]
        data["services"] = [data["services"][0],
                            *({**s, "located_in": ["us-east-1"]} for s in services)]  # fmt: skip
    else:
        data["contracts"] = [{"id": f"k{v}", "supplier": "aws", "customer": v} for v in vendors]
    return data


@pytest.mark.parametrize("how", ["service", "location", "contract"])
def test_worked_example_a17(how: str) -> None:
    if not EXAMPLES.exists():
        pytest.skip("the worked examples are not beside this repository")
    examples = json.loads(EXAMPLES.read_text("utf-8"))["examples"]
    [expected] = [row["expected"] for row in examples if row["id"] == "A17"]
    rows = found(three_vendors(how), "criticality")

    direct, looked_through = rows["vendor/criticality"], rows["nth_party/criticality"]
    assert direct.hhi == pytest.approx(float(expected["direct_hhi"]) / 10_000, abs=1e-6)
    assert looked_through.hhi == float(expected["lookthrough_hhi"]) / 10_000
    assert direct.effective_number == pytest.approx(3)
    assert looked_through.level == "high"


FEES: dict[str, Any] = {
    "organizations": [
        {"id": "us", "own": True}, {"id": "holding"}, {"id": "a", "parent": "holding", "country": "IE"},
        {"id": "b", "parent": "holding"}, {"id": "c", "country": "DE"},
    ],
    "locations": [
        {"id": "ie", "kind": "country", "country": "IE"}, {"id": "dublin", "within": "ie"},
        {"id": "zone-1", "kind": "zone", "within": "dublin"}, {"id": "zone-2", "kind": "zone", "within": "dublin"},
    ],
    "services": [
        {"id": "shop", "provider": "us", "criticality": "critical", "depends_on": ["s1", {"service": "s3", "soft": 0.1}]},
        {"id": "s1", "provider": "a", "located_in": ["zone-1"]},
        {"id": "s2", "provider": "b", "located_in": ["zone-2"]},
        {"id": "s3", "provider": "c"},
    ],
    "contracts": [
        {"id": "ka", "supplier": "a", "customer": "us", "annual_value": "600 EUR", "slas": [
            {"id": "l1", "service": "s1", "monthly_fee": "10 EUR"}]},
        {"id": "kb", "supplier": "b", "customer": "us", "slas": [
            {"id": "l2", "service": "s2", "monthly_fee": "25 EUR"}]},
        {"id": "kc", "supplier": "c", "customer": "us", "annual_value": "100 EUR"},
        {"id": "kd", "supplier": "c", "customer": "us", "annual_value": "70 USD"},
        {"id": "ended", "supplier": "c", "customer": "us", "annual_value": "9 EUR", "end": "2025-01-01"},
    ],
}  # fmt: skip


def test_fees_by_hand() -> None:
    """600, 25 × 12 = 300 and 100 EUR; dollars apart, what ended left out."""
    rows = found(FEES, "fee")

    assert {h.id: h.weight for h in rows["vendor/fee/EUR"].holders} == {
        "a": "600",
        "b": "300",
        "c": "100",
    }
    assert rows["vendor/fee/EUR"].hhi == pytest.approx(0.36 + 0.09 + 0.01)
    assert rows["ultimate_parent/fee/EUR"].hhi == pytest.approx(0.81 + 0.01)
    assert rows["vendor/fee/USD"].hhi == 1.0


def test_what_is_not_known_makes_a_bracket() -> None:
    """Nobody says where the contract of 100 runs: 0.9² to (0.9 + 0.1)²."""
    row = found(FEES, "fee")["location/fee/EUR"]

    assert row.hhi is None
    assert (row.hhi_low, row.hhi_high) == pytest.approx((0.81, 1.0))
    assert [h.id for h in row.holders] == ["dublin"]
    assert row.unknown_share == pytest.approx(0.1)


def test_a_fee_that_nobody_states_makes_a_bracket() -> None:
    """Rule A5: b may be paid nothing, as much as a and c, or nearly all; a and c are even."""
    data = {
        **FEES,
        "contracts": [
            {"id": "ka", "supplier": "a", "customer": "us", "annual_value": "600 EUR"},
            {"id": "kc", "supplier": "c", "customer": "us", "annual_value": "600 EUR"},
            {
                "id": "kb",
                "supplier": "b",
                "customer": "us",
                "slas": [{"id": "l2", "service": "s2"}],
            },
        ],
    }
    rows = found(data, "fee")
    vendor = rows["vendor/fee/EUR"]
    assert (vendor.hhi, vendor.hhi_high) == (None, 1.0)
    assert vendor.hhi_low == pytest.approx(1 / 3)
    assert vendor.unpriced == ("s2",)
    assert vendor.level == "high"
    assert vendor.effective_number_high == pytest.approx(3)
    # One owner has a and b: paid more for b, it can only hold more than half.
    assert rows["ultimate_parent/fee/EUR"].hhi_low == pytest.approx(1 / 2)
    # Nobody says where two of the contracts run.
    assert rows["location/fee/EUR"].hhi_low == 0.0


def test_all_with_one_is_all_with_one_whatever_it_costs() -> None:
    held = [{"id": "x", "service": "s1", "monthly_fee": "10 EUR"}, {"id": "y", "service": "s2"}]
    contract = {"id": "k", "supplier": "a", "customer": "us", "slas": held}
    row = found({**FEES, "contracts": [contract]}, "fee")["vendor/fee/EUR"]
    assert (row.hhi, row.hhi_low, row.hhi_high, row.effective_number) == (1.0, 1.0, 1.0, 1.0)
    assert row.unpriced == ("s2",)


@given(
    st.dictionaries(st.sampled_from("abcdef"), st.fractions(Fraction(1, 100), 100), min_size=1),
    st.fractions(0, 100),
    st.lists(st.sampled_from("abcdefgh"), max_size=4, unique=True),
    st.lists(st.fractions(0, 200), min_size=4, max_size=4),
)
def test_no_fees_give_less_than_the_least_index(
    held: dict[str, Fraction], unknown: Fraction, growing: list[str], fees: list[Fraction]
) -> None:
    least = least_index(held, unknown, growing)
    grown = dict(held)
    for name, fee in zip(growing, fees, strict=False):
        grown[name] = grown.get(name, Fraction(0)) + fee
    assert herfindahl(grown.values(), unknown)[0] >= least

    def raised(some: tuple[str, ...]) -> Fraction:
        """Index when some are raised to the level at which the others stand."""
        rest = [weight for name, weight in held.items() if name not in some]
        whole = sum(rest, unknown)
        level = sum((w * w for w in rest), Fraction(0)) / whole if whole else Fraction(0)
        ones = {name: max(held.get(name, Fraction(0)), level) for name in (*held, *some)}
        return herfindahl([w if n in some else held[n] for n, w in ones.items()], unknown)[0]

    ways = (some for k in range(len(growing) + 1) for some in combinations(growing, k))
    assert min(map(raised, ways)) == least


def test_what_fees_leave_of_a_value_is_for_what_states_none() -> None:
    """1,200 a year, of which 10 a month are for s1: the other 1,080 are for s2, which is b's."""
    slas = [{"id": "x", "service": "s1", "monthly_fee": "10 EUR"}, {"id": "y", "service": "s2"}]
    contract = {
        "id": "k",
        "supplier": "a",
        "customer": "us",
        "annual_value": "1200 EUR",
        "slas": slas,
    }
    row = found({**FEES, "contracts": [contract]}, "fee")["nth_party/fee/EUR"]
    assert {h.id: h.weight for h in row.holders} == {"a": "120", "b": "1080"}


def test_a_fee_is_that_of_the_service_however_many_slas_name_it() -> None:
    """K3: 10 a month for s1 once, though two SLAs cover it and a third names no fee."""
    slas = [
        {"id": "x", "service": "s1", "monthly_fee": "10 EUR"},
        {"id": "y", "service": "s1", "monthly_fee": "8 EUR"},
        {"id": "z", "service": "s1"},
    ]
    first = {"id": "k", "supplier": "a", "customer": "us", "slas": slas}
    second = {**FEES["contracts"][1], "slas": [{**slas[0], "id": "w", "service": "s2"}]}
    row = found({**FEES, "contracts": [first, second]}, "fee")["vendor/fee/EUR"]

    assert {h.id: h.weight for h in row.holders} == {"a": "120", "b": "120"}
    assert (row.hhi, row.unpriced) == (0.5, ())


def test_a_value_is_spread_by_service_however_many_slas_a_service_has() -> None:
    slas = [
        {"id": "x", "service": "s1", "monthly_fee": "10 EUR"},
        {"id": "y", "service": "s1", "monthly_fee": "10 EUR"},
        {"id": "z", "service": "s2", "monthly_fee": "10 EUR"},
    ]
    contract = {"id": "k", "supplier": "a", "customer": "us", "annual_value": "600 EUR"}
    row = found({**FEES, "contracts": [{**contract, "slas": slas}]}, "fee")["nth_party/fee/EUR"]

    assert {h.id: h.weight for h in row.holders} == {"a": "300", "b": "300"}


@pytest.mark.parametrize(
    ("terms", "counts"),
    [
        ({}, True),
        ({"valid_to": "2026-05-31"}, False),
        ({"valid_to": "2026-06-01"}, True),
        ({"valid_from": "2026-06-01"}, True),
        ({"valid_from": "2026-06-02"}, False),
    ],
)
def test_what_only_a_past_or_future_sla_covers_is_not_bought_today(
    terms: dict[str, str], counts: bool
) -> None:
    """L1: the contract runs on, its terms for s2 hold on some days; DAY is the first of June."""
    slas = [{"id": "x", "service": "s1"}, {"id": "y", "service": "s2", **terms}]
    services = [{"id": "s1", "provider": "a"}, {"id": "s2", "provider": "b"}]
    contract = {"id": "k", "supplier": "a", "customer": "us", "slas": slas}
    data = {**FEES, "services": services, "functions": [], "contracts": [contract]}
    row = found(data, "criticality")["vendor/criticality"]

    assert {h.id for h in row.holders} == ({"a", "b"} if counts else {"a"})


def test_criticality_comes_from_what_needs_it() -> None:
    """The shop is critical, and so are s1 and s3; s2 is bought, but nothing needs it."""
    row = found(FEES, "criticality")["vendor/criticality"]

    assert {h.id: h.weight for h in row.holders} == {"a": "3", "c": "3", "b": "1"}
    assert row.hhi == pytest.approx((9 + 9 + 1) / 49)


def test_a_country_is_that_of_the_place_and_else_of_the_vendor() -> None:
    row = found(FEES, "criticality")["country/criticality"]

    assert {h.id: h.weight for h in row.holders} == {"IE": "4", "DE": "3"}


def without_provider(**far: Any) -> dict[str, Any]:
    """We need one service of a vendor, and one of which nobody says who provides it."""
    return {
        "organizations": [{"id": "us", "own": True}, {"id": "a"}, {"id": "b"}],
        "services": [
            {"id": "shop", "provider": "us", "depends_on": ["near", "far"]},
            {"id": "near", "provider": "a"},
            {"id": "far", **far},
            {"id": "below", "provider": "b"},
        ],
    }


@pytest.mark.parametrize("dimension", ["vendor", "ultimate_parent", "nth_party"])
def test_a_service_without_a_provider_may_be_anybodys(dimension: str) -> None:
    """Half is known: (1/2)² to (1/2 + 1/2)² (rule A5)."""
    row = found(without_provider(), "criticality")[f"{dimension}/criticality"]

    assert row.hhi is None
    assert (row.hhi_low, row.hhi_high, row.unknown_share) == (0.25, 1.0, 0.5)
    assert row.unknown == ("far",)


def test_what_belongs_to_nobody_is_looked_through() -> None:
    """Whoever needs it needs what it needs: a and b have a third each, nobody knows of the rest."""
    rows = found(without_provider(depends_on=["below"]), "criticality")
    row, last = rows["vendor/criticality"], rows["nth_party/criticality"]

    assert (row.hhi_low, row.hhi_high) == pytest.approx((2 / 9, 5 / 9))
    assert last.hhi == pytest.approx(1 / 9 + 4 / 9)


def test_a_value_of_nothing_has_no_concentration() -> None:
    free = {**FEES, "contracts": [{**FEES["contracts"][2], "annual_value": "0 EUR"}]}

    assert found(free, "fee") == {}


weights = st.lists(
    st.fractions(min_value=Fraction(1, 1000), max_value=1000), min_size=1, max_size=12
)


@given(weights)
def test_the_index_lies_between_equal_shares_and_one(values: list[Fraction]) -> None:
    low, high = herfindahl(values)

    assert low == high
    assert Fraction(1, len(values)) <= low <= 1
    assert (low == Fraction(1, len(values))) == (len(set(values)) == 1)


@given(weights, st.fractions(min_value=0, max_value=1000), st.data())
def test_every_way_of_giving_out_the_unknown_is_inside(
    values: list[Fraction], unknown: Fraction, data: st.DataObject
) -> None:
    low, high = herfindahl(values, unknown)
    parts = data.draw(st.lists(st.integers(0, len(values)), min_size=1, max_size=6))
    given_out = [*values, Fraction(0)]
    for place in parts:
        given_out[place] += unknown / len(parts)

    index, _ = herfindahl(given_out)
    assert low <= index <= high


@given(weights, weights)
def test_merging_never_lowers_the_index(some: list[Fraction], more: list[Fraction]) -> None:
    assert herfindahl([*some, *more])[0] <= herfindahl([*some, sum(more, Fraction(0))])[0]


def test_the_sample_by_a_second_computation() -> None:
    """Fees of the retailer's contracts, summed in another way."""
    estate = require_estate(sample_path("retailer"))
    row = found(estate, "fee")["vendor/fee/EUR"]
    values: dict[str, Decimal] = {}
    for contract in estate.contracts:
        running = contract.end is None or contract.end >= DAY
        if contract.customer in estate.own_organizations and running and contract.annual_value:
            held = values.get(contract.supplier, Decimal(0))
            values[contract.supplier] = held + contract.annual_value.amount
    shares = np.array([float(v) for v in values.values()])

    assert row.hhi == pytest.approx(float(((shares / shares.sum()) ** 2).sum()), rel=1e-12)


def test_thresholds_are_configuration() -> None:
    assert Thresholds().level((0.18, 0.18), (0.2, 0.2)) == "moderate"
    assert Thresholds().level((0.05, 0.05), (0.51, 0.51)) == "high"
    assert Thresholds(moderate=0.3, high=0.4).level((0.2, 0.2), (0.2, 0.2)) == "low"
    assert Thresholds().level((0.05, 0.2), (0.1, 0.1)) == "undecided"
    assert Thresholds(high=0.5).level((0.2, 0.3), (0.4, 0.55)) == "undecided"
    with pytest.raises(ValidationError, match="above high"):
        Thresholds(moderate=0.5, high=0.4)


def two_places(**more: Any) -> dict[str, Any]:
    """Service a runs in two regions, b in one; 600 and 300 a month, and 100 for c, of which less is told."""
    return {
        "organizations": [{"id": "us", "own": True}, {"id": "v"}, {"id": "w"}],
        "locations": [{"id": "r1"}, {"id": "r2"}],
        "services": [
            {"id": "shop", "provider": "us", "depends_on": ["a", "b", "c"]},
            {"id": "a", "provider": "v", "located_in": [{"at_least": 1, "of": ["r1", "r2"]}]},
            {"id": "b", "provider": "w", "located_in": ["r1"]},
            {"id": "c", "provider": "w", **more},
        ],
        "contracts": [
            {"id": f"k{name}", "supplier": vendor, "customer": "us",
             "slas": [{"id": f"s{name}", "service": name, "monthly_fee": f"{fee} EUR"}]}
            for name, vendor, fee in (("a", "v", 600), ("b", "w", 300), ("c", "w", 100))
        ],
    }  # fmt: skip


def test_what_rests_in_several_places_is_in_equal_parts() -> None:
    """300 + 300 + 100 in r1 and 300 in r2: shares 0.7 and 0.3, index 0.58."""
    row = found(two_places(located_in=["r1"]), "fee")["location/fee/EUR"]

    assert [(h.id, h.share) for h in row.holders] == [("r1", 0.7), ("r2", 0.3)]
    assert row.hhi == row.hhi_low == row.hhi_high == pytest.approx(0.58)
    assert row.effective_number == pytest.approx(1 / 0.58)
    assert row.effective_number_low == row.effective_number_high == row.effective_number
    assert (row.unknown_share, row.unknown, row.level) == (0, (), "high")


def test_the_effective_number_of_a_bracket_is_a_bracket() -> None:
    """600 and 300 are placed, 100 is not: 0.36 + 0.09 at least, 0.49 + 0.09 at most."""
    row = found(two_places(), "fee")["location/fee/EUR"]

    assert (row.hhi, row.effective_number) == (None, None)
    assert (row.hhi_low, row.hhi_high) == pytest.approx((0.45, 0.58))
    assert (row.effective_number_low, row.effective_number_high) == pytest.approx(
        (1 / 0.58, 1 / 0.45)
    )
    assert row.unknown == ("c",)


@pytest.mark.parametrize(
    ("index", "largest", "level"),
    [(0.18, 0.5, "moderate"), (0.181, 0.1, "high"), (0.1, 0.501, "high"), (0.1, 0.5, "moderate"),
     (0.099, 0.5, "low")],
)  # fmt: skip
def test_the_usual_thresholds(index: float, largest: float, level: str) -> None:
    """Moderate from 0.10, high above 0.18, or a share above a half."""
    assert Thresholds().level((index, index), (largest, largest)) == level


def test_thresholds_may_be_equal() -> None:
    assert Thresholds(moderate=0.2, high=0.2).level((0.2, 0.2), (0.0, 0.0)) == "moderate"


def test_nothing_at_all_may_be_anything() -> None:
    """No weight: the index may be anything; all of it unknown: anything up to one holder."""
    nothing = Fraction(0)
    assert herfindahl([]) == (nothing, Fraction(1))
    assert herfindahl([nothing], Fraction(2)) == (nothing, Fraction(1))
    assert herfindahl([Fraction(1), nothing], Fraction(1)) == (Fraction(1, 4), Fraction(1))
