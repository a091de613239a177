"""One thing that a reviewer should look at, and what findings are drawn from."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date
from typing import Literal

from depgraph.engine.availability_answer import Assessment, ServiceAvailability
from depgraph.engine.structure import Structure
from depgraph.record import Record

Level = Literal["error", "warning", "note"]
LEVELS: tuple[Level, ...] = ("note", "warning", "error")
"""Levels, least severe first."""


class Finding(Record):
    """One thing to look at."""

    code: str
    """Stable short name of the kind of finding."""
    level: Level
    """How severe it is."""
    kind: str
    """What it is about: service, location, organization, contract, SLA, function."""
    subject: str
    """Id of what it is about."""
    message: str
    """What was found, with its figures."""
    hint: str
    """What to do."""
    rule: str
    """Rule it follows from."""
    also: tuple[str, ...] = ()
    """Other things that take part."""


@dataclass(frozen=True)
class Facts:
    """What findings are drawn from."""

    structure: Structure
    assessment: Assessment
    day: date

    @property
    def services(self) -> Iterator[ServiceAvailability]:
        """Answers for all services."""
        return iter(self.assessment.services)


def note(kind: str, subject: str, code: str, message: str, level: Level = "note") -> Finding:
    """A finding about one record that is not complete.

    Parameters
    ----------
    kind, subject : str
        What the record is, and its id.
    code, message : str
        Short name of the kind of finding, and what was found.
    level : {'note', 'warning', 'error'}
        How severe it is.
    """
    return Finding(
        code=code,
        level=level,
        kind=kind,
        subject=subject,
        message=f"{subject} {message}",
        hint="complete the record",
        rule="D3" if kind == "contract" else "A2",
    )


def listed(names: list[str], most: int = 5) -> str:
    """Names for people, a long list cut with its length said.

    Parameters
    ----------
    names : list of str
        The names.
    most : int
        So many are written out.
    """
    if len(names) <= most:
        return ", ".join(names)
    return f"{', '.join(names[:most])} and {len(names) - most} more"
