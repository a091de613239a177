"""The drawing of the money has every sum of the settlement, and widths in proportion."""

from __future__ import annotations

import xml.etree.ElementTree as ET
from decimal import Decimal

from depgraph.engine.statement import ContractStatement
from ui.money_flow import money_flow


def _contract(supplier: str, customer: str, **sums: str) -> ContractStatement:
    names = ("owed", "recovered", "absorbed", "windfall", "forfeited", "capped_out", "shortfall")
    amounts = {name: Decimal(sums.get(name, "0")) for name in names}
    return ContractStatement.model_validate(
        {"id": f"{supplier}-{customer}", "supplier": supplier, "customer": customer,
         "clause": "absorb", "currency": "EUR", **amounts}
    )  # fmt: skip


SVG = "{http://www.w3.org/2000/svg}"
CHAIN = [
    _contract("hoster", "shop-it", owed="2000.00", absorbed="2000.00"),
    _contract("shop-it", "us", owed="10000.00", recovered="2000.00", absorbed="8000.00",
              capped_out="5000.00", forfeited="100.00"),
]  # fmt: skip


def test_every_sum_stands_in_the_drawing() -> None:
    texts = {item.text for item in ET.fromstring(money_flow(CHAIN)).iter(f"{SVG}text")}

    assert {"2,000.00 EUR", "10,000.00 EUR", "capped out 5,000.00 EUR", "forfeited 100.00 EUR",
            "absorbs 8,000.00 EUR", "absorbs 2,000.00 EUR", "us"} <= texts  # fmt: skip


def test_bands_are_as_wide_as_their_sums() -> None:
    bands = list(ET.fromstring(money_flow(CHAIN)).iter(f"{SVG}path"))
    widths = [float(band.attrib["stroke-width"]) for band in bands]

    assert widths[1] == max(widths)
    assert abs(widths[0] / widths[1] - 0.2) < 0.01
    assert abs(widths[2] / widths[1] - 0.5) < 0.01


def test_suppliers_stand_left_of_their_customers_even_with_a_ring() -> None:
    ring = [*CHAIN, _contract("us", "shop-it", owed="1.00")]
    assert money_flow(ring)
    bars = list(ET.fromstring(money_flow(CHAIN)).iter(f"{SVG}rect"))
    assert [float(bar.attrib["x"]) for bar in bars] == [0.0, 300.0, 600.0]


def test_nothing_is_drawn_where_nothing_moves() -> None:
    assert money_flow([_contract("a", "b")]) == ""
