"""Single points of failure of critical business functions (rules A12, D4)."""

from __future__ import annotations

from collections.abc import Iterable

from depgraph.engine.availability_answer import ServiceAvailability
from depgraph.model.estate import Estate
from depgraph.record import Record


class FunctionRisk(Record):
    """One component whose failure alone takes services of critical functions down."""

    component: str
    """The component."""
    functions: tuple[str, ...]
    """Critical functions that lose a service with it."""
    services: tuple[str, ...]
    """Services of those functions that go down with it."""


def function_risks(
    estate: Estate, answers: Iterable[ServiceAvailability]
) -> tuple[FunctionRisk, ...]:
    """Components on which critical functions hang; those under most functions come first.

    A service counts as its own single point only where something else hangs on it.

    Parameters
    ----------
    estate : Estate
        Functions, and the services that support them.
    answers : iterable of ServiceAvailability
        Assessed services; their `single_points_of_failure` are complete.
    """
    critical = {function.id for function in estate.functions if function.critical}
    functions: dict[str, dict[str, None]] = {}
    services: dict[str, dict[str, None]] = {}
    for answer in answers:
        supported = [f for f in estate.service[answer.id].supports if f in critical]
        if not supported:
            continue
        for component in answer.single_points_of_failure:
            if component != answer.id:
                functions.setdefault(component, {}).update(dict.fromkeys(supported))
                services.setdefault(component, {})[answer.id] = None
    found = [
        FunctionRisk(component=c, functions=tuple(functions[c]), services=tuple(services[c]))
        for c in functions
    ]
    return tuple(sorted(found, key=lambda r: (-len(r.functions), -len(r.services), r.component)))
