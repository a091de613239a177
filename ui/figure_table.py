"""Tables whose figures read as we write them, and sort as the numbers that they are.

A column of texts would put 92.813 after 330.217, and 11,400.00 EUR before 900.00 EUR. The unit
stands in the title as well, as a downloaded table holds the numbers alone. A bracket is two
numbers: where a column holds any, its ends stand in two columns.
"""

from __future__ import annotations

import math
import re
from collections.abc import Mapping, Sequence
from itertools import cycle
from typing import Any

import pandas as pd
import streamlit as st

from ui.spreadsheet import escaped_cell

_FIGURE = re.compile(r"([-+]?[\d,]*\.?\d+(?:e[-+]?\d+)?)(?: ?(%|[A-Z]{3}))?")
_FIGURES = re.compile(rf"{_FIGURE.pattern}(?: (?:to|→) {_FIGURE.pattern})?")
"""A figure, a bracket of two, or a change from one to another."""
_BRACKET = re.compile(rf"(?:unknown \()?({_FIGURE.pattern}) to ({_FIGURE.pattern})\)?")
_ENDS = ("≥", "≤")
"""What the title of a column of lower or upper ends has behind it."""
_NOT_KNOWN = frozenset({"", "?", "not stated"})
_MOST_ROWS = 1_000
"""Rows above which texts stay texts, as telling them apart would take longer than a click may."""


def plain_table(
    rows: Sequence[dict[str, Any]],
    **options: Any,  # noqa: ANN401 - passed on
) -> Any:  # noqa: ANN401 - hangs on the options, as of `st.dataframe`
    """Show rows as `st.dataframe` does; what people download of it holds no formula.

    Parameters
    ----------
    rows : sequence of dict
        Cells by column.
    **options
        What `st.dataframe` takes.
    """
    return st.dataframe(_defused(rows), **{"placeholder": "–", **options})


def _defused(rows: Sequence[dict[str, Any]]) -> list[dict[str, Any]]:
    """Rows whose texts no spreadsheet takes for formulas; figures with a sign stay as they are."""
    return [{_text(name): _cell(value) for name, value in row.items()} for row in rows]


def _cell(value: Any) -> Any:  # noqa: ANN401 - any cell
    if isinstance(value, str):
        return _text(value)
    return [_cell(item) for item in value] if isinstance(value, list) else value


def _text(text: str) -> str:
    return text if _FIGURES.fullmatch(text) else escaped_cell(text)


def figure_table(
    rows: Sequence[dict[str, Any]],
    **options: Any,  # noqa: ANN401 - passed on
) -> Any:  # noqa: ANN401 - hangs on the options, as of `st.dataframe`
    """Show rows as `st.dataframe` does, with columns of figures that sort by size.

    Parameters
    ----------
    rows : sequence of dict
        Cells by column; figures as texts, with a sign of per cent or a currency.
    **options
        What `st.dataframe` takes.
    """
    rows, ends = _apart(_defused(rows))
    options = _retitled(options, ends)
    names = rows[0] if 0 < len(rows) <= _MOST_ROWS else ()
    figures = {name: found for name in names if (found := column_figures(rows, name))}
    if not figures:
        return plain_table(rows, **options)
    titles = {name: f"{name} [{unit}]" if unit else name for name, (_, unit) in figures.items()}
    numbers = {name: column for name, (column, _) in figures.items()}
    frame = pd.DataFrame(rows).assign(**numbers).rename(columns=titles)
    # Other figures as `st.dataframe` writes them; the styler would pad them with noughts.
    styler = frame.style.format(_plain_number)
    for name, title in titles.items():
        # The styler asks row by row for each column.
        texts = cycle([str(row[name]) for row in rows])
        styler = styler.format(lambda _, texts=texts: next(texts), subset=[title])
    options = _retitled(options, {name: (title,) for name, title in titles.items()})
    return st.dataframe(styler, **{"placeholder": "–", **options})


