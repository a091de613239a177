"""Rows that say no more than their source: days, branches, currencies and entities. Synthetic."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from depgraph.model.estate import Estate
from ingest.dora.checks import register_gaps
from ingest.dora.from_estate import register_from
from tests.ingest.dora.synthetic_register import LEIS, package, tables
from tests.ingest.formats.bench import imported, whats


def _changed(tmp_path: Path, template: str, old: str, new: str) -> Path:
    text = tables()[template]
    assert old in text
    file = tmp_path / "register.zip"
    file.write_bytes(package({f"{template}.csv": text.replace(old, new, 1).encode()}))
    return file


def test_a_service_without_a_start_does_not_take_the_start_of_another(tmp_path: Path) -> None:
    file = _changed(tmp_path, "b_02.02", "2024-06-01,2027-12-31", ",2027-12-31")
    estate, _ = imported("dora", file, tmp_path / "out")
    uses = [row for row in register_from(estate).values("B_02.02") if row["c0010"] == "SUB-1"]

    assert {row["c0020"]: row.get("c0070") for row in uses} == {
        LEIS["RETAIL"]: "2024-01-01", LEIS["LEASING"]: None,
    }  # fmt: skip
    assert estate.contract["SUB-1"].start is None


@pytest.mark.parametrize(
    ("template", "old", "new"),
    [
        ("b_01.02", "eba_CU:EUR,9000000", "eba_CU:x46,9000000"),
        ("b_02.01", "120000.25,eba_CU:EUR", "120000.25,eba_CU:x46"),
    ],
)
def test_a_currency_that_the_list_does_not_name_is_left_out(
    tmp_path: Path, template: str, old: str, new: str
) -> None:
    estate, report = imported("dora", _changed(tmp_path, template, old, new), tmp_path / "out")

    assert "x46: the estate needs a currency of three letters" in whats(report, "left_out")
    assert estate.contract["SUB-1"].customer == LEIS["RETAIL"]


def _estate(**more: Any) -> Estate:
    bank = {"id": "bank", "own": True, "lei": LEIS["RETAIL"], **more.pop("bank", {})}
    inside = {"id": "inside", "parent": "bank", "lei": LEIS["BANKIT"]}
    users = more.pop("used_by", [])
    contract = {"id": "c", "supplier": "inside", "customer": "bank", "used_by": users}
    others = more.pop("organizations", [])
    record = {"organizations": [bank, inside, *others], "contracts": [contract], **more}
    return Estate.model_validate(record)


def _refused(estate: Estate, template: str) -> set[tuple[str, str]]:
    found = register_gaps(register_from(estate))
    return {(gap.rule, gap.column) for gap in found if gap.template == template}


@pytest.mark.parametrize(
    ("is_branch", "branch", "cell"),
    [(True, "", None), (True, "DE-1", "DE-1"), (False, "", "Not Applicable"), (None, "", None)],
)
def test_only_who_is_no_branch_has_no_branch(
    is_branch: bool | None, branch: str, cell: str | None
) -> None:
    user = {"entity": "bank", "branch": branch, "is_branch": is_branch}
    estate = _estate(used_by=[user])
    [row] = register_from(estate).values("B_04.01")

    assert row.get("c0040") == cell
    assert (("805", "c0040") in _refused(estate, "B_04.01")) == (cell is None)


def test_a_branch_whose_code_is_said_not_to_apply_is_left_out(tmp_path: Path) -> None:
    file = _changed(tmp_path, "b_04.01", "eba_ZZ:x838,RETAIL-DE", "eba_ZZ:x838,Not Applicable")
    _, report = imported("dora", file, tmp_path / "out")

    assert "and its code is not given" in whats(report, "left_out")


def test_who_supplies_within_the_group_is_an_entity_of_the_register() -> None:
    """B_03.03 refers to B_01.02; that the bank owns it is enough to be ours."""
    estate = _estate()

    assert [row["c0010"] for row in register_from(estate).values("B_01.02")] == [
        LEIS["RETAIL"], LEIS["BANKIT"],
    ]  # fmt: skip
    assert ("807", "c0020") not in _refused(estate, "B_03.03")


def test_the_parent_that_maintains_the_register_is_an_entity_of_it() -> None:
    """B_01.02.c0060 refers to B_01.02; who maintains it and owns nobody in it need not be there."""
    maintains = {"own": True, "lei": LEIS["HOLDING"], "register_maintenance": {}}
    holding = {"id": "holding", **maintains}
    alone = _estate(organizations=[holding])
    owner = _estate(bank={"parent": "holding"}, organizations=[holding])

    assert LEIS["HOLDING"] not in {row["c0010"] for row in register_from(alone).values("B_01.02")}
    assert LEIS["HOLDING"] in {row["c0010"] for row in register_from(owner).values("B_01.02")}
    assert ("807", "c0060") not in _refused(owner, "B_01.02")


def test_branches_are_those_of_our_entities() -> None:
    foreign = {"id": "foreign", "lei": LEIS["CABLES"], "branches": [{"code": "X-1"}]}
    head = {"id": "head", "parent": "bank", "lei": LEIS["LEASING"], "branches": [{"code": "H-1"}]}
    estate = _estate(organizations=[foreign, head])

    assert [row["c0010"] for row in register_from(estate).values("B_01.03")] == ["H-1"]
    assert ("807", "c0020") not in _refused(estate, "B_01.03")


def test_what_we_pay_a_provider_goes_out_whoever_names_it() -> None:
    paid = {"id": "paid", "lei": LEIS["CABLES"], "annual_expense": "5 EUR"}
    estate = _estate(organizations=[paid])
    rows = register_from(estate).values("B_05.01")

    assert [row["c0100"] for row in rows if row["c0010"] == LEIS["CABLES"]] == ["5"]


def test_providers_without_columns_for_parents_are_not_the_dry_run(tmp_path: Path) -> None:
    """The dry run ended with what is now c0100 in its ninth column, so it had no c0100."""
    lines = [line.split(",") for line in tables()["b_05.01"].splitlines()]
    assert lines[0][-2:] == ["c0110", "c0120"]
    text = "".join(",".join(line[:-2]) + "\n" for line in lines)
    file = tmp_path / "register.zip"
    file.write_bytes(package({"b_05.01.csv": text.encode()}))
    estate, report = imported("dora", file, tmp_path / "out")

    assert "dry run" not in whats(report, "inferred")
    assert estate.organization["DEX1234.HRB5678"].name == "#1 Data Feed"
