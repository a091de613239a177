"""Scenario files: faults of the file and of what it says about an estate, with their places."""

from __future__ import annotations

from pathlib import Path

import pytest

from depgraph.engine.scenario import edited
from depgraph.errors import RegisterError
from depgraph.model.estate import Estate
from ingest.scenario import read_scenario

ESTATE = Estate.model_validate(
    {
        "organizations": [{"id": "o"}, {"id": "p"}],
        "services": [{"id": "a", "depends_on": ["b"]}, {"id": "b"}],
        "contracts": [{"id": "k", "supplier": "o", "customer": "p", "findings": [{"kind": "gross_negligence", "incident": "old", "decided": "2026-01-01"}]}],
        "incidents": [{"id": "old", "affects": "a", "start": "2026-01-01T00:00:00Z"}],
    }
)  # fmt: skip


def _read(tmp_path: Path, text: str, name: str = "what.yaml") -> list[str]:
    file = tmp_path / name
    file.write_text(text, "utf-8")
    with pytest.raises(RegisterError) as caught:
        read_scenario(file, ESTATE)
    return [str(problem).replace(f"{tmp_path}/", "") for problem in caught.value.problems]


def test_a_scenario_is_read_and_fits(tmp_path: Path) -> None:
    file = tmp_path / "what.yaml"
    file.write_text(
        "name: Without b\nwhy: to see\n"
        "incidents:\n  - {id: x, affects: c, start: 2026-02-01T00:00:00Z, cause: supplier}\n"
        "edits:\n  - add: {services: [{id: c, unavailability: 1e-15}]}\n"
        "  - replace: {dependencies: [{service: a, on: b, with: c}]}\n  - remove: {services: [b]}\n",
        "utf-8",
    )
    scenario = read_scenario(file, ESTATE)
    after = edited(ESTATE, scenario.edits)

    assert scenario.name == "Without b"
    assert after.service["a"].depends_on == ("c",)
    assert str(after.service["c"].unavailability) == "1E-15"


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        pytest.param(
            "edits:\n  - remove: {services: [bb]}\n",
            ["what.yaml:2:25: none of the services has the id 'bb' (did you mean 'b'?)"],
            id="edit of nothing",
        ),
        pytest.param(
            "edits:\n  - add: {services: [{id: z, availability: 99.9}]}\n  - remove: {services: [b]}\n",
            [
                'what.yaml:2:44: 99.9 is outside [0, 1] (for 99.9 % write 0.999 or "99.9%")',
                "what.yaml:3:25: 'b' is removed, but services 'a' still names it under depends_on (change or remove that too)",
            ],
            id="all at once",
        ),
        pytest.param(
            "edits:\n  - replace: {services: [{id: a, depends_on: [bee]}]}\n",
            ["what.yaml:2:47: no service has the id 'bee' (add the service, or correct the id)"],
            id="dangling reference of a replacement",
        ),
        pytest.param(
            "incidents:\n  - {id: x, affects: aa, start: 2026-02-01T00:00:00Z}\n",
            ["what.yaml:2:22: no service, location or organization has the id 'aa' (did you mean 'a'?)"],
            id="incident on nothing",
        ),
        pytest.param(
            "servces: []\nedts: []\n",
            [
                "what.yaml:1:1: unknown key 'servces' (remove it)",
                "what.yaml:2:1: unknown key 'edts' (did you mean 'edits'?)",
            ],
            id="keys of a scenario, not of an estate",
        ),
        pytest.param(
            "edits:\n  - add: {servces: [{id: z}]}\n",
            ["what.yaml:2:11: unknown key 'servces' (did you mean 'services'?)"],
            id="a list that estates do not have",
        ),
    ],
)  # fmt: skip
def test_a_fault_gets_its_place(tmp_path: Path, text: str, expected: list[str]) -> None:
    assert _read(tmp_path, text) == expected


def test_json_too(tmp_path: Path) -> None:
    found = _read(tmp_path, '{"edits": [{"remove": {"services": ["zz"]}}]}', "what.json")

    assert found == ["what.json:1:37: none of the services has the id 'zz' (correct the id)"]


def test_what_is_on_record_in_the_estate_is_no_fault_of_the_scenario(tmp_path: Path) -> None:
    file = tmp_path / "what.yaml"
    file.write_text("incidents:\n  - {id: old, affects: b, start: 2026-02-01T00:00:00Z}\n", "utf-8")

    assert read_scenario(file, ESTATE).incidents[0].affects == "b"
