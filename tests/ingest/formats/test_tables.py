"""CSV, Excel and the CMDB: round trips, formulas, commas, broken and hostile files."""

from __future__ import annotations

import csv
import io
import zipfile
from datetime import datetime
from decimal import Decimal
from pathlib import Path

import openpyxl
import pytest

from depgraph.errors import RegisterError
from depgraph.model.estate import Estate
from ingest import require_estate
from ingest.formats.own_tables import csv_text
from ingest.formats.own_workbook import template_bytes, xlsx_bytes
from ingest.formats.registry import exporter
from ingest.formats.sheets import cell_text
from ingest.formats.standard_exports import cyclonedx_text, openslo_text
from sample_data import sample_path
from tests.ingest.formats.bench import imported, whats, written


@pytest.mark.parametrize("name", ["by_hand", "retailer"])
@pytest.mark.parametrize("kind", ["csv", "xlsx"])
def test_out_and_back_loses_nothing_that_tables_hold(tmp_path: Path, kind: str, name: str) -> None:
    estate = require_estate(sample_path(name))
    file = tmp_path / f"tables.{kind}"
    file.write_bytes(csv_text(estate).encode() if kind == "csv" else xlsx_bytes(estate))
    again, report = imported(kind, file, tmp_path / "out")

    for field in ("organizations", "locations", "services", "functions", "contracts",
                  "incidents", "measurements"):  # fmt: skip
        assert getattr(again, field) == getattr(estate, field)
    assert whats(report, "left_out") == ""


@pytest.mark.parametrize("kind", ["yaml", "json", "csv", "xlsx"])
def test_claims_and_rates_go_out_and_back(tmp_path: Path, kind: str) -> None:
    before = require_estate(sample_path("gaps"))
    rate = {"from": "USD", "to": "EUR", "rate": "0.9", "source": "synthetic", "date": "2026-01-01"}
    before = before.replace(conversions=(rate,))
    file = tmp_path / f"x.{kind}"
    content = exporter(kind)(before)
    file.write_bytes(content if isinstance(content, bytes) else content.encode())
    imported(kind, file, tmp_path / "out")
    after, _ = imported(kind, file, tmp_path / "out")

    assert before.claims
    assert (after.claims, after.conversions) == (before.claims, before.conversions)


@pytest.mark.parametrize("kind", ["yaml", "json", "csv", "xlsx"])
def test_name_and_defaults_go_out_and_back_into_an_empty_folder(tmp_path: Path, kind: str) -> None:
    before = Estate.model_validate(
        {"name": "One", "defaults": {"availability": "0.99"}, "services": [{"id": "a"}]}
    )
    file, other = tmp_path / f"x.{kind}", tmp_path / f"y.{kind}"
    for path, name in ((file, "One"), (other, "Two")):
        content = exporter(kind)(before.replace(name=name))
        path.write_bytes(content if isinstance(content, bytes) else content.encode())
    imported(kind, file, tmp_path / "out")
    again, same = imported(kind, file, tmp_path / "out")
    third, told = imported(kind, other, tmp_path / "out")

    assert again == third == before
    assert whats(same, "left_out") == ""
    assert whats(told, "left_out") == "name: set it in the estate itself"


@pytest.mark.parametrize("kind", ["yaml", "csv", "xlsx"])
def test_a_default_never_stands_in_for_what_was_there_before(tmp_path: Path, kind: str) -> None:
    """It would change the figure of every service that states none."""
    held, more = tmp_path / "held.json", tmp_path / f"more.{kind}"
    held.write_text('{"services": [{"id": "a"}]}')
    estate = {"defaults": {"availability": "0.99"}, "services": [{"id": "b"}]}
    content = exporter(kind)(Estate.model_validate(estate))
    more.write_bytes(content if isinstance(content, bytes) else content.encode())
    imported("json", held, tmp_path / "out")
    after, report = imported(kind, more, tmp_path / "out")

    assert (len(after.services), after.defaults.availability) == (2, None)
    assert whats(report, "left_out") == "defaults: set it in the estate itself"


def test_no_live_formula_leaves(tmp_path: Path) -> None:
    name = "=HYPERLINK(1)"
    estate = Estate.model_validate({"organizations": [{"id": "@a", "name": name}, {"id": "-1"}]})
    book = openpyxl.load_workbook(io.BytesIO(xlsx_bytes(estate)))
    cells = [cell for sheet in book for row in sheet.iter_rows() for cell in row]
    rows = list(csv.reader(io.StringIO(csv_text(estate))))

    assert not [cell for cell in cells if cell.data_type == "f"]
    assert not [text for row in rows for text in row if text[:1] in set("=+-@")]
    again, _ = imported("csv", written(tmp_path, "x.csv", csv_text(estate)), tmp_path / "out")
    assert again.organizations == estate.organizations


