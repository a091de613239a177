"""Edit in the page: preview, apply, undo; the files are what the page says."""

from __future__ import annotations

import io
import shutil
from pathlib import Path

import pytest
import streamlit as st
from openpyxl import Workbook
from streamlit.testing.v1 import AppTest

from depgraph.engine.changes import estate_changes
from depgraph.model.contract import Contract
from depgraph.model.estate import Estate
from depgraph.model.sla import Sla
from ingest import require_estate
from sample_data import sample_path
from tests.ui.pages import as_visitor, view
from ui.record_form import field_label

PREVIEW = "Preview"


@pytest.fixture
def estate(tmp_path: Path) -> Path:
    st.cache_resource.clear()
    shutil.copytree(sample_path("by_hand"), tmp_path / "e")
    return tmp_path / "e"


def _button(page: AppTest, label: str) -> AppTest:
    [button] = [b for b in page.button if b.label == label]
    return button.click().run()


def _field(page: AppTest, name: str) -> object:
    [field] = [f for f in page.text_input if f.label.removesuffix(" *") == field_label(name)]
    return field


def _changed_service(page: AppTest, service: str, **fields: str) -> AppTest:
    page.selectbox(key="edit_record_services").select(service).run()
    for name, value in fields.items():
        _field(page, name).set_value(value)  # type: ignore[attr-defined]  # a text input
    return _button(page, PREVIEW)


def test_a_field_is_changed_previewed_applied_and_undone(
    monkeypatch: pytest.MonkeyPatch, estate: Path
) -> None:
    before = require_estate(estate)
    text = (estate / "estate.yaml").read_text()
    page = view(monkeypatch, "edit", str(estate))
    assert not page.exception
    # The first look would stand in the browser's history beside the view before.
    assert "task" not in page.query_params
    page = _changed_service(page, "ledger", name="The ledger")
    assert not page.exception
    # Overview counts single points of critical services alone.
    assert "Single points of failure" not in {m.label for m in page.metric}
    assert {m.label: m.value for m in page.metric}["Records changed"] == "1"
    assert require_estate(estate) == before

    page = _button(page, "Apply")
    assert "Applied: 1 record" in page.success[0].value
    after = require_estate(estate)
    assert [(c.what, c.id) for c in estate_changes(before, after)] == [("changed", "ledger")]
    assert after.service["ledger"].name == "The ledger"

    page = view(monkeypatch, "edit", str(estate), task="Changes made")
    assert page.dataframe[0].value["field"].tolist() == ["name"]
    page = _button(page, "Undo the last change")
    assert not page.exception
    assert (estate / "estate.yaml").read_text() == text
    page = _button(page, "Redo")
    assert not page.exception
    assert require_estate(estate) == after
    assert [b.label for b in page.button] == ["Undo the last change"]
    assert page.dataframe[0].value["done"].tolist() == ["made again", "undone", "applied"]


def test_a_wrong_value_is_said_with_its_place(
    monkeypatch: pytest.MonkeyPatch, estate: Path
) -> None:
    page = view(monkeypatch, "edit", str(estate))
    page = _changed_service(page, "ledger", availability="99.9")

    assert "1 problem;" in page.error[0].value
    assert page.dataframe[0].value["place"].tolist() == ["services[3].availability"]
    assert not [b for b in page.button if b.label == "Apply"]


def test_a_change_meanwhile_is_never_overwritten(
    monkeypatch: pytest.MonkeyPatch, estate: Path
) -> None:
    page = view(monkeypatch, "edit", str(estate))
    page = _changed_service(page, "ledger", name="mine")
    file = estate / "estate.yaml"
    file.write_text(file.read_text() + "# theirs\n")
    page = _button(page, "Apply")
    # A comment changes nothing in the estate: both stay.
    assert require_estate(estate).service["ledger"].name == "mine"
    assert "# theirs" in file.read_text()

    page = _changed_service(page, "ledger", name="mine again")
    theirs = file.read_text().replace("name: mine", "name: theirs")
    file.write_text(theirs)
    page = _button(page, "Apply")
    assert file.read_text() == theirs
    assert "changed meanwhile" in page.warning[0].value


