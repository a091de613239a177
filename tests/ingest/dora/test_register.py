"""The register read, held, written and read again: nothing that the estate can hold is lost."""

from __future__ import annotations

import json
from datetime import UTC, date, datetime
from decimal import Decimal
from pathlib import Path

import pytest

from depgraph.errors import RegisterError
from depgraph.model.estate import Estate
from ingest.dora.checks import register_gaps
from ingest.dora.filing import FilingOptions, filing_of, package_gaps
from ingest.dora.from_estate import register_from
from ingest.dora.gaps import Gap
from ingest.dora.package_writing import package_bytes
from ingest.dora.register import Register
from ingest.dora.taxonomy import templates
from ingest.formats.dora import opened_register
from ingest.formats.registry import exporter
from ingest.provenance import Draft, ImportReport
from tests.ingest.dora.synthetic_register import LEIS, NAME, package, tables
from tests.ingest.formats.bench import imported, sample, whats, written


@pytest.fixture
def file(tmp_path: Path) -> Path:
    found = tmp_path / f"{NAME}.zip"
    found.write_bytes(package())
    return found


def _opened(file: Path) -> Register:
    return opened_register(file, Draft("test"))


def _rows(register: Register, template: str) -> list[dict[str, object]]:
    """Rows in a fixed order; amounts count by their value, so that 1.50 is 1.5."""
    columns = templates()[template].columns
    rows: list[dict[str, object]] = [
        {k: Decimal(v) if columns[k].type == "m" else v for k, v in row.items()}
        for row in register.values(template)
    ]
    return sorted(rows, key=lambda row: [(k, str(v)) for k, v in sorted(row.items())])


def _counted(report: ImportReport, name: str) -> int:
    return sum(counts.get(name, 0) for counts in report.counts.values())


def test_the_synthetic_register_breaks_no_rule(file: Path) -> None:
    register = _opened(file)
    gaps = [*package_gaps(file, register), *register_gaps(register)]

    assert [gap for gap in gaps if gap.severity != "advice"] == []


def test_register_to_estate_to_register_loses_nothing(file: Path, tmp_path: Path) -> None:
    estate, report = imported("dora", file, tmp_path / "out")
    before, after = _opened(file), register_from(estate)

    for template in templates():
        assert _rows(after, template) == _rows(before, template), template
    assert _counted(report, "rows_left_out") == 0
    assert _counted(report, "fields_left_out") == 0
    assert [gap for gap in register_gaps(after) if gap.severity == "reject"] == []


def test_the_estate_holds_what_the_register_says(file: Path, tmp_path: Path) -> None:
    estate, _ = imported("dora", file, tmp_path / "out")
    contract = estate.contract["SUB-1"]

    assert estate.own_organizations == {LEIS[n] for n in ("HOLDING", "RETAIL", "LEASING", "BANKIT")}
    assert contract.supplier == LEIS["PAYCLOUD"]
    assert (contract.customer, contract.other_customers) == (LEIS["RETAIL"], (LEIS["LEASING"],))
    assert contract.master == "FRAME-1"
    assert str(contract.annual_value) == "120000.25 EUR"
    assert contract.end is None
    assert contract.assessments[0].substitutability == "highly_complex"
    assert contract.assessments[0].exit_plan is True
    assert estate.organization[LEIS["PAYCLOUD"]].parent == LEIS["TOP"]
    assert estate.organization["DEX1234.HRB5678"].identifiers[0].kind == "euid"
    assert estate.organization["DEX1234.HRB5678"].name == "#1 Data Feed"
    direct = estate.service[f"SUB-1 S19 {LEIS['PAYCLOUD']}"]
    assert direct.criticality == "critical"
    assert direct.depends_on == (f"SUB-1 S19 {LEIS['HOSTING']}",)
    assert estate.function[f"F1 of {LEIS['RETAIL']}"].critical


def test_import_twice_changes_nothing(file: Path, tmp_path: Path) -> None:
    first, _ = imported("dora", file, tmp_path / "out")
    again, report = imported("dora", file, tmp_path / "out")

    assert again == first
    assert whats(report, "conflict") == ""


def test_the_next_register_takes_the_place_of_the_last(file: Path, tmp_path: Path) -> None:
    first, _ = imported("dora", file, tmp_path / "out")
    table = tables()["b_02.02"].replace(",90,180,", ",120,180,")
    file.write_bytes(package({"b_02.02.csv": table.encode()}))
    again, _ = imported("dora", file, tmp_path / "out")

    assert len(again.contract["SUB-1"].ict_uses) == len(first.contract["SUB-1"].ict_uses) == 2
    assert {use.entity_notice_days for use in again.contract["SUB-1"].ict_uses} == {120}


