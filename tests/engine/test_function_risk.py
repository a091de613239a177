"""Single points of failure of critical functions, by hand."""

from __future__ import annotations

from depgraph.engine.availability import assessed
from depgraph.engine.function_risk import function_risks
from depgraph.model.estate import Estate


def test_only_critical_functions_count_and_a_service_is_not_its_own_risk() -> None:
    estate = Estate.model_validate(
        {
            "functions": [{"id": "pay", "critical": True}, {"id": "sell", "critical": True},
                          {"id": "blog"}],
            "services": [
                {"id": "till", "availability": 0.9, "supports": ["pay"], "depends_on": ["db"]},
                {"id": "shop", "availability": 0.9, "supports": ["sell", "blog"],
                 "depends_on": ["db", {"at_least": 1, "of": ["x", "y"]}]},
                {"id": "posts", "availability": 0.9, "supports": ["blog"], "depends_on": ["x"]},
                {"id": "db", "availability": 0.9},
                {"id": "x", "availability": 0.9},
                {"id": "y", "availability": 0.9},
            ],
        }
    )  # fmt: skip
    found = function_risks(estate, assessed(estate).services)

    assert [(r.component, r.functions, r.services) for r in found] == [
        ("db", ("pay", "sell"), ("till", "shop"))
    ]
