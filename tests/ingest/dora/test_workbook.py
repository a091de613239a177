"""The register as a workbook: the final layout with labels, and the dry run of 2024."""

from __future__ import annotations

import csv
import io
from datetime import date
from pathlib import Path

import openpyxl
import pytest

from depgraph.errors import RegisterError
from ingest.dora.from_estate import register_from
from ingest.dora.tables import column_code
from ingest.dora.taxonomy import closed_list, templates
from tests.ingest.dora.synthetic_register import LEIS, package, tables
from tests.ingest.formats.bench import imported, whats

_DRY_RUN = ("c0010", "c0020", "c0050", "c0070", "c0080", "c0090", "c0100", "c0110", "c0120")
"""Columns of B_05.01 that the dry run had too, in its order: there 0010 to 0090."""


def _labelled(template: str, column: str, value: str) -> object:
    """A value as a workbook for people has it."""
    kind = templates()[template].columns[column]
    if kind.type == "e" and value:
        found = closed_list(kind.list)
        return value if kind.list == "licensed_activity" else found.label[value]
    if kind.type == "d" and value:
        return date.fromisoformat(value)
    if kind.type in {"m", "i"} and value:
        return float(value)
    return value.removeprefix("#") if value.startswith("##") else value


def _workbook(folder: Path, *, dry_run: bool = False) -> Path:
    book = openpyxl.Workbook()
    book.worksheets[0].title = "Index"
    for name, text in tables().items():
        rows = list(csv.reader(io.StringIO(text)))
        code = name.upper()
        sheet = book.create_sheet(f"RT.{code[2:]}" if dry_run else f"{code} table")
        heads = rows[0]
        sheet.append([templates()[code].name])
        shown = heads
        if dry_run and code == "B_05.01":
            heads = list(_DRY_RUN)
            shown = [f"{n * 10:04d}" for n in range(1, 10)]
        sheet.append([f"{code}.{head[1:]}" if not dry_run else head[-4:] for head in shown])
        if not dry_run:
            sheet.append([templates()[code].columns[head].name for head in heads])
        for row in rows[1:]:
            held = dict(zip(rows[0], row, strict=True))
            sheet.append([_labelled(code, head, held[head]) for head in heads])
        for cells in sheet.iter_rows():
            for cell in cells:
                if cell.data_type == "f":
                    cell.data_type = "s"
        if dry_run and code == "B_03.02":
            for number in range(2, sheet.max_row + 1):
                sheet.cell(number, 4, "0045" if number == 2 else "true")
    file = folder / "register.xlsx"
    book.save(file)
    return file


def test_the_final_layout_is_the_package(tmp_path: Path) -> None:
    (tmp_path / "register.zip").write_bytes(package())
    packed, _ = imported("dora", tmp_path / "register.zip", tmp_path / "a")
    sheets, report = imported("dora", _workbook(tmp_path), tmp_path / "b")

    for template in templates():
        assert register_from(sheets).values(template) == register_from(packed).values(template)
    assert [*sheets.functions, *sheets.services] == [*packed.functions, *packed.services]
    assert "the sheet 'Index' is no template" in whats(report, "left_out")
    assert report.counts["B_02.01"]["fields_inferred"] == 10


def test_the_dry_run_is_read_by_its_own_columns(tmp_path: Path) -> None:
    (tmp_path / "register.zip").write_bytes(package())
    packed, _ = imported("dora", tmp_path / "register.zip", tmp_path / "a")
    sheets, report = imported("dora", _workbook(tmp_path, dry_run=True), tmp_path / "b")
    cloud = sheets.organization[LEIS["PAYCLOUD"]]

    assert cloud.name == 'PayCloud "Pay", Ltd'
    assert cloud.ultimate_parent == LEIS["TOP"]
    assert str(cloud.annual_expense) == "120000.25 EUR"
    assert cloud.identifiers == ()
    assert cloud.latin_name == ""
    assert sheets.contracts == packed.contracts
    assert "B_05.01 has the columns of the 2024 dry run" in whats(report, "inferred")
    assert "the column 'c0045' is none of the template" in whats(report, "left_out")
    assert "B_05.01: the column c0060 (rule 801)" in whats(report, "missing")


def test_a_dry_run_package_is_read_by_its_own_columns_too(tmp_path: Path) -> None:
    rows = list(csv.DictReader(io.StringIO(tables()["b_05.01"])))
    heads = ",".join(f"c{n * 10:04d}" for n in range(1, 10))
    lines = [heads, *(",".join(row[c].replace(",", "").replace('"', "") for c in _DRY_RUN)
                      for row in rows)]  # fmt: skip
    file = tmp_path / "register.zip"
    file.write_bytes(package({"b_05.01.csv": "\r\n".join(lines).encode()}))
    estate, _ = imported("dora", file, tmp_path / "out")

    assert estate.organization[LEIS["PAYCLOUD"]].name == "PayCloud Pay Ltd"
    assert estate.organization[LEIS["HOSTING"]].country == "DE"


@pytest.mark.parametrize(
    ("heading", "code"),
    [("c0010", "c0010"), ("0010", "c0010"), ("B_01.01.0010", "c0010"), ("RT.05.01.0090", "c0090"),
     ("b_05.01_0100", "c0100"), ("LEI", None), ("", None), ("2025-01-01", None)],
)  # fmt: skip
def test_headings(heading: str, code: str | None) -> None:
    assert column_code(heading) == code


def test_a_workbook_without_templates_is_a_problem(tmp_path: Path) -> None:
    openpyxl.Workbook().save(tmp_path / "x.xlsx")
    with pytest.raises(RegisterError) as caught:
        imported("dora", tmp_path / "x.xlsx", tmp_path / "out")

    assert caught.value.problems[0].code == "wrong-format"


@pytest.mark.parametrize(
    ("name", "text", "code"),
    [
        ("code_type", "IE_VAT", "eba_qCO:qx2004"),
        ("code_type", "FR_CRN", "eba_qCO:qx2003"),
        ("code_type", "IE_XYZ", None),
        ("person", "Legal person", "eba_CT:x212"),
        ("service_type", "S17 – Cloud services: IaaS", "eba_TA:S17"),
        ("service_type", "S20 – nothing", None),
        ("substitutability", "1. Not substitutable", "eba_ZZ:x959"),
        ("country", "Ireland", "eba_GA:IE"),
        ("country", "UNITED KINGDOM", "eba_GA:GB"),
        ("country", "DEU", "eba_GA:DE"),
        ("country", "Atlantis", None),
        ("reliance", "3. Material reliance", "eba_ZZ:x796"),
    ],
)
def test_labels_as_workbooks_write_them(name: str, text: str, code: str | None) -> None:
    assert closed_list(name).found(text) == code