def test_a_provider_that_we_hold_already_is_joined_when_a_person_says_so(
    file: Path, tmp_path: Path
) -> None:
    ours = f"organizations:\n- {{id: paycloud, name: PayCloud, lei: {LEIS['PAYCLOUD']}}}\n"
    imported("yaml", written(tmp_path, "ours.yaml", ours), tmp_path / "out")
    imported("dora", file, tmp_path / "out")
    review = tmp_path / "out" / ".provenance" / "review.json"
    pairs = json.loads(review.read_text(encoding="utf-8"))
    assert {p["other"] for p in pairs} == {LEIS["PAYCLOUD"], LEIS["TOP"]}
    decided = [{**p, "decision": "accept" if "lei" in p["why"] else "reject"} for p in pairs]
    review.write_text(json.dumps(decided), encoding="utf-8")
    estate, _ = imported("dora", file, tmp_path / "out")

    assert LEIS["PAYCLOUD"] not in estate.organization
    assert estate.contract["SUB-1"].supplier == "paycloud"
    assert {use.provider for use in estate.contract["SUB-1"].ict_uses} == {"paycloud"}
    assert _rows(register_from(estate), "B_02.02") == _rows(_opened(file), "B_02.02")
    assert _rows(register_from(estate), "B_05.02") == _rows(_opened(file), "B_05.02")


def test_export_is_a_package_that_reads_back_equal(file: Path, tmp_path: Path) -> None:
    estate, _ = imported("dora", file, tmp_path / "out")
    register = register_from(estate)
    created = datetime(2026, 3, 1, 10, 15, tzinfo=UTC)
    filing, gaps = filing_of(estate, FilingOptions(country="IE"), created)
    assert filing is not None
    assert gaps == []
    assert filing.name == NAME
    again = tmp_path / "again" / f"{filing.name}.zip"
    again.parent.mkdir()
    again.write_bytes(package_bytes(register, filing))

    held = _opened(again)
    assert package_gaps(again, held) == []
    assert held.parameters == _opened(file).parameters
    for template in templates():
        assert _rows(held, template) == _rows(register, template)


def test_a_register_of_nobody_is_refused_with_what_to_fill() -> None:
    with pytest.raises(RegisterError) as caught:
        exporter("dora")(Estate())

    assert {problem.code for problem in caught.value.problems} == {
        "dora-105", "dora-514", "dora-320", "dora-720",
    }  # fmt: skip
    assert all(problem.hint.startswith("fill ") for problem in caught.value.problems)


def test_options_come_before_the_estate_and_nothing_is_made_up() -> None:
    created = datetime(2026, 3, 1, tzinfo=UTC)
    none, gaps = filing_of(Estate(), FilingOptions(), created)
    assert none is None
    assert [gap.rule for gap in gaps] == ["105", "105", "514", "320", "720"]
    assert all("--" in gap.fill for gap in gaps)

    options = FilingOptions(LEIS["RETAIL"], "IE", "individual", date(2025, 12, 31), "EUR")
    filing, gaps = filing_of(Estate(), options, created)
    assert gaps == []
    assert filing is not None
    assert filing.name.startswith(f"{LEIS['RETAIL']}.IND_IE_DORA010100_DORA_2025-12-31_")


def test_the_published_sample_is_accounted_for_row_by_row(tmp_path: Path) -> None:
    file = sample("dora_register_eba_random.zip")
    register = _opened(file)
    estate, report = imported("dora", file, tmp_path / "out")

    for code, counts in report.counts.items():
        assert counts["rows"] == len(register.rows[code])
        assert counts["rows"] == counts["rows_taken"] + counts["rows_left_out"]
        assert counts["fields"] == counts["fields_taken"] + counts["fields_left_out"]
        assert counts["fields"] == sum(len(row.values) for row in register.rows[code])
    assert {"vnwvkrph", "bytdczwy"} <= estate.own_organizations
    assert len(estate.contracts) == 2
    assert "no row says who supplies or who receives contract 'wsnkiouo'" in whats(
        report, "left_out"
    )


def test_the_sample_comes_back_where_it_was_taken(tmp_path: Path) -> None:
    file = sample("dora_register_eba_random.zip")
    estate, _ = imported("dora", file, tmp_path / "out")
    before, after = _opened(file), register_from(estate)

    for template in ("B_01.01", "B_01.03", "B_99.01", "B_02.02"):
        assert _rows(after, template) == _rows(before, template), template
    for template in ("B_01.02", "B_05.01", "B_06.01"):
        held = _rows(after, template)
        assert [row for row in _rows(before, template) if row not in held] == [], template
    assert {gap.rule for gap in _rejects(before)} == {"807"}


def _rejects(register: Register) -> list[Gap]:
    return [gap for gap in register_gaps(register) if gap.severity == "reject"]


def test_two_services_of_one_type_for_one_function_are_one_use() -> None:
    """Rule 806: the key of B_02.02 has the type, not the service. Synthetic."""
    services = [
        {"id": name, "provider": "v", "ict_service_type": "S17", "supports": ["pay"]}
        for name in ("web", "db")
    ]
    slas = [{"id": f"{name}-level", "service": name} for name in ("web", "db")]
    estate = Estate.model_validate(
        {
            "organizations": [{"id": "us", "own": True}, {"id": "v"}],
            "functions": [{"id": "pay"}],
            "services": services,
            "contracts": [{"id": "k", "supplier": "v", "customer": "us", "slas": slas}],
        }
    )
    register = register_from(estate)
    assert len(register.rows["B_02.02"]) == 1
    assert not [gap for gap in register_gaps(register) if gap.rule == "806"]
