"""Simulated outages through measurement, credits and pass-through (rules W4, W5, M, K, P).

A simulated year is laid on one calendar year, in which the contracts stand still. Its outages
become incidents and go through the same books as real ones: the reference form, to which the fast
form of `money_tables` is held.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from decimal import Decimal

import numpy as np

from depgraph.engine.diagram import Array
from depgraph.engine.downtime import LONG_AGO
from depgraph.engine.entries import Entry
from depgraph.engine.fees import currency_of
from depgraph.engine.linked_entries import LinkedEntries, Question
from depgraph.engine.periods import Requested, Spanning, periods_over, requested, spanning
from depgraph.engine.settlement import Books, Settled
from depgraph.engine.structure import ComponentKey, Structure, structure_of
from depgraph.model.estate import Estate
from depgraph.model.incident import Incident
from depgraph.units import minor_unit

FIGURES = ("owed", "recovered", "absorbed", "breaches")
"""What is kept of each contract and currency, in this order."""
AFTER = timedelta(days=33)
"""How far a simulated year is followed into the next one: over every month that begins in it."""
_MICROSECOND = timedelta(microseconds=1)
_A_YEAR = timedelta(days=366)
_SIMULATED_YEAR = timedelta(days=365)


@dataclass(frozen=True)
class Struck:
    """An outage of one component, in time from the beginning of the calendar year."""

    key: ComponentKey
    """What failed."""
    start: int
    """First instant [µs]."""
    end: int
    """First instant after it [µs]."""
    planned: bool = False
    """Whether it is planned maintenance (rule M3)."""
    announced: int | None = None
    """When that was announced, in the same time [µs]; None when nobody says."""


def frozen_estate(estate: Estate) -> Estate:
    """Estate without what really happened: simulated years have a history of their own."""
    if not (estate.incidents or estate.measurements or estate.claims) and not any(
        contract.findings for contract in estate.contracts
    ):
        return estate
    contracts = [contract.replace(findings=()) for contract in estate.contracts]
    return estate.replace(contracts=contracts, incidents=(), measurements=(), claims=())


class SimulatedMoney:
    """Settles simulated years of one estate.

    Parameters
    ----------
    estate : Estate
        Every published schedule written out; what really happened is left aside.
    year : int
        Calendar year on which every simulated year is laid.
    """

    def __init__(self, estate: Estate, year: int) -> None:
        self.estate = frozen_estate(estate)
        self.structure: Structure = structure_of(self.estate)
        self.year = year
        self.begins = datetime(year, 1, 1, tzinfo=UTC)
        self.until = self.begins + _SIMULATED_YEAR + AFTER
        """What is beyond is not known of a simulated year."""
        self.columns: tuple[tuple[str, str], ...] = contract_columns(self.estate)
        self._units = [minor_unit(currency) for _, currency in self.columns]
        self._asked = requested(f"{year:04}")
        self.around: tuple[Entry, ...] = tuple(self._entries_around())
        """Levels of the year, and those of other years whose periods reach into its own, or begin
        before it is left (`AFTER`)."""
        self.entries = tuple(entry for entry in self.around if self._asked.holds(entry.period))
        """Levels of the year."""
        self.first = min((self.time(entry.start) for entry in self.entries), default=0)
        self.last = max((self.time(entry.end) for entry in self.entries), default=0)

    def time(self, moment: datetime) -> int:
        """Time from the beginning of the calendar year [µs]."""
        return (moment - self.begins) // _MICROSECOND

    def span(self, entry: Entry) -> tuple[int, int]:
        """Beginning and end of a level from the beginning of the year, as far as known there [µs].

        The reference form knows nothing of what lies before every period of the year.
        """
        return max(self.first, self.time(entry.start)), self.time(entry.end)

    def _entries_around(self) -> Iterator[Entry]:
        """Entries of all periods that overlap one of the year, with nothing recorded."""
        kinds = {
            (objective.period, contract.timezone, contract.anchor_day)
            for contract in self.estate.contracts
            for sla in contract.slas
            if (objective := sla.availability_objective) is not None
        }
        near = self.begins - _A_YEAR, self.begins + 2 * _A_YEAR
        periods = [
            period
            for kind in kinds
            for period in periods_over(*kind, *near)
            if self._asked.holds(period)
        ]
        if not periods:
            return iter(())
        span = min(each.start for each in periods), max(each.end for each in periods)
        span = span[0], max(span[1], self.until)
        return LinkedEntries(self._question((), spanning(*span))).asked()

    def _question(
        self,
        incidents: tuple[Incident, ...],
        asked: Requested | Spanning,
        since: datetime = LONG_AGO,
    ) -> Question:
        now = self.begins.replace(year=self.year + 2)
        return Question(self.structure, incidents, asked, None, now, since=since)

    def books(self, incidents: tuple[Incident, ...]) -> Books:
        """The year's books, settled."""
        since = self.begins + self.first * _MICROSECOND
        return Books(self._question(incidents, self._asked, since))

    def figures(self, struck: Iterable[Struck]) -> Array:
        """Reference form: one year settled with all of its outages.

        Parameters
        ----------
        struck : iterable of Struck
            Outages that overlap the year, in time from its beginning.

        Returns
        -------
        ndarray of int64, shape (columns × 4,)
            `FIGURES` of each of `columns`, sums in minor units of the currency.
        """
        # What lies before every period of the year is not this year's; causes keep their beginning.
        within = [each for each in struck if each.end > self.first]
        incidents = tuple(self.incident(number, each) for number, each in enumerate(within))
        return self.summed(list(self.books(incidents).rows()))

    def incident(self, number: int, struck: Struck) -> Incident:
        """Outage of a component as an incident; `components_struck` tells a common cause's."""
        kinds = self.estate.node_kinds(struck.key.id)
        name = struck.key.id if len(kinds) == 1 else f"{struck.key.kind}:{struck.key.id}"
        told = struck.announced
        return Incident.model_construct(
            id=incident_id(number),
            affects=name,
            start=self.begins + struck.start * _MICROSECOND,
            end=self.begins + struck.end * _MICROSECOND,
            cause="planned_maintenance" if struck.planned else "supplier",
            announced=None if told is None else self.begins + told * _MICROSECOND,
            impact=Decimal(1),
        )

    def summed(self, rows: Sequence[Settled]) -> Array:
        """Figures of each contract and currency, as `settlement` adds them up."""
        result = np.zeros(len(FIGURES) * len(self.columns), np.int64)
        by_contract: dict[str, list[Settled]] = {}
        for row in rows:
            by_contract.setdefault(row.entry.contract.id, []).append(row)
        for place, (contract, currency) in enumerate(self.columns):
            for row in by_contract.get(contract, ()):
                if row.entry.currency not in {currency, ""}:
                    continue
                sums = row.owed, row.recovered, max(Decimal(0), row.owed - row.recovered)
                for kind, amount in enumerate(sums):
                    result[len(FIGURES) * place + kind] += int(amount / self._units[place])
                result[len(FIGURES) * place + 3] += row.entry.breached
        return result


def contract_columns(estate: Estate) -> tuple[tuple[str, str], ...]:
    """Contracts with their currencies; every contract has one at least, it may be empty."""
    found = []
    for contract in estate.contracts:
        named = [currency_of(contract, sla) for sla in contract.slas]
        currencies = list(dict.fromkeys(currency for currency in named if currency))
        found += [(contract.id, c) for c in currencies or [currency_of(contract)]]
    return tuple(found)


def incident_id(number: int) -> str:
    """Id of a simulated incident."""
    return f"simulated-{number}"


def components_struck(structure: Structure, key: ComponentKey) -> tuple[ComponentKey, ...]:
    """Components that an outage is an incident of: itself, or what a common cause strikes (A13)."""
    if key.kind != "common_cause":
        return (key,)
    members = (ComponentKey(key.strikes, member) for member in key.members)
    return tuple(member for member in members if member in structure.variable)
