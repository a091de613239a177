"""Files of improvements on offer: what each changes, and its price (rule L14)."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

from pydantic import ValidationError

from depgraph.engine.improvement_effects import option_problems
from depgraph.errors import RegisterError
from depgraph.model.estate import Estate
from depgraph.model.improvement import ImprovementOptions
from depgraph.wording import counted
from ingest.faults import validation_problems
from ingest.read import MergedFiles
from ingest.source import estate_files


def read_improvements(
    path: str | Path, estate: Estate | None = None, services: Sequence[str] = ()
) -> ImprovementOptions:
    """Read the options of a file, or of all files of a folder, YAML or JSON.

    Parameters
    ----------
    path : str or Path
        The file or folder.
    estate : Estate, optional
        The estate that they are for; each option is then tried on it, so that faults of its
        changes have their places too.
    services : sequence of str
        Services that a target is set for; no option may remove them.

    Raises
    ------
    RegisterError
        With every problem, each with its place.
    """
    merged = MergedFiles()
    files = estate_files(Path(path))
    if not isinstance(files, list):
        raise RegisterError(f"{path} cannot be read", [files])
    for file in files:
        merged.take(file, str(file))
    problems = list(merged.problems)
    options = None
    if not problems:
        try:
            options = ImprovementOptions.model_validate(merged.data)
        except ValidationError as error:
            problems = validation_problems(error, merged.data, ImprovementOptions)
        except RegisterError as error:
            problems = list(error.problems)
        else:
            problems = option_problems(estate, options, services) if estate is not None else []
        problems = [merged.placed(problem) for problem in problems]
    if options is None or problems:
        raise RegisterError(f"{path} has {counted(len(problems), 'problem')}", problems)
    return options
