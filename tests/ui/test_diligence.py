"""`diligence`, `quality`, `report` and the page: what users see, and hostile names in it."""

from __future__ import annotations

import csv
import io
import json
from html.parser import HTMLParser
from pathlib import Path

import openpyxl
import pytest
import yaml
from streamlit.testing.v1 import AppTest
from typer.testing import CliRunner, Result

from depgraph.model.estate import Estate
from ingest.dora.gaps import Gap
from sample_data import sample_path
from tests.estates import HOSTILE, HOSTILE_IDS
from tests.ui.command_line import app
from tests.ui.pages import view
from ui import cli
from ui.document import Document, Evidence, Section, Statement
from ui.documents import html_text, markdown_text, workbook_bytes
from ui.views.diligence_register import REGISTER, gaps_csv

RETAILER = str(sample_path("retailer"))
DAY = ("--as-of", "2026-06-01")


def run(*arguments: str) -> Result:
    return CliRunner().invoke(app, list(arguments))


class Page(HTMLParser):
    """Tags, links and anchors of a page."""

    def __init__(self, text: str) -> None:
        super().__init__()
        self.tags: dict[str, int] = {}
        self.ids: set[str] = set()
        self.links: set[str] = set()
        self.feed(text)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags[tag] = self.tags.get(tag, 0) + 1
        given = dict(attrs)
        assert not [name for name in given if name.startswith("on")]
        self.ids |= {given["id"] or ""} if "id" in given else set()
        self.links |= {given["href"] or ""} if "href" in given else set()


def test_json_holds_every_answer() -> None:
    answer = json.loads(run("diligence", RETAILER, *DAY, "--json").stdout)

    assert {p["organization"]: p["rank"] for p in answer["nth_parties"]["parties"]}[
        "gridpower"
    ] == 4
    assert answer["nth_parties"]["undisclosed"] == ["mapworks", "rootdns", "smsbridge"]
    assert {row["weight"] for row in answer["concentrations"]} == {"criticality", "fee", "function"}
    assert all(0 < row["hhi_low"] <= row["hhi_high"] <= 1 for row in answer["concentrations"])
    assert answer["quality"]["results"][0]["best_fact"]["component"] == "vertex-ai"


