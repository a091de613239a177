"""Importance measures: definitions evaluated by brute force."""

from __future__ import annotations

from math import inf

import pytest
from hypothesis import assume, given, settings
from hypothesis import strategies as st

from depgraph.engine.availability import AssessmentOptions, answered, final_figures
from depgraph.engine.exact import Limits, Pair
from depgraph.engine.importance import ComponentImportance, ImportanceAnswer, importance
from depgraph.engine.structure import ComponentKey, structure_of
from depgraph.model.estate import Estate
from tests.estates import overlapping_causes

from .brute_force import BruteForce, Key, brute_force, estates

COARSE = Limits(operations=1, bracket_nodes=2)
SLACK = 1e-9


def importance_of(estate: Estate, service: str, limits: Limits | None = None) -> ImportanceAnswer:
    structure = structure_of(estate)
    return importance(structure, final_figures(structure), service, limits)


def test_series_and_parallel_by_hand() -> None:
    # Q = 1 - 0.9 (1 - 0.2 * 0.3) = 0.154; dA/da = 0.94, dA/dx = 0.9 * 0.3.
    estate = Estate.model_validate(
        {
            "services": [
                {"id": "a", "unavailability": 0.1,
                 "depends_on": [{"at_least": 1, "of": ["x", "y"]}]},
                {"id": "x", "unavailability": 0.2},
                {"id": "y", "unavailability": 0.3},
            ]
        }
    )  # fmt: skip
    rows = {row.component: row for row in importance_of(estate, "a").components}

    assert rows["a"].birnbaum == pytest.approx(0.94)
    assert rows["x"].birnbaum == pytest.approx(0.27)
    assert rows["a"].risk_achievement_worth == pytest.approx(1 / 0.154)
    assert rows["x"].risk_achievement_worth == pytest.approx((0.1 + 0.9 * 0.3) / 0.154)
    assert rows["x"].risk_reduction_worth == pytest.approx(0.154 / 0.1)
    assert rows["y"].fussell_vesely == pytest.approx(0.9 * 0.2 * 0.3 / 0.154)
    assert rows["a"].structural == pytest.approx(0.75)


def test_what_one_component_hides_keeps_its_digits() -> None:
    """Rule A8: b and c leave 3e-14 once a is up; 0.5 - 0.5 (1 - 3e-14) would have two digits."""
    rows = importance_of(
        Estate.model_validate(
            {
                "services": [
                    {"id": "a", "unavailability": 0.5,
                     "depends_on": [{"at_least": 1, "of": ["b", "c"]}]},
                    {"id": "b", "unavailability": 3e-7},
                    {"id": "c", "unavailability": 1e-7},
                ]
            }
        ),
        "a",
    ).components  # fmt: skip
    a = next(row for row in rows if row.component == "a")

    assert a.risk_reduction_worth == pytest.approx((0.5 + 0.5 * 3e-14) / 3e-14, rel=1e-12)


@settings(max_examples=100, deadline=None)
@given(estates(), st.data())
def test_what_an_assessment_compiled_gives_the_same_importance(
    estate: Estate, data: st.DataObject
) -> None:
    """With what the assessment left, nothing is compiled again, and nothing differs."""
    service = data.draw(st.sampled_from([s.id for s in estate.services]))
    unknown = data.draw(st.sampled_from([None, *(s.id for s in estate.services)]))
    changed = estate if unknown is None else _with_figure(estate, unknown, None)
    structure = structure_of(changed)
    found = answered(changed, AssessmentOptions(services=(service,)), structure)
    with pytest.MonkeyPatch.context() as patch:
        patch.delattr("depgraph.engine.importance.compiled")
        kept = importance(structure, found.figures, service, ready=found.ready[service])
    again = importance(structure, final_figures(structure), service)
    assert kept.exact == again.exact
    assert _figures(kept) == pytest.approx(_figures(again), rel=1e-9, abs=1e-12)


