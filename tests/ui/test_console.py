"""Tables of the command line: never an id or a figure that is broken in two."""

from __future__ import annotations

import io

import pytest
from rich.console import Console

from ui import console

COLUMNS = ("contract", "supplier → customer", ">owed", ">capped out", "")
ROWS = [
    ("northcolo-fraudscope-agreement", "northcolo → fraudscope", "1200.00 EUR", "0.00", "missed"),
    ("retail-brands", "example-retail → brand-partners", "2000.00 EUR", "0.00", ""),
]


def printed(width: int, monkeypatch: pytest.MonkeyPatch) -> str:
    """The table as it reads in a terminal of some width."""
    written = io.StringIO()
    monkeypatch.setattr(console, "output", Console(file=written, width=width, highlight=False))
    console.print_table("Who owes whom", COLUMNS, ROWS)
    return written.getvalue()


@pytest.mark.parametrize("width", [200, 110, 100, 80, 60])
def test_ids_and_figures_are_whole_at_every_width(
    width: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    text = printed(width, monkeypatch)
    for row in ROWS:
        assert row[0] in text
        assert row[2] in text
        assert all(word in text for word in row[1].split())


def test_what_has_no_room_beside_each_other_stands_below(monkeypatch: pytest.MonkeyPatch) -> None:
    wide = printed(120, monkeypatch).splitlines()
    assert any("1200.00 EUR" in line and ROWS[0][0] in line for line in wide)
    narrow = printed(60, monkeypatch).splitlines()
    at = narrow.index(f"  {ROWS[0][0]}")
    assert [line.split() for line in narrow[at + 1 : at + 5]] == [
        ["supplier", "→", "customer", "northcolo", "→", "fraudscope"],
        ["owed", "1200.00", "EUR"],
        ["capped", "out", "0.00"],
        ["missed"],
    ]


def test_a_table_without_rows_has_its_headings(monkeypatch: pytest.MonkeyPatch) -> None:
    written = io.StringIO()
    monkeypatch.setattr(console, "output", Console(file=written, width=80, highlight=False))
    console.print_table("Nothing", ("", ">b"), [])
    assert "b" in written.getvalue()
