"""What would not have happened without one of the causes (rule P3, but-for)."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime, timedelta
from decimal import Decimal

from depgraph.engine.downtime import DownHistory
from depgraph.engine.structure import Structure
from depgraph.engine.whatif import what_if
from depgraph.model.incident import Incident
from depgraph.record import Record

_ROUNDING_MINUTES = 1e-9
_MOST_NAMES = 8
"""Services named in a sentence; all of them stand in `ButFor.spared`."""


class SparedService(Record):
    """One service without a cause."""

    id: str
    """The service."""
    minutes: float
    """Downtime that it would have been spared [min]."""
    entirely: bool
    """Whether it would not have been down at all."""


class ButFor(Record):
    """What hangs on one cause alone; concurrent causes may each spare nothing."""

    incident: str
    """The cause."""
    affects: str
    """What failed."""
    spared: tuple[SparedService, ...]
    """Services that would have been up longer, those spared most first."""
    owed_less: dict[str, Decimal]
    """Sum over all contracts that would not be owed, by currency."""

    @property
    def text(self) -> str:
        """The counterfactual in words."""
        if not self.spared:
            return (
                f"Without the failure of {self.affects} nothing would have been different: "
                "other causes, or redundancy, decide."
            )
        up = [row.id for row in self.spared if row.entirely]
        part = [f"{row.id} {row.minutes:.9g} min" for row in self.spared if not row.entirely]
        sentences = []
        if up:
            sentences.append(f"{_some(up)} would have stayed up")
        if part:
            sentences.append(f"spared in part: {_some(part)}")
        money = " and ".join(f"{amount:,} {name}" for name, amount in self.owed_less.items())
        if money:
            sentences.append(f"{money} would not be owed")
        return f"Without the failure of {self.affects}: {'; '.join(sentences)}."


def _some(names: Sequence[str]) -> str:
    """Names for a sentence; of many the first, and how many more."""
    more = len(names) - _MOST_NAMES
    return ", ".join(names[:_MOST_NAMES]) + (f" and {more:,} more" if more > 0 else "")


def but_for(structure: Structure, incidents: Sequence[Incident]) -> tuple[ButFor, ...]:
    """Take each cause away in turn and look at what changes (rule P3).

    Parameters
    ----------
    structure : Structure
        The estate compiled.
    incidents : sequence of Incident
        What fails; each with its end.

    Returns
    -------
    tuple of ButFor
        In the order of the incidents.
    """
    if not incidents:
        return ()
    whole, owed = _down_minutes(structure, incidents), _owed(structure, incidents)
    found = []
    for incident in incidents:
        rest = [other for other in incidents if other is not incident]
        without = _down_minutes(structure, rest) if rest else {}
        owed_without = _owed(structure, rest) if rest else {}
        spared = [
            SparedService(id=service, minutes=minutes - left, entirely=left == 0)
            for service, minutes in whole.items()
            if minutes - (left := without.get(service, 0.0)) > _ROUNDING_MINUTES
        ]
        less = {
            name: amount - owed_without.get(name, Decimal(0))
            for name, amount in owed.items()
            if amount != owed_without.get(name, Decimal(0))
        }
        found.append(
            ButFor(
                incident=incident.id,
                affects=incident.affects,
                spared=tuple(sorted(spared, key=lambda row: (-row.minutes, row.id))),
                owed_less=less,
            )
        )
    return tuple(found)


def _end(incidents: Sequence[Incident]) -> datetime:
    """A moment after everything has ended."""
    return max(i.end or i.start for i in incidents) + timedelta(days=1)


def _down_minutes(structure: Structure, incidents: Sequence[Incident]) -> dict[str, float]:
    history = DownHistory(structure, incidents, _end(incidents))
    sums = {name: sum(s.minutes for s in history.spans(name)) for name in structure.up}
    return {name: minutes for name, minutes in sums.items() if minutes}


def _owed(structure: Structure, incidents: Sequence[Incident]) -> dict[str, Decimal]:
    found: dict[str, Decimal] = {}
    for contract in what_if(structure, incidents, _end(incidents)).settlement.contracts:
        if contract.owed:
            found[contract.currency] = found.get(contract.currency, Decimal(0)) + contract.owed
    return found
