"""Rule A9 wherever a figure before and after, beside another or along a path is shown."""

from __future__ import annotations

from pathlib import Path

import pytest
from typer.testing import CliRunner

from depgraph.engine.availability import assessed, final_figures
from depgraph.engine.comparison import compared
from depgraph.engine.graph import Node, dependency_graph
from depgraph.engine.paths import class_graph, own_figures, paths_by
from depgraph.engine.requirement_tree import requirement_tree
from depgraph.engine.structure import structure_of
from depgraph.model.estate import Estate
from tests.ui.command_line import app
from ui.availability_rows import tree_rows
from ui.change_preview import service_rows
from ui.explore_paths import path_text
from ui.whatif_cells import change_cells

LOST = {"shop": "1e-18", "bank": "1e-20"}
"""Synthetic: less than the last digit of a float below 1."""


def _estate(shop: str = LOST["shop"]) -> Estate:
    return Estate.model_validate(
        {
            "organizations": [{"id": "us", "own": True}],
            "services": [
                {"id": "shop", "provider": "us", "unavailability": shop, "depends_on": ["bank"]},
                {"id": "bank", "unavailability": LOST["bank"]},
                {"id": "open", "unavailability": LOST["bank"], "depends_on": ["unknown"]},
                {"id": "unknown", "depends_on": ["bank"]},
            ],
        }
    )


def test_before_and_after_of_a_change() -> None:
    comparison = compared(_estate(), _estate("2e-18"))
    [row] = comparison.changes
    [shown] = service_rows(comparison)

    assert shown["before"] == "99.99999999999999989 %"
    assert shown["after"] == "99.99999999999999979 %"
    assert shown["downtime change, minutes a month"] == "+4.32e-14"
    assert change_cells(row)[1] == f"{shown['before']} → {shown['after']}"


def test_both_ends_of_a_bracket_before_and_after_of_a_change() -> None:
    before = _estate()
    after = before.replace(services=before.services[:2] + before.services[3:])
    [row] = compared(before, after).changes

    assert change_cells(row)[1] == "0.0000 % to 99.9999999999999999980 % → not there"


def test_own_components_of_what_a_service_requires() -> None:
    structure = structure_of(_estate())
    known = {row.id: row for row in assessed(structure.estate, None, structure).services}
    figures = final_figures(structure)
    shop, bank = tree_rows(requirement_tree(structure, figures, "shop", known))
    _, unknown, _ = tree_rows(requirement_tree(structure, figures, "open", known))

    assert shop["own component"] == "99.99999999999999990 %"
    assert bank["own component"] == "99.9999999999999999990 %"
    assert unknown["own component"] == "0.0000 % to 100 %"


def test_everything_on_a_path() -> None:
    estate = _estate()
    figures = own_figures(final_figures(structure_of(estate)))
    graph = class_graph(dependency_graph(estate))
    [way] = paths_by(graph, (Node("service", "shop"), Node("service", "bank")), figures).paths
    [open_way] = paths_by(graph, (Node("service", "open"), Node("service", "bank")), figures).paths

    assert path_text(way) == "99.99999999999999989 %"
    assert path_text(open_way) == "0.0000 % to 99.9999999999999999980 %"


@pytest.mark.parametrize(
    ("arguments", "told"),
    [
        (["simulate", "estate.json", "--years", "16"], "99.99999999999999989 %"),
        (["simulate", "estate.json", "--years", "16"], "0.0000 % – 99.9999999999999999990 %"),
        (["diligence", "estate.json", "--onboard", "change.yaml"], "-4.32e-14"),
        (["whatif", "estate.json", "change.yaml"], "89 % → 99.99999999999999979 %"),
    ],
)
def test_figures_that_commands_print(
    arguments: list[str], told: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    Path("estate.json").write_text(_estate().model_dump_json(exclude_none=True, by_alias=True))
    Path("change.yaml").write_text(
        "edits: [{replace: {services: [{id: shop, unavailability: 2e-18}]}}]"
    )
    done = CliRunner().invoke(app, arguments)

    assert done.exit_code == 0, done.output
    assert told in done.stdout
