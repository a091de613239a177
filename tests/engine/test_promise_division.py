"""End-to-end promises divided by what they require: chains, rings, and what does not settle (A4).

Synthetic estates; expected figures follow from the rule: own × P(requirements met) = target.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from decimal import Decimal
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from depgraph.engine.availability import AssessmentOptions, assessed
from depgraph.engine.availability_answer import ServiceAvailability
from depgraph.engine.exact import Pair
from depgraph.engine.figures import FigureChoice
from depgraph.engine.promise_division import quotient
from depgraph.model.estate import Estate

DEEP = 250
"""More links than passes over a ring."""


def answers(
    requires: Mapping[str, Sequence[Any]], promised: Mapping[str, str]
) -> dict[str, ServiceAvailability]:
    """Every service assessed by what is promised for it end to end."""
    slas = [
        {"id": f"sla-{service}", "service": service,
         "objectives": [{"metric": "availability", "target": target}]}
        for service, target in promised.items()
    ]  # fmt: skip
    estate = Estate.model_validate(
        {
            "organizations": [{"id": "V"}, {"id": "C", "own": True}],
            "services": [
                {"id": service, "provider": "V", "availability": "0.9999", "depends_on": below}
                for service, below in requires.items()
            ],
            "contracts": [{"id": "k", "supplier": "V", "customer": "C", "slas": slas}],
        }
    )
    choice = FigureChoice(basis="committed")
    return {row.id: row for row in assessed(estate, AssessmentOptions(choice=choice)).services}


def test_a_chain_of_any_length_keeps_every_promise() -> None:
    """Each link promises a little less than the one below it, and so can keep it exactly."""
    links = [f"s{i}" for i in range(DEEP)]
    below = dict(zip(links, [[link] for link in links[1:]] + [[]], strict=True))
    targets = {link: str(Decimal("0.9") + Decimal(i) / 10_000) for i, link in enumerate(links)}
    found = answers(below, targets)

    for link, target in targets.items():
        assert found[link].availability == pytest.approx(float(target), abs=1e-12)


@pytest.mark.parametrize("targets", [("0.999", "0.999"), ("0.99900001", "0.999")])
def test_services_that_require_each_other_keep_the_lower_promise(targets: tuple[str, str]) -> None:
    """Up together or not at all: own × own is the lower target, whatever the other one is."""
    found = answers({"a": ["b"], "b": ["a"]}, dict(zip("ab", targets, strict=True)))

    assert [found[s].availability for s in "ab"] == [pytest.approx(0.999, abs=1e-15)] * 2
    assert [found[s].own_availability for s in "ab"] == [1, pytest.approx(0.999, abs=1e-15)]


@st.composite
def promises(draw: st.DrawFn) -> tuple[dict[str, list[Any]], dict[str, str]]:
    """Up to six services, rings and redundancy among them, most with a promise."""
    names = [f"s{i}" for i in range(draw(st.integers(2, 6)))]
    requires: dict[str, list[Any]] = {}
    for name in names:
        others = st.sampled_from([n for n in names if n != name])
        requires[name] = draw(st.lists(others, max_size=2, unique=True))
        spare = draw(st.lists(others, max_size=3, unique=True))
        if len(spare) > 1:
            requires[name].append({"at_least": 1, "of": spare})
    targets = st.sampled_from(["", "0.9", "0.95", "0.99", "0.999", "0.9990001"])
    drawn = {name: draw(targets) for name in names}
    return requires, {name: target for name, target in drawn.items() if target}


@given(promises())
def test_what_is_promised_end_to_end_is_delivered_unless_it_cannot_be(
    estate: tuple[dict[str, list[Any]], dict[str, str]],
) -> None:
    """A4: own × P(requirements met) is the target, or the own figure is 1 and less is delivered."""
    requires, promised = estate
    found = answers(requires, promised)

    for service, target in promised.items():
        row = found[service]
        assert row.availability is not None
        assert row.availability <= float(target) + 1e-12
        assert row.own_availability == 1 or row.availability == pytest.approx(
            float(target), abs=1e-12
        )


def test_a_ring_that_does_not_settle_is_a_bracket_and_says_so() -> None:
    """A8: the common cause of b and c hangs on the very figures that are looked for."""
    requires: dict[str, list[Any]] = {
        "a": [{"at_least": 1, "of": ["b", "c"], "common_cause": "0.5"}],
        "b": ["a"], "c": ["a"], "beside": [],
    }  # fmt: skip
    found = answers(requires, {"a": "0.999", "b": "0.99", "c": "0.9990001"})

    assert [found[s].own_low for s in "abc"] == pytest.approx([0.999, 0.99, 0.9990001])
    assert [found[s].own_high for s in "abc"] == [1, 1, 1]
    assert {found[s].method for s in "abc"} == {
        "bracket: end-to-end promises of a ring that do not settle, taken as the own figure and as 1"
    }
    assert found["beside"].method == "exact"


@pytest.mark.parametrize(
    ("target", "down", "own_down"),
    [
        pytest.param("0.999", 1e-13, 1e-3 - 1e-13, id="digits of a small loss are kept"),
        pytest.param("0.9", 0.1, 0.0, id="nothing is left"),
        pytest.param("0.9", 0.2, 0.0, id="clipped"),
        pytest.param("0.3", 0.6, 0.25, id="less than a half"),
        pytest.param("0.9", 1.0, 0.0, id="never met"),
    ],
)
def test_the_quotient(target: str, down: float, own_down: float) -> None:
    """A4: target / P(requirements met), clipped to 1."""
    found = quotient(Decimal(target), Pair(1 - down, down))

    assert found.down == pytest.approx(own_down, rel=1e-9, abs=1e-16)
    assert found.up == pytest.approx(1 - own_down, rel=1e-12)
