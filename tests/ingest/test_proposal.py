"""What uploads and edited records would make of an estate."""

from __future__ import annotations

import json

import pytest
from hypothesis import given, settings

from depgraph.engine.changes import estate_changes
from depgraph.errors import DepgraphError
from depgraph.model.estate import Estate
from ingest.proposal import (
    Upload,
    proposal_from_files,
    proposal_from_foreign,
    proposal_with_record,
    proposal_without,
)
from ingest.write import estate_text
from tests.estates import estates

HELD = Estate.model_validate(
    {
        "name": "held",
        "organizations": [{"id": "a"}, {"id": "b"}],
        "services": [{"id": "s", "availability": 0.9, "provider": "a", "depends_on": ["t"]},
                     {"id": "t", "availability": 0.8}],
        "claims": [],
    }
)  # fmt: skip


def _yaml(text: str, name: str = "new.yaml") -> list[Upload]:
    return [Upload(name, text.encode())]


def test_added_records_stand_beside_and_take_the_place_of_their_id() -> None:
    text = "services: [{id: t, availability: 0.99}, {id: u, depends_on: [s]}]"
    found = proposal_from_files(HELD, _yaml(text), "add")

    assert found.estate is not None
    changes = [(c.what, c.id) for c in estate_changes(HELD, found.estate)]
    assert changes == [("changed", "t"), ("added", "u")]


def test_replacing_starts_anew() -> None:
    found = proposal_from_files(HELD, _yaml("services: [{id: u}]"), "replace")

    assert found.estate == Estate.model_validate({"services": [{"id": "u"}]})


def test_every_problem_has_its_place_in_the_upload() -> None:
    text = "services:\n  - {id: u, availability: 99.9}\n  - {id: v, depends_on: [absent]}\n"
    found = proposal_from_files(HELD, _yaml(text, "C:\\up\\../new.yaml"), "add")

    assert found.estate is None
    assert [(p.place, p.code) for p in found.problems] == [
        ("new.yaml:2:27", "share-out-of-range"),
        ("new.yaml:3:26", "unknown-reference"),
    ]


def test_a_new_name_takes_the_place_of_the_old_one() -> None:
    found = proposal_from_files(HELD, _yaml("name: new"), "add")

    assert found.estate is not None
    assert (found.estate.name, len(found.estate.services)) == ("new", 2)


def test_measurements_uploaded_twice_are_there_once() -> None:
    text = (
        "measurements: [{service: s, source: p, start: 2026-04-01T00:00:00Z, "
        "end: 2026-05-01T00:00:00Z, good: 9, valid: 10}]"
    )
    first = proposal_from_files(HELD, _yaml(text), "add").estate
    assert first is not None
    second = proposal_from_files(first, _yaml(text), "add").estate

    assert second is not None
    assert len(second.measurements) == 1


@pytest.mark.parametrize("name", ["x.exe", "x", "", "yaml", "x.yaml/"])
def test_other_files_are_refused_by_name(name: str) -> None:
    [problem] = proposal_from_files(HELD, _yaml("services: []", name), "add").problems

    assert problem.code == "not-an-estate-file"


def test_no_file_is_a_problem() -> None:
    assert proposal_from_files(HELD, [], "add").problems[0].code == "no-file"


def test_a_foreign_format_comes_with_its_report() -> None:
    bom = {"bomFormat": "CycloneDX", "specVersion": "1.6",
           "services": [{"bom-ref": "x", "name": "x"}]}  # fmt: skip
    found = proposal_from_foreign(HELD, "cyclonedx", [Upload("bom.json", json.dumps(bom).encode())])

    assert found.estate is not None
    assert "x" in found.estate.service
    assert {"s", "t"} <= set(found.estate.service)
    assert found.reports[0].source == "cyclonedx:bom.json"


def test_a_foreign_file_that_is_none_is_a_problem_without_our_paths() -> None:
    found = proposal_from_foreign(HELD, "cyclonedx", [Upload("bom.json", b"{not json")])

    assert found.estate is None
    assert found.problems
    assert str(found.problems[0]).startswith("bom.json:1:2: this is not JSON")


def test_an_edited_record_takes_the_place_of_its_id() -> None:
    found = proposal_with_record(HELD, "services", {"id": "t", "availability": "99.9%"})

    assert found.estate is not None
    assert str(found.estate.service["t"].availability) == "0.999"
    assert [s.id for s in found.estate.services] == ["s", "t"]


def test_a_wrong_field_of_an_edited_record_is_named() -> None:
    found = proposal_with_record(HELD, "services", {"id": "t", "availability": 99.9})

    assert found.problems[0].place == "services[1].availability"


def test_a_record_that_others_need_cannot_go() -> None:
    found = proposal_without(HELD, "services", "t")

    assert [p.code for p in found.problems] == ["unknown-reference"]
    gone = proposal_without(HELD, "organizations", "b").estate
    assert gone is not None
    assert set(gone.organization) == {"a"}
    with pytest.raises(DepgraphError, match="'absent'"):
        proposal_without(HELD, "services", "absent")


@settings(max_examples=40, deadline=None)
@given(estates(), estates())
def test_adding_an_estate_to_itself_or_replacing_by_another(one: Estate, two: Estate) -> None:
    """Laws: adding what is there changes nothing; replacing gives exactly the other."""
    again = proposal_from_files(one, _yaml(estate_text(one)), "add")
    assert again.estate is not None, again.problems
    assert estate_changes(one, again.estate) == ()
    other = proposal_from_files(
        one, [Upload("e.json", estate_text(two, "json").encode())], "replace"
    )
    assert other.estate == two
