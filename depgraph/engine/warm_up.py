"""Compile the engine now, so that no later answer has to wait for it."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np

from depgraph.engine.availability import AssessmentOptions, assessed, final_figures
from depgraph.engine.compiled_code import kept_in
from depgraph.engine.counted_runs import counted_within, worked_down
from depgraph.engine.exact import Limits
from depgraph.engine.granularity import EXACT
from depgraph.engine.importance import importance
from depgraph.engine.lone_outages import ServiceDowntime
from depgraph.engine.outage import CutExplanation, OutageExplorer
from depgraph.engine.renewal import outages
from depgraph.engine.shared_causes import SharedCauses
from depgraph.engine.simulation import Simulation, simulated
from depgraph.engine.simulation_blocks import AFTER, BEFORE, YEAR
from depgraph.engine.simulation_options import SimulationOptions
from depgraph.engine.situations import Situations
from depgraph.engine.structure import Structure, structure_of
from depgraph.model.estate import Estate

_WARM = "warm"
_MEMBERS = 40
_MANY = 501
"""More services than get a decision diagram of their own each."""


def warm_up() -> None:
    """Run every compiled function once, on an estate made up for it."""
    estate = _estate()
    structure = structure_of(estate)
    figures = final_figures(structure, AssessmentOptions(services=("top",)))
    for limits in (Limits(), Limits(operations=1)):
        assessed(estate, AssessmentOptions(services=("top",), limits=limits), structure)
    for limits in (Limits(), Limits(seconds=-1.0)):
        assessed(estate, AssessmentOptions(limits=limits), structure)
    importance(structure, figures, "top")
    outage = OutageExplorer(structure).outage(["top"])
    outage.because(outage.services_down[0])
    CutExplanation(structure, "top").chain([structure.own["top"]])
    next(Situations(structure).single_outages())
    simulated(structure, SimulationOptions(years=1))
    _evaluate_words(structure)
    _mark().touch()


def is_warm() -> bool:
    """Whether that was done before, and what was compiled is kept."""
    return _mark().exists()


def _mark() -> Path:
    """Stands beside the compiled code, whose folder carries the stamp of its sources."""
    return kept_in() / _WARM


def _evaluate_words(structure: Structure) -> None:
    """Downtime the way that is taken where outages meet all the time; causes in common."""
    task = Simulation(structure, SimulationOptions(years=1)).task
    services = ServiceDowntime(task.gates)
    services.followed = None
    length = BEFORE + YEAR + AFTER
    edges = np.array([BEFORE, BEFORE + YEAR], np.int64)
    drawn = outages(task.renewal, task.key, 0, length)
    services.downtime(drawn, length, edges)
    spans = drawn.starts[:0], drawn.ends[:0]
    causes = SharedCauses(task.gates, services.alone, task.renewal)
    causes.shared((0, 0), (spans, spans), (0, 1), (drawn, drawn))
    counted_within(worked_down(spans, spans, 0), EXACT, edges, (edges, edges))


def _estate() -> Estate:
    """Pairs that share their members, too entangled for a small diagram, and many services."""
    pairs = [(f"s{i}", f"s{(7 * i + 3) % _MEMBERS}") for i in range(_MEMBERS)]
    needed: list[dict[str, Any]] = [
        {"at_least": 1, "of": pair} for pair in pairs if len({*pair}) > 1
    ]
    needed.append({"at_least": 2, "of": ["s0", "s1", "s2", "s3"]})
    services: list[dict[str, Any]] = [{"id": f"s{i}", "unavailability": 0.01} for i in range(_MANY)]
    services[1]["maintenance"] = [{"rule": "FREQ=YEARLY", "hours": 1}]
    top = {"id": "top", "unavailability": 0.001, "depends_on": needed}
    sla = {
        "id": "sla",
        "service": "s0",
        "monthly_fee": "100 EUR",
        "objectives": [{"metric": "availability", "target": 0.99}],
        "credits": {"tiers": [{"below": 0.99, "credit": 0.1}]},
    }
    contract = {"id": "contract", "supplier": "one", "customer": "other", "slas": [sla]}
    return Estate.model_validate(
        {
            "name": "synthetic",
            "organizations": [{"id": "one", "name": "One"}, {"id": "other", "name": "Other"}],
            "services": [*services, top],
            "contracts": [{**contract, "start": "2000-01-01", "annual_value": "1200 EUR"}],
        }
    )