def test_formulas_count_by_their_stored_value_and_are_reported(tmp_path: Path) -> None:
    book = openpyxl.load_workbook(io.BytesIO(template_bytes()))
    book["services"].append(["shop", "=1+1"])
    file = tmp_path / "x.xlsx"
    book.save(file)
    estate, report = imported("xlsx", file, tmp_path / "out")

    assert estate.service["shop"].name == ""
    assert "no value is stored" in whats(report, "missing")


def test_commas_semicolons_and_zones(tmp_path: Path) -> None:
    text = "id;availability;rto_hours;depends_on\nshop;0,999;1,234;a; b\n"
    file = written(tmp_path, "services.csv", text.replace("a; b", '"a; b"'))
    estate, report = imported("csv", file, tmp_path / "out")
    incidents = "id,affects,start,end\ni,service:shop,2026-01-01 10:00,2026-01-01T11:00:00+01:00\n"
    with pytest.raises(RegisterError, match="not after its start"):
        imported("csv", written(tmp_path, "incidents.csv", incidents), tmp_path / "out")

    assert estate.service["shop"].availability == Decimal("0.999")
    assert estate.service["shop"].rto_hours is None
    assert estate.service["shop"].depends_on == ("a", "b")
    assert "decimal comma" in whats(report, "inferred")
    assert "may part thousands" in whats(report, "missing")


def test_cmdb_direction_names_and_the_rest(tmp_path: Path) -> None:
    items = (
        "sys_id,name,vendor,os\n" + "a" * 32 + ",Shop,Synthetic AG,Linux\n" + "b" * 32 + ",DB,,\n"
    )
    _, first = imported("servicenow", written(tmp_path, "cmdb_ci.csv", items), tmp_path / "out")
    relations = (
        "parent,type,child\n"
        f"{'a' * 32},Depends on::Used by,{'b' * 32}\n{'b' * 32},Hosts::Hosted on,vm\n"
        f"x,Contains::Contained by,y\n"
    )
    estate, report = imported(
        "servicenow", written(tmp_path, "cmdb_rel_ci.csv", relations), tmp_path / "out"
    )

    assert estate.service["a" * 32].depends_on == ("b" * 32,)
    assert estate.service["vm"].depends_on == ("b" * 32,)
    assert estate.service["a" * 32].provider == "synthetic-ag"
    assert "'contains::contained by'" in whats(report, "left_out")
    assert "column 'os'" in whats(first, "left_out")


def test_cmdb_criticality_and_relations_between_ci_columns(tmp_path: Path) -> None:
    out = tmp_path / "out"
    items = (
        "name,busines_criticality\nshop,1 - most critical\ndb,2 - somewhat critical\n"
        "log,4 - not critical\nold,unset\n"
    )
    _, report = imported("servicenow", written(tmp_path, "a.csv", items), out)
    rows = "parent_ci,child_ci,rel_type\nshop,db,Depends on::Used by\n"
    estate, _ = imported("servicenow", written(tmp_path, "b.csv", rows), out)

    found = {name: service.criticality for name, service in estate.service.items()}
    assert found == {"shop": "critical", "db": "important", "log": "standard", "old": "standard"}
    assert "'2 - somewhat critical' read as important" in whats(report, "inferred")
    assert "business criticality 'unset'" in whats(report, "left_out")
    assert estate.service["shop"].depends_on == ("db",)


def test_cmdb_relations_by_dotted_columns_and_halves_of_types(tmp_path: Path) -> None:
    rows = (
        '"parent.name","parent.sys_id","type","child.name","child.sys_id","port"\r\n'
        '"Shop","s1","Depends on::Used by","DB","d1","443"\r\n'
        '"Shop","s1","Runs on","VM","v1",""\r\n'
    )
    file = written(tmp_path, "cmdb_rel_ci.csv", rows)
    estate, report = imported("servicenow", file, tmp_path / "out")

    assert estate.service["s1"].depends_on == ("d1", "v1")
    assert estate.service["d1"].name == "DB"
    assert "the column 'port'" in whats(report, "left_out")
    assert "'runs on' read as" in whats(report, "inferred")


