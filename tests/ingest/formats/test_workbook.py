"""Cells of workbooks: the same as openpyxl reads in two passes, and shapes that openpyxl never writes."""

from __future__ import annotations

import io
import zipfile
from datetime import date, datetime, time, timedelta
from pathlib import Path

import openpyxl
import pytest
from openpyxl import Workbook
from openpyxl.utils.datetime import CALENDAR_MAC_1904

from depgraph.errors import RegisterError
from ingest.formats.sheets import cell_text, xlsx_records
from ingest.formats.workbook import opened_workbook, sheet_rows
from ingest.provenance import Draft

VALUES: list[object] = [
    "text", "", " spaced ", "line\nbreak", "ünï \U0001f600", "=1+1", True, False, 0, 7, -3, 0.1,
    1e21, 99.95, 1 << 60, None, date(2026, 2, 28), datetime(2026, 2, 28, 13, 30, 5), time(13, 30),  # noqa: DTZ001 - Excel has no zones
    timedelta(hours=30), "#N/A", "_x000D_", "1.0", "2026-01-01",
]  # fmt: skip


def _written(book: Workbook) -> io.BytesIO:
    out = io.BytesIO()
    book.save(out)
    return out


def _ours(content: io.BytesIO) -> list[list[str]]:
    with zipfile.ZipFile(content) as archive:
        book = opened_workbook(archive)
        return [[cell_text(cell.value) for cell in cells]
                for _, part in book.sheets for _, cells in sheet_rows(book, part)]  # fmt: skip


@pytest.mark.parametrize("since_1904", [False, True])
def test_cells_equal_those_of_openpyxl(since_1904: bool) -> None:
    book = Workbook()
    if since_1904:
        book.epoch = CALENDAR_MAC_1904
    sheet = book.worksheets[0]
    for value in VALUES:
        sheet.append([value, None, value, "end"])
    sheet["B2"].number_format = "[h]:mm:ss"
    sheet["B2"] = 1.5
    sheet["B3"].number_format = "0.0%"
    sheet["B3"] = 0.999
    sheet["B4"].number_format = "dd/mm/yyyy"
    sheet["B4"] = 1e12
    book.create_sheet("empty")
    content = _written(book)
    theirs = openpyxl.load_workbook(content, data_only=True)

    expected = [[cell_text(cell) for cell in row] for row in theirs.worksheets[0].values]
    found = _ours(content)
    assert found[0] == ["text", "", "text", "end"]
    assert found[16][0] == "2026-02-28T00:00:00"
    # openpyxl gives up on a day that is none; the number that is stored is kept.
    expected[3][1] = "1000000000000"
    assert found == expected


def _package(sheet: str, strings: str = "", book: str = "") -> io.BytesIO:
    """A synthetic workbook with one sheet as another program could write it."""
    out = io.BytesIO()
    main = book or (
        '<x:workbook xmlns:x="m" xmlns:q="r"><x:sheets><x:sheet name="S" q:id="a"/></x:sheets></x:workbook>'
    )
    relations = (
        '<Relationships><Relationship Id="a" Type="t/worksheet" Target="/xl/sheets/one.xml"/>'
        '<Relationship Id="b" Type="t/sharedStrings" Target="texts.xml"/></Relationships>'
    )
    with zipfile.ZipFile(out, "w") as archive:
        archive.writestr("xl/workbook.xml", main)
        archive.writestr("xl/_rels/workbook.xml.rels", relations)
        archive.writestr("xl/texts.xml", strings or "<sst/>")
        archive.writestr(
            "xl/sheets/one.xml", f"<worksheet><sheetData>{sheet}</sheetData></worksheet>"
        )
    return out


def _all_rows(path: Path) -> list[list[tuple[str, list[str]]]]:
    return [list(rows) for _, rows in xlsx_records(path, Draft("x"))]