def _figures(answer: ImportanceAnswer) -> dict[str, float]:
    """All measures of all components that have a value."""
    rows = {row.component: row.model_dump(exclude={"component"}) for row in answer.components}
    return {
        f"{component}: {name}": value
        for component, row in rows.items()
        for name, value in row.items()
        if value is not None
    }


def _name(key: Key, estate: Estate) -> str:
    if key[0] == "common_cause":
        return f"common_cause({key[1].replace(' + ', ', ')})"
    return key[1] if len(estate.node_kinds(key[1])) == 1 else f"{key[0]}:{key[1]}"


@settings(max_examples=60, deadline=None)
@given(estates())
def test_every_measure_follows_its_definition(estate: Estate) -> None:
    expected = brute_force(estate)
    service = next(iter(estate.service))
    answer = importance_of(estate, service)
    keys = {_name(key, estate): key for key in expected.keys}
    total = expected.unavailability(service)
    half = {key: 0.5 if expected.down[key] > 0 else 0.0 for key in expected.keys}

    assert answer.exact
    for row in answer.components:
        key = keys[row.component]
        up, down = (expected.unavailability(service, {key: q}) for q in (0.0, 1.0))
        assert row.birnbaum == pytest.approx(down - up, rel=1e-9, abs=1e-12)
        assert row.risk_achievement_worth == pytest.approx(down / total, rel=1e-6)
        assert row.fussell_vesely == pytest.approx((total - up) / total, rel=1e-6, abs=1e-9)
        if row.risk_reduction_worth is not None:
            assert row.risk_reduction_worth == pytest.approx(total / up, rel=1e-9)
        else:
            assert up == 0.0
        structural = expected.unavailability(service, {**half, key: 1.0}) - (
            expected.unavailability(service, {**half, key: 0.0})
        )
        assert row.structural == pytest.approx(structural, abs=1e-12)


def _definitions(expected: BruteForce, service: str, key: Key) -> dict[str, float]:
    """Every measure of one component by its definition; infinite where it divides by nothing."""
    total = expected.unavailability(service)
    up, down = (expected.unavailability(service, {key: q}) for q in (0.0, 1.0))
    half = {k: 0.5 if expected.down[k] > 0 else 0.0 for k in expected.keys}
    decided = [expected.unavailability(service, {**half, key: q}) for q in (1.0, 0.0)]
    return {
        "birnbaum": down - up,
        "criticality": (total - up) / total,
        "fussell_vesely": (total - up) / total,
        "risk_achievement_worth": down / total,
        "risk_reduction_worth": total / up if up else inf,
        "structural": decided[0] - decided[1],
    }


def _enclosed(row: ComponentImportance, measures: dict[str, float]) -> None:
    """Each measure lies between the two ends, and is not claimed to be known."""
    for name, value in measures.items():
        low, high = getattr(row, f"{name}_low"), getattr(row, f"{name}_high")
        assert getattr(row, name) is None
        assert (inf if low is None else low) <= value * (1 + SLACK) + SLACK
        assert value <= (inf if high is None else high) * (1 + SLACK) + SLACK


@st.composite
def entangled(draw: st.DrawFn) -> Estate:
    """A service over many groups that share ten parts: too much for two nodes of a diagram."""
    parts = [f"p{i}" for i in range(10)]
    members = st.lists(st.sampled_from(parts), min_size=2, max_size=4, unique=True)
    groups = draw(st.lists(members, min_size=8, max_size=14))
    needs = [{"at_least": draw(st.integers(1, len(g) - 1)), "of": g} for g in groups]
    share = st.floats(1e-3, 0.5)
    services = [{"id": "top", "availability": 1, "depends_on": needs}]
    services += [{"id": part, "unavailability": draw(share)} for part in parts]
    return Estate.model_validate({"services": services})


