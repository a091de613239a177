"""Files of exchange rates: a list `conversions`, as in estate files (rule P9)."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace
from pathlib import Path

from pydantic import ValidationError

from depgraph.errors import RegisterError
from depgraph.model.conversion import Conversion
from depgraph.model.estate import Estate
from depgraph.record import Record
from depgraph.wording import counted
from ingest.faults import validation_problems
from ingest.read import MergedFiles


class _Rates(Record):
    """What a file of rates holds."""

    conversions: tuple[Conversion, ...]
    """Rates."""


def read_rates(path: str | Path) -> tuple[Conversion, ...]:
    """Read a file of rates, YAML or JSON.

    Parameters
    ----------
    path : str or Path
        The file.

    Raises
    ------
    RegisterError
        With every problem of the file, each with its place.
    """
    merged = MergedFiles()
    merged.take(Path(path), str(path))
    problems = merged.problems
    if not problems:
        try:
            return _Rates.model_validate(merged.data).conversions
        except ValidationError as error:
            found = validation_problems(error, merged.data, _Rates)
            # What is missing altogether has no place in the file.
            problems = [replace(p, file=p.file or str(path)) for p in map(merged.placed, found)]
    raise RegisterError(f"{path} has {counted(len(problems), 'problem')}", problems)


def with_rates(estate: Estate, rates: Iterable[Conversion]) -> Estate:
    """An estate with further rates; the same estate when there are none.

    Raises
    ------
    RegisterError
        If a rate contradicts one of the estate.
    """
    more = tuple(rates)
    return estate.replace(conversions=(*estate.conversions, *more)) if more else estate