def test_two_windows_do_not_lose_what_the_second_typed_in_silence(
    monkeypatch: pytest.MonkeyPatch, estate: Path
) -> None:
    first = view(monkeypatch, "edit", str(estate))
    second = view(monkeypatch, "edit", str(estate))
    second.selectbox(key="edit_record_services").select("ledger").run()
    _field(second, "name").set_value("second")  # type: ignore[attr-defined]  # a text input
    first = _changed_service(first, "ledger", name="first")
    first = _button(first, "Apply")
    second = _button(second, PREVIEW)

    assert "changed meanwhile" in second.warning[0].value
    assert not [b for b in second.button if b.label == "Apply"]
    assert _field(second, "name").value == "first"  # type: ignore[attr-defined]  # a text input
    _field(second, "name").set_value("second")  # type: ignore[attr-defined]  # a text input
    second = _button(_button(second, PREVIEW), "Apply")
    assert require_estate(estate).service["ledger"].name == "second"


def test_redo_ends_with_another_change_and_refuses_what_somebody_else_wrote(
    monkeypatch: pytest.MonkeyPatch, estate: Path
) -> None:
    page = _button(
        _changed_service(view(monkeypatch, "edit", str(estate)), "ledger", name="a"), "Apply"
    )
    page = _button(
        view(monkeypatch, "edit", str(estate), task="Changes made"), "Undo the last change"
    )
    file = estate / "estate.yaml"
    theirs = file.read_text().replace("id: ledger,", "id: ledger, name: theirs,")
    file.write_text(theirs)
    page = _button(page, "Redo")
    assert "not done" in page.error[0].value
    assert file.read_text() == theirs

    st.cache_data.clear()
    page = _changed_service(view(monkeypatch, "edit", str(estate)), "pay-a", name="b")
    page = _button(page, "Apply")
    page = view(monkeypatch, "edit", str(estate), task="Changes made")
    assert [b.label for b in page.button] == ["Undo the last change"]


def test_what_an_import_leaves_out_is_seen_and_long_lists_are_cut(
    monkeypatch: pytest.MonkeyPatch, estate: Path
) -> None:
    """A formula is never read as what it would come to."""
    held = io.BytesIO()
    book = Workbook()
    sheet = book.worksheets[0]
    sheet.title = "services"
    rows: list[list[str | float]] = [["id", "availability"], ["=1+1", 0.9]]
    rows += [[f"n{n}", 0.9] for n in range(1_001)]
    for row in rows:
        sheet.append(row)
    book.save(held)
    page = view(monkeypatch, "edit", str(estate), task="Import files")
    page.selectbox[0].set_value("xlsx")
    page.file_uploader[0].upload("new.xlsx", held.getvalue(), "application/octet-stream")
    page = _button(page, PREVIEW)

    assert not page.exception
    assert page.expander[0].proto.expanded
    assert "formula" in " ".join(page.dataframe[0].value["what"])
    assert {m.label: m.value for m in page.metric}["Records added"] == "1,001"
    assert len(page.dataframe[1].value) == 1_000


def test_files_of_an_estate_with_another_name_are_said(
    monkeypatch: pytest.MonkeyPatch, estate: Path
) -> None:
    page = view(monkeypatch, "edit", str(estate), task="Import files")
    content = b"name: Elsewhere\nservices: [{id: n, availability: 0.9}]"
    page.file_uploader[0].upload("new.yaml", content, "text/yaml")
    page = _button(page, PREVIEW)

    assert "another name" in page.warning[0].value
    assert "Elsewhere" in page.text[0].value


def test_the_address_opens_the_form_of_a_record(
    monkeypatch: pytest.MonkeyPatch, estate: Path
) -> None:
    page = view(monkeypatch, "edit", str(estate), kind="contracts", record="pay-shop")
    assert _field(page, "supplier").value == "pay-co"  # type: ignore[attr-defined]  # a text input
    page = view(monkeypatch, "edit", str(estate), kind="nothing", record="<img>")
    assert not page.exception
    assert _field(page, "id").value == ""  # type: ignore[attr-defined]  # a text input