@settings(max_examples=60, deadline=None)
@given(entangled())
def test_a_bracket_encloses_every_measure(estate: Estate) -> None:
    """Rule A8: an end of a bracket may leave a component out; its importance is not 0 then."""
    expected = brute_force(estate)
    service = "top"
    answer = importance_of(estate, service, COARSE)
    assume(not answer.exact)
    keys = {_name(key, estate): key for key in expected.keys}

    assert _listed(answer) == _listed(importance_of(estate, service))
    for row in answer.components:
        _enclosed(row, _definitions(expected, service, keys[row.component]))


@settings(max_examples=100, deadline=None)
@given(estates(), st.data())
def test_an_unknown_figure_may_be_anything(estate: Estate, data: st.DataObject) -> None:
    """Rule A5: measures hold for every figure that an unknown one may turn out to have."""
    names = sorted(estate.service)
    service, hidden = names[0], data.draw(st.sampled_from(names[1:]))
    known = data.draw(st.floats(1e-6, 1.0))
    open_one, settled = (_with_figure(estate, hidden, figure) for figure in (None, known))
    answer = importance_of(open_one, service)
    expected = brute_force(settled)
    assume(not answer.exact and expected.unavailability(service) > 0)
    keys = {_name(key, estate): key for key in expected.keys}

    same = _listed(answer) == _listed(importance_of(settled, service))
    for row in answer.components:
        measures = _definitions(expected, service, keys[row.component])
        if not same:
            # It depends on what can fail at all, which the figure may decide.
            del measures["structural"]
        _enclosed(row, measures)


def _listed(answer: ImportanceAnswer) -> set[str]:
    return {row.component for row in answer.components}


def _with_figure(estate: Estate, service: str, down: float | None) -> Estate:
    data = estate.model_dump(mode="json", exclude_defaults=True)
    for record in data["services"]:
        if record["id"] == service:
            record.pop("availability", None)
            record["unavailability"] = down
    return Estate.model_validate(data)


def test_shared_parts_that_a_bracket_left_out_matter() -> None:
    """2,000 pairs over 2,000 parts shared at random; every part is in two of them.

    With every pair independent of the others, B of a part is about A (1 - (1 - 0.01)^2) =
    0.8187 * 0.0199 = 0.0163.
    """
    parts = 2_000
    services = [{"id": "top", "availability": 1, "depends_on": [f"m{i}" for i in range(parts)]}]
    for i in range(parts):
        members = [f"l{i}", f"l{(i * 7 + 1) % parts}"]
        needs = [{"at_least": 1, "of": members}]
        services.append({"id": f"m{i}", "availability": 1, "depends_on": needs})
        services.append({"id": f"l{i}", "availability": "0.99"})
    estate = Estate.model_validate({"services": services})
    answer = importance_of(estate, "top", Limits(operations=1 << 16, bracket_nodes=1 << 10))

    assert not answer.exact
    for row in answer.components:
        assert row.birnbaum is None
        assert row.birnbaum_low <= 0.0163 <= row.birnbaum_high


def test_an_unknown_figure_two_common_causes_away_leaves_a_bracket() -> None:
    """Rules A5, A13: by c, the cause of a and b is anything from 0 to 0.05; a and b are known."""
    top = {"id": "top", "availability": 1, "depends_on": ["a"]}
    services = [top, *overlapping_causes()]
    answer = importance_of(Estate.model_validate({"services": services}), "top")

    assert not answer.exact
    own = next(row for row in answer.components if row.component == "a")
    # Without a cause all of it is its own; with all that is asked it keeps 0.05 / 0.95 of 0.1.
    assert own.criticality_low <= 0.05 / 0.95 * 0.95 / 0.1
    assert own.criticality_high == 1.0


