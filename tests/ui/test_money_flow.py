"""The drawing of the money has every sum of the settlement, and widths in proportion."""

from __future__ import annotations

import xml.etree.ElementTree as ET
from decimal import Decimal

from depgraph.engine.statement import ContractStatement
from ui.money_flow import ABSORBED, PASSED_ON, money_flow


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
    """What is owed is split into what the supplier recovers and what it absorbs (rule P7)."""
    bands = list(ET.fromstring(money_flow(CHAIN)).iter(f"{SVG}path"))
    [host, passed_on, borne, capped, _] = [float(band.attrib["stroke-width"]) for band in bands]
    colours = [band.attrib["stroke"] for band in bands]

    assert colours[:3] == [ABSORBED, PASSED_ON, ABSORBED]
    assert abs(host / (passed_on + borne) - 0.2) < 0.01
    assert abs(passed_on / borne - 0.25) < 0.01
    assert abs(capped / (passed_on + borne) - 0.5) < 0.01


def test_words_stand_clear_of_each_other() -> None:
    """Small sums beside large ones had their words over those of the bar above."""
    small = [*CHAIN, _contract("shop-it", "them", owed="300.00", absorbed="300.00")]
    texts = list(ET.fromstring(money_flow(small)).iter(f"{SVG}text"))
    places = [(float(item.attrib["x"]), float(item.attrib["y"])) for item in texts]
    for place, (x, y) in enumerate(places):
        near = [dy for dx, dy in places[place + 1 :] if abs(dx - x) < 60]
        assert all(abs(dy - y) >= 12 for dy in near)


def test_suppliers_stand_left_of_their_customers_even_with_a_ring() -> None:
    ring = [*CHAIN, _contract("us", "shop-it", owed="1.00")]
    assert money_flow(ring)
    drawing = ET.fromstring(money_flow(CHAIN))
    bars = [float(b.attrib["x"]) for b in drawing.iter(f"{SVG}rect") if b.attrib["width"] == "10.0"]
    assert bars == [0.0, bars[1], 2 * bars[1]]
    assert bars[1] > 0


def test_nothing_is_drawn_where_nothing_moves() -> None:
    assert money_flow([_contract("a", "b")]) == ""