def _retitled(options: Mapping[str, Any], titles: Mapping[str, tuple[str, ...]]) -> dict[str, Any]:
    """Options that name columns by their new titles; what is named otherwise would be left out."""
    renamed = dict(options)
    if configured := options.get("column_config"):
        renamed["column_config"] = {
            title: column
            for name, column in configured.items()
            for title in titles.get(name, (name,))
        }
    if ordered := options.get("column_order"):
        renamed["column_order"] = [title for name in ordered for title in titles.get(name, (name,))]
    return renamed


def _apart(
    rows: Sequence[dict[str, Any]],
) -> tuple[Sequence[dict[str, Any]], dict[str, tuple[str, ...]]]:
    """Rows with both ends of each column of brackets in columns of their own, and their titles."""
    names = rows[0] if 0 < len(rows) <= _MOST_ROWS else ()
    ends = {name: found for name in names if (found := column_ends(rows, name))}
    if not ends:
        return rows, {}
    titles = {name: tuple(f"{name} {end}" for end in _ENDS) for name in ends}
    split = [
        {
            title: text
            for name, cell in row.items()
            for title, text in zip(
                titles.get(name, (name,)), ends[name][at] if name in ends else (cell,), strict=True
            )
        }
        for at, row in enumerate(rows)
    ]
    return split, titles


def column_ends(rows: Sequence[dict[str, Any]], name: str) -> list[tuple[str, str]] | None:
    """Both ends of what each text of a column says; None where none is a bracket, or one no figure.

    Parameters
    ----------
    rows : sequence of dict
        Rows of a table, with their texts by column.
    name : str
        The column.

    Returns
    -------
    list of (str, str) or None
        Lower and upper end of each row, with their units; a figure is both of its ends, and what
        is not known is told as it stands.

    >>> column_ends([{"a": "99.9 %"}, {"a": "5 % to 7 %"}, {"a": ""}], "a")
    [('99.9 %', '99.9 %'), ('5 %', '7 %'), ('', '')]
    >>> column_ends([{"a": "unknown (0 to 100 %)"}], "a")
    [('0 %', '100 %')]
    >>> column_ends([{"a": "99.9 %"}], "a")
    >>> column_ends([{"a": "5 % to 7 %"}, {"a": "none"}], "a")
    """
    found: list[tuple[str, str]] = []
    bracketed = False
    for row in rows:
        text = row.get(name)
        if not isinstance(text, str):
            return None
        if text in _NOT_KNOWN or _FIGURE.fullmatch(text):
            found.append((text, text))
            continue
        read = _BRACKET.fullmatch(text)
        if read is None:
            return None
        low, number, unit, high, _, high_unit = read.groups()
        # "0 to 100 %" says its unit once.
        found.append((f"{number} {high_unit}" if high_unit and not unit else low, high))
        bracketed = True
    return found if bracketed else None


def _plain_number(cell: object) -> object:
    return f"{cell:,.4f}".rstrip("0").rstrip(".") if isinstance(cell, float) else cell


def column_figures(rows: Sequence[dict[str, Any]], name: str) -> tuple[list[float], str] | None:
    """Numbers that a column's texts say, and their unit; None where they say anything else.

    Parameters
    ----------
    rows, name
        As for `column_ends`.

    Returns
    -------
    tuple of (list of float, str) or None
        One number a row, NaN where it is not known, and the unit that all have; empty for none.

    >>> column_figures([{"a": "1,234.5 EUR"}, {"a": "?"}, {"a": "9.00 EUR"}], "a")
    ([1234.5, nan, 9.0], 'EUR')
    >>> column_figures([{"a": "99.9 %"}, {"a": "5 % → 7 %"}], "a")
    >>> column_figures([{"a": "1.00 EUR"}, {"a": "2.00 GBP"}], "a")
    """
    found: list[float] = []
    units = set()
    for row in rows:
        text = row.get(name)
        if isinstance(text, str) and text in _NOT_KNOWN:
            found.append(math.nan)
            continue
        read = _FIGURE.fullmatch(text) if isinstance(text, str) else None
        if read is None:
            return None
        units.add(read[2] or "")
        found.append(float(read[1].replace(",", "")))
    return (found, units.pop()) if len(units) == 1 else None
