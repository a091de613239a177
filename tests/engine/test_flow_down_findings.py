"""Findings on the flow-down: ours are warnings, other people's are notes, one per status."""

from __future__ import annotations

from datetime import date

import pytest

from depgraph.engine.availability import assessed
from depgraph.engine.findings import findings
from depgraph.engine.flow_down import flow_down
from depgraph.engine.flow_down_findings import flow_down_findings
from depgraph.engine.structure import structure_of
from depgraph.model.estate import Estate

DAY = date(2026, 4, 1)


def _estate(*, ours: bool, held_target: str | None) -> Estate:
    held = [] if held_target is None else [_contract("UV", "U", "V", "a", held_target)]
    return Estate.model_validate(
        {
            "organizations": [{"id": "V", "own": ours}, {"id": "U"}, {"id": "C", "own": not ours}],
            "services": [
                {"id": "shop", "provider": "V", "depends_on": ["a"]},
                {"id": "a", "provider": "U"},
            ],
            "contracts": [
                {**_contract("VC", "V", "C", "shop", "0.999"), "data_residency": ["IE"]},
                *held,
            ],
        }
    )


def _contract(
    name: str, supplier: str, customer: str, service: str, target: str
) -> dict[str, object]:
    objectives = [{"metric": "availability", "target": target}]
    sla = {"id": f"{name}-{service}", "service": service, "objectives": objectives}
    return {"id": name, "supplier": supplier, "customer": customer, "slas": [sla]}


@pytest.mark.parametrize(
    ("ours", "target", "expected"),
    [
        (True, None, [("flow-down-missing", "warning")]),
        (False, None, [("flow-down-missing", "note")]),
        (True, "0.99", [("flow-down-weaker", "warning"), ("flow-down-unknown", "note")]),
        (False, "0.99", [("flow-down-weaker", "note")]),
        (True, "0.9999", [("flow-down-unknown", "note")]),
        (False, "0.9999", []),
    ],
)
def test_findings_by_status_and_owner(
    ours: bool, target: str | None, expected: list[tuple[str, str]]
) -> None:
    estate = _estate(ours=ours, held_target=target)
    found = flow_down_findings(estate, flow_down(estate, DAY))
    assert [(f.code, f.level) for f in found] == expected
    assert all(f.subject == "VC-shop" and f.also == ("a",) and f.rule == "P2" for f in found)


def test_promises_between_others_do_not_flood() -> None:
    estate = _estate(ours=False, held_target=None)
    for own in (True, False):
        organizations = [{"id": "V"}, {"id": "U"}, {"id": "C"}, {"id": "us", "own": own}]
        data = {**estate.model_dump(mode="json", exclude_none=True), "organizations": organizations}
        world = Estate.model_validate(data)
        assert len(flow_down_findings(world, flow_down(world, DAY))) == (0 if own else 1)


def test_what_is_not_known_is_said_plainly() -> None:
    """0.0000 % to 100 % had looked like a figure (rule A5)."""
    estate = _estate(ours=True, held_target=None)

    messages = [finding.message for finding in flow_down_findings(estate, flow_down(estate, DAY))]

    assert any("what everything held carries is not known" in text for text in messages)
    assert not any("0.0000 %" in text for text in messages)


def test_a_shortfall_that_is_not_nothing_does_not_read_so() -> None:
    """A promise of 100 % against 1e-12: 30 x 1,440 minutes x 1e-12 = 4.32e-8 (rules A9, A10)."""
    sla = {"id": "sla", "service": "b", "objectives": [{"metric": "availability", "target": 1}]}
    estate = Estate.model_validate(
        {
            "organizations": [{"id": "V", "own": True}, {"id": "C"}],
            "services": [
                {"id": "a", "unavailability": "1e-12"},
                {"id": "b", "provider": "V", "unavailability": 0, "depends_on": ["a"]},
            ],
            "contracts": [{"id": "VC", "supplier": "V", "customer": "C", "slas": [sla]}],
        }
    )
    structure = structure_of(estate)

    found = findings(structure, assessed(estate, None, structure))

    [finding] = [one for one in found if one.code == "promise-not-carried"]
    assert "is up 0.999999999999 of the time at best: 4.32e-08 minutes a month" in finding.message


def test_ids_that_differ_in_capitals_alone_are_pointed_out() -> None:
    services = [{"id": "db", "availability": 0.99}, {"id": "DB", "availability": 0.9}]
    estate = Estate.model_validate({"services": services})
    structure = structure_of(estate)
    found = findings(structure, assessed(estate, None, structure))

    assert [(f.subject, f.also) for f in found if f.code == "ids-alike"] == [("DB", ("db",))]