def test_weights_thresholds_and_laws_are_options() -> None:
    answer = json.loads(
        run("diligence", RETAILER, *DAY, "--weight", "fee", "--moderate", "0.9", "--high", "0.95",
            "--largest-share", "1", "--regulation", "gdpr", "--json").stdout
    )  # fmt: skip

    assert {row["weight"] for row in answer["concentrations"]} == {"fee"}
    assert {row["level"] for row in answer["concentrations"]} == {"low"}
    laws = {row["regulation"] for c in answer["contracts"] for row in c["rows"]}
    assert laws == {"GDPR"}


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (("--organization", "nobody"), "no organization has the id 'nobody'"),
        (("--high", "0.05"), "above high"),
        (("--largest-share", "7"), "--largest-share: 7.0 is refused"),
        (("--regulation", "HIPAA"), "cannot be 'HIPAA'"),
        (("--compare", "payfirst", "paysecnd"), "'paysecnd' (did you mean 'paysecond'?)"),
        (("--compare", "payfirst", "paysecond", "--onboard", "x.yaml"), "one at a time"),
        (("--as-of", "June"), "is not a day"),
        (("--out", "pack.pdf"), "write .html"),
    ],
)
def test_wrong_use_ends_with_a_sentence(
    arguments: tuple[str, ...],
    said: str,
    capsys: pytest.CaptureFixture[str],
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr("sys.argv", ["depgraph", "diligence", RETAILER, *arguments])
    with pytest.raises(SystemExit) as ended:
        cli.main()

    assert ended.value.code == 2
    assert said in " ".join(capsys.readouterr().err.split())


def test_side_by_side_and_quality_and_text() -> None:
    assert (
        "payfirst-retail"
        in run("diligence", RETAILER, *DAY, "--compare", "payfirst", "paysecond").stdout
    )
    quality = json.loads(run("quality", RETAILER, "--json").stdout)
    assert quality["sources"][0]["source"] == "estate files"
    assert "rootdns" in run("diligence", RETAILER, *DAY).stdout


def test_before_and_after_onboarding(tmp_path: Path) -> None:
    scenario = tmp_path / "onboard.yaml"
    scenario.write_text(
        "name: A second ERP\nedits:\n"
        "  - add:\n      organizations: [{id: erp-two}]\n"
        "      services: [{id: erp-2, provider: erp-two, availability: 0.999}]\n"
        "      contracts: [{id: k-erp-2, supplier: erp-two, customer: example-retail, annual_value: 1000 EUR}]\n"
    )
    answer = json.loads(
        run("diligence", RETAILER, *DAY, "--onboard", str(scenario), "--json").stdout
    )

    assert answer["parties_added"] == ["erp-two"]
    assert answer["undisclosed_added"] == []


def test_the_pack_is_one_page_in_which_every_link_leads_somewhere(tmp_path: Path) -> None:
    out = tmp_path / "pack.html"
    assert run("diligence", RETAILER, *DAY, "--out", str(out)).exit_code == 0
    page = Page(out.read_text("utf-8"))

    assert all(link.startswith("#") and link[1:] in page.ids for link in page.links)
    assert page.tags["details"] > 100
    assert page.tags["script"] == 1
    assert not {"img", "iframe", "link", "object"} & set(page.tags)


def test_the_workbook_has_no_formula(tmp_path: Path) -> None:
    out = tmp_path / "pack.xlsx"
    assert run("report", "diligence-pack", RETAILER, "--out", str(out)).exit_code == 0
    book = openpyxl.load_workbook(out)

    assert "Concentration" in book.sheetnames
    assert {c.data_type for sheet in book for row in sheet for c in row if c.value} == {"s", "n"}
    heading, first, *_ = book["Suppliers and theirs"].iter_rows(values_only=True)
    assert dict(zip(heading, first, strict=True))["rank"] == 1


@pytest.mark.parametrize("kind", ["disclosure", "questionnaire"])
def test_letters_are_prefilled(kind: str, tmp_path: Path) -> None:
    out = tmp_path / "letter.md"
    assert (
        run("report", kind, RETAILER, "--organization", "payfirst", "--out", str(out)).exit_code
        == 0
    )
    text = out.read_text("utf-8")

    assert "PayFirst" in text
    assert "payments\\-first" in text
    # What other suppliers earn, or promise, is none of this one's business (rule L10).
    assert "EUR" not in text
    assert "paysecond" not in text


@pytest.mark.parametrize(("supplier", "owner"), [("payfirst", ""), ("github", "microsoft")])
def test_an_owner_that_is_not_on_record_is_asked_for(
    supplier: str, owner: str, tmp_path: Path
) -> None:
    out = tmp_path / "letter.md"
    assert (
        run("report", "questionnaire", RETAILER, "--organization", supplier, "--out", str(out))
        .exit_code == 0
    )  # fmt: skip
    [row] = [line for line in out.read_text("utf-8").splitlines() if "ultimate owner" in line]
    assert row.split("|")[2].strip() == owner


def test_letters_need_a_supplier_and_kinds_are_known(tmp_path: Path) -> None:
    assert (
        run("report", "questionnaire", RETAILER, "--out", str(tmp_path / "q.html")).exit_code == 2
    )
    assert run("report", "poem", RETAILER, "--out", str(tmp_path / "q.html")).exit_code == 2


def test_hostile_texts_stay_texts() -> None:
    rows = tuple(Statement((text, text), (Evidence(text, text),)) for text in HOSTILE)
    document = Document(HOSTILE[6], HOSTILE[7], (Section(HOSTILE[6], (HOSTILE[7], "x"), rows, HOSTILE[6]),),
                        (HOSTILE[6],), {HOSTILE[6]: HOSTILE[7]})  # fmt: skip
    page = Page(html_text(document))

    assert page.tags["script"] == 1
    assert "img" not in page.tags
    assert all(link.startswith("#") for link in page.links)
    assert "\u202e" not in html_text(document)
    text = markdown_text(document)
    assert "<" not in text
    assert len([line for line in text.splitlines() if line.startswith("| ")]) == len(HOSTILE) + 1
    book = openpyxl.load_workbook(io.BytesIO(workbook_bytes(document)))
    assert {c.data_type for sheet in book for row in sheet for c in row if c.value} == {"s"}


def test_an_estate_of_hostile_names(tmp_path: Path) -> None:
    ids = HOSTILE_IDS[:20]
    estate = {
        "name": "<script>alert(1)</script>",
        "organizations": [{"id": "us", "own": True}, *({"id": i, "name": i} for i in ids)],
        "services": [{"id": "shop", "provider": "us", "depends_on": ids},
                     *({"id": i, "provider": i, "name": i} for i in ids)],
        "contracts": [{"id": i, "supplier": i, "customer": "us"} for i in ids],
    }  # fmt: skip
    (tmp_path / "e.yaml").write_text(yaml.safe_dump(estate, allow_unicode=True), encoding="utf-8")
    out = tmp_path / "pack.html"
    assert run("diligence", str(tmp_path / "e.yaml"), "--out", str(out)).exit_code == 0
    page = Page(out.read_text("utf-8"))

    assert page.tags["script"] == 1
    assert "img" not in page.tags


def test_the_view(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("DEPGRAPH_ESTATE", RETAILER)
    monkeypatch.delenv("DEPGRAPH_ESTATE_NAME", raising=False)
    script = "from ui.views import diligence\ndiligence.show()\n"
    page = AppTest.from_string(script, default_timeout=60).run()

    assert not page.exception
    assert {m.label: m.value for m in page.metric}["Organizations we rest on"] == "25"
    page.selectbox(key="diligence_party").set_value("rootdns").run()
    ways = [frame.value["way"].tolist() for frame in page.dataframe if "way" in frame.value]
    assert ways == [["us → cloudflare → rootdns", "us → fastly → rootdns"]]


def test_the_view_without_anybody_of_ours(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    (tmp_path / "e.yaml").write_text("services: [{id: a, availability: 0.999}]")
    monkeypatch.setenv("DEPGRAPH_ESTATE", str(tmp_path))
    script = "from ui.views import diligence\ndiligence.show()\n"
    page = AppTest.from_string(script, default_timeout=60).run()

    assert not page.exception
    assert "no supplier" in page.info[0].value


def test_the_gaps_of_the_register_are_those_of_the_command(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    page = view(monkeypatch, "diligence", RETAILER, part=REGISTER)
    assert not page.exception
    told = json.loads(run("register", RETAILER, "--json").stdout)
    shown = {metric.label: metric.value for metric in page.metric}
    gaps = next(f.value for f in page.dataframe if "field to fill" in f.value.columns)

    labels = {"reject": "Would be rejected", "warning": "Warnings", "advice": "Advice"}
    for kind, number in told["counts"].items():
        assert shown[labels[kind]] == f"{number:,}"
    filled = gaps.loc[gaps["field to fill"].str.startswith("organizations/aws/"), "fill"]
    assert set(filled) == {"edit?kind=organizations&record=aws"}
    assert len(told["gaps"]) > 0
    assert sorted(gaps["record"]) == sorted(gap["place"] for gap in told["gaps"])
    first = next(gap for gap in told["gaps"] if gap["template"])
    assert first["what"] in gaps["what is wrong"].tolist()
    page.multiselect(key="register_template").select(first["template"]).run()
    left = next(f.value for f in page.dataframe if "field to fill" in f.value.columns)
    assert set(left["template"]) == {first["template"]}
    assert len(left) < len(gaps)


def test_gaps_gather_by_the_field_that_fills_them(monkeypatch: pytest.MonkeyPatch) -> None:
    page = view(monkeypatch, "diligence", RETAILER, part=REGISTER)
    gaps = next(f.value for f in page.dataframe if "record" in f.value.columns)
    page.toggle(key="register_fields").set_value(True).run()
    fields = next(f.value for f in page.dataframe if "gaps" in f.value.columns)

    assert not page.exception
    assert fields["field to fill"].is_unique
    assert dict(zip(fields["field to fill"], fields["gaps"], strict=True)) == dict(
        gaps["field to fill"].value_counts()
    )
    assert fields["severity"].tolist() == sorted(
        fields["severity"], key=["reject", "warning", "advice"].index
    )
    assert any(f"{len(gaps)} gaps in {len(fields)} fields." in c.value for c in page.caption)


def test_the_list_of_gaps_holds_no_formula() -> None:
    estate = Estate.model_validate({"services": [{"id": "a"}]})
    text = gaps_csv(estate, (Gap("reject", "1", "=1+1", place="@x", fill="+y", value="-z"),))

    assert len(text.splitlines()) == 2
    for cell in next(csv.reader([text.splitlines()[1]])):
        assert not cell.startswith(("=", "@", "+", "-"))


def test_the_register_is_there_without_anybody_of_ours(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    (tmp_path / "e.yaml").write_text("services: [{id: a, availability: 0.999}]")
    page = view(monkeypatch, "diligence", str(tmp_path), part=REGISTER)

    assert not page.exception
    assert any("field to fill" in frame.value.columns for frame in page.dataframe)


def test_what_is_absent_is_listed_for_the_law_that_is_chosen(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    page = view(monkeypatch, "diligence", RETAILER, part="Contract terms")
    told = json.loads(run("diligence", RETAILER, "--json").stdout)
    for law in ("DORA", "NIS2"):
        page.segmented_control(key="diligence_law").set_value(law).run()
        absent = next(f.value for f in page.dataframe if "asks for" in f.value.columns)
        wanted = [
            (contract["contract"], row["article"])
            for contract in told["contracts"]
            for row in contract["rows"]
            if row["requirement"] == "required"
            and row["status"] == "absent"
            and row["regulation"] == law
        ]
        assert list(zip(absent["contract"], absent["article"], strict=True)) == wanted
        assert wanted


@pytest.mark.parametrize(
    "part", ["Concentration", "Contract terms", "What is missing", "Data quality", "Documents"]
)
def test_every_part_opens(monkeypatch: pytest.MonkeyPatch, part: str) -> None:
    page = view(monkeypatch, "diligence", RETAILER, part=part)

    assert not page.exception
    assert page.segmented_control(key="diligence_part").value == part


def test_shares_indexes_and_sums_are_numbers_in_the_workbook(tmp_path: Path) -> None:
    out = tmp_path / "pack.xlsx"
    run("report", "diligence-pack", RETAILER, "--out", str(out))
    book = openpyxl.load_workbook(out)
    wanted = {
        "Concentration": {"HHI at least": "General", "HHI at most": "General"},
        "What all must pass through": {"critical functions that must pass": "0 %"},
        "Gaps in substitution": {"value a year": '#,##0.00 "EUR"'},
        "What the results rest on": {"score": "0 %", "width": "General"},
    }
    for title, columns in wanted.items():
        sheet = next(sheet for sheet in book if sheet.title.startswith(title))
        heads = [cell.value for cell in sheet[1]]
        for head, form in columns.items():
            cells = [row[heads.index(head)] for row in sheet.iter_rows(min_row=2)]
            filled = [cell for cell in cells if cell.value is not None]
            assert filled, (title, head)
            assert {type(cell.value) for cell in filled} <= {int, float}
            if form != "General":
                assert {cell.number_format for cell in filled} == {form}


def test_the_workbook_says_what_its_sheets_mean_and_which_are_empty(tmp_path: Path) -> None:
    out = tmp_path / "pack.xlsx"
    run("report", "diligence-pack", RETAILER, "--out", str(out))
    book = openpyxl.load_workbook(out)
    said = [str(row[0].value) for row in book["Read me"].iter_rows()]

    assert any(
        text.startswith("Suppliers and theirs: Rank 1 is a direct supplier") for text in said
    )
    empty = [sheet.title for sheet in book if sheet.title != "Read me" and sheet.max_row == 1]
    assert empty
    for title in empty:
        assert any(t.startswith(f"{title}: ") and t.endswith("Nothing is listed.") for t in said)