@pytest.mark.parametrize(
    ("kind", "record", "field", "amount"),
    [
        ("contracts", "pay-shop", "annual_value", "1200000 EUR"),
        ("slas", "pay-shop-a", "monthly_fee", "100000 EUR"),
    ],
)
def test_records_with_amounts_of_money_are_edited(
    monkeypatch: pytest.MonkeyPatch, estate: Path, kind: str, record: str, field: str, amount: str
) -> None:
    page = view(monkeypatch, "edit", str(estate), kind=kind, record=record)
    assert not page.exception
    assert _field(page, field).value == amount  # type: ignore[attr-defined]  # a text input
    _field(page, field).set_value("77 EUR")  # type: ignore[attr-defined]  # a text input
    page = _button(page, PREVIEW)
    page = _button(page, "Apply")

    assert not page.exception
    assert str(getattr(_record(require_estate(estate), kind, record), field)) == "77 EUR"


def _record(estate: Estate, kind: str, name: str) -> Contract | Sla:
    return estate.contract[name] if kind == "contracts" else estate.sla[name][1]


def test_files_are_added_and_their_problems_have_places(
    monkeypatch: pytest.MonkeyPatch, estate: Path
) -> None:
    page = view(monkeypatch, "edit", str(estate), task="Import files")
    page.file_uploader[0].upload(
        "new.yaml", b"services: [{id: n, depends_on: [absent]}]", "text/yaml"
    )
    page = _button(page, PREVIEW)
    assert page.dataframe[0].value["place"].tolist() == ["new.yaml:1:33"]

    page = view(monkeypatch, "edit", str(estate), task="Import files")
    page.file_uploader[0].upload("new.yaml", b"services: [{id: n, availability: 0.9}]", "text/yaml")
    page = _button(page, PREVIEW)
    page = _button(page, "Apply")
    assert "n" in require_estate(estate).service


def test_the_sample_itself_is_never_changed(monkeypatch: pytest.MonkeyPatch) -> None:
    before = require_estate(sample_path("by_hand"))
    page = view(monkeypatch, "edit", str(sample_path("by_hand")))
    page = _changed_service(page, "ledger", name="mine")
    page = _button(page, "Apply")

    assert "everything is as it was" in page.error[0].value
    assert require_estate(sample_path("by_hand")) == before


def test_an_empty_estate_can_be_filled(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    st.cache_resource.clear()
    (tmp_path / "e.yaml").write_text("organizations: [{id: a}]\n")
    page = view(monkeypatch, "edit", str(tmp_path))
    _field(page, "id").set_value("first")  # type: ignore[attr-defined]  # a text input
    _field(page, "availability").set_value("99.5%")  # type: ignore[attr-defined]  # a text input
    page = _button(page, PREVIEW)
    page = _button(page, "Apply")

    assert not page.exception
    assert str(require_estate(tmp_path).service["first"].availability) == "0.995"


def test_a_viewer_cannot_edit_even_with_a_proposal_in_hand(
    monkeypatch: pytest.MonkeyPatch, estate: Path
) -> None:
    """The role is asked where the change happens: the button of an editor is no way round it."""
    before = require_estate(estate)
    with as_visitor(monkeypatch, ["editor"]) as editor:
        page = view(monkeypatch, "edit", str(estate), visitor=editor)
        page = _changed_service(page, "ledger", name="mine")
        assert [b for b in page.button if b.label == "Apply"]
        page.user["roles"] = ["viewer"]
        page = _button(page, "Apply")

    assert "may not" in page.error[0].value
    assert require_estate(estate) == before


def test_removing_much_needs_an_approver(monkeypatch: pytest.MonkeyPatch, estate: Path) -> None:
    upload = ("new.yaml", b"services: [{id: n, availability: 0.9}]", "text/yaml")
    before = require_estate(estate)
    for role in ("editor", "approver"):
        with as_visitor(monkeypatch, [role]) as who:
            page = view(monkeypatch, "edit", str(estate), visitor=who, task="Import files")
            page.toggle[0].set_value(True)
            page.file_uploader[0].upload(*upload)
            page = _button(page, PREVIEW)
            page = _button(page, "Apply")
            if role == "editor":
                assert "approver" in page.text[-1].value
                assert require_estate(estate) == before
    assert list(require_estate(estate).service) == ["n"]