def test_a_promise_over_requirements_in_a_bracket_leaves_a_bracket() -> None:
    """Rules A4, A8: an own figure may have two ends although nothing is unknown."""
    structure = structure_of(
        Estate.model_validate(
            {"services": [{"id": "top", "unavailability": 0.1, "depends_on": ["a"]},
                          {"id": "a", "unavailability": 0.1}]}
        )
    )  # fmt: skip
    figures = final_figures(structure)
    figures.set_own(ComponentKey("service", "a"), Pair(0.8, 0.2), Pair(0.9, 0.1), "committed")
    answer = importance(structure, figures, "top")

    assert not answer.exact
    own = next(row for row in answer.components if row.component == "top")
    assert own.birnbaum_low == pytest.approx(0.8)
    assert own.birnbaum_high == pytest.approx(0.9)


def test_what_hardly_matters_keeps_its_bracket() -> None:
    """Rule A8: a difference of two figures that agree in all digits is not 0 for certain.

    By hand: top fails by itself with 0.1; p decides only where q and r are down, 1e-9 each, and
    none of the other pairs is: B = 0.9 * 1e-18 up to 1e-4 of it.
    """
    names = [f"s{i}" for i in range(6)]
    groups = [[one, other] for place, one in enumerate(names) for other in names[place + 1 :]]
    needs = [{"at_least": 1, "of": group} for group in [["p", "q", "r"], *groups]]
    services: list[dict[str, object]] = [{"id": "top", "unavailability": 0.1, "depends_on": needs}]
    services += [{"id": name, "unavailability": 1e-6} for name in names]
    services += [{"id": "p", "unavailability": 1e-3}, {"id": "q", "unavailability": 1e-9},
                 {"id": "r", "unavailability": 1e-9}]  # fmt: skip
    answer = importance_of(Estate.model_validate({"services": services}), "top", COARSE)

    assert not answer.exact
    row = next(row for row in answer.components if row.component == "p")
    assert row.birnbaum_low <= 0.9e-18 * (1 - 1e-4)
    assert row.birnbaum_high >= 0.9e-18


def test_two_in_series_by_hand_with_the_most_critical_first() -> None:
    """Q = 1 − 0.99 × 0.999 = 0.01099, whatever the order of the file (rule A11)."""
    estate = Estate.model_validate(
        {
            "services": [
                {"id": "s", "availability": 1, "depends_on": ["b", "a"]},
                {"id": "b", "availability": "0.999"},
                {"id": "a", "availability": "0.99"},
            ]
        }
    )
    answer = importance_of(estate, "s")
    a, b = answer.components

    assert answer.exact
    assert (a.component, b.component) == ("a", "b")
    assert [a.birnbaum, b.birnbaum] == pytest.approx([0.999, 0.99], rel=1e-12)
    assert [a.criticality, b.criticality] == pytest.approx(
        [0.999 * 0.01 / 0.01099, 0.99 * 0.001 / 0.01099], rel=1e-9
    )
    assert [a.fussell_vesely, b.fussell_vesely] == [a.criticality, b.criticality]
    # Either one down takes the service down: 1 / Q. Without a, only b's 0.001 is left.
    assert [a.risk_achievement_worth, b.risk_achievement_worth] == pytest.approx([1 / 0.01099] * 2)
    assert [a.risk_reduction_worth, b.risk_reduction_worth] == pytest.approx(
        [0.01099 / 0.001, 0.01099 / 0.01], rel=1e-9
    )
    # Each decides where the other is up: in half of the states.
    assert [a.structural, b.structural] == [0.5, 0.5]
    for row in answer.components:
        assert row.ends("risk_achievement_worth") == (row.risk_achievement_worth,) * 2
        assert row.ends("risk_reduction_worth") == (row.risk_reduction_worth,) * 2


def test_without_one_that_alone_can_fail_no_risk_is_left() -> None:
    """Its reduction worth has no limit (rule A11)."""
    estate = Estate.model_validate(
        {
            "services": [
                {"id": "s", "availability": 1, "depends_on": ["a"]},
                {"id": "a", "availability": "0.99"},
            ]
        }
    )
    [a] = importance_of(estate, "s").components

    assert a.risk_reduction_worth is None
    assert a.ends("risk_reduction_worth") == (inf, inf)
    assert a.criticality == pytest.approx(1.0)
