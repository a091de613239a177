"""Scenario files: what fails, and what is changed beforehand (rule W1)."""

from __future__ import annotations

from pathlib import Path

from pydantic import ValidationError

from depgraph.engine.scenario import edited
from depgraph.errors import Problem, RegisterError
from depgraph.model.estate import Estate
from depgraph.model.scenario import Scenario
from depgraph.wording import counted
from ingest.faults import validation_problems
from ingest.read import MergedFiles


def read_scenario(path: str | Path, estate: Estate | None = None) -> Scenario:
    """Read a scenario file, YAML or JSON.

    Parameters
    ----------
    path : str or Path
        The file.
    estate : Estate, optional
        The estate that it is for; its edits are then tried, and what it names is looked up, so that
        faults of these have their places too.

    Raises
    ------
    RegisterError
        With every problem of the file, each with its place.
    """
    merged = MergedFiles()
    merged.take(Path(path), str(path))
    scenario = None
    problems = merged.problems
    if not problems:
        try:
            scenario = Scenario.model_validate(merged.data)
        except ValidationError as error:
            found = validation_problems(error, merged.data, Scenario)
            problems = [merged.placed(problem) for problem in found]
        else:
            found = scenario_faults(scenario, estate) if estate is not None else []
            problems = [merged.placed(problem) for problem in found]
    if scenario is None or problems:
        raise RegisterError(f"{path} has {counted(len(problems), 'problem')}", problems)
    return scenario


def scenario_faults(scenario: Scenario, estate: Estate) -> list[Problem]:
    """What of a scenario does not fit an estate: first its edits, then what its incidents name.

    Parameters
    ----------
    scenario : Scenario
        The scenario, from a file or saved earlier.
    estate : Estate
        The estate as it is now.
    """
    try:
        after = edited(estate, scenario.edits)
    except RegisterError as error:
        return list(error.problems)
    try:
        # Only the scenario's own incidents are looked up: those on record are sound already.
        after.replace(
            incidents=scenario.incidents,
            contracts=[contract.replace(findings=()) for contract in after.contracts],
        )
    except RegisterError as error:
        return list(error.problems)
    return []
