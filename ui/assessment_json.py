"""An assessment as JSON; where the names of all lists would be too many, each list is shortened."""

from __future__ import annotations

from typing import Any, Final

from depgraph.engine.availability_answer import Assessment, ServiceAvailability

_LISTS: Final = ("single_points_of_failure", "unknown", "defaulted")
_MOST_NAMES: Final = 1_000_000
"""Names in all lists together up to which all are written: some 20 MB."""
NAMES_SHOWN: Final = 100
"""Names of each list that are written where there are more than that in all."""


def assessment_data(answer: Assessment, *, every_name: bool = False) -> dict[str, Any]:
    """Keys and values of an assessment; each list of names with its full length beside it.

    Parameters
    ----------
    answer : Assessment
        What to write.
    every_name : bool
        Whether no list is shortened, however many names there are: a ring of 5,000 services
        has 25 million. Otherwise ``names_shown`` says how many of each list are written.
    """
    lengths = [{name: len(getattr(row, name)) for name in _LISTS} for row in answer.services]
    every_name |= sum(sum(each.values()) for each in lengths) <= _MOST_NAMES
    if not every_name:
        answer = answer.model_copy(update={"services": tuple(map(_shortened, answer.services))})
    data = answer.model_dump(mode="json")
    for row, each in zip(data["services"], lengths, strict=True):
        row |= {f"{name}_count": length for name, length in each.items()}
    return data | {"names_shown": None if every_name else NAMES_SHOWN}


def _shortened(row: ServiceAvailability) -> ServiceAvailability:
    """The answer of one service with the first names of each list."""
    return row.model_copy(update={name: getattr(row, name)[:NAMES_SHOWN] for name in _LISTS})
