"""Each finding on services: one estate that shows it, and one like it that does not. Synthetic."""

from __future__ import annotations

from datetime import date
from typing import Any

import pytest

from depgraph.engine.availability import AssessmentOptions, assessed
from depgraph.engine.finding import Finding
from depgraph.engine.findings import findings
from depgraph.engine.structure import structure_of
from depgraph.model.estate import Estate

DAY = date(2026, 4, 1)


def _found(*services: dict[str, Any], **more: Any) -> list[Finding]:
    organizations = [{"id": "us", "own": True}, {"id": "v"}, {"id": "w"}, {"id": "x"}]
    record = {"organizations": organizations, "services": list(services), **more}
    estate = Estate.model_validate(record)
    structure = structure_of(estate)
    return list(findings(structure, assessed(estate, AssessmentOptions(as_of=DAY), structure)))


def _shown(found: list[Finding], code: str) -> list[tuple[str, str, tuple[str, ...]]]:
    return [(f.level, f.subject, tuple(f.also)) for f in found if f.code == code]


def _service(name: str, *needs: Any, availability: str | None = "0.999", **more: Any) -> Any:
    figure = {} if availability is None else {"availability": availability}
    return {"id": name, "provider": "us", "depends_on": list(needs), **figure, **more}


def _sold(service: str, targets: dict[str, str], supplier: str = "us") -> list[dict[str, Any]]:
    """One contract for each customer and target."""
    return [
        {
            "id": f"k-{customer}", "supplier": supplier, "customer": customer,
            "slas": [{
                "id": customer, "service": service,
                "objectives": [{"metric": "availability", "target": target}],
            }],
        }
        for customer, target in targets.items()
    ]  # fmt: skip


PAIR = {"at_least": 1, "of": ["a", "b"]}


@pytest.mark.parametrize(
    ("code", "bad", "clean", "shown"),
    [
        (
            "single-point-of-failure",
            [_service("shop", "a", criticality="critical"), _service("a"), _service("b")],
            [_service("shop", PAIR, criticality="critical"), _service("a"), _service("b")],
            [("warning", "a", ("shop",))],
        ),
        (
            "unknown-availability",
            [_service("shop", "a"), _service("a", availability=None)],
            [_service("shop", "a"), _service("a")],
            [("warning", "a", ("shop", "a"))],
        ),
        (
            "mutual-dependency",
            [_service("a", "b"), _service("b", "a")],
            [_service("a", "b"), _service("b", {"service": "a", "soft": "0.5"})],
            [("warning", "a", ("a", "b"))],
        ),
        (
            "redundancy-not-real",
            [_service("shop", PAIR), _service("a", "c"), _service("b", "c"), _service("c")],
            [_service("shop", PAIR), _service("a", "c"), _service("b"), _service("c")],
            [("warning", "shop", ("c",))],
        ),
        (
            "redundancy-not-real",
            [_service("shop", PAIR, criticality="critical"), _service("a", "b"), _service("b")],
            [_service("shop", PAIR, criticality="critical"), _service("a"), _service("b")],
            [("error", "shop", ("b",))],
        ),
        (
            "recovery-too-slow",
            [_service("shop", "a", rto_hours=4), _service("a", rto_hours="4.5")],
            [_service("shop", "a", rto_hours=4), _service("a", rto_hours=4)],
            [("warning", "shop", ("a",))],
        ),
        (
            "no-contract",
            [_service("shop", "a"), {**_service("a"), "provider": "v"}],
            [_service("shop", "a"), _service("a")],
            [("warning", "shop", ("a",))],
        ),
        (
            "service-without-provider",
            [_service("shop", "a"), {"id": "a", "availability": "0.9"}],
            [_service("shop", "a"), _service("a")],
            [("note", "a", ())],
        ),
        (
            "orphan",
            [_service("shop", "a"), _service("a"), _service("b")],
            [_service("shop", "a", {"service": "b", "soft": "0.5"}), _service("a"), _service("b")],
            [("note", "b", ())],
        ),
    ],
)
def test_a_fault_is_found_and_its_absence_is_not(
    code: str, bad: list[Any], clean: list[Any], shown: list[Any]
) -> None:
    assert _shown(_found(*bad), code) == shown
    assert _shown(_found(*clean), code) == []


def test_a_service_that_requires_itself_is_one() -> None:
    [ring] = [f for f in _found(_service("a", "a")) if f.code == "mutual-dependency"]

    assert ring.message == "a requires itself: once down, it cannot start"


