"""What results rest on, and the fact that would narrow a bracket most (rule A5)."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from depgraph.engine import data_quality
from depgraph.engine.availability import assessed
from depgraph.engine.data_quality import (
    ResultQuality,
    availability_quality,
    source_quality,
    worst_first,
)
from depgraph.engine.diligence import data_quality as quality_of
from depgraph.engine.structure import structure_of
from depgraph.model.estate import Estate


def results(estate: Estate, **options: Any) -> dict[str, ResultQuality]:
    structure = structure_of(estate)
    rows, _, _ = availability_quality(
        structure, assessed(estate, None, structure), options.get("origins", {}),
        options.get("candidates", 25),
    )  # fmt: skip
    return {row.subject: row for row in rows}


def mixed(**figures: Any) -> Estate:
    """A front that needs one thing, and one of two others; synthetic."""
    services = [{"id": "front", "availability": 0.999,
                 "depends_on": ["hard", {"at_least": 1, "of": ["left", "right"]}]}]  # fmt: skip
    names = ("hard", "left", "right")
    services += [{"id": n} | ({"availability": figures[n]} if n in figures else {}) for n in names]
    return Estate.model_validate({"services": services})


def test_the_best_fact_by_hand() -> None:
    """Without left, hard leaves 0.999 × 0.99 × (1 - 0.9) at most; without hard, left leaves all.

    Known: right 0.9. Width now: 0.999 (both at 1) - 0 = 0.999. With hard known and up: from
    0.999 × 0.9 to 0.999, width 0.0999; with left known, hard may still take all.
    """
    row = results(mixed(right=0.9))["front"]

    assert row.width == pytest.approx(0.999)
    assert row.best_fact is not None
    assert row.best_fact.component == "hard"
    assert row.best_fact.width_at_most == pytest.approx(0.0999)
    assert row.best_fact.narrows_at_least == pytest.approx(0.999 - 0.0999)
    assert (row.rests_on, row.score) == (4, 0.5)
    assert str(row.best_fact) == "hard: narrows by at least 0.8991"


def test_one_of_two_missing_figures_may_tell_nothing_alone() -> None:
    """Two in a row: known to be up, the first leaves all to the second; down, it tells all."""
    estate = Estate.model_validate({"services": [{"id": "a", "depends_on": ["b"]}, {"id": "b"}]})
    fact = results(estate)["a"].best_fact

    assert fact is not None
    assert (fact.narrows_at_least, fact.narrows_at_most) == (0, 1)
    assert str(fact) == f"{fact.component}: narrows by up to 1, alone perhaps by nothing"


@given(st.floats(0, 1))
@settings(max_examples=20, deadline=None)
def test_whatever_the_figure_is_the_width_is_as_promised(figure: float) -> None:
    """Second computation: write the figure into the estate and assess it again."""
    fact = results(mixed(right=0.9))["front"].best_fact
    assert fact is not None
    known = assessed(mixed(right=0.9, hard=round(figure, 6))).services[0]

    assert fact.width_at_least - 1e-12 <= known.high - known.low <= fact.width_at_most + 1e-12


def test_places_without_a_figure_are_tried_too() -> None:
    estate = Estate.model_validate(
        {
            "locations": [{"id": "hall"}],
            "services": [{"id": "a", "availability": 0.99, "located_in": ["hall"]}],
        }
    )
    row = results(estate)["a"]

    assert row.missing == ("hall",)
    assert row.best_fact is not None
    assert (row.best_fact.component, row.best_fact.width_at_most) == ("hall", 0.0)


def test_exact_results_need_nothing() -> None:
    row = results(mixed(hard=0.9, left=0.9, right=0.9))["front"]

    assert (row.width, row.best_fact, row.score) == (0.0, None, 1.0)


def test_defaults_and_inferences_lower_the_score() -> None:
    estate = Estate.model_validate(
        {"defaults": {"availability": 0.9}, "services": [
            {"id": "a", "availability": 0.99, "depends_on": ["b"]}, {"id": "b"}]}
    )  # fmt: skip
    origin = {"source": "cyclonedx:bom.json", "place": "/services/0", "how": "inferred"}
    plain = results(estate)["a"]
    guessed = results(estate, origins={"services/a/availability": [origin]})["a"]

    assert (plain.defaulted, plain.score) == (("b",), 0.5)
    assert (guessed.inferred, guessed.score) == (("a",), 0.0)


def test_beyond_the_limit_it_is_said_which_were_not_tried() -> None:
    estate = mixed()
    structure = structure_of(estate)
    _, facts, not_tried = availability_quality(structure, assessed(estate), {}, 1)

    assert len(facts) == 3
    assert not_tried == facts[1:]


def test_the_widest_bracket_comes_first() -> None:
    rows = worst_first(tuple(results(mixed(right=0.9)).values()))

    assert [row.width for row in rows] == sorted((row.width for row in rows), reverse=True)


def test_sources_are_scored_by_what_they_state() -> None:
    def origin(source: str, how: str) -> dict[str, str]:
        return {"source": source, "place": "1", "how": how}

    found = source_quality(
        {
            "services/a/id": [origin("x", "given"), origin("y", "inferred")],
            "services/a/name": [origin("x", "given")],
            "services/b/id": [origin("y", "given"), origin("x", "defaulted")],
        },
        4,
    )

    assert [(row.source, row.values, row.score) for row in found] == [
        ("y", 2, 0.5), ("x", 3, 2 / 3), ("estate files", 4, 1.0),
    ]  # fmt: skip


def test_what_there_was_no_time_to_try_is_named(monkeypatch: pytest.MonkeyPatch) -> None:
    """The first one is tried however long it takes; the others are named as not tried."""
    monkeypatch.setattr(data_quality, "_TRIAL_SECONDS", 0.0)
    estate = mixed()
    structure = structure_of(estate)

    rows, facts, not_tried = availability_quality(structure, assessed(estate), {})

    assert facts == ("hard", "left", "right")
    assert not_tried == ("left", "right")
    [front] = (row for row in rows if row.subject == "front")
    assert front.best_fact is not None
    assert front.best_fact.component == "hard"


def test_a_default_that_is_written_out_is_no_value_of_its_own() -> None:
    """Read back from the graph, which keeps what differs, the same estate counts the same."""
    short = {"services": [{"id": "a", "availability": 0.9}], "functions": [{"id": "f"}]}
    spelled_out = {
        "services": [{"id": "a", "name": "", "availability": 0.9, "criticality": "standard"}],
        "functions": [{"id": "f", "critical": False, "rto_hours": None}],
    }
    for data in (short, spelled_out):
        structure = structure_of(Estate.model_validate(data))
        [row] = quality_of(structure, assessed(structure.estate), {}).sources
        assert (row.source, row.values) == ("estate files", 3)
