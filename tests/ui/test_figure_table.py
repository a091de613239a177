"""Figures in tables read as texts and sort as numbers."""

from __future__ import annotations

from streamlit.testing.v1 import AppTest

from tests.ui.pages import as_read

SCRIPT = """
from ui.figure_table import figure_table
figure_table([
    {"down": "330.217", "owed": "900.00 EUR", "promised": "", "mixed": "1.00 EUR", "years": 210.0},
    {"down": "92.813", "owed": "11,400.00 EUR", "promised": "?", "mixed": "2.00 GBP", "years": 0.5},
    {"down": "4.32e-08", "owed": "0.00 EUR", "promised": "99.9 %", "mixed": "", "years": 1234.0},
])
"""


def test_a_column_of_figures_holds_numbers_and_shows_its_texts() -> None:
    page = AppTest.from_string(SCRIPT).run()
    assert not page.exception
    [frame] = page.dataframe

    ranked = frame.value.sort_values("owed [EUR]")["down"].tolist()
    assert ranked == [4.32e-08, 330.217, 92.813]
    assert frame.value["promised [%]"].isna().tolist() == [True, True, False]
    read = as_read(frame)
    assert read["down"].tolist() == ["330.217", "92.813", "4.32e-08"]
    assert read["owed"].tolist() == ["900.00 EUR", "11,400.00 EUR", "0.00 EUR"]
    assert read["years"].tolist() == ["210", "0.5", "1,234"]


def test_an_order_of_columns_leaves_none_out() -> None:
    """A column of figures has its unit in its title, and is asked for without it."""
    script = """
from ui.figure_table import figure_table
figure_table([{"open": "x", "promised": "99.9 %", "n": "1"}], column_order=["n", "promised", "open"])
"""
    page = AppTest.from_string(script).run()

    assert list(page.dataframe[0].proto.column_order) == ["n", "promised [%]", "open"]
    assert set(page.dataframe[0].proto.column_order) == set(page.dataframe[0].value.columns)


def test_sums_of_several_currencies_stay_texts() -> None:
    page = AppTest.from_string(SCRIPT).run()

    assert page.dataframe[0].value["mixed"].tolist() == ["1.00 EUR", "2.00 GBP", ""]


def test_a_column_with_a_bracket_sorts_by_either_end_and_loses_none() -> None:
    """What is downloaded is what is below: one number would be one end alone."""
    script = """
from ui.figure_table import figure_table
import streamlit as st
figure_table(
    [
        {"a": "99.9 %", "down": "92.813", "n": "1"},
        {"a": "5 % to 7.5 %", "down": "4.1 to 1,330.217", "n": "2"},
        {"a": "unknown (0 to 100 %)", "down": "?", "n": "10"},
    ],
    column_order=["n", "a", "down"],
    column_config={"a": st.column_config.Column(help="a share")},
)
"""
    page = AppTest.from_string(script).run()
    assert not page.exception
    [frame] = page.dataframe

    shown = frame.value
    assert list(frame.proto.column_order) == ["n", "a ≥ [%]", "a ≤ [%]", "down ≥", "down ≤"]
    assert shown["a ≥ [%]"].tolist() == [99.9, 5.0, 0.0]
    assert shown["a ≤ [%]"].tolist() == [99.9, 7.5, 100.0]
    assert shown.sort_values("down ≤")["n"].tolist() == [1.0, 2.0, 10.0]
    read = as_read(frame)
    assert read["a ≥"].tolist() == ["99.9 %", "5 %", "0 %"]
    assert read["a ≤"].tolist() == ["99.9 %", "7.5 %", "100 %"]
    assert read["down ≤"].tolist() == ["92.813", "1,330.217", "?"]
    assert frame.proto.columns.count("a share") == 2


def test_a_change_stays_a_text() -> None:
    script = """
from ui.figure_table import figure_table
figure_table([{"a": "5 % → 7 %", "b": "5 % to 7 %"}, {"a": "9 %", "b": "none"}])
"""
    page = AppTest.from_string(script).run()

    assert page.dataframe[0].value["a"].tolist() == ["5 % → 7 %", "9 %"]
    assert page.dataframe[0].value["b"].tolist() == ["5 % to 7 %", "none"]


def test_texts_that_a_spreadsheet_would_run_are_defused_and_figures_stay() -> None:
    rows = [
        {
            "name": "=1+1",
            "change": "-0.25 to -0.01",
            "of": ["@a", "b"],
            "n": -3,
            "sum": "-2.00 EUR",
        },
        {"name": "shop", "change": "+7", "of": [], "n": 4, "sum": "?"},
    ]
    page = AppTest.from_function(_plain, kwargs={"rows": rows}).run()
    shown = page.dataframe[0].value
    assert shown["name"].tolist() == ["'=1+1", "shop"]
    assert shown["change"].tolist() == ["-0.25 to -0.01", "+7"]
    assert list(shown["of"][0]) == ["'@a", "b"]
    assert shown["n"].tolist() == [-3, 4]
    again = AppTest.from_function(_figures, kwargs={"rows": rows}).run().dataframe[0].value
    assert again["name"].tolist() == ["'=1+1", "shop"]
    assert again["sum [EUR]"].tolist()[0] == -2.0


def _plain(rows: list[dict[str, object]]) -> None:
    from ui.figure_table import plain_table  # noqa: PLC0415 - runs as a page of its own

    plain_table(rows)


def _figures(rows: list[dict[str, object]]) -> None:
    from ui.figure_table import figure_table  # noqa: PLC0415 - runs as a page of its own

    figure_table(rows)
