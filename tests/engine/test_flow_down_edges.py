"""Edges of flow-down: amounts by which they fall short, terms, and what nobody holds (rule P2).

All of it is synthetic.
"""

from __future__ import annotations

from collections import Counter
from decimal import Decimal
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from depgraph.engine.flow_down import flow_down
from depgraph.engine.obligation_match import worst_status
from depgraph.model.estate import Estate

from .brute_force import estates
from .test_flow_down import DAY, TARGETS, availability, contracted, row, sla, world


@pytest.mark.parametrize(
    ("held", "promised", "difference"),
    [
        ({"a": "0.999", "b": "0.999"}, "0.999", "0.000999"),
        ({"a": "0.999", "b": "0.999"}, "0.998", "-0.000001"),
        ({"a": "0.999999"}, "0.99999999", "9.9E-7"),
        # On b nothing is held: whether 0.99 is kept is open, and so is by how much.
        ({"a": "0.999"}, "0.99", None),
    ],
)
def test_availability_falls_short_by_the_composite_s_difference(
    held: dict[str, str], promised: str, difference: str | None
) -> None:
    """Worked by hand: 1 − 0.999² = 0.001999, of which the promise lets 0.001 be lost (P2)."""
    needs = ["a"] if promised == "0.99999999" else ["a", "b"]
    agreements = {f"on-{name}": sla(name, availability(target)) for name, target in held.items()}
    estate = world(needs, sla("shop", availability(promised)), agreements)
    match = row(estate, "availability", "on-a")

    if difference is None:
        assert match.difference is None
    else:
        assert match.difference is not None
        assert float(match.difference) == pytest.approx(float(difference), rel=1e-12, abs=1e-18)


@pytest.mark.parametrize("targets", [("0.99", "0.999"), ("0.999", "0.99")])
def test_of_two_agreements_on_one_service_the_lower_target_counts(
    targets: tuple[str, str],
) -> None:
    """Rule A4, whichever stands first; one that is out of term does not count."""
    held = {f"h{n}": sla("a", availability(target)) for n, target in enumerate(targets)}
    promise = sla("shop", availability("0.995"))
    flow = flow_down(world(["a"], promise, held), DAY).promises[0]

    assert (flow.composite_low, flow.composite_high) == (0.99, 0.99)
    assert flow.statuses["availability"] == "WEAKER"
    held[f"h{targets.index('0.99')}"]["valid_to"] = "2026-03-31"
    flow = flow_down(world(["a"], promise, held), DAY).promises[0]
    assert (flow.composite_low, flow.composite_high) == (0.999, 0.999)
    assert flow.statuses["availability"] == "MATCH"


def test_what_the_customer_answers_for_counts_as_up() -> None:
    """Its faults are excluded, so its login takes nothing from what the database carries (P2)."""
    services = [
        {"id": "shop", "provider": "V", "depends_on": ["db", "login"]},
        {"id": "db", "provider": "U"}, {"id": "login", "provider": "C"},
    ]  # fmt: skip
    held = sla("db", availability("0.999"))
    excluded = sla("shop", availability("0.99"), exclusions=[{"kind": "customer"}])

    assert composite(services, excluded, held) == (0.999, 0.999)
    assert composite(services, sla("shop", availability("0.99")), held) == (0, 0.999)


@pytest.mark.parametrize(("provider", "low"), [("W", 0), ("U", 0.999)])
def test_a_target_without_third_parties_is_a_bound_where_any_are_needed(
    provider: str, low: float
) -> None:
    """At any depth, whatever else of the same provider is needed beside it (rule P2)."""
    services = [
        {"id": "shop", "provider": "V", "depends_on": ["top"]},
        {"id": "top", "provider": "U", "depends_on": ["mid", "side"]},
        {"id": "side", "provider": "U"},
        {"id": "mid", "provider": "U", "depends_on": ["low", "top"]},
        {"id": "low", "provider": provider},
    ]
    held = sla("top", availability("0.999"), exclusions=[{"kind": "third_party"}])

    assert composite(services, sla("shop", availability("0.99")), held) == (low, 0.999)


def composite(
    services: list[Any], promise: dict[str, Any], held: dict[str, Any]
) -> tuple[float | None, float | None]:
    """What carries the promise that V gives C by what it holds of U."""
    estate = Estate.model_validate(
        {
            "organizations": [{"id": name} for name in "CVUW"],
            "services": services,
            "contracts": [
                {"id": "VC", "supplier": "V", "customer": "C", "slas": [{"id": "promise", **promise}]},
                {"id": "UV", "supplier": "U", "customer": "V", "slas": [{"id": "held", **held}]},
            ],
        }
    )  # fmt: skip
    [flow] = [p for p in flow_down(estate, DAY).promises if p.promise == "promise"]
    return flow.composite_low, flow.composite_high


@pytest.mark.parametrize("needs", [["a"], []])
def test_a_promise_without_availability_or_needs_has_no_composite(needs: list[str]) -> None:
    levels = [] if needs else [availability("0.99")]
    held = {"held": sla("a", availability("0.9"))}
    [flow] = [
        p for p in flow_down(world(needs, sla("shop", *levels), held), DAY).promises
        if p.promise == "promise"
    ]  # fmt: skip

    assert (flow.composite_low, flow.composite_high) == (None, None)


