"""Lists of names in JSON; where they would be millions, each is shortened and says its length."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Annotated, Any, Final

import typer

from depgraph.record import Record
from ui.console import say

_MOST_NAMES: Final = 1_000_000
"""Names in all lists together up to which all are written: some 20 MB."""
NAMES_SHOWN: Final = 100
"""Names of each list that are written where there are more than that in all."""

AllOption = Annotated[
    bool, typer.Option("--all", help="JSON: every name, also where there are millions of them.")
]


def with_lengths(
    rows: Sequence[Record], lists: Iterable[str], *, every_name: bool
) -> tuple[list[dict[str, Any]], int | None]:
    """Rows as JSON has them, each list of names with its full length beside it.

    Parameters
    ----------
    rows : sequence of Record
        What is written.
    lists : iterable of str
        Fields that hold names; each gets a key that ends in ``_count``.
    every_name : bool
        Whether no list is shortened, however many names there are: in a ring of 5,000 services,
        of which each rests on all, there are 25 million.

    Returns
    -------
    tuple of list and int or None
        The rows, and how many names of each list are written; None where all are.
    """
    names = tuple(lists)
    lengths = [{f"{name}_count": len(getattr(row, name)) for name in names} for row in rows]
    every_name |= sum(sum(each.values()) for each in lengths) <= _MOST_NAMES
    if not every_name:
        rows = [
            row.model_copy(update={name: getattr(row, name)[:NAMES_SHOWN] for name in names})
            for row in rows
        ]
        say(
            f"Each list of names holds its first {NAMES_SHOWN}; the keys that end in _count say "
            "how many there are. For every name: --all."
        )
    written = [row.model_dump(mode="json") for row in rows]
    found = [row | each for row, each in zip(written, lengths, strict=True)]
    return found, None if every_name else NAMES_SHOWN