def test_empty_rows_of_a_sheet_do_not_count(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("ingest.formats.table.MAX_ROWS", 300)
    book = openpyxl.load_workbook(io.BytesIO(template_bytes()))
    book["services"].append(["shop", "Shop"])
    book["services"].cell(2000, 1).value = "last"
    book.save(tmp_path / "x.xlsx")
    estate, _ = imported("xlsx", tmp_path / "x.xlsx", tmp_path / "out")

    assert set(estate.service) == {"shop", "last"}


@pytest.mark.parametrize("raw", [
    b"", b"\n\n", b"id,name\n\xff\xfe\xe9,x\n", b"a\0b", b"foo,bar\n1,2\n", b"PK\x03\x04 cut",
    b'id,name\n"' + b"x" * 200_000,
])  # fmt: skip
@pytest.mark.parametrize("kind", ["csv", "servicenow", "xlsx"])
def test_broken_tables_are_problems(tmp_path: Path, kind: str, raw: bytes) -> None:
    file = tmp_path / "source.bin"
    file.write_bytes(raw)
    with pytest.raises(RegisterError) as caught:
        imported(kind, file, tmp_path / "out")

    assert caught.value.problems[0].code in {
        "empty-file", "wrong-encoding", "binary-file", "wrong-format", "not-csv", "not-xlsx",
    }  # fmt: skip


def test_a_cut_a_bombed_and_an_entity_workbook_are_problems(tmp_path: Path) -> None:
    whole = template_bytes()
    bomb, entity = io.BytesIO(), io.BytesIO()
    with zipfile.ZipFile(bomb, "w", zipfile.ZIP_DEFLATED) as archive:
        for number in range(5):
            archive.writestr(f"xl/{number}.xml", b"\0" * (100 << 20))
    with zipfile.ZipFile(entity, "w") as archive:
        archive.writestr("[Content_Types].xml", '<!DOCTYPE a [<!ENTITY b "c">]><a>&b;</a>')
    for raw, code in (
        (whole[: len(whole) // 2], "not-xlsx"),
        (bomb.getvalue(), "too-large"),
        (entity.getvalue(), "forbidden-xml"),
    ):
        (tmp_path / "x.xlsx").write_bytes(raw)
        with pytest.raises(RegisterError) as caught:
            imported("xlsx", tmp_path / "x.xlsx", tmp_path / "out")
        assert caught.value.problems[0].code == code


def test_standards_out_and_back(tmp_path: Path) -> None:
    estate = require_estate(sample_path("retailer"))
    bill = written(tmp_path, "bom.json", cyclonedx_text(estate))
    slos = written(tmp_path, "slo.yaml", openslo_text(estate))
    services, _ = imported("cyclonedx", bill, tmp_path / "a")
    promises, _ = imported("openslo", slos, tmp_path / "b")

    assert set(services.service) == set(estate.service)
    assert sorted(s.objectives[0].target for _, s in promises.sla.values()) == sorted(
        s.availability_objective.target
        for _, s in estate.sla.values()
        if s.availability_objective and s.availability_objective.target < 1
    )


def test_a_point_before_three_digits_of_money_is_not_decided(tmp_path: Path) -> None:
    """1.200 EUR is twelve hundred in much of Europe; dinars of Kuwait have thousandths."""
    parties = "record,id,supplier,customer,annual_value\norganizations,o\norganizations,p\n"
    terms = "contracts,a,p,o,1.200 EUR\ncontracts,b,p,o,1.200 KWD\ncontracts,c,p,o,0.125 EUR\n"
    estate, report = imported("csv", written(tmp_path, "x.csv", parties + terms), tmp_path / "out")
    values = {c.id: c.annual_value and str(c.annual_value) for c in estate.contracts}

    assert values == {"a": None, "b": "1.200 KWD", "c": "0.125 EUR"}
    assert "the point may part thousands" in whats(report, "missing")


def test_thousandths_of_money_go_out_and_back(tmp_path: Path) -> None:
    contract = {"id": "a", "supplier": "p", "customer": "o", "annual_value": "1.234 EUR"}
    before = Estate.model_validate(
        {"organizations": [{"id": "o"}, {"id": "p"}], "contracts": [contract]}
    )
    after, _ = imported("csv", written(tmp_path, "x.csv", csv_text(before)), tmp_path / "out")

    assert after.contracts[0].annual_value == before.contracts[0].annual_value


@pytest.mark.parametrize(("text", "code"), [
    pytest.param("id,availability\na,0,5\nb,0,9\n", "long-row", id="comma without quotes"),
    pytest.param('id,name\na,"x\nb,y\n', "not-csv", id="open quote to the end"),
    pytest.param('id,name\na,"x\nb,"y"\n', "not-csv", id="open quote to the next"),
])  # fmt: skip
def test_rows_that_do_not_fit_are_refused(tmp_path: Path, text: str, code: str) -> None:
    """Read on, 0,5 would be an availability of 0, and a quote would swallow the rows after it."""
    with pytest.raises(RegisterError) as caught:
        imported("csv", written(tmp_path, "services.csv", text), tmp_path / "out")

    assert {problem.code for problem in caught.value.problems} == {code}
    assert len(caught.value.problems) == (2 if code == "long-row" else 1)


def test_the_day_of_a_contract_needs_no_zone(tmp_path: Path) -> None:
    text = "record,id,supplier,customer,start\norganizations,o\norganizations,p\n"
    text += "contracts,a,p,o,2026-03-04\n"
    _, report = imported("csv", written(tmp_path, "x.csv", text), tmp_path / "out")

    assert whats(report, "inferred") == ""


def _workbook(path: Path, heading: str, *cells: tuple[object, str]) -> openpyxl.Workbook:
    """A sheet of services with values of one column, each with its number format."""
    book = openpyxl.Workbook()
    del book["Sheet"]
    sheet = book.create_sheet("services")
    sheet.append(["id", heading])
    for number, (value, shown) in enumerate(cells):
        sheet.append([f"s{number}", value])
        sheet.cell(number + 2, 2).number_format = shown
    book.save(path)
    return book


def test_a_percent_sign_that_a_format_only_writes_counts_as_read(tmp_path: Path) -> None:
    """What shows as 0.05 % is 0.0005, whether the sheet holds 0.0005 or 0.05."""
    file = tmp_path / "x.xlsx"
    _workbook(file, "unavailability", (0.0005, "0.00%"), (0.05, '0.00"%"'), (0.05, "0.00\\%"))
    estate, _ = imported("xlsx", file, tmp_path / "out")

    assert {service.unavailability for service in estate.services} == {Decimal("0.0005")}


def test_digits_that_excel_does_not_keep_are_noise() -> None:
    """Excel stores a sum of 0.1 and 0.2 with 17 digits, and shows and compares 15."""
    assert cell_text(0.1 + 0.2) == "0.3"
    assert cell_text(0.123456789012345) == "0.123456789012345"


def test_merged_cells_are_told(tmp_path: Path) -> None:
    file = tmp_path / "x.xlsx"
    book = _workbook(file, "availability", (0.5, "General"), (None, "General"))
    book["services"].merge_cells("B2:B3")
    book.save(file)
    _, report = imported("xlsx", file, tmp_path / "out")

    assert "merged cells B2:B3" in whats(report, "missing")


def test_a_day_with_a_time_is_refused_not_cut(tmp_path: Path) -> None:
    text = "record,id,supplier,customer,start\norganizations,o\norganizations,p\n"
    text += "contracts,a,p,o,2026-03-04 10:00\n"
    with pytest.raises(RegisterError, match="problem"):
        imported("csv", written(tmp_path, "x.csv", text), tmp_path / "out")


def test_a_workbook_holds_numbers_and_days_as_such_and_loses_none(tmp_path: Path) -> None:
    exact = "0.12345678901234567"
    estate = Estate.model_validate(
        {
            "organizations": [{"id": "us"}, {"id": "007"}],
            "services": [{"id": "a", "availability": "0.9995", "rto_hours": 4},
                         {"id": "b", "availability": exact}],
            "contracts": [{"id": "k", "supplier": "us", "customer": "007", "start": "2025-01-31",
                           "exit_assistance_days": 90}],
        }
    )  # fmt: skip
    file = tmp_path / "e.xlsx"
    file.write_bytes(xlsx_bytes(estate))
    book = openpyxl.load_workbook(file)

    def column(table: str, name: str) -> list[object]:
        names = [cell.value for cell in book[table][1]]
        place = names.index(name) + 1
        return [row[0].value for row in book[table].iter_rows(2, None, place, place)]

    assert column("services", "availability") == [0.9995, exact]
    assert column("services", "rto_hours") == [4, None]
    assert column("contracts", "start") == [datetime(2025, 1, 31)]  # noqa: DTZ001 - a day, read by openpyxl
    assert column("contracts", "exit_assistance_days") == [90]
    assert column("organizations", "id") == ["us", "007"]
    again, report = imported("xlsx", file, tmp_path / "out")
    assert again == estate
    assert not report.notes