def test_a_service_level_in_force_is_a_contract_and_an_ended_one_is_not() -> None:
    services = [_service("shop", "a"), {**_service("a"), "provider": "v"}]
    bought = _sold("a", {"us": "0.9"}, supplier="v")
    assert _shown(_found(*services, contracts=bought), "no-contract") == []

    ended = [{**bought[0], "end": "2026-03-31"}]
    assert _shown(_found(*services, contracts=ended), "no-contract") != []
    assert _shown(_found(*services, contracts=ended), "contract-ended") != []
    assert _shown(_found(*services, contracts=bought), "contract-ended") == []


def test_affiliates_are_one_group_for_contracts() -> None:
    """What the parent holds backs its affiliates, and between affiliates there is no gap (P2)."""
    owned = [
        {"id": "us", "own": True}, {"id": "v"}, {"id": "top"},
        {"id": "east", "parent": "top"}, {"id": "west", "parent": "top"},
    ]  # fmt: skip

    def gaps(provider: str, customer: str) -> list[Any]:
        """East uses a service of the provider; the customer buys that service."""
        record = {
            "organizations": owned,
            "services": [
                {"id": "shop", "provider": "east", "depends_on": ["a"]},
                {"id": "a", "provider": provider},
            ],
            "contracts": _sold("a", {customer: "0.9"}, supplier=provider),
        }
        estate = Estate.model_validate(record)
        structure = structure_of(estate)
        found = findings(structure, assessed(estate, AssessmentOptions(as_of=DAY), structure))
        return _shown(list(found), "no-contract")

    assert gaps("v", "top") == gaps("v", "west") == gaps("v", "east") == []
    assert gaps("west", "us") == []
    assert gaps("v", "us") == [("warning", "shop", ("a",))]


SHOP, DB = _service("shop", "db", availability="0.9999"), _service("db", availability="0.9999")
"""By hand: the shop is up 0.9999² = 0.99980001 of the time."""


@pytest.mark.parametrize(
    ("targets", "carried", "met"),
    [
        ({"v": "0.99"}, [], []),
        ({"v": "0.9999"}, [], ["v"]),
        ({"v": "0.99995"}, ["v"], []),
        ({"v": "0.99", "w": "0.9999"}, [], ["w"]),
        ({"v": "0.99", "w": "0.9999", "x": "0.99995"}, ["x"], ["w"]),
        ({"v": "0.9998", "w": "0.99980001"}, [], []),
    ],
)
def test_every_promise_of_a_service_is_held_against_it(
    targets: dict[str, str], carried: list[str], met: list[str]
) -> None:
    """Rule A4: two facts for each promise, not for the lowest alone."""
    found = _found(SHOP, DB, contracts=_sold("shop", targets))

    errors = [("error", name, ("shop",)) for name in carried]
    assert _shown(found, "promise-not-carried") == errors
    assert _shown(found, "promise-not-met") == [("error", name, ("shop",)) for name in met]


def test_the_shortfall_of_a_stricter_promise_is_its_own() -> None:
    """By hand: (0.9999 − 0.99980001) × 43,200 minutes = 4.32 minutes a month."""
    found = _found(SHOP, DB, contracts=_sold("shop", {"v": "0.99", "w": "0.9999"}))
    [message] = [f.message for f in found if f.code == "promise-not-met"]

    assert message.endswith("delivers 0.99980001 at best: 4.32 minutes a month short")


def test_a_figure_that_is_a_promise_itself_misses_no_stricter_one() -> None:
    """Nothing is given for the shop, so its figure is the lowest promise: that proves nothing."""
    shop = _service("shop", "db", availability=None)
    found = _found(shop, DB, contracts=_sold("shop", {"v": "0.99", "w": "0.9999", "x": "0.99995"}))

    assert _shown(found, "promise-not-met") == []
    assert _shown(found, "promise-not-carried") == [("error", "x", ("shop",))]


def test_rounding_is_no_shortfall_of_a_stricter_promise() -> None:
    """1 − 0.99999 in binary is 7e-17 more than 0.00001; requirements of 0.99999 carry 0.99999."""
    db = _service("db", availability="0.99999")
    found = _found(SHOP, db, contracts=_sold("shop", {"v": "0.9", "w": "0.99999"}))

    assert _shown(found, "promise-not-carried") == []
    assert _shown(found, "promise-not-met") == [("error", "w", ("shop",))]