def test_shapes_of_other_programs() -> None:
    sheet = (
        "<row><c><v>1</v></c><c t='inlineStr'><is><r><t>a</t></r><r><t>b</t></r>"
        "<rPh><t>no</t></rPh></is></c></row>"
        "<row r='5'><c r='C5' t='s'><v>0</v></c><c t='e'><v>#SPILL!</v></c></row>"
        "<row><c r='B6'><f>A1</f></c><c r='A6' t='str'><f>A1</f><v>late</v></c></row>"
    )
    texts = "<sst><si><r><t>rich </t></r><r><t>text</t></r><rPh><t>no</t></rPh></si></sst>"
    content = _package(sheet, texts)
    with zipfile.ZipFile(content) as archive:
        book = opened_workbook(archive)
        [(title, part)] = book.sheets
        rows = list(sheet_rows(book, part))

    assert title == "S"
    assert [number for number, _ in rows] == [1, 5, 6]
    assert [[cell.value for cell in cells] for _, cells in rows] == [
        [1, "ab"], [None, None, "rich text", "#SPILL!"], ["late", None],
    ]  # fmt: skip
    assert [cell.formula for cell in rows[2][1]] == [True, True]


@pytest.mark.parametrize("name", ["xl/Sheets/One.xml", "xl\\sheets\\one.xml"])
def test_parts_are_found_whatever_their_case_and_slash(tmp_path: Path, name: str) -> None:
    whole = zipfile.ZipFile(_package("<row><c><v>1</v></c></row>"))
    with zipfile.ZipFile(tmp_path / "x.xlsx", "w") as archive:
        for part in whole.namelist():
            archive.writestr(part.replace("xl/sheets/one.xml", name), whole.read(part))

    assert [[cells for _, cells in rows] for rows in _all_rows(tmp_path / "x.xlsx")] == [[["1"]]]


def test_a_strict_workbook_is_read(tmp_path: Path) -> None:
    # "Strict Open XML Spreadsheet" of Excel: other namespaces, dates as texts.
    strict = "http://purl.oclc.org/ooxml"
    main = (
        f'<workbook xmlns="{strict}/spreadsheetml/main" xmlns:r="{strict}/officeDocument/relationships">'
        '<sheets><sheet name="S" sheetId="1" r:id="a"/></sheets></workbook>'
    )
    content = _package("<row><c t='d'><v>2026-02-28T00:00:00</v></c></row>", book=main)
    (tmp_path / "x.xlsx").write_bytes(content.getvalue())

    assert [cells for _, cells in _all_rows(tmp_path / "x.xlsx")[0]] == [["2026-02-28T00:00:00"]]


@pytest.mark.parametrize("sheet", [
    "<row><c t='s'><v>9</v></c></row>", "<row><c t='s'><v>x</v></c></row>",
    "<row r='x'></row>", "<row><c r='XFE1'><v>1</v></c></row>", "<row><c r='ä1'><v>1</v></c></row>",
    "<row><c><v>1.2.3</v></c></row>", "<row>", "<row><c t='b'><v>maybe</v></c></row>",
])  # fmt: skip
def test_broken_sheets_are_problems(tmp_path: Path, sheet: str) -> None:
    (tmp_path / "x.xlsx").write_bytes(_package(sheet).getvalue())
    with pytest.raises(RegisterError) as caught:
        _all_rows(tmp_path / "x.xlsx")

    assert caught.value.problems[0].code == "not-xlsx"


@pytest.mark.parametrize(
    "book", ["<workbook>", "<workbook><sheet/></workbook>", "<!DOCTYPE a><a/>"]
)
def test_broken_workbooks_are_problems(tmp_path: Path, book: str) -> None:
    padded = book.replace("<!DOCTYPE", f"<!--{'x' * 3000}--><!DOCTYPE")
    (tmp_path / "x.xlsx").write_bytes(_package("", book=padded).getvalue())
    with pytest.raises(RegisterError) as caught:
        list(xlsx_records(tmp_path / "x.xlsx", Draft("x")))

    assert caught.value.problems[0].code == "not-xlsx"


def test_a_sheet_of_too_many_cells_is_refused(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("ingest.formats.sheets.MAX_CELLS", 20_000)
    sheet = "".join(f"<row><c r='XFD{number}'><v>1</v></c></row>" for number in range(1, 4))
    (tmp_path / "x.xlsx").write_bytes(_package(sheet).getvalue())
    with pytest.raises(RegisterError, match="more than 20000 cells"):
        _all_rows(tmp_path / "x.xlsx")