@pytest.mark.parametrize(
    ("contract", "level", "last"),
    [
        ({"end": "2026-06-30"}, {"valid_to": "2026-12-31"}, "2026-06-30"),
        ({"end": "2026-12-31"}, {"valid_to": "2026-06-30"}, "2026-06-30"),
        ({"end": "2026-12-31"}, {}, "2026-12-31"),
        ({}, {"valid_to": "2026-06-30"}, "2026-06-30"),
        ({}, {}, "open-ended"),
    ],
)
def test_terms_end_where_contract_or_level_does(
    contract: dict[str, str], level: dict[str, str], last: str
) -> None:
    """The earlier day of the two, promised or held (rule L1)."""
    promise = sla("shop", **level)
    unheld = row(world(["a"], promise, {}, VC=contract), "term_end", None)
    assert (unheld.status, unheld.promised) == ("MISSING", last)
    assert "U provides a, and no SLA on it is held" in unheld.message
    if contract or level:
        held = row(world(["a"], sla("shop"), {"held": sla("a", **level)}, UV=contract), "term_end")
        assert held.held == last
        assert held.status == "WEAKER"


@pytest.mark.parametrize(
    ("following", "last", "status"),
    [
        ([("2026-07-01", "2027-12-31")], "2027-12-31", "MATCH"),
        ([("2026-07-02", "2027-12-31")], "2026-06-30", "WEAKER"),
        ([("2026-05-01", "2027-12-31")], "2027-12-31", "MATCH"),
        ([("2026-07-01", None)], "None", "MATCH"),
        ([("2026-07-01", "2026-09-30"), ("2026-07-01", "2027-12-31")], "2027-12-31", "MATCH"),
        ([("2026-10-01", "2027-12-31"), ("2026-07-01", "2026-09-30")], "2027-12-31", "MATCH"),
        ([("2026-07-01", "2026-09-30"), ("2026-07-01", None)], "None", "MATCH"),
    ],
)
def test_agreements_that_follow_without_a_gap_extend_the_term(
    following: list[tuple[str, str | None]], last: str, status: str
) -> None:
    """One day without an agreement ends what is covered (rules P2, L1)."""
    held = {"held": sla("a", valid_to="2026-06-30")}
    for place, (first, end) in enumerate(following):
        held[f"next{place}"] = sla("a", valid_from=first, **({"valid_to": end} if end else {}))
    match = row(world(["a"], sla("shop"), held, VC={"end": "2027-12-31"}), "term_end")

    assert match.status == status
    if last != "None":
        assert match.held == last


@pytest.mark.parametrize(
    ("terms", "reason"),
    [
        ({"valid_from": "2026-04-02"}, "held starts only on 2026-04-02"),
        ({"valid_to": "2026-03-31"}, "held ended on 2026-03-31"),
        ({"valid_from": "2025-01-01", "valid_to": "2026-03-31"}, "held ended on 2026-03-31"),
    ],
)
def test_an_agreement_out_of_term_says_since_or_until_when(
    terms: dict[str, str], reason: str
) -> None:
    estate = world(["a"], sla("shop", availability("0.9")), {"held": sla("a", **terms)})

    assert row(estate, "availability").message.startswith(f"{reason}; ")


@pytest.mark.parametrize(
    ("needs", "message"),
    [
        ([{"of": ["a", "b"]}], "no availability held; not needed: everything held carries 99.0000 % to"),
        (["a", "b"], "the held SLA promises no availability; everything held carries 0.0000 % to"),
        (["b"], "the held SLA promises no availability; what everything held carries is not known, 99"),
    ],
)  # fmt: skip
def test_what_is_not_needed_and_what_is_missing_say_why(needs: list[Any], message: str) -> None:
    """On b nothing is held: the promise is kept by a alone, or cannot be told (rule P2)."""
    held = {"on-a": sla("a", availability("0.99")), "held": sla("b")}
    match = row(world(needs, sla("shop", availability("0.99")), held), "availability")

    assert match.message.startswith(message)


@given(estates(), st.lists(TARGETS, min_size=9, max_size=9))
@settings(max_examples=40, deadline=None)
def test_each_edge_tells_of_an_obligation_once_and_a_promise_the_worst(
    base: Estate, targets: list[Any]
) -> None:
    """Statuses of a promise are the worst of its edges (rule P2)."""
    answer = flow_down(contracted(base, targets), DAY)
    for flow in answer.promises:
        edges = [edge for edge in answer.edges if edge.promise == flow.promise]
        for edge in edges:
            names = Counter(match.obligation for match in edge.obligations)
            assert set(names.values()) <= {1}
        rows = [match for edge in edges for match in edge.obligations]
        assert dict(flow.statuses) == {
            name: worst_status(m.status for m in rows if m.obligation == name)
            for name in {m.obligation for m in rows}
        }
        for match in rows:
            if match.obligation == "availability" and match.difference is not None:
                assert (match.difference > 0) == (match.status in {"WEAKER", "MISSING"})
                assert isinstance(match.promised, Decimal)


def test_what_just_carries_a_promise_falls_short_by_nothing() -> None:
    """P2: two held at 0.9, one of which is enough, carry 0.99; in floats 2e-18 less."""
    pair = {"id": "s0", "depends_on": [{"at_least": 1, "of": ["s1", "s3"]}]}
    base = Estate.model_validate({"services": [pair, *({"id": f"s{n}"} for n in (1, 2, 3))]})
    answer = flow_down(contracted(base, ["0.9", "0.9"]), DAY)
    found = [m for e in answer.edges for m in e.obligations if m.obligation == "availability"]

    assert {match.status for match in found} == {"MATCH"}
    assert {match.difference for match in found} == {Decimal(0)}
