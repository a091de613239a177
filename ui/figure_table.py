"""Tables whose figures read as we write them, and sort as the numbers that they are.

A column of texts would put 92.813 after 330.217, and 900.00 EUR before 11,400.00 EUR.
"""

from __future__ import annotations

import math
import re
from collections.abc import Sequence
from itertools import cycle
from typing import Any

import pandas as pd
import streamlit as st

_FIGURE = re.compile(r"([-+]?[\d,]*\.?\d+(?:e[-+]?\d+)?)( ?%| [A-Z]{3})?( to .+)?")
_UNKNOWN = re.compile(r"unknown \((\d+) to 100( %)\)")
_NOT_KNOWN = frozenset({"", "?", "not stated"})
_MOST_ROWS = 1_000
"""Rows above which texts stay texts, as telling them apart would take longer than a click may."""
_BRACKET_WIDTH = 150
"""Width in which a bracket is read whole [px]."""


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
    names = rows[0] if 0 < len(rows) <= _MOST_ROWS else ()
    numbers = {name: found for name in names if (found := column_numbers(rows, name))}
    if not numbers:
        return st.dataframe(rows, **options)
    frame = pd.DataFrame(rows).assign(**numbers)
    # Other figures as `st.dataframe` writes them; the styler would pad them with noughts.
    styler = frame.style.format(_plain_number)
    for name in numbers:
        # The styler asks row by row for each column.
        texts = cycle([str(row[name]) for row in rows])
        styler = styler.format(lambda _, texts=texts: next(texts), subset=[name])
    configured = dict(options.pop("column_config", {}))
    for name in numbers:
        if any(" to " in str(row[name]) for row in rows):
            configured[name] = {**configured.get(name, {}), "width": _BRACKET_WIDTH}
    return st.dataframe(styler, column_config=configured, placeholder="–", **options)


def _plain_number(cell: object) -> object:
    return f"{cell:,.4f}".rstrip("0").rstrip(".") if isinstance(cell, float) else cell


def column_numbers(rows: Sequence[dict[str, Any]], name: str) -> list[float]:
    """Numbers that a column's texts say, a bracket's by its low end; empty where it is no such.

    >>> column_numbers([{"a": "1,234.5 EUR"}, {"a": "?"}, {"a": "9.00 EUR"}], "a")
    [1234.5, nan, 9.0]
    >>> column_numbers([{"a": "99.9 %"}, {"a": "5 % to 7 %"}, {"a": "unknown (0 to 100 %)"}], "a")
    [99.9, 5.0, 0.0]
    >>> column_numbers([{"a": "1.00 EUR"}, {"a": "2.00 GBP"}], "a")
    []
    """
    found: list[float] = []
    units = set()
    for row in rows:
        text = row.get(name)
        if text in _NOT_KNOWN:
            found.append(math.nan)
            continue
        text = text if isinstance(text, str) else ""
        read = _FIGURE.fullmatch(text) or _UNKNOWN.fullmatch(text)
        if read is None:
            return []
        units.add((read[2] or "").strip())
        found.append(float(read[1].replace(",", "")))
    return found if len(units) == 1 else []
