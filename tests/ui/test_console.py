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
    assert [line.split() for line in printed(60, monkeypatch).splitlines() if line][1:] == [
        ["contract", "owed", "capped", "out"],
        ["northcolo-fraudscope-agreement", "1200.00", "EUR", "0.00"],
        ["supplier", "→", "customer:", "northcolo", "→", "fraudscope", "·", "missed"],
        ["retail-brands", "2000.00", "EUR", "0.00"],
        ["supplier", "→", "customer:", "example-retail", "→", "brand-partners"],
    ]


def test_a_ranking_keeps_rank_id_and_figure_in_one_line(monkeypatch: pytest.MonkeyPatch) -> None:
    """Of columns that have no room, the later ones stand below, with their names."""
    written = io.StringIO()
    monkeypatch.setattr(console, "output", Console(file=written, width=80, highlight=False))
    columns = (">rank", "component", ">criticality", *(f">measure {n}" for n in range(6)))
    rows = [
        ("1", "payments-gateway-of-the-first", "46.65 %", *["0.994315"] * 6),
        ("2", "ledger", "8.83 %", *["0.990285"] * 6),
    ]
    console.print_table("What matters most", columns, rows)
    first, pairs, more, second, *_ = [line for line in written.getvalue().splitlines() if line][2:]

    assert first.split()[:4] == ["1", "payments-gateway-of-the-first", "46.65", "%"]
    assert second.split()[:4] == ["2", "ledger", "8.83", "%"]
    assert first.index("46.65 %") == second.index("8.83 %") - 1
    assert f"{first}{pairs}{more}".count("0.994315") == 6
    assert "measure 5: 0.994315" in more
    assert all(len(line) <= 80 for line in written.getvalue().splitlines())


@pytest.mark.parametrize("width", range(60, 120, 3))
def test_words_are_whole_where_lines_may_break(width: int, monkeypatch: pytest.MonkeyPatch) -> None:
    """The library shares out what room there is by itself, and broke ids among other words."""
    written = io.StringIO()
    monkeypatch.setattr(console, "output", Console(file=written, width=width, highlight=False))
    columns = (">rank", "organization", "country", "disclosed", "only through", "functions")
    functions = ["online-sales", "store-sales", "fulfilment"]
    row = ("1", "google-cloud", "IE", "yes", "a very long way around", ", ".join(functions))
    console.print_table("Suppliers", columns, [row])

    text = written.getvalue()
    assert all(name in text for name in functions)
    assert all(word in text.split() for word in row[4].split())


def test_a_table_without_rows_has_its_headings(monkeypatch: pytest.MonkeyPatch) -> None:
    written = io.StringIO()
    monkeypatch.setattr(console, "output", Console(file=written, width=80, highlight=False))
    console.print_table("Nothing", ("", ">b"), [])
    assert "b" in written.getvalue()
