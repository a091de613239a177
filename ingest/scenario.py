"""Scenario files: what fails, and what is changed beforehand (rule W1)."""

from __future__ import annotations

from pathlib import Path

from pydantic import ValidationError

from depgraph.errors import RegisterError
from depgraph.model.scenario import Scenario
from ingest.faults import validation_problems
from ingest.read import MergedFiles


def read_scenario(path: str | Path) -> Scenario:
    """Read a scenario file, YAML or JSON.

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
            found = validation_problems(error, merged.data)
            problems = [merged.placed(problem) for problem in found]
    if scenario is None:
        raise RegisterError(f"{path} has {len(problems)} problem(s)", problems)
    return scenario
