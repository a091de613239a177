"""Files of offers: faults of the file, between offers, and against an estate, with their places."""

from __future__ import annotations

from decimal import Decimal
from pathlib import Path

import pytest

from depgraph.errors import RegisterError
from depgraph.model.estate import Estate
from ingest import require_estate
from ingest.improvement import read_improvements
from sample_data import sample_path

ESTATE = Estate.model_validate({"services": [{"id": "a", "depends_on": ["b"]}, {"id": "b"}]})
HEAD = "improvements:\n"


def _faults(tmp_path: Path, text: str, name: str = "offers.yaml") -> list[str]:
    file = tmp_path / name
    file.write_text(text, "utf-8")
    with pytest.raises(RegisterError) as caught:
        read_improvements(file, ESTATE, ["a"])
    return [str(problem).replace(f"{tmp_path}/", "") for problem in caught.value.problems]


def test_the_sample_offers_fit_the_sample_estate() -> None:
    folder = sample_path("retailer")
    options = read_improvements(folder.parent / "offers" / "retailer.yaml", require_estate(folder))

    assert "synthetic" in options.name
    assert options.currency == "EUR"
    assert options.improvements[0].price_per_year.amount == Decimal(14400)


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        pytest.param(
            "  - {id: x, price_per_yaer: 1 EUR, edits: [{remove: {services: [b]}}]}\n",
            [
                "offers.yaml:2:5: price_per_year is missing (add price_per_year)",
                "offers.yaml:2:13: unknown key 'price_per_yaer' (did you mean 'price_per_year'?)",
            ],
            id="unknown key",
        ),
        pytest.param(
            "  - {id: x, price_per_year: 1200, edits: []}\n"
            "  - {id: y, price_per_year: -1 EUR, edits: [{remove: {services: [b]}, add: {services: [{id: z}]}}]}\n",
            [
                'offers.yaml:2:29: 1200 has no currency (write "1200 EUR" with its ISO 4217 code)',
                "offers.yaml:2:35: the option changes nothing (write what it changes)",
                "offers.yaml:3:29: -1 EUR is negative (write an amount of 0 or more)",
                "offers.yaml:3:45: an edit needs exactly one of add, remove, replace (write one edit for each)",
            ],
            id="all at once",
        ),
        pytest.param(
            "  - {id: x, price_per_year: 1 EUR, requires: [yy], edits: [{add: {services: [{id: c}]}}]}\n"
            "  - {id: yyy, price_per_year: 1 USD, edits: [{add: {services: [{id: d}]}}]}\n"
            "  - {id: x, price_per_year: 1 EUR, edits: [{add: {services: [{id: e}]}}]}\n",
            [
                "offers.yaml:3:31: 'yyy' is priced in USD, 'x' in EUR (convert the price to EUR at a rate that you stand for)",
                "offers.yaml:4:10: two options have the id 'x' (rename one of them); also at offers.yaml:2:10",
                "offers.yaml:2:47: 'x' requires 'yy', which is not on offer (did you mean 'yyy'?)",
            ],
            id="between offers",
        ),
        pytest.param(
            "  - {id: x, price_per_year: 1 EUR, edits: [{remove: {dependencies: [{service: a, on: bb}]}}]}\n"
            "  - {id: y, price_per_year: 1 EUR, edits: [{add: {services: [{id: c}]}}, {replace: {services: [{id: a, availability: 99.9}]}}]}\n",
            [
                "offers.yaml:2:86: the dependency of 'a' on 'bb' is not there (did you mean 'b'?)",
                'offers.yaml:3:118: 99.9 is outside [0, 1] (for 99.9 % write 0.999 or "99.9%")',
            ],
            id="against the estate",
        ),
        pytest.param(
            "  - {id: x, price_per_year: 1 EUR, edits: [{remove: {services: [a]}}]}\n",
            ["offers.yaml:2:5: 'x' removes 'a', for which a target is set (leave it out)"],
            id="what is asked for",
        ),
    ],
)  # fmt: skip
def test_a_fault_gets_its_place(tmp_path: Path, text: str, expected: list[str]) -> None:
    assert _faults(tmp_path, HEAD + text) == expected


def test_json_and_a_file_that_is_not_there(tmp_path: Path) -> None:
    found = _faults(tmp_path, '{"improvement": []}', "offers.json")

    assert found == ["offers.json:1:2: unknown key 'improvement' (did you mean 'improvements'?)"]
    with pytest.raises(RegisterError, match="does not exist"):
        read_improvements(tmp_path / "none.yaml", ESTATE)


def test_a_fault_of_a_required_offer_is_told_once(tmp_path: Path) -> None:
    found = _faults(
        tmp_path,
        HEAD + "  - {id: x, price_per_year: 1 EUR, edits: [{remove: {services: [bb]}}]}\n"
        "  - {id: y, price_per_year: 1 EUR, requires: [x], edits: [{add: {services: [{id: c}]}}]}\n",
    )
    assert found == ["offers.yaml:2:65: none of the services has the id 'bb' (did you mean 'b'?)"]
